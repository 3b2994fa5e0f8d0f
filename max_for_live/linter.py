"""Holds a device's patcher against Max's rules and Ableton's guidelines, as far as a file can show them.

Sources: Max's reference for shapes; Ableton's maxdevtools (m4l-production-guidelines, patch-code-standard).
Each fault is one sentence that names the box.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from bridge.addresses import ROOT
from max_for_live.container import AUDIO_EFFECT
from max_for_live.lint_cords import box_name, cord_faults, object_name
from max_for_live.lint_face import face_faults
from max_for_live.lint_parameters import parameter_faults
from max_for_live.objects import shape_of
from max_for_live.patch import HEIGHT_PIXELS

_FORBIDDEN = ("print", "dac~", "adc~", "ezdac~", "ezadc~", "node.script", "shell", "delay")
# Objects whose first argument is a name that all devices of a set share, unless it begins with three dashes.
_NAMED = ("s", "r", "send", "receive", "send~", "receive~", "buffer~", "play~", "groove~", "dict", "coll")
_PATH = re.compile(
    r"(?<![\w.])(?:[A-Za-z]:[\\/]|~/|file:|/(?:Users|home|Volumes|Applications|tmp|work|var)\b)"
)

Box = Mapping[str, Any]


def lint(patcher: Mapping[str, Any]) -> list[str]:
    """Every fault of a patcher file; none means clean."""
    body = patcher["patcher"]
    boxes: list[Box] = [entry["box"] for entry in body["boxes"]]
    return list(
        chain(
            _box_faults(boxes),
            cord_faults(boxes, body["lines"]),
            _name_faults(boxes),
            _file_faults(body, boxes),
            face_faults(body, boxes),
            parameter_faults(body, boxes),
        )
    )


def _box_faults(boxes: list[Box]) -> Iterator[str]:
    for identity, count in Counter(box["id"] for box in boxes).items():
        if count > 1:
            yield f"{identity}: {count} boxes have this id"
    for box in boxes:
        word = object_name(box)
        if word in _FORBIDDEN:
            yield f"{box_name(box)}: no place for `{word}` in a device"
            continue
        try:
            shape = shape_of(box["maxclass"], box.get("text", ""))
        except ValueError as error:
            yield f"{box_name(box)}: {error}"
            continue
        if box["numinlets"] != shape.inlets:
            yield f"{box_name(box)}: {box['numinlets']} inlets, expected {shape.inlets}"
        if box["numoutlets"] != len(shape.outlets):
            yield f"{box_name(box)}: {box['numoutlets']} outlets, expected {len(shape.outlets)}"
        if tuple(box.get("outlettype", ())) != shape.outlets:
            yield f"{box_name(box)}: outlettype {box.get('outlettype')}, expected {list(shape.outlets)}"


def _name_faults(boxes: list[Box]) -> Iterator[str]:
    for box in boxes:
        words = str(box.get("text", "")).split() if box["maxclass"] == "newobj" else []
        names = words[1:2] if words and words[0] in _NAMED else []
        names += [box["buffername"]] if "buffername" in box else []
        for name in names:
            if not name.startswith("---"):
                yield f"{box_name(box)}: `{name}` is shared by all devices of a set; begin it with ---"
        saved = box.get("saved_object_attributes", {})
        if words and words[0] in ("live.object", "live.observer") and saved.get("_persistence") != 0:
            yield f"{box_name(box)}: needs _persistence 0, or it makes undo steps"


def _file_faults(body: Mapping[str, Any], boxes: list[Box]) -> Iterator[str]:
    for text in _strings(body):
        if _PATH.search(text.replace(ROOT, "")):
            yield f"{text!r}: an absolute path, which is another one on every machine"
    needed = {words[1] for box in boxes if (words := str(box.get("text", "")).split())[:1] == ["js"]}
    listed = {entry["name"] for entry in body["dependency_cache"]}
    if needed != listed:
        yield f"dependency_cache: lists {sorted(listed)}, the patch needs {sorted(needed)}"
    for entry in body["dependency_cache"]:
        if entry["bootpath"] != "." or entry["patcherrelativepath"] != ".":
            yield f"dependency_cache: {entry['name']} must lie beside the device (`.`)"
    if body["latency"] != 0:
        yield f"latency: got {body['latency']}, but the device delays nothing"
    if body["project"]["amxdtype"] != int.from_bytes(AUDIO_EFFECT, "big"):
        yield f"amxdtype: got {body['project']['amxdtype']}, expected an audio effect's"
    width = body["devicewidth"]
    if body["openrect"] != [0.0, 0.0, width, float(HEIGHT_PIXELS)]:
        yield f"openrect: got {body['openrect']}, expected the device's own size, or it flashes on opening"
    if body["minimum_live_version"] or body["minimum_max_version"]:
        yield "minimum version: it would keep the preview from older Lives, where all but placing works"
    if not body["openinpresentation"]:
        yield "openinpresentation: got 0; Live would show the cords"


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(_strings, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(_strings, value))
