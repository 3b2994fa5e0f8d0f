"""Band-limited oscillators: one cycle of a wave with all harmonics that fit below the Nyquist frequency.

Letters: L samples.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from msanii.data.instruments.playing import RATE, Audio

Wave = Literal["saw", "square", "pulse", "triangle", "sine"]
Phase = NDArray[np.uint32]
"""in cycles times 2 ** 32, (L,): whole numbers turn over by themselves"""

TABLE_SAMPLES = 4096
_CYCLE = 2**32
_TABLE_SHIFT = np.uint32(20)  # the upper 12 bits of a phase are a place in the table
_REST = np.uint32(2**20 - 1)
_HIGHEST_HZ = 19_000.0
_MOST_HARMONICS = 1000
_PULSE_WIDTH = 0.25


def phase_of(hertz: float | NDArray[np.float64], samples: int, start: float = 0.0) -> Phase:
    """The phase of a frequency, which may be an array (L,), from `start` on, in cycles."""
    if isinstance(hertz, np.ndarray):
        cycles = start + np.concatenate([[0.0], np.cumsum(hertz[: samples - 1])]) / RATE
        return ((cycles % 1.0) * _CYCLE).astype(np.uint64).astype(np.uint32)
    step, first = (np.uint32(round(cycles * _CYCLE) % _CYCLE) for cycles in (hertz / RATE, start))
    return np.arange(samples, dtype=np.uint32) * step + first


def radians(phase: Phase) -> Audio:
    """A phase in radians within one turn, (L,)."""
    return phase.astype(np.float32) * np.float32(2 * np.pi / _CYCLE)


def cycles(phase: Phase) -> Audio:
    """A phase in cycles, 0 to 1, (L,)."""
    return phase.astype(np.float32) * np.float32(1 / _CYCLE)


def sine(phase: Phase) -> Audio:
    """A sine (L,)."""
    wave: Audio = np.sin(radians(phase))
    return wave


def oscillator(wave: Wave, hertz: float, phase: Phase) -> Audio:
    """A wave (L,) of about 1 in amplitude at a phase, limited to the band that `hertz` leaves."""
    if wave == "sine":
        return sine(phase)
    table = _cycle(wave, hertz)
    index = phase >> _TABLE_SHIFT
    share = (phase & _REST).astype(np.float32) * np.float32(1 / 2**20)
    here = table.take(index)
    step = np.diff(table).take(index)
    step *= share
    here += step
    return here


def _cycle(wave: Wave, hertz: float) -> Audio:
    """One cycle and its first sample again, (TABLE_SAMPLES + 1,)."""
    count = int(min(_HIGHEST_HZ / hertz, _MOST_HARMONICS))
    harmonic = np.arange(1, max(count, 1) + 1, dtype=np.float64)
    odd = harmonic % 2
    if wave == "saw":
        level = 2 / np.pi / harmonic
    elif wave == "square":
        level = 4 / np.pi * odd / harmonic
    elif wave == "pulse":
        level = 4 / np.pi * np.sin(np.pi * harmonic * _PULSE_WIDTH) / harmonic
    else:
        level = 8 / np.pi**2 * odd / harmonic**2
    spectrum = np.zeros(TABLE_SAMPLES // 2 + 1, np.complex128)
    spectrum[1 : len(harmonic) + 1] = -0.5j * level * TABLE_SAMPLES
    cycle = np.fft.irfft(spectrum).astype(np.float32)
    return np.append(cycle, cycle[:1])
