"""The `msanii` command in this process, and the files that go into it and come out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from msanii.__main__ import main

QUICK = ["--steps", "2", "--iterations", "2"]


def run(*arguments: object) -> int:
    """The exit status of `msanii` with these arguments."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


def read(path: Path) -> tuple[NDArray[np.float32], int]:
    """(L, C) and the rate."""
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return audio, rate


def write_chord(path: Path, rate: int, seconds: float = 2.0) -> Path:
    time = np.arange(round(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (220.0, 277.2, 329.6)) * 0.1
    soundfile.write(path, np.stack([chord, chord * 0.8], axis=1), rate, subtype="PCM_24")
    return path
