"""The `notes` parameter: from a file that a client named to notes inside the request.

A recipe holds the notes themselves, so it renders again where the file is gone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bridge.library.sources import open_named
from bridge.messages import BeatNote
from bridge.system.disk import write_whole

LARGEST_NOTES_BYTES = 1_000_000
_METER = ("numerator", "denominator")
_NAMED_AS = "notes"
_EXPECTED = "a MIDI file (.mid) or JSON; give its whole path"


class Clip(Protocol):
    """What a file of notes holds; tempo and meter are None where it says none."""

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
    values: Mapping[str, object],
    session: Mapping[str, object],
    parse: ParseNotes,
    *,
    value_of: Callable[[str], object],
    allowed_folders: Sequence[Path] | None,
    bases: Sequence[Path],
) -> Mapping[str, object]:
    """A request's values with the notes of its file in place of the file's path.

    The file's tempo, meter and length fill what the request does not say itself; `value_of` tells the meter
    of its bars where neither says it. Notes that the session names are taken too.

    Raises:
        BridgeError: `source`, `forbidden` or `value`.
    """
    named = values.get("notes", session.get("notes"))
    if named is None or isinstance(named, tuple):  # notes that were played need no file
        return values
    with open_named(
        str(named), allowed_folders=allowed_folders, bases=bases, named_as=_NAMED_AS, expected=_EXPECTED
    ) as file:
        data = file.read(LARGEST_NOTES_BYTES + 1)
    clip = parse(data, Path(str(named)).name)
    said = {name: getattr(clip, name) for name in ("bpm", *_METER) if getattr(clip, name) is not None}
    filled: dict[str, object] = {**said, **values, "notes": clip.notes}
    if "bars" not in values and "seconds" not in values:
        meter = [filled[name] if name in filled else value_of(name) for name in _METER]
        numerator, denominator = (int(str(number)) for number in meter)
        filled["bars"] = float(clip.bars(numerator, denominator))
    return filled


def write_notes(folder: Path, notes: Sequence[BeatNote]) -> Path:
    """Leaves notes as a new JSON file in a folder, whole or not at all. Raises BridgeError."""
    items = [
        {"pitch": pitch, "start_beats": onset, "duration_beats": end - onset, "velocity": velocity}
        for onset, end, pitch, velocity in notes
    ]
    path = folder / f"notes-{secrets.token_hex(6)}.json"
    write_whole(path, json.dumps({"notes": items}).encode())
    return path
