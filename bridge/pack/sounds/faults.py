"""Checks before a file goes into a pack: finite, not silent, not clipped, and what was asked is heard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bridge.messages import HeardTake
from bridge.pack.planning.recipe import Check

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SILENT_DB = -60.0
_CLIPPED_LEVEL = 0.9999
_CLIPPED_IN_A_ROW = 4


def read_audio(path: Path) -> tuple[NDArray[np.float32], int]:
    """Return audio (C, L) and its rate in hertz; C channels, L samples.

    Raises OSError, or RuntimeError for a file that is no audio.
    """
    import soundfile

    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return audio.T, int(rate)


def fault_of(audio: NDArray[np.float32]) -> str:
    """Say what is wrong with audio (C, L); empty if nothing is."""
    import numpy as np

    if not np.isfinite(audio).all():
        return "it has samples that are no numbers"
    if not audio.size or 20 * np.log10(np.sqrt((audio.astype(np.float64) ** 2).mean()) + 1e-12) < _SILENT_DB:
        return "it is silent"
    full = (np.abs(audio) >= _CLIPPED_LEVEL).astype(np.int8)
    if full.shape[1] >= _CLIPPED_IN_A_ROW:
        runs = np.stack([full[:, place : full.shape[1] - _CLIPPED_IN_A_ROW + 1 + place]
                         for place in range(_CLIPPED_IN_A_ROW)])  # fmt: skip
        if runs.all(axis=0).any():
            return "it is clipped"
    return ""


def not_heard(heard: HeardTake | None, check: Check) -> str:
    """Say what too little is heard of; empty if enough is, or if nobody could hear it."""
    if heard is None:
        return ""
    for what, share, least in (
        ("chords", heard.chords, check.heard_chords),
        ("onsets", heard.onsets, check.heard_onsets),
    ):
        if share is not None and share < least:
            return f"{share:.2f} of its {what} are heard, fewer than the recipe's {least:g}"
    return ""
