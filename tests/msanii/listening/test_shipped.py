"""The listener that ships, on electronic loops of which it has learned neither sounds nor music."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.listening.heard import Heard
from msanii.listening.listener import Listener
from msanii.signal.audio_files import Clip
from tests.msanii.listening.electronic_loops import LOOPS, RATE, electronic_loop
from tests.msanii.listening.figure_clips import loop_truth
from tests.msanii.listening.measure import chord_score, chord_spans

_LOOPS = range(0, len(LOOPS), 2)


@pytest.fixture(scope="module")
def heard() -> dict[int, Heard]:
    listener = Listener.load()
    return {number: listener.listen(Clip(electronic_loop(number).audio[None], RATE)) for number in _LOOPS}


def test_most_chords_are_heard(heard: dict[int, Heard]) -> None:
    truths = {number: loop_truth(electronic_loop(number)) for number in heard}
    scores = [chord_score(truths[number], chord_spans(found))["chords"] for number, found in heard.items()]
    assert np.mean(scores) > 0.85, scores


def test_a_tempo_that_is_told_is_right(heard: dict[int, Heard]) -> None:
    told = {number: found.bpm for number, found in heard.items() if found.bpm is not None}
    assert told
    assert all(abs(bpm / LOOPS[number][0] - 1) < 0.04 for number, bpm in told.items()), told


def test_of_noise_no_tempo_is_told_as_certain() -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, (1, 10 * RATE)).astype(np.float32)
    found = Listener.load().listen(Clip(noise, RATE))
    assert found.bpm is None or found.confidence < 0.5
