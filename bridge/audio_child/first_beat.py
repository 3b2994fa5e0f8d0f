"""Makes a take begin at its first bar line, so that this falls on the line that the take is launched on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.protocol import TakeFile

Audio = NDArray[np.float32]

# Resampled, a file of whole beats may differ from their length by a few samples.
_SAME_LENGTH_SECONDS = 5e-4


def from_first_beat(audio: Audio, file: TakeFile, rate: int) -> Audio:
    """Return the audio (L, 2) of a file from its first bar line on.

    A file of whole beats is a circle: what precedes that line goes to its end, which leads into the line as
    it repeats. Of any other file it is left out.
    """
    first = round(file.first_beat_seconds * rate)
    if not 0 < first < len(audio):
        return audio
    return np.roll(audio, -first, axis=0) if _is_whole_beats(file, len(audio) / rate) else audio[first:]


def _is_whole_beats(file: TakeFile, seconds: float) -> bool:
    if file.bpm is None or file.beats is None:
        return False
    return abs(seconds - file.beats * 60 / file.bpm) < _SAME_LENGTH_SECONDS
