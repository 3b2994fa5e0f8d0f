"""A subtractive synthesizer: detuned oscillators, a resonant low-pass with an envelope, an amplifier, drive.

As in analogue polyphonic synthesizers, and their "supersaw" (Szabo, 2010). Letters: L samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from msanii.data.instruments.envelopes import Envelope
from msanii.data.instruments.filters import HOP_SAMPLES, Slope, moving_lowpass
from msanii.data.instruments.oscillators import Phase, Wave, oscillator, phase_of
from msanii.data.instruments.playing import RATE, Audio, PlayedNote, faded, summed

_HIGHEST_CUTOFF_HZ = 18_000.0
_NO_ENVELOPE = Envelope()


@dataclass(frozen=True, slots=True)
class Layer:
    """`voices` oscillators spread over +-`detune_cents`; `octave` is counted from the note's pitch."""

    wave: Wave
    level: float = 1.0
    octave: int = 0
    voices: int = 1
    detune_cents: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtractive:
    """A patch. Cutoffs are in Hz at C4 and follow the pitch by `key_follow`; amounts are in octaves.

    `width` spreads the oscillators of a layer from left to right, 0 to 1. `drop_octaves` is how far above the
    note its pitch begins, falling with `drop_seconds`. `sweep_octaves` and `sweep_hz` move the cutoff of all
    notes together. A paraphonic patch has one filter for all notes, without an envelope, as string machines.
    """

    layers: tuple[Layer, ...]
    amplifier: Envelope
    cutoff_hz: float = _HIGHEST_CUTOFF_HZ
    resonance: float = 0.0
    slope: Slope = "ladder"
    filter_envelope: Envelope = _NO_ENVELOPE
    envelope_octaves: float = 0.0
    velocity_octaves: float = 0.0
    key_follow: float = 0.5
    sweep_octaves: float = 0.0
    sweep_hz: float = 0.0
    drive: float = 0.0
    width: float = 0.0
    drop_octaves: float = 0.0
    drop_seconds: float = 0.01
    is_paraphonic: bool = False

    def play(self, notes: Sequence[PlayedNote], samples: int, random: np.random.Generator) -> Audio:
        """Play notes, (2, L), with the knobs a little elsewhere in each take."""
        patch = self._turned(random)
        audio = summed(notes, samples, lambda note: patch._note(note, random))
        return moving_lowpass(audio, patch._swept(samples), patch.resonance) if self.is_paraphonic else audio

    def _turned(self, random: np.random.Generator) -> Subtractive:
        def about(spread: float) -> float:
            return float(2 ** (spread * np.clip(random.standard_normal(), -2, 2)))

        shaped = replace(self.filter_envelope, decay=self.filter_envelope.decay * about(0.3))
        return replace(
            self,
            cutoff_hz=self.cutoff_hz * about(0.25),
            resonance=min(self.resonance * about(0.15), 1.0),
            envelope_octaves=self.envelope_octaves * about(0.15),
            sweep_hz=self.sweep_hz * about(0.4),
            filter_envelope=shaped,
        )

    def _note(self, note: PlayedNote, random: np.random.Generator) -> Audio:
        samples = self.amplifier.samples(note.seconds)
        is_stereo = self.width > 0
        audio = np.zeros((2, samples) if is_stereo else samples, np.float32)
        for layer in self.layers:
            self._add_layer(audio, layer, note, random)
        if self.cutoff_hz < _HIGHEST_CUTOFF_HZ and not self.is_paraphonic:
            audio = moving_lowpass(audio, self._cutoff(note, samples), self.resonance, self.slope)
        if self.drive > 0:
            amount = 1 + self.drive * note.force
            audio = np.tanh(audio * np.float32(amount)) / np.float32(amount**0.6)
        return faded(audio * (self.amplifier.curve(note.seconds, samples) * np.float32(note.loudness)))

    def _add_layer(self, audio: Audio, layer: Layer, note: PlayedNote, random: np.random.Generator) -> None:
        samples = audio.shape[-1]
        places = np.linspace(-1, 1, layer.voices) if layer.voices > 1 else np.zeros(1)
        level = layer.level / np.sqrt(layer.voices)
        for place in places:
            hertz = note.hertz * 2 ** (layer.octave + layer.detune_cents * place / 1200)
            start = 0.0 if layer.voices == 1 else float(random.random())
            wave = oscillator(layer.wave, hertz, self._phase(hertz, samples, start))
            if audio.ndim == 1:
                audio += np.float32(level) * wave
                continue
            # A wide chord of oscillators alternates sides, so that both have high and low ones.
            side = self.width * abs(place) * (1 if round(place * 2 * layer.voices) % 4 < 2 else -1)
            angle = np.pi / 4 * (1 + side)
            audio[0] += np.float32(level * np.sqrt(2) * np.cos(angle)) * wave
            audio[1] += np.float32(level * np.sqrt(2) * np.sin(angle)) * wave

    def _phase(self, hertz: float, samples: int, start: float) -> Phase:
        if not self.drop_octaves:
            return phase_of(hertz, samples, start)
        above = self.drop_octaves * np.exp(-np.arange(samples) / (self.drop_seconds * RATE))
        return phase_of(hertz * 2**above, samples, start)

    def _cutoff(self, note: PlayedNote, samples: int) -> Audio:
        octaves = self.key_follow * (note.pitch - 60) / 12 + self.velocity_octaves * (note.force - 0.75)
        curve = self.filter_envelope.curve(note.seconds, samples + HOP_SAMPLES, step=HOP_SAMPLES)
        moved = octaves + self.envelope_octaves * curve
        if self.sweep_octaves:
            first = round(note.onset * RATE / HOP_SAMPLES)
            moved += np.log2(self._swept(samples + HOP_SAMPLES, first)[: len(curve)] / self.cutoff_hz)
        return (self.cutoff_hz * 2**moved).astype(np.float32)

    def _swept(self, samples: int, first: int = 0) -> Audio:
        """The swept cutoff at every `HOP_SAMPLES`, from frame `first` of the take on."""
        seconds = (first + np.arange(samples // HOP_SAMPLES + 1)) * HOP_SAMPLES / RATE
        octaves = self.sweep_octaves * np.sin(2 * np.pi * self.sweep_hz * seconds)
        return (self.cutoff_hz * 2**octaves).astype(np.float32)
