"""Kits of a drum machine: a stroke for each General MIDI drum from 35 to 81."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from msanii.data.instruments.drum_strokes import Stroke
from msanii.data.instruments.playing import RATE, Audio, PlayedNote, faded

# A hat that is closed, or struck again, stops an open one; so with whistles, guiros, cuicas and triangles.
_CHOKES = ((42, 44, 46), (71, 72), (73, 74), (78, 79), (80, 81))
_CHOKE_OF = {drum: group for group in _CHOKES for drum in group}
_CHOKED_SECONDS = 0.006
_TAKES_OF_A_STROKE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drum:
    """The parts of a drum's sound, and its place: `pan` is -1 (left) to 1."""

    parts: tuple[Stroke, ...]
    level: float = 1.0
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class DrumMachine:
    """A kit: General MIDI key -> drum. Like an analogue one it never plays a noise twice."""

    drums: Mapping[int, Drum]

    def play(self, notes: Sequence[PlayedNote], samples: int, random: np.random.Generator) -> Audio:
        """Play strokes, (2, L). A stroke rings as long as it will, whatever its note's length."""
        mix = np.zeros((2, samples), np.float32)
        made = {
            pitch: [self._stroke(pitch, random) for _ in range(_TAKES_OF_A_STROKE)]
            for pitch in sorted({note.pitch for note in notes if note.pitch in self.drums})
        }
        for place, note in enumerate(notes):
            if note.pitch not in made:
                continue
            start = round(note.onset * RATE)
            end = min(samples, _choked_at(notes, place))
            sound = made[note.pitch][int(random.integers(_TAKES_OF_A_STROKE))][..., : max(end - start, 0)]
            if sound.shape[-1] < made[note.pitch][0].shape[-1]:
                sound = faded(sound.copy())
            mix[:, start : start + sound.shape[-1]] += sound * np.float32(note.loudness)
        return mix

    def _stroke(self, pitch: int, random: np.random.Generator) -> Audio:
        drum = self.drums[pitch]
        parts = [part.struck(random) for part in drum.parts]
        mono = np.zeros(max(len(part) for part in parts), np.float32)
        for part in parts:
            mono[: len(part)] += part
        angle = np.pi / 4 * (1 + drum.pan)
        sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
        return faded(sides * mono * np.float32(drum.level * np.sqrt(2)))


def _choked_at(notes: Sequence[PlayedNote], place: int) -> int:
    """The sample at which a later stroke of the same group stops this one, at most four seconds on."""
    note = notes[place]
    group = _CHOKE_OF.get(note.pitch, ())
    for after in notes[place + 1 :] if group else ():
        if after.pitch in group and after.onset > note.onset + 1e-3:
            return round((after.onset + _CHOKED_SECONDS) * RATE)
        if after.onset > note.onset + 4:
            break
    return round((note.onset + 60) * RATE)
