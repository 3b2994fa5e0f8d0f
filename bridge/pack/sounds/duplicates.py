"""Finds files that sound alike, by a small fingerprint of their audio: how its spectrum moves.

A fingerprint is a coarse log-spectrogram, 24 bands by 32 places in time, without its level and its mean
spectrum: two renders of the same notes by one instrument are near, other notes or rhythms are not. Likeness
is the correlation of two fingerprints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BANDS, PLACES = 24, 32
_WINDOW = 4096
_LOW_HZ, _HIGH_HZ = 40.0, 12_000.0
_FLOOR = 1e-4
# A mean spectrum says little of loops, whose notes move, and all of single notes, which do not: half counts.
_MEAN_SHARE = 0.5


def fingerprint(audio: NDArray[np.float32], rate: int) -> bytes:
    """Return the fingerprint of audio (C, L) at `rate` hertz: BANDS x PLACES half floats of length 1."""
    import numpy as np

    mono = audio.astype(np.float64).mean(axis=0)
    mono = np.pad(mono, (0, max(0, _WINDOW - len(mono))))
    starts = np.linspace(0, len(mono) - _WINDOW, 4 * PLACES).astype(int)
    frames = np.stack([mono[start : start + _WINDOW] for start in starts]) * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = np.geomspace(_LOW_HZ, min(_HIGH_HZ, rate / 2), BANDS + 1) / (rate / _WINDOW)
    bounds = np.unique(np.maximum(1, np.round(edges)).astype(int))
    bands = np.add.reduceat(power[:, : bounds[-1]], bounds[:-1], axis=1)
    bands = np.pad(bands, ((0, 0), (0, BANDS - bands.shape[1])))
    bands = bands.reshape(PLACES, 4, BANDS).mean(axis=1)
    logs = np.log(bands / max(bands.max(), 1e-30) + _FLOOR)
    logs -= logs.mean() + _MEAN_SHARE * (logs.mean(axis=0) - logs.mean())
    length = np.linalg.norm(logs)
    return bytes((logs / length if length else logs).astype(np.float16).tobytes())


@dataclass
class Fingerprints:
    """The fingerprints of the files that a pack has, by name. Only files of one kind are compared."""

    _names: dict[str, list[str]] = field(default_factory=dict)
    _rows: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)

    def add(self, kind: str, name: str, print_: bytes) -> None:
        """Keep a file's fingerprint."""
        self._names.setdefault(kind, []).append(name)
        self._rows.setdefault(kind, []).append(_row(print_))

    def nearest(self, kind: str, print_: bytes) -> tuple[str, float]:
        """Return the name of the file that sounds most alike, and how much, up to 1; "" and 0 without any."""
        import numpy as np

        rows = self._rows.get(kind)
        if not rows:
            return "", 0.0
        likeness = np.stack(rows) @ _row(print_)
        best = int(np.argmax(likeness))
        return self._names[kind][best], float(likeness[best])

    def counts(self) -> Mapping[str, int]:
        """Return how many files of each kind there are."""
        return {kind: len(names) for kind, names in self._names.items()}


def _row(print_: bytes) -> NDArray[np.float32]:
    import numpy as np

    return np.frombuffer(print_, dtype=np.float16).astype(np.float32)
