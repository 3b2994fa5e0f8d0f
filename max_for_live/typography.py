"""Text on the device's face: its width, the space that a box has for it, the format of numbers.

Widths are estimates for Live's font, from the proportions of Arial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# In thousandths of the font size.
_NARROW, _WIDE, _CAPITAL, _OTHER = 280, 850, 690, 550

# Pixels of a box's width that are not available to text: its edges, and the arrow of a menu.
_EDGES_PIXELS = {
    "live.text": 4, "live.tab": 4, "live.comment": 2, "live.numbox": 4, "live.menu": 14, "textedit": 8,
}  # fmt: skip


def text_width(text: str, size_pixels: float = 10.0) -> float:
    """Return the text's width in pixels, to about a tenth."""
    return sum(map(_thousandths, text)) * size_pixels / 1000


def _thousandths(character: str) -> int:
    if character in "iljtfrI.,:;'|!()[] ":
        return _NARROW
    if character in "mwMW%":
        return _WIDE
    return _CAPITAL if character.isupper() else _OTHER


def wrapped(text: str, width_pixels: float, size_pixels: float = 10.0) -> list[str]:
    """Wrap `text` into lines that fit; a word longer than a line stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size_pixels) <= width_pixels:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def room_pixels(maxclass: str, across: float) -> float:
    """Return the width available to text in a box of this class that is `across` pixels wide."""
    return across - _EDGES_PIXELS.get(maxclass, 0)


def clipped(text: str, width_pixels: float, size_pixels: float = 10.0) -> str:
    """Return as much of the beginning of `text` as Live shows if it does not fit."""
    while text_width(text, size_pixels) > width_pixels:
        text = text[:-1]
    return text


def number_text(parameter: Mapping[str, Any], number: float) -> str:
    """Format a parameter's value as Live does, by its unit style: custom, percent, float or whole."""
    if units := parameter.get("parameter_units"):
        return str(units) % number
    if parameter["parameter_unitstyle"] == 1:
        return f"{number:.2f}"
    return f"{number:.0f}" + (" %" if parameter["parameter_unitstyle"] == 5 else "")
