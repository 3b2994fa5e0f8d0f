"""The tempo that a loop from elsewhere brings along, in the `acid` chunk of a WAV from a sample library."""

from __future__ import annotations

import math
from pathlib import Path

from bridge.library.loop_marks import ACID
from bridge.library.riff_chunks import read_chunk
from bridge.values import as_typed
from msanii.limits import BPM

_IS_ONE_SHOT = 0x01
_NEARLY = 0.005


def loop_tempo(path: Path) -> tuple[float, float | None] | None:
    """Return tempo and length in quarter notes; None if the file brings none that can be. Raises OSError.

    The length is None if the file is not so long.
    """
    payload = read_chunk(path, b"acid")
    if payload is None or len(payload) < ACID.size:
        return None
    flags, _, _, _, beats, _, _, bpm = ACID.unpack_from(payload)
    if flags & _IS_ONE_SHOT or beats < 1 or not math.isfinite(bpm) or not BPM.low <= bpm <= BPM.high:
        return None
    return as_typed(bpm), float(beats) if _lasts(path, beats * 60 / bpm) else None


def _lasts(path: Path, seconds: float) -> bool:
    import soundfile

    try:
        return bool(abs(soundfile.info(path).duration - seconds) < _NEARLY * seconds)
    except soundfile.SoundFileError:
        return False
