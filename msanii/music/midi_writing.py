"""Notes in quarter notes -> the bytes of a standard MIDI file. Pure Python.

Notes on the grid of `TICKS_PER_BEAT` come back the same through `msanii.music.note_files`.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import mido

from msanii.errors import ChordError
from msanii.music.chords import NO_CHORD, Meter
from msanii.music.degrees import parse_key
from msanii.music.midi_notes import DRUMS, PERCUSSION, BeatNote
from msanii.music.parts import part_of_name
from msanii.music.score import Score
from msanii.music.sounds import SOUNDS, SOUNDS_OF_PART

TICKS_PER_BEAT = 960
# MIDI names keys of up to seven flats or sharps. By pitch class, those with the fewest.
_MAJOR = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
# By the semitones of a mode: how far its tonic is above that of the major scale with the same notes.
_MODES = {
    (0, 2, 4, 5, 7, 9, 11): 0, (0, 2, 3, 5, 7, 9, 10): 2, (0, 1, 3, 5, 7, 8, 10): 4,
    (0, 2, 4, 6, 7, 9, 11): 5, (0, 2, 4, 5, 7, 9, 10): 7, (0, 1, 3, 5, 6, 8, 10): 11,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MidiHead:
    """What a file says beside its notes: length, tempo, meter, key, chord names and other tempos by beat."""

    beats: float
    bpm: float
    meter: Meter
    key: str = ""
    chords: Sequence[tuple[float, str]] = field(default=())
    tempos: Sequence[tuple[float, float]] = field(default=())


def head_of(score: Score) -> MidiHead:
    """The length, tempo, meter, key and repeated chords of a score.

    The file begins with the score's first bar, and follows the beats that the score follows.
    """
    events = score.chord_events(score.seconds_at(0.0), score.seconds)
    return MidiHead(
        beats=score.quarters_at(score.seconds),
        bpm=score.bpm,
        meter=score.meter,
        key=score.key,
        chords=[(score.quarters_at(event.start_seconds), event.chord.text) for event in events],
        tempos=[
            (number * score.meter.beat_quarters, 60 / (after - before) * score.meter.beat_quarters)
            for number, (before, after) in enumerate(itertools.pairwise(score.beat_seconds))
        ],
    )


def to_midi(
    parts: Mapping[str, Sequence[BeatNote]], head: MidiHead, sounds: Mapping[str, str] | None = None
) -> bytes:
    """A file of format 1: a track of tempo, meter, key and chord markers, then a track for each part.

    Parts are named as by `parts.part_names`; drums are on channel 10. `sounds`, by part, choose the General
    MIDI programs; a part without one has its usual sound. Every track ends at the length of `head`, and so do
    notes that ring over it; those that begin later are left out. At most 15 parts have pitches.
    """
    channels = iter(channel for channel in range(16) if channel != PERCUSSION)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_head_track(head))
    for part, notes in parts.items():
        channel = PERCUSSION if part_of_name(part) == DRUMS else next(channels)
        sound = (sounds or {}).get(part) or usual_sound(part_of_name(part))
        file.tracks.append(_part_track(part, notes, channel, SOUNDS[sound].program, _ticks(head.beats)))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def on_ticks(beats: float) -> float:
    """The nearest time that a MIDI file can tell, in beats, rounded as `note_files` reads it."""
    return round(_ticks(beats) / TICKS_PER_BEAT, 6)


def usual_sound(part: str) -> str:
    """The sound of a part that has none of its own; the grand piano for a part of no kind."""
    return SOUNDS_OF_PART.get(part, ("grand piano",))[0]


def _head_track(head: MidiHead) -> mido.MidiTrack:
    signature = {"numerator": head.meter.numerator, "denominator": head.meter.denominator}
    messages = [
        *(
            (_ticks(beats), mido.MetaMessage("set_tempo", tempo=round(60_000_000 / bpm)))
            for beats, bpm in head.tempos or [(0.0, head.bpm)]
        ),
        (0, mido.MetaMessage("time_signature", **signature)),
    ]
    if name := _midi_key(head.key):
        messages.append((0, mido.MetaMessage("key_signature", key=name)))
    end = _ticks(head.beats)
    last = ""
    for beats, text in head.chords:
        name = text or NO_CHORD.text
        if name != last and _ticks(beats) < end:
            messages.append((_ticks(beats), mido.MetaMessage("marker", text=_latin(name))))
        last = name
    return _track(sorted(messages, key=lambda message: message[0]), end)


def _part_track(part: str, notes: Sequence[BeatNote], channel: int, program: int, end: int) -> mido.MidiTrack:
    # Readers know a part by its name, in which an underscore would join words.
    name = mido.MetaMessage("track_name", name=part.replace("_", " "))
    change = mido.Message("program_change", channel=channel, program=program)
    timed: list[tuple[int, int, mido.Message]] = []
    for onset, until, pitch, velocity in notes:
        start = _ticks(onset)
        if start >= end:
            continue
        stop = min(max(_ticks(until), start + 1), end)
        on = mido.Message("note_on", channel=channel, note=pitch, velocity=max(1, velocity))
        # Within a tick, a note off comes before a note on.
        timed += [(start, 1, on), (stop, 0, mido.Message("note_off", channel=channel, note=pitch))]
    ordered = sorted(timed, key=lambda item: item[:2])
    return _track([(0, name), (0, change), *((tick, message) for tick, _, message in ordered)], end)


def _track(messages: Iterable[tuple[int, mido.Message | mido.MetaMessage]], end: int) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, message in messages:
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=end - now))
    return track


def _ticks(beats: float) -> int:
    return round(beats * TICKS_PER_BEAT)


def _latin(text: str) -> str:
    """Text as MIDI files hold it."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _midi_key(key: str) -> str:
    """The key signature of a key; "" if it has none."""
    with suppress(ChordError):
        parsed = parse_key(key)
        if parsed is not None and parsed.scale is not None:
            if parsed.scale in _MODES:
                return _MAJOR[(parsed.tonic - _MODES[parsed.scale]) % 12]
            if 3 in parsed.scale:
                return _MINOR[parsed.tonic]
    return ""
