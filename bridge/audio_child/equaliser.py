"""A deck's tone: three bands that can be killed, and a filter on one knob, a low-pass to its left.

The magnitude of both is drawn on a frequency grid and made a minimum-phase FIR by its cepstrum (Oppenheim and
Schafer, Discrete-Time Signal Processing, 3rd ed., section 13.5). Its latency is not heard; decks stay in time
with each other. A change crossfades two such filters within a block. A flat tone changes no sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.deck_values import HIGH_HERTZ, LOW_HERTZ

Audio = NDArray[np.float32]
Curve = NDArray[np.float64]

_TAPS = 2_048
_GRID = 2 * _TAPS
_OPEN_HERTZ, _CLOSED_HERTZ = 20_000.0, 80.0  # the low-pass at the knob's middle, and to its left
_LOWEST_HERTZ, _HIGHEST_HERTZ = 20.0, 8_000.0  # the high-pass at the knob's middle, and to its right
_FLAT_Q, _PEAK_Q = 0.707, 1.4
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Tone:
    """Gains of the three bands, linear, and the filter's knob: -1 low-pass, 0 open, 1 high-pass."""

    low: float = 1.0
    mid: float = 1.0
    high: float = 1.0
    knob: float = 0.0


FLAT = Tone()


class _Fir:
    """A filter whose spectrum is kept for the size that it was last asked for."""

    def __init__(self, taps: Curve) -> None:
        self._taps = taps
        self._size, self._spectrum = 0, np.zeros((0, 1), np.complex128)

    def filtered(self, past: Audio, block: Audio) -> Audio:
        """Filter a block (n, C) after what came before it (taps - 1, C)."""
        sound = np.concatenate((past, block))
        # A multiple of 512 is a length that an FFT is fast for.
        size = -(-len(sound) // 512) * 512
        if size != self._size:
            self._size, self._spectrum = size, np.fft.rfft(self._taps, size)[:, None]
        heard = np.fft.irfft(np.fft.rfft(sound, size, axis=0) * self._spectrum, size, axis=0)
        return heard[len(past) : len(sound)].astype(np.float32)


class Equaliser:
    """Applies tones to a deck's sound, block by block."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._tone = FLAT
        self._filter: _Fir | None = None  # of the tone; None if it is flat
        self._past = np.zeros((_TAPS - 1, channels), np.float32)
        self._is_hushed = False

    def hush(self) -> None:
        """Fade out within a block what rings on of earlier sound."""
        self._is_hushed = True

    def apply(self, block: Audio, tone: Tone) -> None:
        """Give a block (n, C) a tone, in place; a change fades in within the block."""
        past = self._past
        self._past = np.concatenate((past, block))[len(block) :]
        is_steady = tone == self._tone and not self._is_hushed
        if is_steady and self._filter is None:
            return
        before = self._filtered(past, block)
        if is_steady:
            block[:] = before
            return
        if tone != self._tone:
            self._tone = tone
            self._filter = None if tone == FLAT else _Fir(minimum_phase(magnitude(tone, self._rate)))
        if self._is_hushed:
            self._is_hushed = False
            past = np.zeros_like(past)
            self._past[: max(0, len(self._past) - len(block))] = 0
        fade = _fade_in(len(block))
        block[:] = before + (self._filtered(past, block) - before) * fade

    def _filtered(self, past: Audio, block: Audio) -> Audio:
        return block.copy() if self._filter is None else self._filter.filtered(past, block)


def magnitude(tone: Tone, rate: int) -> Curve:
    """Return a tone's magnitude (linear) at the bins of a real FFT over twice the FIR's length."""
    hertz: Curve = np.fft.rfftfreq(_GRID, 1 / rate).astype(np.float64)
    low = _low_share(hertz, LOW_HERTZ)
    high = (1 - low) * (1 - _low_share(hertz, HIGH_HERTZ))
    bands = tone.low * low + tone.mid * (1 - low - high) + tone.high * high
    if tone.knob < 0:
        cutoff = _OPEN_HERTZ * (_CLOSED_HERTZ / _OPEN_HERTZ) ** -tone.knob
        bands = bands * _low_pass(hertz / cutoff)
    elif tone.knob > 0:
        cutoff = _LOWEST_HERTZ * (_HIGHEST_HERTZ / _LOWEST_HERTZ) ** tone.knob
        bands = bands * _low_pass(cutoff / np.maximum(hertz, 1e-3))
    return bands


def minimum_phase(curve: Curve) -> Curve:
    """Return the taps of the minimum-phase FIR with a magnitude (bins of a real FFT)."""
    cepstrum = np.fft.irfft(np.log(np.maximum(curve, _FLOOR)))
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2
    cepstrum[half + 1 :] = 0
    taps: Curve = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))[:half]
    return taps


def _low_share(hertz: Curve, crossover: float) -> Curve:
    """The lower band of a fourth-order Linkwitz-Riley crossover; the upper is the rest to 1."""
    share: Curve = 1 / (1 + (hertz / crossover) ** 4)
    return share


def _low_pass(ratio: Curve) -> Curve:
    """A fourth-order low-pass with a peak at its cutoff, by frequency over cutoff."""

    def second_order(q: float) -> Curve:
        section: Curve = 1 / np.sqrt((1 - ratio**2) ** 2 + (ratio / q) ** 2)
        return section

    return second_order(_FLAT_Q) * second_order(_PEAK_Q)


def _fade_in(frames: int) -> Audio:
    """A raised cosine (n, 1): one without corners, which would click."""
    ramp = (np.arange(frames) + 1) / frames
    return (0.5 - 0.5 * np.cos(np.pi * ramp)).astype(np.float32)[:, None]
