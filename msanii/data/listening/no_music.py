"""Sounds that are no music, so that a listener learns to hear none in them. Audio is mono (L,), 44.1 kHz."""

from __future__ import annotations

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from msanii.data.instruments.playing import RATE
from msanii.data.listening.degrading import Audio, coloured_noise

KINDS = ("silence", "noise", "speech", "ambience")


def no_music(samples: int, random: np.random.Generator, kind: str = "") -> Audio:
    """Silence, noise, something like speech, or swelling noise, `samples` long."""
    kind = kind or str(random.choice(KINDS, p=(0.1, 0.25, 0.45, 0.2)))
    if kind == "silence":
        return coloured_noise(samples, 1.0, random) * np.float32(10 ** random.uniform(-7, -4))
    if kind == "speech":
        return speech_like(samples, random)
    noise = coloured_noise(samples, float(random.uniform(0, 2)), random)
    if kind == "noise":
        return noise
    count = max(2, round(samples / RATE * random.uniform(0.3, 3)))
    swell = np.interp(np.arange(samples), np.linspace(0, samples, count), random.random(count) ** 2)
    return (noise * swell).astype(np.float32)


def speech_like(samples: int, random: np.random.Generator) -> Audio:
    """Syllables of uneven length, voiced or hissed, of a voice whose pitch glides, with pauses.

    A source of pulses through three resonances, as in Klatt's synthesizer (JASA 1980).
    """
    made = np.zeros(samples, np.float32)
    start = 0
    pitch = float(random.uniform(85, 230))
    while start < samples:
        length = round(RATE * random.uniform(0.07, 0.32))
        if random.random() < 0.15:
            start += round(RATE * random.uniform(0.2, 0.9))
        low, high = random.uniform(-0.2, 0.2, 2).tolist()
        glide = pitch * np.exp(np.linspace(low, high, length))
        if random.random() < 0.78:
            phase = np.cumsum(glide / RATE)
            source = np.diff(np.floor(phase), prepend=0.0) + 0.02 * random.standard_normal(length)
        else:
            source = 0.3 * random.standard_normal(length)
        voice = np.zeros(length)
        for formant in ((300, 850), (900, 2300), (2300, 3300)):
            voice += _resonance(source, float(random.uniform(*formant)), float(random.uniform(60, 180)))
        voice *= np.hanning(length) ** 0.5 * random.uniform(0.3, 1)
        end = min(start + length, samples)
        made[max(start, 0) : end] += voice[: max(end - start, 0)].astype(np.float32)
        start += round(length * random.uniform(0.8, 1.3))
    return made / np.float32(max(float(np.abs(made).max()), 1e-6))


def _resonance(source: NDArray[np.float64], hertz: float, width: float) -> NDArray[np.float64]:
    radius = np.exp(-np.pi * width / RATE)
    filtered: NDArray[np.float64] = scipy.signal.lfilter(
        [1 - radius], [1, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2], source
    )
    return filtered
