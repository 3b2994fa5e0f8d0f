"""The names of all sounds of training data: those of the default model, then newer ones. Pure Python.

How each is made is in `msanii.data.instruments.table`. A model knows the first names, as many as its group
`sound` is wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msanii.music.sounds import SOUNDS

PaletteName = Literal["full", "model"]
"""all sounds, with the program's grooves and a mixing desk; or the default model's, as it learned them"""

# Models depend on the order: a sound's index is its row in the control tensor. Only ever append.
PALETTE: tuple[str, ...] = (
    *SOUNDS,
    "saw bass",
    "square bass",
    "sub bass",
    "acid bass",
    "reese bass",
    "fm bass",
    "808 bass",
    "upright bass",
    "supersaw",
    "trance pluck",
    "chord stab",
    "arp synth",
    "square lead",
    "sweep pad",
    "glass pad",
    "tine piano",
    "reed piano",
    "clav",
    "drawbar organ",
    "muted guitar",
    "overdriven guitar",
    "brass section",
    "string section",
    "808 kit",
    "909 kit",
    "room kit",
    "lo fi kit",
)

SOUNDS_OF_PALETTE: Mapping[PaletteName, tuple[str, ...]] = {"full": PALETTE, "model": tuple(SOUNDS)}
