"""Noise, v and epsilon agree at every timestep."""

from __future__ import annotations

import torch

from msanii.config import ScheduleConfig
from msanii.diffusion.schedule import NoiseSchedule


def test_epsilon_comes_back_from_v() -> None:
    schedule = NoiseSchedule(ScheduleConfig(prediction_type="v_prediction"))
    generator = torch.Generator().manual_seed(0)
    mel, noise = torch.randn((2, 4, 1, 2, 8), generator=generator)
    timestep = torch.tensor([0, 300, 700, 999])
    noised = schedule.add_noise(mel, noise, timestep)
    v = schedule.target(mel, noise, timestep)
    torch.testing.assert_close(schedule.epsilon(v, noised, timestep), noise, rtol=1e-4, atol=1e-4)


def test_the_cosine_schedule_ends_in_noise() -> None:
    schedule = NoiseSchedule(ScheduleConfig())
    assert schedule.alpha[0] > 0.999
    assert schedule.alpha[-1] < 1e-3
