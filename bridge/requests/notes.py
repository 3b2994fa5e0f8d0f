"""The `notes` parameter: reads the file that a client named into the request.

Recipes contain the notes themselves, so they can be rendered again without the file.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bridge.library.folders import AUDIO_SUFFIXES
from bridge.library.sources import open_named, read_opened
from bridge.messages import BeatNote, BridgeError, PartialRequest, Render, partial_request
from bridge.parameters import NEW_MUSIC, PARAMETERS, Value, check_values
from bridge.system.disk import write_whole
from msanii.errors import MsaniiError, ScoreError
from msanii.limits import MOST_NOTES
from msanii.music.chords import Meter
from msanii.music.note_clip import NoteClip, merged
from msanii.music.note_files import LARGEST_BYTES
from msanii.music.parts import part_names, read_parts
from msanii.music.progression_recognition import clip_progression
from msanii.music.sounds import require_part

_log = logging.getLogger(__name__)
_PARTS = ("part", "parts")
_METER = ("numerator", "denominator")
_NAMED_AS = "notes"
_EXPECTED = "a MIDI file (.mid) or JSON; give its whole path"
_SET_BEFORE = "/msanii/param/notes set it for every request: set another, or send /msanii/param/reset notes"


ParseNotes = Callable[[bytes, str], NoteClip]


def with_notes(
    render: Render,
    session: PartialRequest,
    parse: ParseNotes,
    *,
    value_of: Callable[[str], object],
    allowed_folders: Sequence[Path] | None,
    bases: Sequence[Path],
) -> Render:
    """Add the notes of the file that the request or the session names, unless the request has notes.

    The file's tempo, meter and length apply unless the request sets its own; if neither has a meter, bars
    are counted in that of `value_of`. A part that is asked plays its track, and each part of an arrangement
    its own.

    Raises:
        BridgeError: `source`, `forbidden` or `value`.
    """
    said = session | render.values
    path = said.get("notes")
    if path is None or render.notes is not None:
        return render
    try:
        clip = read_note_clip(path, parse, allowed_folders, bases)
    except BridgeError as error:
        if "notes" in render.values:
            raise
        raise BridgeError(error.code, f"{error.message}; {_SET_BEFORE}") from error
    if render.completes:
        return completed(render, clip, said, value_of)
    # What a preset that nobody named says of parts is not asked.
    asked = {name: str(value_of(name) or "") for name in _PARTS if name in said or "preset" in said}
    try:
        clip = clip.from_beats(said.get("notes_from_beats"))
        notes, note_parts = _played(clip, asked if render.verb == "generate" else asked | {"parts": ""})
    except MsaniiError as error:
        raise BridgeError("value", str(error)) from error
    if clip.lone_part and not any(asked.values()):
        render = replace(render, values=check_values({"part": clip.lone_part}) | render.values)
    return replace(
        render,
        values=_on_grid(clip, render.values, value_of, sets_length=render.verb in NEW_MUSIC),
        notes=notes,
        note_parts=note_parts,
    )


def completed(
    render: Render, clip: NoteClip, said: PartialRequest, value_of: Callable[[str], object]
) -> Render:
    """Return the request for a part that the clip lacks, on the chords that it plays unless there are others.

    Raises BridgeError `value`.
    """
    try:
        clip = merged([clip]).from_beats(said.get("notes_from_beats"))
        clip.require_free(require_part(render.values["part"]))
        values = _on_grid(clip, render.values, value_of, sets_length=True)
        numerator, denominator = (int(str(values.get(field) or value_of(field))) for field in _METER)
        meter = Meter(numerator=numerator, denominator=denominator)
        bars = clip.bars(numerator, denominator)
        chords = said.get("chords") or clip_progression(clip, meter, bars)
    except MsaniiError as error:
        raise BridgeError("value", str(error)) from error
    both = sorted((note, part) for part, notes in clip.parts.items() for note in notes)
    return replace(
        render,
        values=values | {"chords": chords, "compose": "auto"},
        notes=tuple(note for note, _ in both),
        note_parts=tuple(part for _, part in both),
    )


def read_note_clip(
    path: str, parse: ParseNotes, allowed_folders: Sequence[Path] | None, bases: Sequence[Path]
) -> NoteClip:
    """Read the file of notes that a client named, if it may; for a take its MIDI file. Raises BridgeError."""
    if Path(path).suffix.lower() in AUDIO_SUFFIXES:
        path = str(Path(path).with_suffix(".mid"))
    with open_named(
        path, allowed_folders=allowed_folders, bases=bases, named_as=_NAMED_AS, expected=_EXPECTED
    ) as file:
        data = read_opened(file, LARGEST_BYTES + 1, f"{_NAMED_AS} `{Path(path).name}`")
    return parse(data, Path(path).name)


def _played(clip: NoteClip, asked: Mapping[str, str]) -> tuple[tuple[BeatNote, ...], tuple[str, ...]]:
    """The notes that are asked for; in an arrangement of the file's own tracks, also the part of each."""
    if not asked.get("parts") or not clip.parts:
        return clip.of_part("" if asked.get("parts") else asked.get("part", "")).notes, ()
    parts = read_parts(asked["parts"])
    by_part = dict(zip(part_names(parts), clip.of_parts(parts), strict=True))
    both = sorted((note, part) for part, notes in by_part.items() for note in notes)
    if len(both) > MOST_NOTES:
        raise ScoreError(
            f"notes `{clip.name}`: {len(both)} notes, expected at most {MOST_NOTES}; send a shorter part"
        )
    return tuple(note for note, _ in both), tuple(part for _, part in both)


def _on_grid(
    clip: NoteClip, asked: PartialRequest, value_of: Callable[[str], object], *, sets_length: bool
) -> PartialRequest:
    """The values that are asked, and the file's tempo, meter and length where they are not."""
    if clip.no_meter and not set(_METER) <= asked.keys():
        raise BridgeError(
            "value",
            f"notes `{clip.name}`: its meter is {clip.no_meter}, which is none; send `numerator` and "
            "`denominator` with it, such as 4 and 4.",
        )
    if clip.tempo_changes and "bpm" not in asked:
        _log.warning("notes %s: its tempo changes; the first, %g bpm, is taken for all", clip.name, clip.bpm)
    grid = {field: getattr(clip, field) for field in ("bpm", *_METER) if field not in asked}
    values = _of_file(grid, clip.name) | asked
    if not sets_length or "bars" in values or "seconds" in values:
        return values
    numerator, denominator = (int(str(values.get(field) or value_of(field))) for field in _METER)
    return values | _of_file({"bars": clip.bars(numerator, denominator)}, clip.name)


def _of_file(values: Mapping[str, float | None], name: str) -> PartialRequest:
    """Check what a file says; errors speak of the file, since the request did not say it."""
    said: dict[str, Value] = {}
    for field, value in values.items():
        if value is None:
            continue
        try:
            said[field] = PARAMETERS[field].check(value)
        except BridgeError as error:
            expected = PARAMETERS[field].expected()
            raise BridgeError(
                error.code,
                f"notes `{name}`: its {field} is {value:g}, expected {expected}; send another `{field}` "
                "with it.",
            ) from error
    return partial_request(said)


def write_notes(
    folder: Path,
    notes: Sequence[BeatNote],
    note_parts: Sequence[str] = (),
    length_beats: float | None = None,
) -> Path:
    """Write notes, with their parts if they have some, to a new JSON file in a folder; return its path.

    The file appears whole or not at all. Raises BridgeError.
    """
    items: list[dict[str, object]] = [
        {"pitch": pitch, "start_beats": onset, "duration_beats": end - onset, "velocity": velocity}
        for onset, end, pitch, velocity in notes
    ]
    for item, part in zip(items, note_parts, strict=False):
        item["part"] = part
    path = folder / f"notes-{secrets.token_hex(6)}.json"
    length = {} if length_beats is None else {"length_beats": length_beats}
    write_whole(path, json.dumps({"notes": items, **length}).encode())
    return path
