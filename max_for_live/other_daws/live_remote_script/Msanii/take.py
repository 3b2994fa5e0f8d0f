"""A take: its file, and how many beats its music and its file have."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, NamedTuple

SNAP_BEATS = 0.01


class Take(NamedTuple):
    """`beats` is the music's length, `file_beats` with what rings on after it; 0 if no tempo is known."""

    path: str
    seconds: float
    file_beats: float
    beats: float

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return os.path.splitext(os.path.basename(self.path))[0]


def read_take(path: str, seconds: float, bpm: float) -> Take:
    """Make a take of what `/msanii/take` says, and of the recipe beside the file, if it can be read."""
    try:
        with open(os.path.splitext(path)[0] + ".json", encoding="utf-8") as file:
            recipe = json.load(file)
        request = recipe["request"]
        # More exact than OSC's 32 bits.
        seconds, bpm = float(recipe["seconds"]), float(request["bpm"] or 0)
        asked = _asked_beats(request)
    except (OSError, ValueError, KeyError, TypeError):
        asked = 0.0
    file_beats = _counted(seconds * bpm / 60, asked)
    return Take(path, seconds, file_beats, asked if 0 < asked < file_beats else file_beats)


def _asked_beats(request: Dict[str, Any]) -> float:
    """The beats that were asked for; the bars of other verbs are not their length."""
    if request["verb"] != "generate" or not request["bars"]:
        return 0.0
    return float(request["bars"] * 4 * request["numerator"] / request["denominator"])


def _counted(beats: float, asked: float) -> float:
    """A length that is nearly the asked one, or nearly whole sixteenths, is so exactly."""
    for exact in (asked, round(beats * 4) / 4):
        if exact > 0 and abs(beats - exact) < SNAP_BEATS:
            return exact
    return beats
