"""Electromechanical keyboards: struck tines and reeds before pickups, plucked clavinet strings, tonewheels.

Letters: L samples. Sources: Pfeifle, "Real-time physical model of a Wurlitzer and a Rhodes electric piano"
(DAFx 2017), for the pickups; Bilbao and Rath, "Time domain emulation of the Clavinet" (AES 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.data.instruments.envelopes import Envelope, decay
from msanii.data.instruments.filters import bandpass, highpass, lowpass
from msanii.data.instruments.oscillators import phase_of, sine
from msanii.data.instruments.playing import RATE, Audio, PlayedNote, faded, summed

_HIGHEST_HZ = 17_000.0
_BAR_MODE = 6.27  # a clamped bar's second mode, as a multiple of its first


@dataclass(frozen=True, slots=True, kw_only=True)
class StruckBar:
    """A tine or a reed. `tremolo_hz` is drawn for about half of the takes.

    `offset` is where the pickup stands, in its own widths beside the bar's rest: off the middle it adds even
    harmonics. `swing` is how far a stroke at full velocity carries the bar. A magnetic pickup hears the bar's
    motion, an electrostatic one (`is_electrostatic`) its place.
    """

    ring_seconds: float
    offset: float
    swing: float
    mode_level: float
    mode_seconds: float
    release_seconds: float = 0.06
    is_electrostatic: bool = False
    tremolo_hz: tuple[float, float] = (4.5, 6.5)
    is_panned: bool = False

    def play(self, notes: Sequence[PlayedNote], samples: int, random: np.random.Generator) -> Audio:
        """Play notes, (2, L)."""
        offset = self.offset * float(random.uniform(0.85, 1.15))
        mix = summed(notes, samples, lambda note: self._note(note, offset))
        if random.random() < 0.5:
            depth = float(random.uniform(0.2, 0.6))
            moved = depth * sine(phase_of(float(random.uniform(*self.tremolo_hz)), samples))
            mix *= np.stack([1 + moved, 1 - moved if self.is_panned else 1 + moved])
        return highpass(mix, 25.0)

    def _note(self, note: PlayedNote, offset: float) -> Audio:
        # Higher bars ring for a shorter time.
        ring = self.ring_seconds * 2 ** ((60 - note.pitch) / 18)
        held = Envelope(attack=0.0015, decay=ring, sustain=0.0, release=self.release_seconds)
        samples = held.samples(note.seconds)
        carried = self.swing * (0.15 + 0.85 * note.force**1.3)
        envelope = held.curve(note.seconds, samples)
        place = carried * envelope * sine(phase_of(note.hertz, samples))
        if self.is_electrostatic:
            near = np.clip(place + np.float32(offset), -0.95, 0.95)
            heard = (1 / (1 - near) - np.float32(1 / (1 - offset))) * np.float32((1 - offset) ** 2)
        else:
            flux = 1 / (1 + (place - np.float32(offset)) ** 2)
            heard = np.gradient(flux).astype(np.float32) * np.float32(RATE / (2 * np.pi * note.hertz))
        if (mode_hz := _BAR_MODE * note.hertz) < _HIGHEST_HZ:
            level = np.float32(self.mode_level * carried * note.force)
            # No sooner than the bar itself: a stroke that begins at full level would click.
            struck = decay(samples, self.mode_seconds) * np.minimum(envelope * 4, 1)
            heard = heard + level * struck * sine(phase_of(mode_hz, samples))
        # The hammer's push leaves the bar off its rest for a while.
        return faded(highpass(heard.astype(np.float32), 0.5 * note.hertz) * np.float32(note.loudness**0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class PluckedString:
    """A clavinet's string as a sum of its modes; the damper stops it at once.

    `struck_at` and `heard_at` are shares of its length: modes with a node there are missing.
    """

    ring_seconds: float = 1.6
    struck_at: float = 0.13
    heard_at: tuple[float, float] = (0.09, 0.22)
    inharmonicity: float = 2e-5
    modes: int = 36
    release_seconds: float = 0.012

    def play(self, notes: Sequence[PlayedNote], samples: int, random: np.random.Generator) -> Audio:
        """Play notes, (2, L), with the pickup elsewhere in each take."""
        heard_at = float(random.uniform(*self.heard_at))
        return summed(notes, samples, lambda note: self._note(note, heard_at, random))

    def _note(self, note: PlayedNote, heard_at: float, random: np.random.Generator) -> Audio:
        ring = self.ring_seconds * 2 ** ((60 - note.pitch) / 24)
        held = Envelope(attack=0.0008, decay=ring, sustain=0.0, release=self.release_seconds)
        samples = held.samples(note.seconds)
        audio = np.zeros(samples, np.float32)
        for mode in range(1, self.modes + 1):
            hertz = note.hertz * mode * np.sqrt((1 + self.inharmonicity * mode**2) / (1 + self.inharmonicity))
            if hertz > _HIGHEST_HZ:
                break
            # A soft touch is darker.
            level = np.sin(np.pi * mode * self.struck_at) * np.sin(np.pi * mode * heard_at)
            level *= mode ** (-0.35 - 0.9 * (1 - note.force))
            mode_ring = ring / (1 + 0.02 * mode**2) + 0.02
            length = min(samples, round(6.9 * mode_ring * RATE))
            audio[:length] += np.float32(level) * decay(length, mode_ring) * sine(phase_of(hertz, length))
        audio *= held.curve(note.seconds, samples)
        length = min(samples, round(0.012 * RATE))
        click = random.standard_normal(length).astype(np.float32) * decay(length, 0.002)
        audio[:length] += np.float32(0.35 * note.force) * bandpass(click, 1200, 5000)
        return faded(audio * np.float32(note.loudness**0.7))


_DRAWBAR_RATIOS = (0.5, 1.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_REGISTRATIONS = ("888000000", "888600000", "808000004", "868808000", "800000888", "888888888", "668800000")
_HIGHEST_TONEWHEEL_HZ, _LOWEST_TONEWHEEL_HZ = 5920.0, 32.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonewheels:
    """A drawbar organ through a rotating speaker; one registration for each take, levels 3 dB a step."""

    release_seconds: float = 0.008

    def play(self, notes: Sequence[PlayedNote], samples: int, random: np.random.Generator) -> Audio:
        """Play notes, (2, L)."""
        registration = str(random.choice(_REGISTRATIONS))
        levels = np.array(
            [10 ** (3 * (int(digit) - 8) / 20) if digit != "0" else 0.0 for digit in registration]
        )
        levels /= np.sqrt(np.sum(levels**2))
        has_percussion = registration.startswith("888") and random.random() < 0.5
        keyed = summed(notes, samples, lambda note: self._note(note, levels, has_percussion, random))
        return _rotated(keyed[0], float(random.choice((0.8, 6.7))), random)

    def _note(
        self, note: PlayedNote, levels: NDArray[np.float64], has_percussion: bool, random: np.random.Generator
    ) -> Audio:
        held = Envelope(attack=0.001, decay=1.0, sustain=1.0, release=self.release_seconds)
        samples = held.samples(note.seconds)
        audio = np.zeros(samples, np.float32)
        for ratio, level in zip(_DRAWBAR_RATIOS, levels.tolist(), strict=True):
            hertz = note.hertz * ratio
            # The organ has no wheels beyond: it folds back by octaves.
            while hertz > _HIGHEST_TONEWHEEL_HZ:
                hertz /= 2
            while hertz < _LOWEST_TONEWHEEL_HZ:
                hertz *= 2
            if level:
                # Wheels turn all the time, so that their phases are anything when a key goes down.
                audio += np.float32(level) * sine(phase_of(hertz, samples, float(random.random())))
        if has_percussion:
            audio += np.float32(0.6) * decay(samples, 0.18) * sine(phase_of(3 * note.hertz, samples))
        length = min(samples, round(0.008 * RATE))
        click = random.standard_normal(length).astype(np.float32) * decay(length, 0.0015)
        audio[:length] += np.float32(0.15) * lowpass(click, 6000)
        # An organ knows no velocity; the player's foot does, and moves little.
        return faded(audio * (held.curve(note.seconds, samples) * np.float32(note.loudness**0.4)))


def _rotated(audio: Audio, hertz: float, random: np.random.Generator) -> Audio:
    """A horn above 800 Hz and a slower drum below it, each heard from two sides: (L,) -> (2, L)."""
    low = lowpass(audio, 800.0)
    high = audio - low
    start = float(random.random())
    sides = []
    for side in (0.0, 0.25):
        horn = sine(phase_of(hertz, audio.shape[-1], start + side))
        drum = sine(phase_of(hertz * 0.85, audio.shape[-1], start - side))
        # 0.25 ms of path is 9 cm to and fro; its Doppler shift is up to 18 cents at 6.7 Hz.
        late = np.arange(audio.shape[-1]) - (1 + horn) * (0.00012 * RATE)
        moved = np.interp(late, np.arange(audio.shape[-1]), high).astype(np.float32)
        sides.append(low * (1 + np.float32(0.12) * drum) + moved * (1 + np.float32(0.35) * horn))
    return np.stack(sides)
