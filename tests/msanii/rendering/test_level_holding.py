"""Levels of what is rendered anew: regions, and what is new beside a source."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from msanii.rendering.level_holding import at_level_of, surrounding_gains


def noise(samples: int, seed: int) -> Tensor:
    return torch.randn(2, samples, generator=torch.Generator().manual_seed(seed))


def level_db(audio: Tensor) -> float:
    return float(10 * audio.square().mean().log10())


def test_each_region_gets_the_level_that_it_had() -> None:
    old = noise(4_000, 1) * torch.cat((torch.ones(2_000), torch.full((2_000,), 0.5)))
    made = torch.stack((noise(4_000, 2) * 0.7, noise(4_000, 3)))
    levelled = at_level_of(made, old, [(0, 1_000), (2_500, 3_000)])
    for one in levelled:
        for region in (slice(0, 1_000), slice(2_500, 3_000)):
            assert level_db(one[:, region]) == pytest.approx(level_db(old[:, region]), abs=0.01)
    assert torch.equal(levelled[..., 1_000:2_500], made[..., 1_000:2_500])


def test_the_change_is_twelve_decibels_at_most_and_silence_stays() -> None:
    old, made = noise(1_000, 1), noise(1_000, 2)[None] * 0.01
    levelled = at_level_of(made, old, [(0, 1_000)])
    assert level_db(levelled) - level_db(made) == pytest.approx(12.0, abs=0.01)
    assert not at_level_of(made * 0, old, [(0, 1_000)]).any()


def test_around_the_seam_of_a_loop_there_is_one_gain_for_the_tail_too() -> None:
    old = noise(4_000, 1) * torch.linspace(0.5, 1.0, 4_000)
    made = noise(5_000, 2)[None]
    levelled = at_level_of(made, old, [(0, 1_000), (3_000, 4_000)], loop=True)
    gains = (levelled / made)[0, 0]
    new = torch.cat((gains[:1_000], gains[3_000:]))
    torch.testing.assert_close(new, new[0].expand_as(new), atol=1e-4, rtol=0)
    assert torch.equal(levelled[..., 1_000:3_000], made[..., 1_000:3_000])
    alone = at_level_of(made, old, [(0, 1_000)], loop=True)
    assert torch.equal(alone[..., 4_000:], made[..., 4_000:])


def test_new_samples_get_the_level_of_the_kept_ones_by_six_decibels_at_most() -> None:
    kept = torch.arange(4_000) < 3_000
    line = noise(4_000, 1) * kept
    made = torch.stack((noise(4_000, 2) * 0.7, noise(4_000, 3) * 0.1, noise(4_000, 4) * 0))
    levelled = made * surrounding_gains(made, line, kept, ~kept)
    assert level_db(levelled[0][:, 3_000:]) == pytest.approx(level_db(line[:, :3_000]), abs=0.01)
    assert level_db(levelled[1]) - level_db(made[1]) == pytest.approx(6.0, abs=0.01)
    assert not levelled[2].any()
    none = torch.zeros_like(kept)
    assert torch.equal(surrounding_gains(made, line, none, ~none), torch.ones(3, 1, 1))
