"""Groove files, as `presets/grooves/README.md` teaches to write them. Pure Python."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msanii import limits
from msanii.choices import did_you_mean
from msanii.composer.grooves.groove import BASS, DRUMS, BassStroke, Groove, Lines, Stroke
from msanii.composer.grooves.rows import Row, RowError, Rows, bass_lines, drum_lines
from msanii.errors import GrooveError
from msanii.limits import Range
from msanii.music.chords import Meter

if TYPE_CHECKING:
    from yaml import Node

MAX_BYTES = 65_536
_MAX_DEPTH = 3  # the file, a list of fills, the rows of one
_FIELDS = (
    "description", "families", "meter", "bpm", "swing", "swing_16ths", "human_ms", "timing_ms", "crash",
    "pattern", "variations", "fills", "bass",
)  # fmt: skip
_NEEDED = ("meter", "bpm", "pattern", "bass")
_BASS_FIELDS = ("pattern", "variations", "fills", "gate")
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
_METER = re.compile(r"([0-9]{1,2})\s*/\s*([0-9]{1,2})")
_TEMPO = re.compile(r"([0-9]{1,3})\s*-\s*([0-9]{1,3})")
_SWING = Range(0.5, 0.75)
_HUMAN_MS = Range(0, 20)
_TIMING_MS = Range(-40, 40)
_GATE = Range(0.1, 1)


def read_groove(path: Path) -> Groove:
    """Read a groove; its name is the file's. Raises GrooveError with file, line and what was expected."""
    try:
        # A pipe or a device could block or never end.
        if not path.is_file():
            raise GrooveError(f"`{path.name}`: not a regular file; leave only text files in this folder")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise GrooveError(f"`{path.name}`: cannot be read ({reason}); check its name and rights") from error
    if len(data) > MAX_BYTES:
        raise GrooveError(f"`{path.name}`: more than {MAX_BYTES} bytes; keep what is needed")
    return parse_groove(data, path.stem, file_name=path.name)


def parse_groove(data: bytes, name: str, *, file_name: str) -> Groove:
    """Parse the content of a groove file as `read_groove` does."""
    if not _NAME.fullmatch(name):
        expected = "expected 1 to 40 of a-z, 0-9 and _, such as `my_house`"
        raise GrooveError(f"`{file_name}`: this is no name for a groove, {expected}; rename the file")
    try:
        return _groove(_root(data), name)
    except RowError as fault:
        raise GrooveError(f"`{file_name}`, line {fault.line}: {fault}") from fault
    except GrooveError as error:
        raise GrooveError(f"`{file_name}`: {error}") from error


def _root(data: bytes) -> Node:
    import yaml

    from msanii.yaml_core import CoreLoader, check_shape, mistake

    text = ""
    try:
        text = data.decode("utf-8-sig")
        check_shape(text, _MAX_DEPTH)
        root = yaml.compose(text, Loader=CoreLoader)
    except yaml.YAMLError as error:
        raise GrooveError(mistake(error, text)) from error
    except (RecursionError, ValueError) as error:
        raise GrooveError("not a text in UTF-8; save it as plain text") from error
    if root is None:
        raise GrooveError(f"the file is empty; a groove needs {', '.join(_NEEDED)}")
    return root


def _groove(root: Node, name: str) -> Groove:
    fields = _mapping(root, "a groove", _FIELDS)
    for needed in _NEEDED:
        if needed not in fields:
            raise RowError(1, f"`{needed}` is missing; a groove needs {', '.join(_NEEDED)}")
    meter = _meter(fields["meter"])
    bass = _mapping(fields["bass"], "`bass`", _BASS_FIELDS)
    if "pattern" not in bass:
        raise RowError(_line(fields["bass"]), "`bass` has no `pattern`; write its row, such as `1... ....`")
    return Groove(
        name=name,
        description=_row(fields["description"], "description").text if "description" in fields else "",
        families=_families(fields["families"]) if "families" in fields else (),
        meter=meter,
        bpm=_tempo(fields["bpm"]),
        drums=_drums(fields, meter),
        bass=_bass(bass, meter),
        swing=_number(fields, "swing", 0.5, _SWING),
        swing_16ths=_number(fields, "swing_16ths", 0.5, _SWING),
        human_ms=_number(fields, "human_ms", 3.0, _HUMAN_MS),
        timing_ms=_timing(fields["timing_ms"]) if "timing_ms" in fields else {},
        crash=_switch(fields["crash"], "crash") if "crash" in fields else True,
        gate=_number(bass, "gate", 0.95, _GATE),
    )


def _drums(fields: Mapping[str, Node], meter: Meter) -> Lines[Stroke]:
    variations, fills = (
        [_rows(node, f"one of the {key}") for node in _items(fields, key)] for key in ("variations", "fills")
    )
    return drum_lines(_rows(fields["pattern"], "`pattern`"), variations, fills, meter)


def _bass(fields: Mapping[str, Node], meter: Meter) -> Lines[BassStroke]:
    variations, fills = (
        [_row(node, f"one of the bass's {key}") for node in _items(fields, key)]
        for key in ("variations", "fills")
    )
    return bass_lines(_row(fields["pattern"], "`pattern`"), variations, fills, meter)


def _mapping(node: Node, name: str, known: Sequence[str]) -> dict[str, Node]:
    """The values of a mapping by their names. Raises RowError for a name that is unknown or given twice."""
    from yaml import MappingNode, ScalarNode

    if not isinstance(node, MappingNode):
        raise RowError(_line(node), f"expected lines of `name: value` for {name}; write it so")
    values: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or (known and key.value not in known):
            written = key.value[:40] if isinstance(key, ScalarNode) else "this"
            hint = did_you_mean(written, known) or f"expected one of {', '.join(known)}"
            raise RowError(_line(key), f"`{written}` is nothing that {name} has; {hint}")
        if key.value in values:
            raise RowError(_line(key), f"`{key.value}` is given twice; keep one of them")
        values[key.value] = value
    return values


def _rows(node: Node, name: str) -> Rows:
    rows = {drum: _row(value, f"`{drum[:40]}`") for drum, value in _mapping(node, name, ()).items()}
    if not rows:
        raise RowError(_line(node), f"{name} is empty; write a row, such as `kick: X... ....`")
    return rows


def _row(node: Node, name: str) -> Row:
    from yaml import ScalarNode

    if not isinstance(node, ScalarNode):
        raise RowError(_line(node), f"expected text on one line for {name}; write it so")
    return Row(node.value, _line(node))


def _items(fields: Mapping[str, Node], key: str) -> list[Node]:
    from yaml import SequenceNode

    if key not in fields:
        return []
    if not isinstance(fields[key], SequenceNode):
        raise RowError(_line(fields[key]), f"expected a list for `{key}`; begin each of them with `- `")
    return list(fields[key].value)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _meter(node: Node) -> Meter:
    text, line = _row(node, "`meter`")
    match = _METER.fullmatch(text.strip())
    if match is None or int(match[2]) not in limits.DENOMINATORS or not 1 <= int(match[1]) <= 32:
        raise RowError(line, f"`meter`: got `{text[:40]}`, expected a meter such as 4/4 or 7/8")
    return Meter(numerator=int(match[1]), denominator=int(match[2]))


def _tempo(node: Node) -> Range:
    text, line = _row(node, "`bpm`")
    match = _TEMPO.fullmatch(text.strip())
    low, high = (int(match[1]), int(match[2])) if match else (0, 0)
    if not limits.BPM.low <= low <= high <= limits.BPM.high:
        allowed = f"{limits.BPM.low:g} to {limits.BPM.high:g} quarter notes a minute"
        raise RowError(line, f"`bpm`: got `{text[:40]}`, expected a range within {allowed}, such as 118-128")
    return Range(low, high)


def _families(node: Node) -> tuple[str, ...]:
    text, line = _row(node, "`families`")
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not _NAME.fullmatch(name):
            expected = "expected styles of a-z, 0-9 and _, with commas between them, such as `house, dance`"
            raise RowError(line, f"`families`: got `{text[:40]}`, {expected}")
    return names


def _number(fields: Mapping[str, Node], key: str, default: float, allowed: Range) -> float:
    if key not in fields:
        return default
    text, line = _row(fields[key], f"`{key}`")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not allowed.low <= value <= allowed.high:
        expected = f"expected a number from {allowed.low:g} to {allowed.high:g}"
        raise RowError(line, f"`{key}`: got `{text[:40]}`, {expected}")
    return value


def _timing(node: Node) -> dict[str, float]:
    known = (*DRUMS, BASS)
    fields = _mapping(node, "`timing_ms`", known)
    return {name: _number(fields, name, 0.0, _TIMING_MS) for name in fields}


def _switch(node: Node, key: str) -> bool:
    text, line = _row(node, f"`{key}`")
    if text.lower() not in ("yes", "no", "true", "false", "on", "off"):
        raise RowError(line, f"`{key}`: got `{text[:40]}`, expected yes or no")
    return text.lower() in ("yes", "true", "on")
