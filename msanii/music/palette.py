"""The sounds of training data: all, or those that the first models learned. Pure Python.

How each is made is in `msanii.data.instruments.table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msanii.music.sounds import FIRST_SOUNDS, SOUNDS

PaletteName = Literal["full", "model"]
"""all sounds, with the program's grooves and a mixing desk; or the first, as the first model learned them"""

PALETTE: tuple[str, ...] = tuple(SOUNDS)

SOUNDS_OF_PALETTE: Mapping[PaletteName, tuple[str, ...]] = {"full": PALETTE, "model": FIRST_SOUNDS}
