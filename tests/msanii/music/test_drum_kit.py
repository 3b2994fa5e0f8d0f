"""Drums that stand for others: every drum of every groove ends as one that the training data play."""

from __future__ import annotations

import numpy as np

from msanii.composer.grooves.groove import DRUMS
from msanii.data.part_writing import write_drums
from msanii.music.drum_kit import known_drum
from tests.msanii.data.test_take_plan import song_of

LEARNED = {note.pitch for seed in range(24) for note in write_drums(song_of(16), np.random.default_rng(seed))}


def test_learned_drums_are_played_as_they_are() -> None:
    assert len(LEARNED) == 11
    assert all(known_drum(pitch) == pitch for pitch in LEARNED)


def test_all_drums_of_grooves_are_played() -> None:
    assert {known_drum(pitch) for pitch in DRUMS.values()} == LEARNED


def test_drums_sound_like_what_stands_for_them() -> None:
    nearest = {name: known_drum(pitch) for name, pitch in DRUMS.items()}
    assert nearest["clap"] == DRUMS["snare"]
    assert nearest["shaker"] == nearest["tambourine"] == nearest["pedal hat"] == DRUMS["hat"]
    assert nearest["splash"] == DRUMS["crash"]
    assert nearest["ride bell"] == DRUMS["ride"]
    assert known_drum(35) == DRUMS["kick"]
    # A whistle is like none of them.
    assert known_drum(71) == 71
