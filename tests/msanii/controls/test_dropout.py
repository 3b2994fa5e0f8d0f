"""Dropout of controls: shares, values and stretches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from msanii.config import DEFAULT_CONTROLS
from msanii.controls.dropout import CONTEXT_SHARES, SHOWN, ControlDropout, draw_kept
from msanii.errors import DataError
from msanii.music.score import Feel

NAMES = sorted(SHOWN)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_each_group_is_shown_as_often_as_asked() -> None:
    draws = generator()
    chosen = [ControlDropout().choose(NAMES, draws) for _ in range(3000)]
    assert np.mean([not names for names in chosen]) == pytest.approx(0.1, abs=0.03)
    for name in NAMES:
        assert np.mean([name in names for names in chosen]) == pytest.approx(0.9 * SHOWN[name], abs=0.03)


def test_groups_are_shown_in_every_combination() -> None:
    draws = generator()
    seen = {ControlDropout().choose(["chords", "notes", "sound"], draws) for _ in range(400)}
    assert len(seen) == 8


def test_a_group_may_be_shown_in_one_stretch_only() -> None:
    controls = torch.ones(sum(group.width + 1 for group in DEFAULT_CONTROLS), 100)
    cut = ControlDropout(partly=1.0).cut(controls, DEFAULT_CONTROLS, generator(3))
    first = 0
    for group in DEFAULT_CONTROLS:
        rows = cut[first : first + group.width + 1]
        assert torch.equal(rows, rows[:1].expand_as(rows)), "a group's rows and flag go together"
        assert (rows[0].diff().abs().sum() <= 2).item()
        first += group.width + 1
    assert torch.equal(ControlDropout(partly=0.0).cut(controls, DEFAULT_CONTROLS, generator()), controls)


def test_values_of_a_feel_are_dropped_independently() -> None:
    whole = Feel(swing=0.6, density=2.0, register=60.0, dynamics=80.0)
    draws = generator()
    seen = {frozenset(ControlDropout().thin(whole, draws).asked()) for _ in range(300)}
    assert len(seen) == 16


def test_kinds_of_context_have_their_shares() -> None:
    draws = generator()
    kept = torch.stack([draw_kept(500, draws) for _ in range(3000)])
    nothing = (kept == 0).all(1).float().mean().item()
    everything = (kept == 1).all(1).float().mean().item()
    assert nothing == pytest.approx(1 - sum(CONTEXT_SHARES.values()), abs=0.04)
    assert everything == pytest.approx(CONTEXT_SHARES["all"], abs=0.02)
    some = kept[(kept.sum(1) > 0) & (kept.sum(1) < 500)]
    before = (some[:, 0] == 1) & (some[:, -1] == 0) & (some.diff(dim=1).abs().sum(1) == 1)
    after = (some[:, 0] == 0) & (some[:, -1] == 1) & (some.diff(dim=1).abs().sum(1) == 1)
    assert before.float().mean() > 0.35
    assert after.float().mean() > 0.08
    assert (some.diff(dim=1).abs().sum(1) > 3).any(), "several gaps in one clip"


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_impossible_shares_are_refused(share: float) -> None:
    with pytest.raises(DataError, match=r"expected a share from 0 to 1"):
        ControlDropout(nothing=share)
    with pytest.raises(DataError, match="chords is"):
        ControlDropout(shown={"chords": share})
