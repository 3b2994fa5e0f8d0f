"""Notes from what the network hears: for each key the likeliest sequence of silence, attack and sound.

A hidden Markov model of three states in place of the thresholds of Onsets and Frames (Hawthorne et al.,
ISMIR 2018): a note begins with an attack alone, and sounds for as long as that explains most.

Letters: K keys, T frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.listening.config import LOWEST_PITCH

Floats = NDArray[np.float32]

# Log odds of a change: silence to attack, sound to silence, sound to another attack.
_BEGIN, _END, _AGAIN = -0.5, -1.0, -0.5
_LEAST_SECONDS = 0.03
_SILENT, _ATTACK, _SOUND = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardNote:
    """A note; MIDI pitch and velocity, times in seconds."""

    onset_seconds: float
    end_seconds: float
    pitch: int
    velocity: int


def decode_notes(
    onset: Floats, sustain: Floats, velocity: Floats, frames_per_second: float
) -> tuple[HeardNote, ...]:
    """The notes by onset. All arguments are logits (K, T)."""
    states = _likeliest(onset.astype(np.float64), sustain.astype(np.float64))
    notes = []
    padded = np.pad(states, ((0, 0), (0, 1)))
    for key, first in zip(*np.nonzero(padded == _ATTACK), strict=True):
        after = padded[key, first + 1 :]
        length = 1 + int(np.argmax(after != _SOUND))
        if length / frames_per_second < _LEAST_SECONDS:
            continue
        loudness = 1 / (1 + np.exp(-float(velocity[key, first])))
        notes.append(
            HeardNote(
                onset_seconds=float(first) / frames_per_second,
                end_seconds=float(first + length) / frames_per_second,
                pitch=LOWEST_PITCH + int(key),
                velocity=int(np.clip(round(127 * loudness), 1, 127)),
            )
        )
    return tuple(sorted(notes, key=lambda note: (note.onset_seconds, note.pitch)))


def _likeliest(onset: NDArray[np.float64], sustain: NDArray[np.float64]) -> NDArray[np.int8]:
    """The states (K, T), with scores relative to silence."""
    K, T = onset.shape
    silent, attack, sound = np.zeros(K), np.full(K, -np.inf), np.full(K, -np.inf)
    from_silent, from_attack, from_sound = (np.empty((T, K), np.int8) for _ in range(3))
    for frame in range(T):
        begun, held = onset[:, frame], sustain[:, frame]
        ended = np.maximum(attack, sound) + _END
        to_silent = np.maximum(silent, ended)
        from_silent[frame] = np.where(silent >= ended, _SILENT, np.where(attack > sound, _ATTACK, _SOUND))
        fresh, again = silent + _BEGIN, sound + _AGAIN
        from_attack[frame] = np.where(fresh >= again, _SILENT, _SOUND)
        from_sound[frame] = np.where(attack >= sound, _ATTACK, _SOUND)
        silent, attack, sound = (
            to_silent,
            np.maximum(fresh, again) + begun + held,
            np.maximum(attack, sound) + held,
        )
    states = np.empty((K, T), np.int8)
    now = np.stack([silent, attack, sound]).argmax(axis=0).astype(np.int8)
    origins = np.stack([from_silent, from_attack, from_sound])
    keys = np.arange(K)
    for frame in range(T - 1, -1, -1):
        states[:, frame] = now
        now = origins[now, frame, keys]
    return states
