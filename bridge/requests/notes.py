"""The `notes` parameter: reads the file that a client named into the request.

Recipes contain the notes themselves, so they can be rendered again without the file.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from bridge.library.sources import open_named, read_opened
from bridge.messages import BeatNote, BridgeError, PartialRequest, Render
from bridge.parameters import check_values
from bridge.system.disk import write_whole

LARGEST_NOTES_BYTES = 1_000_000
_METER = ("numerator", "denominator")
_NAMED_AS = "notes"
_EXPECTED = "a MIDI file (.mid) or JSON; give its whole path"
_SET_BEFORE = "/msanii/param/notes set it for every request: set another, or load a preset to begin anew"


class Clip(Protocol):
    """The contents of a file of notes; tempo and meter are None if the file has none."""

    @property
    def notes(self) -> tuple[BeatNote, ...]: ...
    @property
    def bpm(self) -> float | None: ...
    @property
    def numerator(self) -> int | None: ...
    @property
    def denominator(self) -> int | None: ...
    def bars(self, numerator: int, denominator: int) -> int: ...


ParseNotes = Callable[[bytes, str], Clip]


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
    are counted in that of `value_of`.

    Raises:
        BridgeError: `source`, `forbidden` or `value`.
    """
    path = render.values.get("notes", session.get("notes"))
    if path is None or render.notes is not None:
        return render
    try:
        clip = _read_clip(path, parse, allowed_folders, bases)
    except BridgeError as error:
        if "notes" in render.values:
            raise
        raise BridgeError(error.code, f"{error.message}; {_SET_BEFORE}") from error
    grid = {name: getattr(clip, name) for name in ("bpm", *_METER) if name not in render.values}
    values = check_values({name: value for name, value in grid.items() if value is not None}) | render.values
    if "bars" not in values and "seconds" not in values:
        numerator, denominator = (int(str(values.get(name) or value_of(name))) for name in _METER)
        values |= check_values({"bars": clip.bars(numerator, denominator)})
    return replace(render, values=values, notes=clip.notes)


def _read_clip(
    path: str, parse: ParseNotes, allowed_folders: Sequence[Path] | None, bases: Sequence[Path]
) -> Clip:
    with open_named(
        path, allowed_folders=allowed_folders, bases=bases, named_as=_NAMED_AS, expected=_EXPECTED
    ) as file:
        data = read_opened(file, LARGEST_NOTES_BYTES + 1, f"{_NAMED_AS} `{Path(path).name}`")
    return parse(data, Path(path).name)


def write_notes(folder: Path, notes: Sequence[BeatNote]) -> Path:
    """Write notes atomically to a new JSON file in a folder; return its path. Raises BridgeError."""
    items = [
        {"pitch": pitch, "start_beats": onset, "duration_beats": end - onset, "velocity": velocity}
        for onset, end, pitch, velocity in notes
    ]
    path = folder / f"notes-{secrets.token_hex(6)}.json"
    write_whole(path, json.dumps({"notes": items}).encode())
    return path
