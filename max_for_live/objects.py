"""Inlets and outlets of every Max object that the device may use; no others are allowed.

Taken from devices saved by Max and from Max's reference, against which tests/max_for_live checks by py2max.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The number of an object's inlets, and the output type of each outlet (`""` is any message)."""

    inlets: int
    outlets: tuple[str, ...]


_SIGNAL_MATH = Shape(2, ("signal",))
_ANY = Shape(1, ("",))

# Objects typed into an object box, by their first word.
_FIXED: Mapping[str, Shape] = {
    "plugin~": Shape(2, ("signal", "signal")),
    "plugout~": Shape(2, ("signal", "signal")),
    "plugsync~": Shape(1, ("int", "int", "int", "float", "list", "float", "float", "int", "int")),
    "plugphasor~": Shape(1, ("signal", "list")),
    "live.thisdevice": Shape(1, ("bang", "int", "int")),
    "live.colors": Shape(1, ("", "bang")),
    "js": _ANY,
    "udpsend": Shape(1, ()),
    "udpreceive": _ANY,
    "prepend": _ANY,
    "deferlow": _ANY,
    "loadmess": _ANY,
    "loadbang": Shape(1, ("bang",)),
    "pattr": Shape(1, ("", "", "")),
    "buffer~": Shape(1, ("float", "bang")),
    "dspstate~": Shape(1, ("int", "float", "int", "int")),
    "phasor~": Shape(2, ("signal",)),
    "sig~": Shape(1, ("signal",)),
    "line~": Shape(2, ("signal", "bang")),
    "int": Shape(2, ("int",)),
    "*": Shape(2, ("float",)),
    "+": Shape(2, ("int",)),
    "!/": Shape(2, ("float",)),
    **dict.fromkeys(("*~", "+~", "-~", "%~", "round~"), _SIGNAL_MATH),
}

# Objects with a class of their own.
_CLASSES: Mapping[str, Shape] = {
    "message": Shape(2, ("",)),
    "comment": Shape(1, ()),
    "live.dial": Shape(1, ("", "float")),
    "live.numbox": Shape(1, ("", "float")),
    "live.menu": Shape(1, ("", "", "float")),
    "live.tab": Shape(1, ("", "", "float")),
    "live.text": Shape(1, ("", "")),
    "live.comment": Shape(1, ()),
    "textedit": Shape(1, ("", "int", "", "")),
    "waveform~": Shape(5, ("float", "float", "float", "float", "list", "")),
    "panel": Shape(1, ()),
}

_LETTERS = {"b": "bang", "i": "int", "f": "float", "l": "", "s": ""}
_BY_ARGUMENTS = ("route", "sel", "t", "unpack", "expr", "selector~", "play~")


def known(name: str) -> bool:
    """Return whether the table has this object or class."""
    return name in _FIXED or name in _CLASSES or name in _BY_ARGUMENTS


def shape_of(maxclass: str, text: str = "") -> Shape:
    """Return the shape of a box, from its class and, for typed objects, its text.

    Raises:
        ValueError: for an object that is not in the table.
    """
    if maxclass != "newobj":
        if maxclass not in _CLASSES:
            raise ValueError(f"class `{maxclass}`: not in the table of objects; add it there first")
        return _CLASSES[maxclass]
    name, *words = text.split()
    arguments = [word for word in words if not word.startswith("@")]
    if name in _BY_ARGUMENTS:
        return _by_arguments(name, arguments)
    if name not in _FIXED:
        raise ValueError(f"object `{name}`: not in the table of objects; add it there first")
    return _FIXED[name]


def _by_arguments(name: str, arguments: Sequence[str]) -> Shape:
    count = len(arguments)
    if name == "route":
        return Shape(count + 1, ("",) * (count + 1))
    if name == "sel":
        return Shape(count + 1, ("bang",) * count + ("",))
    if name == "t":
        return Shape(1, tuple(_LETTERS.get(letter, "") for letter in arguments))
    if name == "unpack":
        return Shape(1, tuple("" if word == "s" else "float" if "." in word else "int" for word in arguments))
    if name == "expr":
        # Inlets $f1, $i2 and so on, up to the highest number.
        return Shape(max(_numbers(" ".join(arguments)), default=1), ("",))
    if name == "selector~":
        return Shape(int(arguments[0]) + 1, ("signal",))
    channels = int(arguments[1]) if count > 1 else 1  # play~ buffer channels
    return Shape(1, ("signal",) * channels + ("bang",))


def _numbers(expression: str) -> list[int]:
    return [int(part[1]) for part in expression.split("$")[1:] if part[1:2].isdigit()]
