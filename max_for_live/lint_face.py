"""Lint the device's face: rectangles, overlaps, clipped text, missing info texts, non-standard looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from max_for_live.patch import FONT, FONT_PIXELS, HEIGHT_PIXELS
from max_for_live.typography import number_text, room_pixels, text_width

Box = Mapping[str, Any]


def face_faults(body: Mapping[str, Any], boxes: list[Box]) -> Iterator[str]:
    """Yield every fault of the face."""
    shown = [box for box in boxes if box.get("presentation")]
    if (body["default_fontname"], body["default_fontsize"]) != (FONT, FONT_PIXELS):
        yield f"font: {body['default_fontname']} {body['default_fontsize']:g}, but Live's is {FONT}"
    for box in shown:
        yield from _rect_faults(box, body["devicewidth"])
        yield from _word_faults(box)
        yield from _guideline_faults(box)
    for one, other in combinations(shown, 2):
        if _overlap(one["presentation_rect"], other["presentation_rect"]):
            yield f"{_name(one)} and {_name(other)} overlap"
    for box in boxes:
        if not box.get("presentation") and box["maxclass"].startswith("live."):
            yield f"{_name(box)}: a control that the face does not show"
    if shown:
        left = min(box["presentation_rect"][0] for box in shown)
        right = body["devicewidth"] - max(sum(box["presentation_rect"][::2]) for box in shown)
        if left != right:
            yield f"margins: {left:g} pixels on the left, {right:g} on the right"


def _rect_faults(box: Box, width: float) -> Iterator[str]:
    rect = box["presentation_rect"]
    x, y, across, down = rect
    if any(side != int(side) for side in rect):
        yield f"{_name(box)}: rectangle {rect} has fractions, which blur"
    if across <= 0 or down <= 0 or x < 0 or y < 0 or x + across > width or y + down > HEIGHT_PIXELS:
        yield f"{_name(box)}: rectangle {rect} leaves the face of {width:g} by {HEIGHT_PIXELS} pixels"


def _word_faults(box: Box) -> Iterator[str]:
    across, down = box["presentation_rect"][2:]
    size = box.get("fontsize", FONT_PIXELS)
    room = room_pixels(box["maxclass"], across)
    if down >= 2 * size and box["maxclass"] == "live.comment":
        return  # several lines
    for words in _fixed_words(box):
        if text_width(words, size) > room:
            yield f"{_name(box)}: {words!r} does not fit into {across:g} pixels"
    if box["maxclass"] == "live.tab":
        labels = box["saved_attribute_attributes"]["valueof"]["parameter_enum"]
        if text_width("".join(labels), size) + 4 * len(labels) > room:
            yield f"{_name(box)}: {labels} do not fit into {across:g} pixels"


def _fixed_words(box: Box) -> Iterator[str]:
    """Return the texts of a box that are known from the patch; the script sets those of menus and texts."""
    maxclass = box["maxclass"]
    if maxclass in ("live.text", "live.comment", "textedit"):
        yield box["text"]
    value = box.get("saved_attribute_attributes", {}).get("valueof", {})
    if maxclass == "live.dial" and "parameter_shortname" in value:
        yield value["parameter_shortname"]
    if maxclass in ("live.dial", "live.numbox") and "parameter_unitstyle" in value:
        yield from (number_text(value, value[end]) for end in ("parameter_mmin", "parameter_mmax"))


def _guideline_faults(box: Box) -> Iterator[str]:
    maxclass = box["maxclass"]
    is_fixed_label = maxclass == "live.comment" and "annotation" not in box
    if not is_fixed_label and not (box.get("annotation_name") and box.get("annotation")):
        yield f"{_name(box)}: no info title and text"
    if "fontname" in box:
        yield f"{_name(box)}: a font of its own; leave it to the device's"
    if maxclass.startswith("live."):
        for key in box:
            if key.endswith("color"):
                yield f"{_name(box)}: sets {key}; leave colours to Live's theme"
    if maxclass == "live.text" and box.get("outputmode") != 1:
        yield f"{_name(box)}: acts when the mouse goes down; set outputmode 1"
    if maxclass == "live.tab" and box.get("livemode") != 1:
        yield f"{_name(box)}: set livemode 1"


def _overlap(one: list[float], other: list[float]) -> bool:
    return all(one[k] < other[k] + other[k + 2] and other[k] < one[k] + one[k + 2] for k in (0, 1))


def _name(box: Box) -> str:
    return f"{box['id']} `{box.get('varname') or box.get('text') or box['maxclass']}`"
