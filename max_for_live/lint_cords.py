"""Lint patch cords: missing ends, unreachable boxes, boxes that stay bright while the device is off."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Box = Mapping[str, Any]
End = tuple[str, int]  # a box's id, and one of its outlets or inlets
Cord = tuple[End, End]

# Objects that send messages by themselves, and objects that consume them; the boxes of the face do both.
_SPEAKERS = (
    "live.thisdevice", "loadbang", "loadmess", "udpreceive", "plugin~", "plugsync~", "plugphasor~", "phasor~",
    "pattr",
)  # fmt: skip
_HEARERS = ("js", "udpsend", "plugout~", "buffer~", "pattr")
_SWITCH: End = ("live.thisdevice", 1)
# Live dims its own objects with the device; the light shows the bridge, which keeps running.
_DIM_NOT = ("panel",)


def box_name(box: Box) -> str:
    """Return a box's name for fault messages."""
    return f"{box['id']} `{box.get('text') or box.get('varname') or box['maxclass']}`"


def object_name(box: Box) -> str:
    """Return the object in a box: its class, or the first word of its text."""
    text = str(box.get("text", "")) if box["maxclass"] == "newobj" else box["maxclass"]
    return text.split()[0] if text else ""


def cord_faults(boxes: list[Box], lines: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield every fault of the cords."""
    by_id = {box["id"]: box for box in boxes}
    cords = [_cord(line["patchline"]) for line in lines]
    for cord, count in Counter(cords).items():
        if count > 1:
            yield f"{_cord_name(cord)}: drawn {count} times"
    for cord in cords:
        yield from _end_faults(cord, by_id)
    sound = [(source, target) for source, target in cords if source[0] in by_id and target[0] in by_id]
    yield from _way_faults(boxes, sound)
    yield from _dim_faults(by_id, sound)


def _cord(ends: Mapping[str, Any]) -> Cord:
    (source, outlet), (target, inlet) = ends["source"], ends["destination"]
    return (source, outlet), (target, inlet)


def _cord_name(cord: Cord) -> str:
    (source, outlet), (target, inlet) = cord
    return f"cord {source}:{outlet} to {target}:{inlet}"


def _end_faults(cord: Cord, by_id: Mapping[str, Box]) -> Iterator[str]:
    (source, outlet), (target, inlet) = cord
    if source not in by_id or target not in by_id:
        yield f"{_cord_name(cord)}: an end is missing"
        return
    if not 0 <= outlet < by_id[source]["numoutlets"]:
        yield f"{_cord_name(cord)}: {box_name(by_id[source])} has {by_id[source]['numoutlets']} outlets"
    if not 0 <= inlet < by_id[target]["numinlets"]:
        yield f"{_cord_name(cord)}: {box_name(by_id[target])} has {by_id[target]['numinlets']} inlets"


def _way_faults(boxes: list[Box], cords: list[Cord]) -> Iterator[str]:
    """Yield boxes without cords, boxes that nothing reaches, and boxes whose output goes nowhere."""
    corded = {end for (source, _), (target, _) in cords for end in (source, target)}
    face = {box["id"] for box in boxes if box.get("presentation")}
    speakers = face | {box["id"] for box in boxes if object_name(box) in _SPEAKERS}
    hearers = face | {box["id"] for box in boxes if object_name(box) in _HEARERS}
    reached = _reached(speakers, ((source, target) for (source, _), (target, _) in cords))
    heard = _reached(hearers, ((target, source) for (source, _), (target, _) in cords))
    for box in boxes:
        if box["maxclass"] in ("live.comment", "comment"):
            continue
        if box["id"] not in corded:
            yield f"{box_name(box)}: no cord leads to it or from it"
        elif box["id"] not in reached:
            yield f"{box_name(box)}: nothing reaches it"
        elif box["id"] not in heard:
            yield f"{box_name(box)}: what it says goes nowhere"


def _dim_faults(by_id: Mapping[str, Box], cords: list[Cord]) -> Iterator[str]:
    """Yield boxes of the face, not Live's own, that the device's switch does not reach without the script."""
    name, outlet = _SWITCH
    first = {
        target
        for (source, out), (target, _) in cords
        if object_name(by_id[source]) == name and out == outlet and object_name(by_id[target]) != "js"
    }
    steps = [
        (source, target)
        for (source, _), (target, _) in cords
        if "js" not in (object_name(by_id[source]), object_name(by_id[target]))
    ]
    told = _reached(first, steps)
    for identity, box in by_id.items():
        is_own = box["maxclass"].startswith("live.") or box["maxclass"] in _DIM_NOT
        if box.get("presentation") and not is_own and identity not in told:
            yield f"{box_name(box)}: stays bright while the device is off"


def _reached(begin: Iterable[str], steps: Iterable[tuple[str, str]]) -> set[str]:
    """Return the boxes at the beginning and every box that steps lead to from there."""
    onward: dict[str, list[str]] = defaultdict(list)
    for source, target in steps:
        onward[source].append(target)
    reached, waiting = set(begin), list(begin)
    while waiting:
        for target in onward[waiting.pop()]:
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached
