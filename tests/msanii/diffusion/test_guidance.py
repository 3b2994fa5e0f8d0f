"""Guidance: scales, groups, projection, and the number of network calls."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from msanii.config import ControlGroup, ScheduleConfig
from msanii.diffusion.denoiser import Predict
from msanii.diffusion.guidance import GroupScale, Projection, branches, group_scales, guided
from msanii.diffusion.schedule import NoiseSchedule
from msanii.errors import ControlError, MsaniiError

GROUPS = (ControlGroup(name="chords", width=2), ControlGroup(name="notes", width=1))
CHORDS, NOTES = (slice(0, 3),), (slice(3, 5),)
SHAPE = (2, 4, 16)


class FakeNetwork:
    """Answers the sum of the rows it is shown at the first frame, 0.5 without controls, and counts."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.shown = 0

    def under(self, controls: Tensor | None) -> Predict:
        self.shown += 1

        def predict(x: Tensor, timestep: Tensor) -> Tensor:
            self.batches.append(x.shape[0])
            assert timestep.shape == (x.shape[0],)
            if controls is None:
                return torch.full_like(x, 0.5)
            return controls[:, :, 0].sum(1)[:, None, None, None].expand_as(x)

        return predict


def predicted(scale: float, *groups: GroupScale) -> tuple[object, list[int]]:
    network = FakeNetwork()
    found = guided(network.under, torch.ones(5, 16), scale, groups)(torch.zeros(2, *SHAPE), 10)
    assert found.shape == (2, *SHAPE)
    assert (found == found[0, 0, 0, 0]).all()
    return float(found[0, 0, 0, 0]), network.batches


@pytest.mark.parametrize(
    ("scale", "value", "batch"), [(2.0, 10.0, 4), (1.0, 5.0, 2), (0.0, 0.0, 2), (0.5, 2.5, 4)]
)
def test_all_branches_run_in_one_call(scale: float, value: float, batch: int) -> None:
    assert predicted(scale) == (value, [batch])


@pytest.mark.parametrize(("scale", "batch"), [(2.0, 6), (1.0, 4), (0.0, 6)])
def test_a_group_follows_its_own_scale(scale: float, batch: int) -> None:
    # The chords' three rows by 4, the notes' two by the scale of the rest.
    assert predicted(scale, GroupScale(CHORDS, 4.0)) == (pytest.approx(12 + 2 * scale), [batch])


def test_groups_of_the_same_scale_cost_nothing() -> None:
    same = (GroupScale(CHORDS, 2.0), GroupScale(NOTES, 2.0))
    assert predicted(2.0, *same) == predicted(2.0)
    assert [branches(2.0, same), branches(1.0, ()), branches(1.0, same), branches(0.0, ())] == [2, 1, 3, 1]


def test_without_controls_the_network_runs_alone() -> None:
    network = FakeNetwork()
    alone = guided(network.under, None, 2.0, (GroupScale(CHORDS, 4.0),))
    assert alone(torch.zeros(1, *SHAPE), 10).eq(0.5).all()
    assert network.batches == [1]


@pytest.mark.parametrize("controls", [None, torch.ones(5, 16)])
def test_controls_are_bound_once_for_all_steps(controls: Tensor | None) -> None:
    network = FakeNetwork()
    denoise = guided(network.under, controls, 2.0, (GroupScale(CHORDS, 4.0),))
    x = torch.zeros(2, *SHAPE)
    assert torch.equal(denoise(x, 10), denoise(x, 5))
    assert (network.shown, len(network.batches)) == (1, 2)


def test_scales_are_parsed_for_the_models_groups() -> None:
    assert group_scales("Notes 1.5, chords=3", GROUPS) == (GroupScale(CHORDS, 3.0), GroupScale(NOTES, 1.5))
    assert group_scales("", GROUPS) == ()
    with_velocity = (*GROUPS, ControlGroup(name="velocity", width=2))
    assert group_scales("notes 2", with_velocity) == (GroupScale((slice(3, 5), slice(5, 8)), 2.0),)
    with pytest.raises(ControlError, match="no `feel` control; it has chords, notes"):
        group_scales("feel 2", GROUPS)


@pytest.mark.parametrize(
    "text", ["chords", "3", "chords three", "chords 1e9", "chords -1", "chords 1.2.3", "x" * 99]
)
def test_invalid_scales_are_refused(text: str) -> None:
    with pytest.raises(MsaniiError, match="expected a control and a number from 0 to 100"):
        group_scales(text, GROUPS)


def projected(update: Tensor, clean: Tensor, new: Tensor | None = None) -> Tensor:
    """What is left of an update beside a clean mel: where v is 0, the noised mel is alpha times it."""
    schedule = NoiseSchedule(ScheduleConfig(prediction_type="v_prediction", clip_sample=False))
    timestep = torch.full((len(clean),), 300)
    alpha, _ = schedule.at(timestep, clean)
    return Projection(schedule, new).of(update, torch.zeros_like(clean), clean / alpha, timestep)


def test_projection_removes_level_and_contrast() -> None:
    clean = torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(1))
    other = torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(2))
    left = projected(other + 5 + 2 * clean, clean)
    assert left.mean(dim=(1, 2, 3)).abs().max() < 1e-5
    assert (left * clean).mean(dim=(1, 2, 3)).abs().max() < 1e-5
    assert torch.allclose(left, projected(other, clean), atol=1e-5)
    assert projected(torch.full_like(clean, 3.0), clean).abs().max() < 1e-5
    assert projected(2 * clean - 1, clean).abs().max() < 1e-4


def test_projection_uses_new_frames_only() -> None:
    clean = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(1))
    update = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(2))
    new = torch.arange(SHAPE[-1]) < 5
    louder_where_kept = torch.where(new, update, update + 7)
    left = projected(louder_where_kept, clean, new)[..., :5]
    assert torch.allclose(left, projected(update[..., :5], clean[..., :5]), atol=1e-5)


def test_projection_of_silence_only_removes_the_mean() -> None:
    silent = torch.full((1, *SHAPE), -1.0)
    update = torch.randn(1, *SHAPE, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(projected(update, silent), update - update.mean(), atol=1e-5)


@pytest.mark.parametrize(("scale", "same"), [(0.0, True), (0.5, True), (1.0, True), (2.0, False)])
def test_only_a_scale_above_one_is_projected(scale: float, same: bool) -> None:
    def network(controls: Tensor | None) -> Predict:
        def predict(x: Tensor, timestep: Tensor) -> Tensor:
            heard = x.cumsum(-1)
            return heard if controls is None else heard + controls.mean(dim=(1, 2))[:, None, None, None]

        return predict

    x = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(1))
    projection = Projection(NoiseSchedule(ScheduleConfig(prediction_type="v_prediction", clip_sample=False)))
    plain = guided(network, torch.ones(5, 16), scale)(x, 300)
    balanced = guided(network, torch.ones(5, 16), scale, (), projection)(x, 300)
    assert torch.allclose(plain, balanced, atol=1e-6) == same
    if not same:
        # These controls raise the level and do nothing else.
        assert torch.allclose(balanced, guided(network, torch.ones(5, 16), 1.0)(x, 300), atol=1e-5)


def test_separate_group_scales_are_projected_too() -> None:
    network, projection = FakeNetwork(), Projection(NoiseSchedule(ScheduleConfig()))
    denoise = guided(network.under, torch.ones(5, 16), 1.0, (GroupScale(CHORDS, 4.0),), projection)
    # The fake adds the same everywhere, which is a level and nothing else: with all controls it says 5.
    assert torch.allclose(denoise(torch.zeros(2, *SHAPE), 10), torch.full((2, *SHAPE), 5.0))
