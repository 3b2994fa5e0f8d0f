"""Draws the device's face as SVG from the patcher: the rectangles, texts and values that Live would show.

Colours are those of a dark Live theme, close enough to judge the layout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from max_for_live.patch import HEIGHT_PIXELS
from max_for_live.typography import clipped, number_text, room_pixels, text_width, wrapped

Box = Mapping[str, Any]

_SURFACE, _FIELD, _BUTTON, _FRAME = "#363636", "#1e1e1e", "#484848", "#2a2a2a"
_TEXT, _FAINT, _GREY, _ON, _DARK, _VALUE = "#c8c8c8", "#8d8d8d", "#6c6c6c", "#ffad56", "#151515", "#03c3d5"
_READY = "#4ccc59"
_FONT = "'Ableton Sans', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

# The face in use: tests/max_for_live plays the session that leads to it and checks each text with the script.
# Boxes that are not listed show their initial value.
EXAMPLE: Mapping[str, object] = {
    "status": "Ready: default on CPU", "progress": 0, "follows": "97.3 4/4 A min", "daemon_port": "9800",
    "preset": "piano_loop", "chords": "Am F C G", "progression": "Pop: I V vi IV", "clip_track": "selected",
    "sound": "grand piano", "part": "keys", "style": "any style", "source": "-", "source_b": "-",
    "seed": "572610199", "takes": "8 piano_loop", "take": "4 of 4", "count": 4, "preview": 1, "loop": 1,
}  # fmt: skip
_GREY_WHILE_GENERATING = ("strength", "ratio", "side", "from_bar", "source", "source_b", "cancel", "as_heard")


def draw(patcher: Mapping[str, Any]) -> str:
    """Return the face as an SVG document, at twice its size on screen."""
    body = patcher["patcher"]
    width = int(body["devicewidth"])
    shown = [entry["box"] for entry in body["boxes"] if entry["box"].get("presentation")]
    parts = [part for box in shown for part in _draw_box(box)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width}" height="{2 * HEIGHT_PIXELS}" '
        f'viewBox="0 0 {width} {HEIGHT_PIXELS}" font-family="{_FONT}" font-size="9.5">'
    )
    return "\n".join([head, _rect(0, 0, width, HEIGHT_PIXELS, _SURFACE, 0), *parts, "</svg>", ""])


def _draw_box(box: Box) -> Iterator[str]:
    drawing: Callable[[Box], Iterator[str]] = _DRAWINGS[box["maxclass"]]
    yield from drawing(box)


def _draw_panel(box: Box) -> Iterator[str]:
    x, y, across, _ = _sides(box)
    yield f'<circle cx="{x + across / 2:g}" cy="{y + across / 2:g}" r="{across / 2:g}" fill="{_READY}"/>'


def _draw_comment(box: Box) -> Iterator[str]:
    x, y, across, down = _sides(box)
    if down > 20:  # the status
        lines = wrapped(str(EXAMPLE["status"]), across - 4, box["fontsize"])
        for number, line in enumerate(lines):
            yield _words(x + 2, y + 11 + 11 * number, line, size=box["fontsize"])
        return
    text = (
        str(EXAMPLE.get(box["annotation_name"].lower().replace(" ", "_"), box["text"]))
        if "annotation_name" in box
        else box["text"]
    )
    if text:
        yield _words(x + 2, y + down / 2 + 3.4, _fitting(box, text), _FAINT if "annotation" in box else _TEXT)


def _draw_text(box: Box) -> Iterator[str]:
    is_on = box["mode"] == 1 and bool(_value(box)) and not _is_grey(box)
    colour = _GREY if _is_grey(box) else _DARK if is_on else _TEXT
    yield _rect(*_sides(box), _ON if is_on else _BUTTON)
    yield _centred(box, box["text"], colour, bold=box["varname"] == "generate")


def _draw_tab(box: Box) -> Iterator[str]:
    x, y, across, down = _sides(box)
    labels = _parameter(box)["parameter_enum"]
    chosen, spare = int(_value(box)), across - sum(map(text_width, labels))
    for index, label in enumerate(labels):
        wide = text_width(label) + spare / len(labels)
        is_on = index == chosen and not _is_grey(box)
        yield _rect(x, y, wide - 1, down, _ON if is_on else _BUTTON)
        colour = _GREY if _is_grey(box) else _DARK if is_on else _TEXT
        yield _words(x + wide / 2 - 0.5, y + down / 2 + 3.4, label, colour, "middle")
        x += wide


def _draw_menu(box: Box) -> Iterator[str]:
    x, y, across, down = _sides(box)
    colour = _GREY if _is_grey(box) else _TEXT
    yield _rect(x, y, across, down, _FIELD)
    yield _words(x + 4, y + down / 2 + 3.4, _fitting(box, str(EXAMPLE[box["varname"]])), colour)
    right, middle = x + across - 5, y + down / 2
    yield f'<path d="M{right - 5:g} {middle - 2:g}h6l-3 4z" fill="{colour}"/>'


def _draw_textedit(box: Box) -> Iterator[str]:
    x, y, across, down = _sides(box)
    yield _rect(x, y, across, down, _FIELD)
    yield _words(x + 4, y + down / 2 + 3.4, _fitting(box, str(EXAMPLE[box["varname"]])))


def _draw_number(box: Box) -> Iterator[str]:
    x, y, across, down = _sides(box)
    low, high = _range(box)
    yield _rect(x, y, across, down, _FIELD)
    if box.get("appearance") == 2:
        yield _rect(x, y, across * (_value(box) - low) / (high - low), down, _VALUE)
    yield _centred(box, _shown(box), _GREY if _is_grey(box) else _TEXT)


def _draw_dial(box: Box) -> Iterator[str]:
    x, y, across, down = _sides(box)
    low, high = _range(box)
    colour, needle = (_GREY, _GREY) if _is_grey(box) else (_TEXT, _VALUE)
    middle, centre = x + across / 2, y + 25
    yield _words(middle, y + 9, _parameter(box)["parameter_shortname"], colour, "middle")
    turn = (_value(box) - low) / (high - low)
    yield _arc(middle, centre, 1.0, _FIELD)
    yield _arc(middle, centre, turn, needle)
    angle = math.radians(135 + 270 * turn)
    tip = f"{middle + 9 * math.cos(angle):.2f} {centre + 9 * math.sin(angle):.2f}"
    yield f'<path d="M{middle:g} {centre:g}L{tip}" stroke="{colour}" stroke-width="1.6"/>'
    yield _words(middle, y + down - 3, _shown(box), colour, "middle")


def _draw_waveform(box: Box) -> Iterator[str]:
    x, y, across, down = _sides(box)
    yield _rect(x, y, across, down, _FIELD)
    # An example: four bars, each with a loud start and a decay.
    for column in range(int(across) - 2):
        phase = 4 * column / across % 1
        ripple = 0.75 + 0.25 * math.sin(column * 2.3) * math.cos(column * 0.7)
        tall = (down / 2 - 2) * math.exp(-2.2 * phase) * ripple
        yield _rect(x + 1 + column, y + down / 2 - tall, 1, 2 * tall, _VALUE, 0)


_DRAWINGS: Mapping[str, Callable[[Box], Iterator[str]]] = {
    "panel": _draw_panel, "live.comment": _draw_comment, "live.text": _draw_text, "live.tab": _draw_tab,
    "live.menu": _draw_menu, "textedit": _draw_textedit, "live.numbox": _draw_number,
    "live.dial": _draw_dial, "waveform~": _draw_waveform,
}  # fmt: skip


# --- values and marks ------------------------------------------------------------------------------------


def _sides(box: Box) -> tuple[float, float, float, float]:
    x, y, across, down = box["presentation_rect"]
    return x, y, across, down


def _parameter(box: Box) -> Mapping[str, Any]:
    value: Mapping[str, Any] = box["saved_attribute_attributes"]["valueof"]
    return value


def _value(box: Box) -> float:
    shown = EXAMPLE.get(box["varname"])
    return float(shown) if isinstance(shown, int | float) else float(_parameter(box)["parameter_initial"][0])


def _range(box: Box) -> tuple[float, float]:
    return _parameter(box)["parameter_mmin"], _parameter(box)["parameter_mmax"]


def _shown(box: Box) -> str:
    return number_text(_parameter(box), _value(box))


def _fitting(box: Box, text: str) -> str:
    """Return as much of a text as Live shows in this box."""
    return clipped(text, room_pixels(box["maxclass"], box["presentation_rect"][2]))


def _is_grey(box: Box) -> bool:
    return box["varname"] in _GREY_WHILE_GENERATING or box.get("active") == 0


def _rect(x: float, y: float, across: float, down: float, colour: str, round_pixels: float = 1.5) -> str:
    return (
        f'<rect x="{x:.4g}" y="{y:.4g}" width="{across:.4g}" height="{down:.4g}" rx="{round_pixels:g}" '
        f'fill="{colour}"/>'
    )


def _words(
    x: float, y: float, text: str, colour: str = _TEXT, anchor: str = "start", bold: bool = False,
    size: float | None = None,
) -> str:  # fmt: skip
    look = (' font-weight="bold"' if bold else "") + (f' font-size="{size:g}"' if size else "")
    return f'<text x="{x:.4g}" y="{y:.4g}" fill="{colour}" text-anchor="{anchor}"{look}>{escape(text)}</text>'


def _centred(box: Box, text: str, colour: str, bold: bool = False) -> str:
    x, y, across, down = _sides(box)
    return _words(x + across / 2, y + down / 2 + 3.4, text, colour, "middle", bold)


def _arc(x: float, y: float, turn: float, colour: str) -> str:
    if turn <= 0:
        return ""
    radius, begin = 10.5, math.radians(135)
    end = begin + math.radians(270 * turn)
    start = f"{x + radius * math.cos(begin):.2f} {y + radius * math.sin(begin):.2f}"
    stop = f"{x + radius * math.cos(end):.2f} {y + radius * math.sin(end):.2f}"
    path = f"M{start}A{radius} {radius} 0 {int(turn > 2 / 3)} 1 {stop}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.4"/>'
