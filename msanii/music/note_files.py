"""Note files: a standard MIDI file, or the JSON of a Live device -> notes in quarter notes.

Times are beats (quarter notes) from the file's start, so that a clip fits any tempo. Reads notes by their
parts, the first tempo and the first time signature.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from msanii.errors import ScoreError
from msanii.limits import DENOMINATORS, MOST_NOTES, NUMERATOR
from msanii.music.midi_file import MeterMark, MidiFile, is_midi, read_midi
from msanii.music.midi_notes import DRUMS, BeatNote, notes_by_part
from msanii.music.note_clip import NoteClip, notes_error
from msanii.music.score import Note, timed_notes
from msanii.music.sounds import require_part

LARGEST_BYTES = 2_000_000
_MAX_BEATS = 20_000.0
_JSON_KEYS = frozenset({"notes", "bpm", "numerator", "denominator", "length_beats"})
_NOTE_KEYS = frozenset({"pitch", "start_beats", "duration_beats", "velocity", "part"})
_DEFAULT_VELOCITY = 80


def read_notes(path: Path) -> NoteClip:
    """Read the notes of a .mid or .json file. Raises ScoreError if it cannot be read or has none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise notes_error(path.name, f"cannot be read ({error.strerror or error}); check its name") from error
    return parse_notes(data, path.name)


def parse_notes(data: bytes, name: str) -> NoteClip:
    """Parse the notes of a file's bytes; `name` is the file's name in errors. Raises ScoreError."""
    if len(data) > LARGEST_BYTES:
        raise notes_error(name, f"more than {LARGEST_BYTES} bytes; export the clip that you need alone")
    clip = _parse_midi(data, name) if is_midi(data) else _parse_json(data, name)
    if not clip.notes:
        raise notes_error(name, "holds no notes; choose a clip that has some")
    count = max(len(clip.notes), *map(len, clip.parts.values()), 0)
    if count > MOST_NOTES:
        raise notes_error(name, f"{count} notes, expected at most {MOST_NOTES}; send a shorter part")
    if clip.length_beats > _MAX_BEATS:
        raise notes_error(
            name, f"{clip.length_beats:.0f} quarter notes long, expected at most {_MAX_BEATS:.0f}"
        )
    return clip


def score_notes(notes: Iterable[BeatNote], bpm: float) -> tuple[Note, ...]:
    """Convert notes to seconds at a tempo."""
    beat_seconds = 60 / bpm
    return timed_notes(notes, lambda beats: beats * beat_seconds)


# --- standard MIDI files --------------------------------------------------------------------------------


def _parse_midi(data: bytes, name: str) -> NoteClip:
    try:
        file = read_midi(data)
    except ScoreError as error:
        raise notes_error(name, str(error)) from error
    parts = notes_by_part(file)
    pitched = sorted(note for part, notes in parts.items() if part != DRUMS for note in notes)
    tempos = sorted(tempo for track in file.tracks for tempo in track.tempos)
    meters = sorted(meter for track in file.tracks for meter in track.meters)
    meter = _first_whole_meter(meters, file.ticks_per_beat)
    is_meter = meter is not None and _is_meter(meter)
    return NoteClip(
        name=name,
        notes=tuple(pitched) or parts.get(DRUMS, ()),
        length_beats=_length_beats(file),
        # MIDI has whole microseconds per beat: 97.3 bpm is read as 97.29993.
        bpm=round(60_000_000 / tempos[0][1], 3) if tempos else None,
        numerator=meter.numerator if meter is not None and is_meter else None,
        denominator=2**meter.power if meter is not None and is_meter else None,
        parts=parts,
        tempo_changes=len({tempo for _, tempo in tempos}) - 1 if tempos else 0,
        no_meter="" if meter is None or is_meter else _shown(meter),
        pickup_beats=meter.tick / file.ticks_per_beat if meter is not None else 0.0,
    )


def _length_beats(file: MidiFile) -> float:
    return round(max((track.end_tick for track in file.tracks), default=0) / file.ticks_per_beat, 6)


def _first_whole_meter(meters: list[MeterMark], ticks_per_beat: int) -> MeterMark | None:
    """The meter of the first whole bar: a shorter bar of another meter before it is a pickup."""
    if not meters:
        return None
    first = meters[0]
    then = next((meter for meter in meters if meter.tick > first.tick), None)
    if then is not None and first.tick == 0 and _is_meter(first) and _is_meter(then):
        bar_ticks, next_ticks = (
            4 * meter.numerator * ticks_per_beat / 2**meter.power for meter in (first, then)
        )
        if then.tick == bar_ticks < next_ticks:
            return then
    return first._replace(tick=0)


def _is_meter(meter: MeterMark) -> bool:
    return NUMERATOR.low <= meter.numerator <= NUMERATOR.high and 2**meter.power in DENOMINATORS


def _shown(meter: MeterMark) -> str:
    return f"{meter.numerator}/{2**meter.power if meter.power < 16 else f'2^{meter.power}'}"


# --- JSON -----------------------------------------------------------------------------------------------


def _parse_json(data: bytes, name: str) -> NoteClip:
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise notes_error(name, 'neither a MIDI file nor JSON; send a .mid, or {"notes": [...]}') from error
    if not isinstance(content, dict) or not isinstance(content.get("notes"), list):
        raise notes_error(name, 'expected {"notes": [...]}; write the notes so')
    unknown = sorted(set(content) - _JSON_KEYS)
    if unknown:
        raise notes_error(
            name, f"`{unknown[0][:40]}` is not known; there are {', '.join(sorted(_JSON_KEYS))}"
        )
    if len(content["notes"]) > MOST_NOTES:
        raise notes_error(name, f"{len(content['notes'])} notes, expected at most {MOST_NOTES}; send a part")
    read = [_json_note(item, number, name) for number, item in enumerate(content["notes"], 1)]
    notes = tuple(sorted(read))
    length = max((note[1] for note in notes), default=0.0)
    given = _number(content, "length_beats", name, 0, _MAX_BEATS)
    numerator, denominator = (_number(content, key, name, 1, 99) for key in ("numerator", "denominator"))
    return NoteClip(
        name=name,
        notes=notes,
        length_beats=length if given is None else given,
        bpm=_number(content, "bpm", name, 10, 999),
        numerator=None if numerator is None else int(numerator),
        denominator=None if denominator is None else int(denominator),
        parts=_json_parts(content["notes"], read, name),
    )


def _json_parts(
    items: list[dict[str, object]], notes: list[BeatNote], name: str
) -> dict[str, tuple[BeatNote, ...]]:
    """The notes by their parts; none if no note names one."""
    if not any("part" in item for item in items):
        return {}
    parts: dict[str, list[BeatNote]] = defaultdict(list)
    for number, (item, note) in enumerate(zip(items, notes, strict=True), 1):
        try:
            parts[_numbered_part(str(item.get("part", "")))].append(note)
        except ScoreError as error:
            raise notes_error(f"{name}, note {number}", str(error)) from error
    return {part: tuple(sorted(found)) for part, found in parts.items()}


def _numbered_part(name: str) -> str:
    """A part's name, with its number if it has one, as in keys_2. Raises ScoreError."""
    kind, _, number = name.partition("_")
    return f"{require_part(kind)}_{int(number)}" if number.isdecimal() else require_part(name)


def _json_note(item: object, number: int, name: str) -> BeatNote:
    where = f"{name}, note {number}"
    if not isinstance(item, dict) or set(item) - _NOTE_KEYS or not {"pitch", "start_beats"} <= set(item):
        raise notes_error(where, f"expected an object of {', '.join(sorted(_NOTE_KEYS))}")
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
        raise notes_error(where, f"`{key}` is {str(value)[:40]}, expected a number from {low:g} to {high:g}")
    return float(value)
