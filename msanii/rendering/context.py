"""The state that each bar of endless music passes on to the next, in memory and as a file.

Letters: C audio channels, W samples of past, K control rows, T frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from msanii.errors import AudioError

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ContinuationState:
    """The past of the next bar; immutable, so that a bar can be rendered again from the same past.

    `audio` (C, W) is at the model's rate and level and ends at the model's sample `end`. `controls` (K, T)
    are those that it was rendered under, starting at frame `first_frame` (the model's sample `first_frame` *
    hop). `position` is the stream's sample at which the next bar begins, `gain` the ratio of the model's
    level to the stream's, `level` the RMS level that the music is held to; both are 0 until known.
    """

    rate: int
    audio: Audio
    controls: NDArray[np.float32]
    first_frame: int
    end: int
    position: int
    gain: float
    level: float

    def save(self, path: Path) -> None:
        """Write the state to an .npz file. Raises OSError."""
        numbers = np.array([self.rate, self.first_frame, self.end, self.position], dtype=np.int64)
        levels = np.array([self.gain, self.level])
        with path.open("wb") as file:
            np.savez(file, audio=self.audio, controls=self.controls, numbers=numbers, levels=levels)

    @classmethod
    def read(cls, path: Path) -> ContinuationState:
        """Read a file written by `save`. Raises AudioError if it is missing or invalid."""
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                rate, first_frame, end, position = (int(number) for number in file["numbers"])
                gain, level = (float(number) for number in file["levels"])
                audio, controls = file["audio"], file["controls"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise AudioError(
                f"past: `{path.name}` cannot be read ({error}); start the session again"
            ) from error
        return cls(rate, audio, controls, first_frame, end, position, gain, level)
