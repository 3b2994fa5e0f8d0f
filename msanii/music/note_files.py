"""Note files: a standard MIDI file, or the JSON of a Live device -> notes in quarter notes.

Times are beats (quarter notes) from the file's start, so that a clip fits any tempo. Reads notes, the first
tempo and the first time signature; skips the percussion channel (10), whose note numbers are not pitches.
"""

from __future__ import annotations

import io
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msanii.errors import ScoreError
from msanii.limits import MOST_NOTES
from msanii.music.score import Note

LARGEST_BYTES = 1_000_000
_MAX_BEATS = 20_000.0
_PERCUSSION = 9  # channel 10, counted from 0
_JSON_KEYS = frozenset({"notes", "bpm", "numerator", "denominator", "length_beats"})
_NOTE_KEYS = frozenset({"pitch", "start_beats", "duration_beats", "velocity"})
_DEFAULT_VELOCITY = 80

BeatNote = tuple[float, float, int, int]
"""onset in beats, end in beats, pitch 0-127, velocity 1-127"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteClip:
    """A file's notes, with tempo (`bpm`, quarter notes per minute) and meter, None if the file has none."""

    notes: tuple[BeatNote, ...]
    length_beats: float
    bpm: float | None = None
    numerator: int | None = None
    denominator: int | None = None

    def bars(self, numerator: int, denominator: int) -> int:
        """The number of bars of a meter that hold the whole clip, at least 1."""
        bars = self.length_beats * denominator / (4 * numerator)
        return max(1, math.ceil(bars - 1e-3))


def read_notes(path: Path) -> NoteClip:
    """Read the notes of a .mid or .json file. Raises ScoreError if it cannot be read or has none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise _error(path.name, f"cannot be read ({error.strerror or error}); check its name") from error
    return parse_notes(data, path.name)


def parse_notes(data: bytes, name: str) -> NoteClip:
    """Parse the notes of a file's bytes; `name` is the file's name in errors. Raises ScoreError."""
    if len(data) > LARGEST_BYTES:
        raise _error(name, f"more than {LARGEST_BYTES} bytes; export the clip that you need alone")
    clip = _parse_midi(data, name) if data[:4] in (b"MThd", b"RIFF") else _parse_json(data, name)
    if not clip.notes:
        raise _error(name, "holds no notes (the drum channel does not count); choose a clip that has some")
    if len(clip.notes) > MOST_NOTES:
        raise _error(name, f"{len(clip.notes)} notes, expected at most {MOST_NOTES}; send a shorter part")
    if clip.length_beats > _MAX_BEATS:
        raise _error(name, f"{clip.length_beats:.0f} quarter notes long, expected at most {_MAX_BEATS:.0f}")
    return clip


def score_notes(notes: Iterable[BeatNote], bpm: float) -> tuple[Note, ...]:
    """Convert notes to seconds at a tempo."""
    beat_seconds = 60 / bpm
    return tuple(
        Note(
            onset_seconds=onset * beat_seconds, end_seconds=end * beat_seconds, pitch=pitch, velocity=velocity
        )
        for onset, end, pitch, velocity in notes
    )


# --- standard MIDI files --------------------------------------------------------------------------------


def _parse_midi(data: bytes, name: str) -> NoteClip:
    import mido

    if data[:4] == b"RIFF":
        raise _error(name, "a RIFF file, expected a plain .mid; export it as a standard MIDI file")
    if len(data) >= 14 and data[12] & 0x80:
        raise _error(name, "counts time in SMPTE frames, expected beats; export it with musical time")
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True)
        kind, ticks_per_beat = file.type, file.ticks_per_beat
        # A damaged file may make mido raise nearly anything.
        messages = [] if kind == 2 else list(mido.merge_tracks(file.tracks))
    except Exception as error:
        raise _error(name, "a damaged MIDI file; export it again") from error
    if kind == 2:
        raise _error(name, "a MIDI file of format 2 (separate patterns); export it as format 0 or 1")
    if ticks_per_beat <= 0:
        raise _error(name, "a damaged MIDI file (no ticks in a beat); export it again")
    return _clip(messages, ticks_per_beat)


def _clip(messages: list[Any], ticks_per_beat: int) -> NoteClip:
    ticks = 0
    bpm: float | None = None
    meter: tuple[int, int] | None = None
    events: list[tuple[float, Any]] = []
    for message in messages:
        ticks += message.time
        if message.type == "set_tempo" and bpm is None and message.tempo > 0:
            # MIDI has whole microseconds per beat: 97.3 bpm is read as 97.29993.
            bpm = round(60_000_000 / message.tempo, 3)
        elif message.type == "time_signature" and meter is None:
            meter = message.numerator, message.denominator
        elif message.type in ("note_on", "note_off") and message.channel != _PERCUSSION:
            events.append((round(ticks / ticks_per_beat, 6), message))
    end_beats = round(ticks / ticks_per_beat, 6)
    notes = tuple(sorted(_paired(events, end_beats)))
    numerator, denominator = meter or (None, None)
    length = max((note[1] for note in notes), default=0.0)
    return NoteClip(notes=notes, length_beats=length, bpm=bpm, numerator=numerator, denominator=denominator)


def _paired(events: list[tuple[float, Any]], end_beats: float) -> Iterator[BeatNote]:
    """Pair each note on with its note off; a note without one lasts to the end of the file."""
    sounding: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for beats, message in events:
        held = sounding[message.channel, message.note]
        if message.type == "note_on" and message.velocity > 0:
            held.append((beats, message.velocity))
        elif held:
            onset, velocity = held.pop(0)
            yield onset, beats, message.note, velocity
    for (_, pitch), held in sounding.items():
        for onset, velocity in held:
            yield onset, max(onset, end_beats), pitch, velocity


# --- JSON -----------------------------------------------------------------------------------------------


def _parse_json(data: bytes, name: str) -> NoteClip:
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _error(name, 'neither a MIDI file nor JSON; send a .mid, or {"notes": [...]}') from error
    if not isinstance(content, dict) or not isinstance(content.get("notes"), list):
        raise _error(name, 'expected {"notes": [...]}; write the notes so')
    unknown = sorted(set(content) - _JSON_KEYS)
    if unknown:
        raise _error(name, f"`{unknown[0][:40]}` is not known; there are {', '.join(sorted(_JSON_KEYS))}")
    if len(content["notes"]) > MOST_NOTES:
        raise _error(name, f"{len(content['notes'])} notes, expected at most {MOST_NOTES}; send a part")
    notes = tuple(sorted(_json_note(item, number, name) for number, item in enumerate(content["notes"], 1)))
    length = max((note[1] for note in notes), default=0.0)
    given = _number(content, "length_beats", name, 0, _MAX_BEATS)
    numerator, denominator = (_number(content, key, name, 1, 99) for key in ("numerator", "denominator"))
    return NoteClip(
        notes=notes,
        length_beats=length if given is None else given,
        bpm=_number(content, "bpm", name, 10, 999),
        numerator=None if numerator is None else int(numerator),
        denominator=None if denominator is None else int(denominator),
    )


def _json_note(item: object, number: int, name: str) -> BeatNote:
    where = f"{name}, note {number}"
    if not isinstance(item, dict) or set(item) - _NOTE_KEYS or not {"pitch", "start_beats"} <= set(item):
        raise _error(where, f"expected an object of {', '.join(sorted(_NOTE_KEYS))}")
    onset = _number(item, "start_beats", where, 0, _MAX_BEATS) or 0.0
    duration = _number(item, "duration_beats", where, 0, _MAX_BEATS)
    pitch = _number(item, "pitch", where, 0, 127) or 0.0
    velocity = _number(item, "velocity", where, 0, 127)
    loud = _DEFAULT_VELOCITY if velocity is None else max(1, round(velocity))
    end = onset + (1.0 if duration is None else duration)
    return round(onset, 6), round(end, 6), round(pitch), loud


def _number(content: Mapping[str, object], key: str, where: str, low: float, high: float) -> float | None:
    value = content.get(key)
    if value is None:
        return None
    # The comparison is written so that NaN fails it.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _error(where, f"`{key}` is {str(value)[:40]}, expected a number from {low:g} to {high:g}")
    return float(value)


def _error(name: str, what: str) -> ScoreError:
    return ScoreError(f"notes `{name}`: {what}")
