"""How wide words are on the device's face: an estimate for Live's font, from the proportions of Arial."""

from __future__ import annotations

# In thousandths of the font size.
_NARROW, _WIDE, _CAPITAL, _OTHER = 280, 850, 690, 550


def text_width(text: str, size_pixels: float = 10.0) -> float:
    """The width in pixels, to about a tenth."""
    return sum(map(_thousandths, text)) * size_pixels / 1000


def _thousandths(character: str) -> int:
    if character in "iljtfrI.,:;'|!()[] ":
        return _NARROW
    if character in "mwMW%":
        return _WIDE
    return _CAPITAL if character.isupper() else _OTHER


def wrapped(text: str, width_pixels: float, size_pixels: float = 10.0) -> list[str]:
    """`text` in lines that fit; a word longer than a line stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size_pixels) <= width_pixels:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
