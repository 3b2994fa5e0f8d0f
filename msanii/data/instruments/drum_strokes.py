"""What drum machines make strokes of: membranes, noise, metal and tones. Letters: L samples.

After the circuits of the TR-808 and TR-909 (service notes, Roland 1980 and 1984; Werner, Abel and Smith, "The
TR-808 cymbal", ICMC 2014, for the six square waves).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from msanii.data.instruments.envelopes import decay
from msanii.data.instruments.filters import bandpass, highpass
from msanii.data.instruments.oscillators import cycles, oscillator, phase_of, sine
from msanii.data.instruments.playing import RATE, Audio

_INAUDIBLE = 6.9  # time constants until -60 dB
_ATTACK_SECONDS = 0.0007
_METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)


class Stroke(Protocol):
    """A part of a drum's sound: a stroke (L,) of about 1 at its loudest times its level."""

    def struck(self, random: np.random.Generator, /) -> Audio: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Membrane:
    """A sine that falls from `start_hz` to `hertz`, times as time constants; `drive` squares it a little."""

    hertz: float
    start_hz: float
    fall_seconds: float
    decay_seconds: float
    level: float = 1.0
    drive: float = 0.0

    def struck(self, _random: np.random.Generator) -> Audio:
        samples = _length(self.decay_seconds)
        fall = decay(samples, self.fall_seconds).astype(np.float64)
        hertz = self.hertz * (self.start_hz / self.hertz) ** fall
        wave = sine(phase_of(hertz, samples)) * decay(samples, self.decay_seconds)
        if self.drive:
            wave = np.tanh(wave * np.float32(1 + self.drive)) / np.float32(np.tanh(1 + self.drive))
        return _begun(wave) * np.float32(self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """White noise in a band. `bursts` are its onsets in seconds: a clap has several. `swell` is an attack."""

    low_hz: float
    high_hz: float
    decay_seconds: float
    level: float = 1.0
    bursts: tuple[float, ...] = (0.0,)
    burst_seconds: float = 0.006
    swell_seconds: float = 0.0

    def struck(self, random: np.random.Generator) -> Audio:
        last = self.bursts[-1]
        samples = _length(self.decay_seconds) + round(last * RATE)
        envelope = np.zeros(samples, np.float32)
        for burst in self.bursts:
            start = round(burst * RATE)
            seconds = self.decay_seconds if burst == last else self.burst_seconds
            envelope[start:] = np.maximum(envelope[start:] * 0.2, decay(samples - start, seconds))
        if self.swell_seconds:
            envelope *= np.minimum(np.arange(samples, dtype=np.float32) / (self.swell_seconds * RATE), 1)
        noise = bandpass(random.standard_normal(samples).astype(np.float32), self.low_hz, self.high_hz)
        return _begun(noise / np.float32(noise.std() * 3) * envelope) * np.float32(self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metal:
    """Six square waves in a band, of the frequencies of the TR-808's cymbals times `scale`, and noise."""

    low_hz: float
    high_hz: float
    decay_seconds: float
    level: float = 1.0
    scale: float = 1.0
    noise: float = 0.3
    bite: float = 0.0
    """how much louder the first 20 ms are"""

    def struck(self, random: np.random.Generator) -> Audio:
        samples = _length(self.decay_seconds)
        starts = random.random(len(_METAL_HZ))
        tones = [
            oscillator("square", hertz * self.scale, phase_of(hertz * self.scale, samples, start))
            for hertz, start in zip(_METAL_HZ, starts, strict=True)
        ]
        source = np.sum(tones, axis=0) / len(_METAL_HZ)
        source += np.float32(self.noise) * random.standard_normal(samples).astype(np.float32)
        heard = highpass(bandpass(source, self.low_hz, self.high_hz), self.low_hz)
        envelope = decay(samples, self.decay_seconds) + np.float32(self.bite) * decay(samples, 0.02)
        return _begun(heard / np.float32(heard.std() * 3) * envelope) * np.float32(self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tones:
    """Decaying partials, each (Hz, time constant in seconds, level); `wave` square for cowbells."""

    partials: tuple[tuple[float, float, float], ...]
    is_square: bool = False
    level: float = 1.0

    def struck(self, _random: np.random.Generator) -> Audio:
        total = np.zeros(_length(max(seconds for _, seconds, _ in self.partials)), np.float32)
        for hertz, seconds, level in self.partials:
            samples = min(_length(seconds), len(total))
            phase = phase_of(hertz, samples)
            wave = oscillator("square", hertz, phase) if self.is_square else sine(phase)
            total[:samples] += np.float32(level) * wave * decay(samples, seconds)
        if self.is_square:
            total = bandpass(total, 400.0, 4000.0)
        return _begun(total) * np.float32(self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """Noise in a band, in grains at `rate_hz`, at the end `speeds_up` times as quick: a guiro."""

    low_hz: float
    high_hz: float
    seconds: float
    rate_hz: float
    speeds_up: float = 1.0
    level: float = 1.0

    def struck(self, random: np.random.Generator) -> Audio:
        samples = round(self.seconds * RATE)
        rate = self.rate_hz * np.linspace(1, self.speeds_up, samples)
        grains = np.exp(-5 * cycles(phase_of(rate, samples)))
        noise = bandpass(random.standard_normal(samples).astype(np.float32), self.low_hz, self.high_hz)
        shape = np.sin(np.linspace(0.25, 1, samples, dtype=np.float32) * np.pi)
        return _begun(noise / np.float32(noise.std() * 3) * grains * shape) * np.float32(self.level)


def _length(seconds: float) -> int:
    return round(_INAUDIBLE * seconds * RATE)


def _begun(audio: Audio) -> Audio:
    """The stroke with an attack of 0.7 ms, so that it does not click."""
    length = min(round(_ATTACK_SECONDS * RATE), len(audio))
    audio[:length] *= np.linspace(0, 1, length, dtype=np.float32)
    return audio
