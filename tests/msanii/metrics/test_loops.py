"""Loop metrics on known seams, tunings and distances."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.metrics.harmony import Audio
from msanii.metrics.loops import (
    log_spectral_distance_db,
    loop_seam,
    spectral_convergence,
    tuning_cents,
)

RATE = 44_100
BAR = 22_050


def bars(count: int, hertz_at_end: float = 440.0) -> Audio:
    """(1, L): an attack at every bar line, decaying; at the very end a tone that does not belong."""
    time = np.arange(BAR) / RATE
    bar = np.sin(2 * np.pi * 440 * time) * np.exp(-4 * time)
    line = np.tile(bar, count)
    line[-4_000:] = np.sin(2 * np.pi * hertz_at_end * np.arange(4_000) / RATE) * line[-4_000:].max()
    return line[None].astype(np.float32)


def test_a_loop_of_equal_bars_has_no_seam() -> None:
    time = np.arange(BAR) / RATE
    loop = np.tile(np.sin(2 * np.pi * 440 * time) * np.exp(-4 * time), 4)[None].astype(np.float32)
    seam = loop_seam(loop, BAR)
    # The bar is 86.13 hops long, so that the frames see each bar line a little otherwise.
    assert seam.step == pytest.approx(1, abs=0.1)
    assert seam.jump < 2


def test_a_click_at_the_end_is_a_seam() -> None:
    loop = bars(4).copy()
    loop[:, -1_500:] = 0.8 * np.random.default_rng(0).standard_normal(1_500)
    seam = loop_seam(loop, BAR)
    assert seam.step > 2
    loop = bars(4)
    loop[:, -1] = 0.9
    assert loop_seam(loop, BAR).jump > 5


def test_a_single_bar_has_no_inner_bar_line() -> None:
    assert np.isnan(loop_seam(bars(1), BAR).step)


@pytest.mark.parametrize("cents", [-30.0, -3.0, 0.0, 3.0, 12.0])
@pytest.mark.parametrize("seconds", [1.4, 8.0])
def test_tuning_is_measured_to_a_cent(cents: float, seconds: float) -> None:
    time = np.arange(round(seconds * RATE)) / RATE
    notes = [220 * 2 ** ((step * 100 + cents) / 1200) for step in (0, 3, 7, 12, 19)]
    audio = sum(np.sin(2 * np.pi * hertz * time) for hertz in notes)
    assert tuning_cents(np.asarray(audio)[None].astype(np.float32), RATE) == pytest.approx(cents, abs=0.5)


def test_distances_are_zero_to_itself_and_known_for_a_louder_copy() -> None:
    audio = np.random.default_rng(1).standard_normal((2, 20_000)).astype(np.float32)
    assert spectral_convergence(audio, audio) == 0
    assert log_spectral_distance_db(audio, audio) == 0
    assert spectral_convergence(audio * 1.5, audio) == pytest.approx(0.5)
    assert log_spectral_distance_db(audio * 2, audio) == pytest.approx(6.02, abs=0.01)
