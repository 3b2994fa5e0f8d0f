"""Ten electronic loops that no sound font and no instrument of ours plays, with what is in them.

Saws, a sine bass, a kick with a falling pitch, noise hats and claps, and pads that duck under the kick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.music.chords import Chord, parse_chords

RATE = 44_100
SECONDS = 20.0
# bpm, progression (a chord a bar), key, bars before the music begins anew
LOOPS = (
    (124.0, "Am F C G", "A minor"), (128.0, "Fm Db Ab Eb", "F minor"), (174.0, "Em Em C D", "E minor"),
    (140.0, "Gm Eb Bb F", "G minor"), (100.0, "C Am F G", "C major"), (87.0, "Dm7 G7 Cmaj7 Cmaj7", "C major"),
    (120.0, "Bm G D A", "B minor"), (132.0, "C#m A E B", "C# minor"), (110.0, "Eb Cm Ab Bb", "Eb major"),
    (95.5, "F#m D A E", "F# minor"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Loop:
    """Audio (L,) at RATE and its truth: seconds of beats, first of them a downbeat, chords, and key."""

    audio: NDArray[np.float32]
    bpm: float
    beats: NDArray[np.float64]
    chords: tuple[tuple[float, float, Chord], ...]
    key: str


def electronic_loop(number: int) -> Loop:
    """Loop `number` of LOOPS."""
    bpm, progression, key = LOOPS[number]
    random = np.random.default_rng(number)
    beat = 60 / bpm
    spans = parse_chords(progression)
    bars = int(SECONDS / (4 * beat)) + 1
    chords = [(bar * 4 * beat, (bar + 1) * 4 * beat, spans[bar % len(spans)].chord) for bar in range(bars)]
    samples = round(SECONDS * RATE)
    beats = np.arange(int(SECONDS / beat) + 1, dtype=np.float64) * beat
    duck = np.interp(np.arange(samples) / RATE % beat, [0, 0.02, 0.6 * beat, beat], [1, 0.15, 1, 1])
    pads = np.zeros(samples)
    for start, end, chord in chords:
        _add(pads, start, _pad(chord, end - start, random))
        for step in range(8):
            if step % 2:
                _add(pads, start + step * beat / 2, _bass(chord, beat / 2))
    drums = np.zeros(samples)
    for place, at in enumerate(beats):
        _add(drums, at, _kick())
        _add(drums, at + beat / 2, 0.25 * _noise(0.05, random))
        if place % 2:
            _add(drums, at, 0.5 * _noise(0.16, random))
    audio = pads * duck + drums
    inside: NDArray[np.float64] = beats[beats < SECONDS]
    cut = tuple((start, min(end, SECONDS), chord) for start, end, chord in chords if start < SECONDS)
    return Loop((0.7 * audio / np.abs(audio).max()).astype(np.float32), bpm, inside, cut, key)


def _add(track: NDArray[np.float64], start: float, sound: NDArray[np.float64]) -> None:
    first = round(start * RATE)
    length = min(len(sound), len(track) - first)
    if length > 0:
        track[first : first + length] += sound[:length]


def _pad(chord: Chord, seconds: float, random: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(round(seconds * RATE)) / RATE
    made = np.zeros(len(time))
    for tone in sorted(chord.tones):
        hertz = 440 * 2 ** ((60 + (tone - 60) % 12 - 69) / 12)
        for cents in (-9, 0, 8):
            turns = time * hertz * 2 ** (cents / 1200) + random.random()
            # A saw of as many harmonics as stay below 8 kHz, which fall as through a filter.
            for harmonic in range(1, int(8000 / hertz)):
                made += np.sin(2 * np.pi * harmonic * turns) / harmonic / (1 + harmonic / 8)
    return made * np.minimum(1, np.minimum(time, seconds - time) / 0.02) * 0.1


def _bass(chord: Chord, seconds: float) -> NDArray[np.float64]:
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 36 + ((chord.bass or 0) - 36) % 12
    tone = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time)
    return np.tanh(1.5 * tone) * np.minimum(1, np.minimum(time, seconds - time) / 0.005) * 0.5


def _kick() -> NDArray[np.float64]:
    time = np.arange(round(0.25 * RATE)) / RATE
    hertz = 48 + 140 * np.exp(-time / 0.03)
    return np.sin(2 * np.pi * np.cumsum(hertz) / RATE) * np.exp(-time / 0.09)


def _noise(seconds: float, random: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.diff(random.standard_normal(len(time) + 1)) * np.exp(-time / (seconds / 4))
