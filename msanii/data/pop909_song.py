"""A POP909 song: its MIDI file and annotations, read into notes, beats and chords.

Times are seconds. A note lasts until its key and the pedal are released.
"""

from __future__ import annotations

import io
import itertools
import math
import statistics
from dataclasses import dataclass

import mido

from msanii.errors import DataError, MsaniiError
from msanii.music.chords import Chord, parse_pop909_chord

PEDAL = 64
PIANO_TRACKS = frozenset({"MELODY", "BRIDGE", "PIANO"})
_KEPT_CONTROLS = frozenset({7, PEDAL})
_MAX_EVENTS = 200_000
_MAX_SECONDS = 1_800.0


@dataclass(frozen=True)
class TimedMessage:
    """A note or controller message at a time; its channel is its track's."""

    seconds: float
    message: mido.Message


@dataclass(frozen=True, kw_only=True)
class Pop909Song:
    """A song: its MIDI messages, and the annotated beats and chords."""

    messages: tuple[TimedMessage, ...]
    tracks: tuple[str, ...]  # by channel
    beats: tuple[tuple[float, bool], ...]  # seconds, whether a bar starts
    chords: tuple[tuple[float, float, Chord], ...]  # start seconds, end seconds, chord

    @property
    def bpm(self) -> float:
        """Quarter notes per minute: the median of the annotated beats."""
        gaps = [after[0] - before[0] for before, after in itertools.pairwise(self.beats)]
        return 60.0 / statistics.median(gaps)

    def notes_by_track(self) -> dict[str, list[tuple[float, float, int, int]]]:
        """(onset seconds, end seconds, pitch, velocity) of each track's notes as they sound, by onset."""
        notes: dict[str, list[tuple[float, float, int, int]]] = {name: [] for name in self.tracks}
        for channel, onset, end, pitch, velocity in sorted(sounding_notes(self.messages), key=_by_onset):
            notes[self.tracks[channel]].append((onset, end, pitch, velocity))
        return notes


def read_pop909_song(midi: bytes, beats: str, chords: str) -> Pop909Song:
    """Parse a song's MIDI file and both annotation files. Raises DataError if one is unusable."""
    messages, tracks = _read_midi(midi)
    return Pop909Song(messages=messages, tracks=tracks, beats=_read_beats(beats), chords=_read_chords(chords))


def _read_midi(data: bytes) -> tuple[tuple[TimedMessage, ...], tuple[str, ...]]:
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    except Exception as error:  # mido lets EOFError, IndexError, KeySignatureError, OSError and more through
        raise DataError(f"MIDI file: cannot be read ({error or type(error).__name__})") from error
    if sum(len(track) for track in file.tracks) > _MAX_EVENTS:
        raise DataError(f"MIDI file: more than {_MAX_EVENTS} events, expected a song")
    # A channel per track, so that a track's pedal does not hold the notes of another.
    tracks = [track for track in file.tracks if track.name.strip() in PIANO_TRACKS]
    if not tracks:
        names = [track.name for track in file.tracks]
        raise DataError(f"MIDI file: tracks are {names}, expected some of {', '.join(sorted(PIANO_TRACKS))}")
    tempo_track = [event for track in file.tracks for event in _timed(track) if event[1].type == "set_tempo"]
    seconds_at = _TempoMap(tempo_track, file.ticks_per_beat)
    timed = [
        (tick, _rechannelled(message, channel))
        for channel, track in enumerate(tracks)
        for tick, message in _timed(track)
        if _is_note_or_controller(message)
    ]
    timed.sort(key=lambda item: item[0])
    messages = tuple(TimedMessage(seconds_at(tick), message) for tick, message in timed)
    if not any(item.message.type == "note_on" for item in messages):
        raise DataError("MIDI file: no notes, expected a song")
    if messages[-1].seconds > _MAX_SECONDS:
        raise DataError(
            f"MIDI file: lasts {messages[-1].seconds:.0f} s, expected at most {_MAX_SECONDS:.0f} s"
        )
    return messages, tuple(track.name.strip() for track in tracks)


def _timed(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    now = 0
    result = []
    for message in track:
        now += message.time
        result.append((now, message))
    return result


def _is_note_or_controller(message: mido.Message) -> bool:
    if message.type == "control_change":
        return message.control in _KEPT_CONTROLS
    return message.type in {"note_on", "note_off"}


def _rechannelled(message: mido.Message, channel: int) -> mido.Message:
    return message.copy(channel=channel, time=0)


class _TempoMap:
    """Converts ticks to seconds through all tempo changes."""

    def __init__(self, changes: list[tuple[int, mido.Message]], ticks_per_beat: int) -> None:
        self.ticks_per_beat = max(1, ticks_per_beat)
        self.points: list[tuple[int, float, int]] = [(0, 0.0, 500_000)]  # tick, seconds, microseconds a beat
        for tick, message in sorted(changes, key=lambda change: change[0]):
            self.points.append((tick, self(tick), message.tempo))

    def __call__(self, tick: int) -> float:
        start, seconds, tempo = next(point for point in reversed(self.points) if point[0] <= tick)
        return seconds + (tick - start) * tempo / 1e6 / self.ticks_per_beat


def _read_beats(text: str) -> tuple[tuple[float, bool], ...]:
    beats: list[tuple[float, bool]] = []
    for number, line in enumerate(text.splitlines(), 1):
        columns = line.split()
        if not columns:
            continue
        if len(columns) != 3:
            raise DataError(f"beat_midi.txt line {number}: got {line!r}, expected time, half-bar, bar flag")
        seconds, bar = (_number(columns[column], "beat_midi.txt", number) for column in (0, 2))
        beats.append((seconds, bar > 0.5))
    rising = all(before[0] < after[0] for before, after in itertools.pairwise(beats))
    if len(beats) < 2 or not rising or not any(bar for _, bar in beats):
        raise DataError(f"beat_midi.txt: got {len(beats)} beats, expected two or more rising and a bar start")
    return tuple(beats)


def _read_chords(text: str) -> tuple[tuple[float, float, Chord], ...]:
    chords: list[tuple[float, float, Chord]] = []
    for number, line in enumerate(text.splitlines(), 1):
        columns = line.split()
        if not columns:
            continue
        if len(columns) != 3:
            raise DataError(f"chord_midi.txt line {number}: got {line!r}, expected start, end, chord")
        start, end = (_number(column, "chord_midi.txt", number) for column in columns[:2])
        try:
            chord = parse_pop909_chord(columns[2])
        except MsaniiError as error:
            raise DataError(f"chord_midi.txt line {number}: {error}") from error
        chords.append((start, end, chord))
    return tuple(chords)


def _number(text: str, file: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= _MAX_SECONDS:
        raise DataError(f"{file} line {line}: got {text!r}, expected seconds from 0 to {_MAX_SECONDS:.0f}")
    return value


def sounding_notes(messages: tuple[TimedMessage, ...]) -> list[tuple[int, float, float, int, int]]:
    """(channel, onset, end, pitch, velocity); the pedal holds notes until its release or their next onset."""
    notes: list[tuple[int, float, float, int, int]] = []
    open_notes: dict[tuple[int, int], tuple[float, int]] = {}
    pedalled: set[tuple[int, int]] = set()
    pedal_down: set[int] = set()

    def close(key: tuple[int, int], seconds: float) -> None:
        onset, velocity = open_notes.pop(key)
        pedalled.discard(key)
        if seconds > onset:
            notes.append((*key[:1], onset, seconds, key[1], velocity))

    for item in messages:
        message = item.message
        if message.type == "control_change":
            if message.control == PEDAL and message.value >= 64:
                pedal_down.add(message.channel)
            elif message.control == PEDAL:
                pedal_down.discard(message.channel)
                for key in [key for key in pedalled if key[0] == message.channel]:
                    close(key, item.seconds)
            continue
        key = (message.channel, message.note)
        if message.type == "note_on" and message.velocity > 0:
            if key in open_notes:
                close(key, item.seconds)
            open_notes[key] = (item.seconds, message.velocity)
        elif key in open_notes and message.channel in pedal_down:
            pedalled.add(key)
        elif key in open_notes:
            close(key, item.seconds)
    for key in list(open_notes):
        close(key, messages[-1].seconds)
    return notes


def _by_onset(note: tuple[int, float, float, int, int]) -> tuple[float, int]:
    return note[1], note[3]
