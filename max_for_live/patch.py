"""Builds a Max patcher box by box and cord by cord, and returns it as the JSON of a .maxpat.

Ids are numbered in the order of adding and dates are fixed, so that a description always gives the same file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from max_for_live.container import AUDIO_EFFECT
from max_for_live.objects import shape_of

HEIGHT_PIXELS = 169  # Live gives every device this height
FONT, FONT_PIXELS = "Ableton Sans Medium", 10.0
_FIXED_DATE = 3_873_225_600  # 2026-09-26, in seconds since 1904-01-01 as Max counts; any fixed day would do
_ROW_PIXELS, _COLUMN_PIXELS, _COLUMNS = 30, 210, 8

_ALWAYS_TEXT = ("live.comment", "textedit")

Rect = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A box in the patch, to connect cords from and to."""

    id: str
    maxclass: str
    text: str = ""


@dataclass
class Patch:
    """A patcher under construction."""

    width_pixels: int
    boxes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    _next_cell: int = 0  # in the grid of boxes in Max's editor

    def section(self, title: str) -> None:
        """Begin a new row in Max's editor, under a title."""
        self._next_cell += -self._next_cell % _COLUMNS
        self.add("comment", title)
        self._next_cell += -self._next_cell % _COLUMNS

    def add(self, maxclass: str, text: str = "", **attributes: Any) -> Box:
        """Add a box of a class of its own, such as `live.dial`."""
        shape = shape_of(maxclass, text)
        box = Box(f"obj-{len(self.boxes) + 1}", maxclass, text)
        row, column = divmod(self._next_cell, _COLUMNS)
        self._next_cell += 1
        place = [30.0 + column * _COLUMN_PIXELS, 200.0 + row * _ROW_PIXELS, _COLUMN_PIXELS - 20.0, 22.0]
        written: dict[str, Any] = {
            "id": box.id,
            "maxclass": maxclass,
            "numinlets": shape.inlets,
            "numoutlets": len(shape.outlets),
            "patching_rect": place,
        }
        if shape.outlets:
            written["outlettype"] = list(shape.outlets)
        if text or maxclass in _ALWAYS_TEXT:
            written["text"] = text
        self.boxes.append({"box": {**written, **attributes}})
        return box

    def object(self, text: str, **attributes: Any) -> Box:
        """Add an object box with this text, such as `route a b`."""
        return self.add("newobj", text, **attributes)

    def message(self, text: str) -> Box:
        """Add a message box."""
        return self.add("message", text)

    def show(self, rect: Rect, maxclass: str, text: str = "", **attributes: Any) -> Box:
        """Add a box to the device's face at `rect`: x, y, width, height in pixels."""
        return self.add(
            maxclass, text, presentation=1, presentation_rect=[float(side) for side in rect], **attributes
        )

    def connect(self, source: Box, target: Box, outlet: int = 0, inlet: int = 0) -> None:
        """Draw a cord."""
        ends = {"source": [source.id, outlet], "destination": [target.id, inlet]}
        self.lines.append({"patchline": ends})

    def chain(self, *boxes: Box, outlet: int = 0) -> Box:
        """Connect boxes in series by first outlets and inlets, the first box by `outlet`; return the last."""
        for source, target in pairwise(boxes):
            self.connect(source, target, outlet)
            outlet = 0
        return boxes[-1]

    def patcher(self, banks: Mapping[str, Sequence[str]], files: Sequence[str]) -> dict[str, Any]:
        """Return the whole file: `banks` are Push's, by name; `files` are needed beside the device."""
        width, rows = float(self.width_pixels), self._next_cell // _COLUMNS
        body = {
            "fileversion": 1,
            "appversion": {"major": 8, "minor": 6, "revision": 5, "architecture": "x64", "modernui": 1},
            "classnamespace": "box",
            "rect": [100.0, 100.0, 60.0 + _COLUMNS * _COLUMN_PIXELS, 400.0 + rows * _ROW_PIXELS],
            "openrect": [0.0, 0.0, width, float(HEIGHT_PIXELS)],
            "openinpresentation": 1,
            "digest": "",  # set to the version once the device is complete
            "default_fontsize": FONT_PIXELS,
            "default_fontface": 0,
            "default_fontname": FONT,
            "gridsize": [8.0, 8.0],
            "boxanimatetime": 500,
            "devicewidth": width,
            "boxes": self.boxes,
            "lines": self.lines,
            "parameters": self._parameters(banks),
            "dependency_cache": [_dependency(name) for name in files],
            "latency": 0,
            "is_mpe": 0,
            # No minimum, which would keep the device from loading at all: if Live is too old to place clips,
            # the preview and the takes' folder still work, and the device says what is missing.
            "minimum_live_version": "",
            "minimum_max_version": "",
            "platform_compatibility": 0,
            "project": _project(),
            "autosave": 0,
        }
        return {"patcher": body}

    def _parameters(self, banks: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for entry in self.boxes:
            value = entry["box"].get("saved_attribute_attributes", {}).get("valueof")
            if value is not None:
                table[entry["box"]["id"]] = [value["parameter_longname"], value["parameter_shortname"], 0]
        table["parameterbanks"] = {
            str(index): {"index": index, "name": name, "parameters": [*names, *["-"] * (8 - len(names))]}
            for index, (name, names) in enumerate(banks.items())
        }
        table["inherited_shortname"] = 1
        return table


def _dependency(name: str) -> dict[str, Any]:
    return {"name": name, "bootpath": ".", "patcherrelativepath": ".", "type": "TEXT", "implicit": 1}


def _project() -> dict[str, Any]:
    # Max rejects a device without a project.
    return {
        "version": 1,
        "creationdate": _FIXED_DATE,
        "modificationdate": _FIXED_DATE,
        "viewrect": [0.0, 0.0, 300.0, 500.0],
        "autoorganize": 1,
        "hideprojectwindow": 1,
        "showdependencies": 1,
        "autolocalize": 0,
        "contents": {"patchers": {}},
        "layout": {},
        "searchpath": {},
        "detailsvisible": 0,
        "amxdtype": int.from_bytes(AUDIO_EFFECT, "big"),
        "readonly": 0,
        "devpathtype": 0,
        "devpath": ".",
        "sortmode": 0,
        "viewmode": 0,
        "includepackages": 0,
    }
