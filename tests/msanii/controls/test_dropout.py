"""Dropout of controls: shares, values and stretches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from msanii.config import DEFAULT_CONTROLS, ControlGroup
from msanii.controls.dropout import CONTEXT_SHARES, MOSTLY_NOTES, SHOWN, ControlDropout, draw_kept
from msanii.controls.note_errors import TIMING_SECONDS, with_errors
from msanii.errors import DataError
from msanii.music.score import Feel

NAMES = sorted(SHOWN)
WITH_VELOCITY = (*DEFAULT_CONTROLS, ControlGroup(name="velocity", width=88))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_each_group_is_shown_as_often_as_asked() -> None:
    draws = generator()
    chosen = [ControlDropout().choose(NAMES, draws) for _ in range(3000)]
    assert np.mean([not names for names in chosen]) == pytest.approx(0.1, abs=0.03)
    for name in NAMES:
        share = 0.9 * SHOWN[name] * (SHOWN["notes"] if name == "velocity" else 1)
        assert np.mean([name in names for names in chosen]) == pytest.approx(share, abs=0.03)


def test_a_model_that_plays_notes_is_shown_them_in_85_percent_of_clips() -> None:
    draws = generator()
    chosen = [MOSTLY_NOTES.choose(NAMES, draws) for _ in range(3000)]
    with_notes = [names for names in chosen if "notes" in names]
    assert len(with_notes) / 3000 == pytest.approx(0.85, abs=0.02)
    assert np.mean(["velocity" in names for names in with_notes]) == pytest.approx(0.7, abs=0.03)
    without = [names for names in chosen if "notes" not in names]
    assert not any("velocity" in names for names in without)
    assert np.mean([{"chords", "beat"} <= names for names in without]) > 0.25, "for compose off"


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


def test_velocities_are_shown_where_notes_are() -> None:
    controls = torch.ones(sum(group.width + 1 for group in WITH_VELOCITY), 100)
    for seed in range(30):
        cut = ControlDropout(partly=0.5).cut(controls, WITH_VELOCITY, generator(seed))
        # The flags of notes, after chords and beat, and of velocities, the last row.
        assert bool((cut[-1] <= cut[37 + 16 + 176]).all())


def test_shown_notes_have_small_errors() -> None:
    times = np.arange(5000.0)
    pitches = 40 + times % 7
    notes = np.stack([times, times + 0.5, pitches, np.full(5000, 80.0)], axis=1)
    shown = with_errors(notes, generator())
    nearest = np.round(shown[:, 0])
    played = shown[:, 2] == 40 + nearest % 7
    moved = (shown[:, 0] - nearest)[played & (shown[:, 0] != nearest)]
    assert moved.std() == pytest.approx(TIMING_SECONDS, rel=0.1)
    np.testing.assert_allclose(shown[:, 1] - shown[:, 0], 0.5)
    added = shown[shown[:, 0] == nearest]
    assert len(added) / 5000 == pytest.approx(0.02, abs=0.008)
    assert (len(shown) - len(added)) / 5000 == pytest.approx(0.95, abs=0.01)
    assert set(shown[:, 2]) == set(pitches), "a drum that is added is one that the clip has"
    assert len(with_errors(notes[:0], generator())) == 0


def test_only_some_clips_have_errors() -> None:
    notes = np.array([[0.0, 1.0, 60.0, 80.0]])
    draws = generator()
    shown = [MOSTLY_NOTES.err(notes, draws) for _ in range(600)]
    assert np.mean([one is notes for one in shown]) == pytest.approx(1 - MOSTLY_NOTES.errors, abs=0.05)
    before = draws.get_state()
    assert ControlDropout().err(notes, draws) is notes
    assert torch.equal(draws.get_state(), before), "older settings draw what they drew"


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
