"""Sounds whose every sample tells its place, and a mixer to play them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.deck import Deck
from bridge.audio_child.decks.endless import Bars, padded_bar
from bridge.audio_child.decks.varispeed import MARGIN
from bridge.audio_child.decks.voices import LoadedTake
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.reports import BarReport

Audio = NDArray[np.float32]

RATE = 48_000
BAR = 2 * RATE  # at 120 bpm
SEAM = 480  # samples over which a deck goes from one sound to another


def noise(frames: int, seed: int = 0, level: float = 0.2) -> Audio:
    """(frames, 2), never zero."""
    drawn = np.random.default_rng(seed).uniform(0.1 * level, level, (frames, 2))
    return drawn.astype(np.float32)


def held(
    audio: Audio, bpm: float | None = None, beats: float | None = None, name: str = "take"
) -> LoadedTake:
    """A take as the loader would hand it over."""
    around = np.take(audio, range(-MARGIN, len(audio) + MARGIN), axis=0, mode="wrap")
    return LoadedTake(Path(f"{name}.wav"), around, bpm, beats)


def loop(
    bpm: float, bars: float = 1, seed: int = 0, rate: int = RATE, level: float = 0.2
) -> tuple[Audio, LoadedTake]:
    """A loop of whole bars in 4/4, exactly in tempo."""
    audio = noise(round(bars * 4 * rate * 60 / bpm), seed, level)
    return audio, held(audio, bpm, bars * 4)


def endless_bars(deck: Deck) -> Bars:
    """The bars, in 4/4, of a deck that is endless from now on."""
    bars = Bars(4.0)
    deck.hold(bars)
    return bars


def endless_mixer(bars: int, bpm: float = 120.0) -> tuple[Mixer, list[Audio]]:
    """A deck with bars for 120 bpm ready, and the bars; `bpm` is the mixer's tempo.

    The sample of a bar tells which it is, and its place; what the deck says goes to the mixer's reports.
    """
    mixer = Mixer(RATE, 1)
    mixer.set_tempo(bpm)
    audio = [noise(BAR, bar) for bar in range(bars)]
    known = endless_bars(mixer.decks[1])
    for bar in range(bars):
        known.put(bar, padded_bar(audio[bar]))
    mixer.launch(mixer.decks[1])
    return mixer, audio


def begun(mixer: Mixer) -> list[int]:
    """The bars whose lines have been played, in order."""
    return [report.bar for report in mixer.reports if isinstance(report, BarReport)]


def render(mixer: Mixer, frames: int, block: int = 512) -> Audio:
    """What leaves the mixer in these frames, rendered in blocks."""
    parts = [mixer.render(block) for _ in range(-(-frames // block))]
    return np.concatenate(parts)[:frames]


def aligned(mixer: Mixer, frames: int, block: int = 512) -> Audio:
    """As `render`, sample n being frame n of the mix: the delay's worth more is rendered."""
    return render(mixer, frames + mixer.delay, block)[mixer.delay :]
