"""Waveforms of audio files for drawing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bridge.messages import BridgeError

_BLOCK_FRAMES = 1 << 18
_DIGITS = 4


@lru_cache(maxsize=64)
def peaks(path: Path, changed_ns: int, width: int) -> tuple[list[float], list[float]]:  # noqa: ARG001
    """Return the lowest and the highest sample of all channels in each of `width` equal spans.

    `changed_ns` is when the file changed, since results are kept. A file of fewer samples has as many spans.
    Raises BridgeError `source` if it is no audio that can be read.
    """
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            count = max(1, min(width, len(file)))
            low, high = np.full(count, np.inf), np.full(count, -np.inf)
            at = 0
            for block in file.blocks(_BLOCK_FRAMES, dtype="float32", always_2d=True):
                # The span of each frame; spans differ by a frame at most.
                spans = (np.arange(at, at + len(block)) * count) // len(file)
                starts = np.flatnonzero(np.diff(spans, prepend=-1))
                touched = spans[starts]
                low[touched] = np.minimum(low[touched], np.minimum.reduceat(block.min(axis=1), starts))
                high[touched] = np.maximum(high[touched], np.maximum.reduceat(block.max(axis=1), starts))
                at += len(block)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise BridgeError("source", f"take `{path.name}`: not an audio file that can be read") from error
    for side in (low, high):
        side[~np.isfinite(side)] = 0.0
    return np.round(low, _DIGITS).tolist(), np.round(high, _DIGITS).tolist()
