"""Infill: kept frames are preserved, and new frames have their level."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.config import Prediction, ScheduleConfig
from msanii.devices import Placement
from msanii.diffusion.guidance import Denoise
from msanii.diffusion.infill import LevelConstraint, infill_with_context
from msanii.diffusion.sampling import Solver
from msanii.diffusion.schedule import NoiseSchedule
from msanii.metrics.loudness import loudness
from msanii.rendering.codec import Codec

SCHEDULE = ScheduleConfig(prediction_type="v_prediction", clip_sample=False, rescale_betas_zero_snr=True)
SOLVER = Solver(schedule=SCHEDULE, scheduler="dpmsolver++", steps=8)
SHAPE = (1, 2, 8, 24)
KEPT = (torch.arange(24) < 9) | (torch.arange(24) >= 15)
CPU32 = Placement(torch.device("cpu"), torch.float32)


def mean_level(mel: Tensor) -> Tensor:
    return mel.mean(dim=(1, 2, 3), keepdim=True)


def predicts(clean: float) -> Denoise:
    """A network that takes everything for the same clean mel."""
    schedule = NoiseSchedule(SCHEDULE)

    def denoise(x: Tensor, timestep: int) -> Tensor:
        here = torch.full((x.shape[0],), timestep)
        return schedule.prediction(torch.full_like(x, clean), x, here)

    return denoise


def filled(mel: Tensor, held: LevelConstraint | None, kept: Tensor = KEPT) -> Tensor:
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    return infill_with_context(predicts(-0.7), SOLVER, mel, kept, generators, constraint=held)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_prediction_is_the_inverse_of_clean(kind: Prediction) -> None:
    schedule = NoiseSchedule(replace(SCHEDULE, prediction_type=kind, rescale_betas_zero_snr=False))
    noised, clean = torch.randn(2, *SHAPE[1:]), torch.randn(2, *SHAPE[1:])
    timestep = torch.tensor([20, 700])
    again = schedule.clean(schedule.prediction(clean, noised, timestep), noised, timestep)
    assert torch.allclose(again, clean, atol=1e-3)


def test_new_frames_have_the_level_of_kept_ones() -> None:
    mel = 0.3 + 0.1 * torch.randn(SHAPE, generator=torch.Generator().manual_seed(3))
    alone = filled(mel, None)
    held = filled(mel, LevelConstraint(mel=mel, kept=KEPT, groups=[(~KEPT, KEPT)], level=mean_level))
    for made in (alone, held):
        assert torch.equal(made[..., KEPT], mel[..., KEPT].expand(2, -1, -1, -1))
    assert mean_level(alone[..., ~KEPT]).mean() == pytest.approx(-0.7, abs=0.02)
    assert mean_level(held[..., ~KEPT]).mean() == pytest.approx(float(mel[..., KEPT].mean()), abs=0.06)


@pytest.mark.parametrize("kept", [torch.zeros(24, dtype=torch.bool), torch.ones(24, dtype=torch.bool)])
def test_without_kept_or_new_frames_there_is_no_constraint(kept: Tensor) -> None:
    mel = torch.randn(SHAPE, generator=torch.Generator().manual_seed(3))
    held = LevelConstraint(mel=mel, kept=kept, groups=[(~kept, kept)], level=mean_level)
    assert torch.equal(filled(mel, held, kept), filled(mel, None, kept))


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> LoadedModel:
    return load_model(tiny_model)


def told(model: LoadedModel, source_lufs: float | None) -> Codec:
    return Codec(replace(model, config=replace(model.config, source_lufs=source_lufs)), CPU32)


@pytest.mark.parametrize("gain", [0.03, 1.0])
def test_a_source_is_encoded_at_the_training_level(model: LoadedModel, gain: float) -> None:
    tone = 0.05 * gain * torch.sin(torch.arange(44_100) * 0.06).expand(2, -1)
    canvas = told(model, -50.0).canvas(tone)
    assert loudness((tone * canvas.gain).numpy(), 44_100) == pytest.approx(-50, abs=0.1)
    # Never louder than the model's loudest.
    loudest = told(model, 60.0).canvas(tone).gain
    assert loudest == pytest.approx(told(model, None).canvas(tone).gain)


@pytest.mark.parametrize("source_lufs", [None, -40.0])
def test_edition_1_ignores_the_sources_loudness(model: LoadedModel, source_lufs: float | None) -> None:
    tone = 0.05 * torch.sin(torch.arange(44_100) * 0.06).expand(2, -1)
    assert told(model, source_lufs).canvas(tone, edition=1).gain == told(model, None).canvas(tone).gain


@pytest.mark.parametrize("added", [0.0, 0.25, -0.5])
def test_a_mels_level_follows_an_offset(model: LoadedModel, added: float) -> None:
    codec = told(model, None)
    generator = torch.Generator().manual_seed(1)
    mel = torch.rand(2, 2, model.config.transforms.n_mels, 16, generator=generator) - 0.5
    difference = codec.mel_level(mel + added) - codec.mel_level(mel)
    assert difference.shape == (2, 1, 1, 1)
    assert torch.allclose(difference, torch.tensor(added), atol=1e-4)


def test_each_group_of_new_frames_has_a_level_of_its_own() -> None:
    first, second = torch.arange(24) < 6, torch.arange(24) >= 18
    kept = ~(first | second)
    mel = torch.zeros(SHAPE) + 0.4 * first - 0.4 * second
    held = LevelConstraint(mel=mel, kept=kept, groups=[(first, first), (second, second)], level=mean_level)
    made = filled(mel, held, kept)
    assert mean_level(made[..., first]).mean() == pytest.approx(0.4, abs=0.06)
    assert mean_level(made[..., second]).mean() == pytest.approx(-0.4, abs=0.06)
    assert torch.equal(made[..., kept], mel[..., kept].expand(2, -1, -1, -1))
