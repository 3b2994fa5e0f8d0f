"""Lint Live parameters: names, types, ranges, defaults, visibility, modulation, Push banks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Box = Mapping[str, Any]
Value = Mapping[str, Any]

_FLOAT, _INT, _ENUM, _BLOB = range(4)
_TYPES = {
    "live.dial": (_FLOAT, _INT), "live.numbox": (_FLOAT, _INT), "live.text": (_ENUM,), "live.tab": (_ENUM,),
    "live.menu": (_ENUM,), "newobj": (_BLOB,),
}  # fmt: skip
_MODULATION = {_FLOAT: 2, _INT: 4, _ENUM: 0, _BLOB: 0}  # bipolar, absolute, none
_UNITS = {_INT: (0, 9), _FLOAT: (1, 5, 9)}  # whole, custom; with a fraction, percent, custom
_CUSTOM = 9
_AUTOMATED, _STORED, _HIDDEN = range(3)
# Controls that the script sets by itself, besides the menus; tests/max_for_live checks this with the script.
MOVED_BY_SCRIPT = ("progress", "preview", "star")
_MOST_WHOLE_NUMBERS = 256
_LONGEST_SHORT_NAME = 8
_BANK_SLOTS = 8


def parameter_faults(body: Mapping[str, Any], boxes: list[Box]) -> Iterator[str]:
    """Yield every fault of the Live parameters."""
    values = {box["id"]: value for box in boxes if (value := _value(box)) is not None}
    names = Counter(value.get("parameter_longname", "") for value in values.values())
    for name, count in names.items():
        if count > 1:
            yield f"long name {name!r}: {count} parameters have it"
    for box in boxes:
        if box["id"] in values:
            yield from _faults(box, values[box["id"]])
        elif box["maxclass"] in _TYPES and box["maxclass"] != "newobj":
            yield f"{box['id']}: {box['maxclass']} without a parameter"
    yield from _table_faults(body["parameters"], values)


def _value(box: Box) -> Value | None:
    value: Value | None = box.get("saved_attribute_attributes", {}).get("valueof")
    return value


def _faults(box: Box, value: Value) -> Iterator[str]:
    name = f"parameter {value.get('parameter_longname')!r}"
    kind = value.get("parameter_type")
    if not value.get("parameter_longname") or not value.get("parameter_shortname"):
        yield f"{box['id']}: a parameter without a long or a short name"
    if "[" in str(value.get("parameter_longname")):
        yield f"{name}: looks like a copy; name it"
    if kind not in _TYPES.get(box["maxclass"], ()):
        yield f"{name}: type {kind} does not fit {box['maxclass']}"
        return
    visibility = value.get("parameter_invisible", _AUTOMATED)
    if kind == _BLOB:
        if visibility != _STORED:
            yield f"{name}: a text can only be stored (1)"
        return
    yield from _visibility_faults(name, box, visibility)
    if visibility == _AUTOMATED and len(str(value["parameter_shortname"])) > _LONGEST_SHORT_NAME:
        yield f"{name}: short name longer than {_LONGEST_SHORT_NAME} letters"
    if value.get("parameter_modmode") != _MODULATION[kind]:
        yield f"{name}: modulation mode {value.get('parameter_modmode')}, expected {_MODULATION[kind]}"
    if not value.get("parameter_info"):
        yield f"{name}: no info text"
    yield from _range_faults(name, kind, value)


def _visibility_faults(name: str, box: Box, visibility: int) -> Iterator[str]:
    if box["maxclass"] == "live.text" and box.get("mode") == 0 and visibility != _HIDDEN:
        yield f"{name}: a button must be hidden (2), or every press is an undo step"
    is_moved = box["maxclass"] == "live.menu" or box.get("varname") in MOVED_BY_SCRIPT
    if is_moved and visibility != _HIDDEN:
        yield f"{name}: the script moves it, so it must be hidden (2), or every move is an undo step"
    if visibility == _STORED:
        yield f"{name}: stored only (1) is for texts; what the producer moves can be automated (0)"


def _unit_faults(name: str, kind: int, value: Value) -> Iterator[str]:
    style = value.get("parameter_unitstyle")
    if style is None:
        yield f"{name}: no unit style"
    elif style not in _UNITS[kind]:
        yield f"{name}: unit style {style}, expected one of {_UNITS[kind]}: the bridge knows no such unit"
    elif (style == _CUSTOM) != bool(value.get("parameter_units")):
        yield f"{name}: units {value.get('parameter_units')!r} with unit style {style}"


def _range_faults(name: str, kind: int, value: Value) -> Iterator[str]:
    low, high = value.get("parameter_mmin", 0), value.get("parameter_mmax", 127)
    if kind == _ENUM:
        labels = value.get("parameter_enum", [])
        if high != len(labels) - 1 or not labels:
            yield f"{name}: highest value {high} for {len(labels)} labels"
        if any(str(label).startswith("val") for label in labels):
            yield f"{name}: labels {labels} say nothing"
    elif low >= high:
        yield f"{name}: range {low} to {high} is empty"
    else:
        yield from _unit_faults(name, kind, value)
    if kind == _INT and high - low + 1 > _MOST_WHOLE_NUMBERS:
        yield f"{name}: {high - low + 1:g} whole numbers, Live has {_MOST_WHOLE_NUMBERS}"
    initial = value.get("parameter_initial", [])
    if not value.get("parameter_initial_enable") or len(initial) != 1 or not low <= initial[0] <= high:
        yield f"{name}: initial value {initial}, expected one from {low} to {high}"


def _table_faults(table: Mapping[str, Any], values: Mapping[str, Value]) -> Iterator[str]:
    banks = table.get("parameterbanks", {})
    listed = {key: row for key, row in table.items() if key not in ("parameterbanks", "inherited_shortname")}
    wanted = {
        key: [value.get("parameter_longname"), value.get("parameter_shortname"), 0]
        for key, value in values.items()
    }
    if listed != wanted:
        wrong = sorted(key for key in listed.keys() | wanted.keys() if listed.get(key) != wanted.get(key))
        yield f"parameters: the table and the boxes differ at {wrong}"
    automated = {
        str(value.get("parameter_longname"))
        for value in values.values()
        if value.get("parameter_invisible", _AUTOMATED) == _AUTOMATED
    }
    in_banks = [name for bank in banks.values() for name in bank["parameters"]]
    for name in sorted(set(in_banks) - {"-"} - automated):
        yield f"Push bank: {name!r} is no automated parameter"
    for name in sorted(automated - set(in_banks)):
        yield f"Push bank: none has {name!r}"
    for bank in banks.values():
        if len(bank["parameters"]) != _BANK_SLOTS:
            yield f"Push bank {bank['name']!r}: {len(bank['parameters'])} slots, expected {_BANK_SLOTS}"
