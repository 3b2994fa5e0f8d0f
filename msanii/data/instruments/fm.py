"""Frequency modulation (Chowning, 1973): sine carriers, each with sine modulators. Letters: L samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from msanii.data.instruments.envelopes import Envelope
from msanii.data.instruments.oscillators import phase_of, radians
from msanii.data.instruments.playing import RATE, Audio, PlayedNote, faded, summed

# Side bands up to here: the index falls where the pitch is high.
_HIGHEST_HZ = 18_000.0


@dataclass(frozen=True, slots=True)
class Modulator:
    """A frequency ratio and an index that decays, a time constant in seconds, to a share of itself."""

    ratio: float
    index: float
    decay: float = 0.3
    sustain: float = 0.0


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier; `beat_hz` detunes it, `pan` is -1 (left) to 1."""

    ratio: float
    level: float
    modulators: tuple[Modulator, ...] = ()
    beat_hz: float = 0.0
    pan: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyModulation:
    """A patch: `velocity_index` is how much of the index depends on velocity, 0 to 1."""

    carriers: tuple[Carrier, ...]
    amplifier: Envelope
    velocity_index: float = 0.6

    def play(self, notes: Sequence[PlayedNote], samples: int, random: np.random.Generator) -> Audio:
        """Play notes, (2, L), a little brighter or darker in each take."""
        brightness = float(2 ** (0.3 * np.clip(random.standard_normal(), -2, 2)))
        return summed(notes, samples, lambda note: self._note(note, brightness))

    def _note(self, note: PlayedNote, brightness: float) -> Audio:
        samples = self.amplifier.samples(note.seconds)
        time = np.arange(samples, dtype=np.float32) / np.float32(RATE)
        audio = np.zeros((2, samples), np.float32)
        touched = brightness * (1 - self.velocity_index + self.velocity_index * 1.3 * note.force)
        for carrier in self.carriers:
            hertz = note.hertz * carrier.ratio + carrier.beat_hz
            angle = radians(phase_of(hertz, samples))
            for modulator in carrier.modulators:
                modulating_hz = note.hertz * modulator.ratio
                most = max((_HIGHEST_HZ - hertz) / modulating_hz - 1, 0.0)
                index = min(modulator.index * touched, most)
                level = modulator.sustain + (1 - modulator.sustain) * np.exp(-time / modulator.decay)
                angle += index * level.astype(np.float32) * np.sin(radians(phase_of(modulating_hz, samples)))
            wave = np.float32(carrier.level) * np.sin(angle)
            turn = np.pi / 4 * (1 + carrier.pan)
            audio[0] += np.float32(np.sqrt(2) * np.cos(turn)) * wave
            audio[1] += np.float32(np.sqrt(2) * np.sin(turn)) * wave
        return faded(audio * (self.amplifier.curve(note.seconds, samples) * np.float32(note.loudness)))
