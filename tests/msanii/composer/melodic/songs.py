"""Songs on the grid and a small network with random weights, for the composer's tests."""

from __future__ import annotations

import numpy as np
import torch

from msanii.composer.melodic.config import WRITTEN_PARTS, ComposerConfig
from msanii.composer.melodic.form import Forms, forms_of
from msanii.composer.melodic.grid import MOST_QUARTERS
from msanii.composer.melodic.grid_song import GridSong
from msanii.composer.melodic.inference import Reader
from msanii.composer.melodic.network import ComposerNetwork

TINY = ComposerConfig(width=32, layers=2, heads=2, hidden=64)


def tiny_network(seed: int = 0) -> ComposerNetwork:
    """An untrained network; its weights are large, so that its choices differ."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ComposerNetwork(TINY)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.2 * torch.randn(parameter.shape))
    return network.eval()


def tiny_reader(seed: int = 0) -> Reader:
    """The same network, to compose with."""
    weights = {name: values.numpy() for name, values in tiny_network(seed).state_dict().items()}
    return Reader(TINY, weights, tiny_forms())


def tiny_forms() -> dict[str, Forms]:
    """The forms of a song, by part."""
    return {part: forms_of([grid_song()], part) for part in WRITTEN_PARTS}


def grid_song(number: int = 1, bars: int = 16, bar_beats: float = 4.0) -> GridSong:
    """C and G major by turns; broken chords in the piano, a melody that comes again after two bars."""
    random = np.random.default_rng(number)
    keys, lead = [], []
    for bar in range(bars):
        root = 60 if bar % 2 == 0 else 55
        for quarter in range(int(bar_beats)):
            pitch = root + (0, 4, 7, 12)[quarter % 4]
            keys.append((bar, 6 * quarter, pitch, 6, 5))
            lead.append(
                (bar, 6 * quarter, 72 + (0, 2, 4, 5)[(quarter + bar % 2) % 4], 5, int(random.integers(4, 8)))
            )
    chords = np.full((bars * MOST_QUARTERS, 14), -1)
    for bar in range(bars):
        root = 0 if bar % 2 == 0 else 7
        rows = slice(bar * MOST_QUARTERS, bar * MOST_QUARTERS + int(bar_beats))
        chords[rows, :2] = root
        chords[rows, 2:] = [(tone - root) % 12 in (0, 4, 7) for tone in range(12)]
    return GridSong(
        number=number,
        bars=bars,
        bar_beats=bar_beats,
        unit=1.0,
        bpm=100.0,
        is_plain=True,
        notes={"keys": np.array(keys), "lead": np.array(lead)},
        chords=chords,
    )
