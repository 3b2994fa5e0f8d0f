"""Samplers: diffusers' results where diffusers has them, strength, and seeds."""

import math
from typing import get_args

import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from torch import Tensor

from msanii.choices import Edition, RepaintName, Scheduler
from msanii.config import Prediction, ScheduleConfig
from msanii.diffusion.sampling import (
    REPAINT_PLANS,
    Solver,
    generate,
    inpaint,
    interpolate,
    starting_noise,
    timesteps_for,
    vary,
)
from msanii.diffusion.schedule import NoiseSchedule, start_share
from msanii.errors import MsaniiError

PAPER = ScheduleConfig()
V = ScheduleConfig(prediction_type="v_prediction")
COSINE = ScheduleConfig(beta_schedule="squaredcos_cap_v2", rescale_betas_zero_snr=True)
SHAPE = (2, 8, 16)
CPU = torch.device("cpu")


def solver(steps: int = 20, scheduler: Scheduler = "ddim", schedule: ScheduleConfig = PAPER) -> Solver:
    return Solver(schedule=schedule, scheduler=scheduler, steps=steps)


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def noise(*seeds: int) -> Tensor:
    return starting_noise(generators(*seeds), SHAPE, CPU)


def mel(value: float = 0.5) -> Tensor:
    return value * torch.sin(torch.arange(16) / 3).expand(1, *SHAPE)


class Oracle:
    """A network that knows the clean mel, so that every sampler must arrive at it."""

    def __init__(self, clean: Tensor, schedule: ScheduleConfig = PAPER) -> None:
        self.clean, self.tables = clean, NoiseSchedule(schedule)
        self.timesteps: list[int] = []

    def __call__(self, x: Tensor, timestep: int) -> Tensor:
        self.timesteps.append(timestep)
        alpha, sigma = self.tables.alpha[timestep], self.tables.sigma[timestep]
        epsilon = (x - alpha * self.clean) / sigma
        if self.tables.config.prediction_type == "epsilon":
            return epsilon
        return alpha * epsilon - sigma * self.clean


def wobbly(x: Tensor, timestep: int) -> Tensor:
    """Some smooth function: enough to tell two walks apart."""
    return torch.tanh(x * 0.9 + timestep / 1000)


@pytest.mark.parametrize("steps", [200, 50, 30])
def test_ddim_is_plain_diffusers(steps: int) -> None:
    reference = DDIMScheduler(**PAPER.to_dict())  # type: ignore[no-untyped-call]
    reference.set_timesteps(steps)  # type: ignore[attr-defined]
    x = noise(1)
    for timestep in reference.timesteps:  # type: ignore[attr-defined]
        prediction = wobbly(x, int(timestep))
        x = reference.step(prediction, timestep, x).prev_sample  # type: ignore[attr-defined]
    assert torch.equal(generate(wobbly, solver(steps), noise(1)), x)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_dpm_solver_is_plain_diffusers_where_nothing_is_clipped(prediction: Prediction) -> None:
    schedule = ScheduleConfig(prediction_type=prediction, clip_sample=False)
    reference = DPMSolverMultistepScheduler(  # type: ignore[no-untyped-call]
        beta_schedule="squaredcos_cap_v2", prediction_type=prediction
    )
    reference.set_timesteps(12)  # type: ignore[attr-defined]
    x = mel().expand(1, -1, -1, -1)
    oracle = Oracle(mel(0.3), schedule)
    x = noise(2)
    for timestep in reference.timesteps:  # type: ignore[attr-defined]
        x = reference.step(oracle(x, int(timestep)), timestep, x).prev_sample  # type: ignore[attr-defined]
    ours = generate(Oracle(mel(0.3), schedule), solver(12, "dpmsolver++", schedule), noise(2))
    # At t = 999 alpha is 5e-5, so that float32 keeps three digits of an estimate from epsilon.
    torch.testing.assert_close(ours, x, atol=2e-3, rtol=0)


@pytest.mark.parametrize("schedule", [PAPER, V])
@pytest.mark.parametrize("scheduler", ["ddim", "dpmsolver++"])
@pytest.mark.parametrize("steps", [1, 7, 20])
def test_every_sampler_reaches_the_networks_target(
    scheduler: Scheduler, steps: int, schedule: ScheduleConfig
) -> None:
    oracle = Oracle(mel(), schedule)
    found = generate(oracle, solver(steps, scheduler, schedule), noise(1, 2))
    # float32 loses some digits to alpha = 5e-5 at the first step.
    torch.testing.assert_close(found, mel().expand(2, -1, -1, -1), atol=1e-2, rtol=0)
    assert len(oracle.timesteps) == steps


@pytest.mark.parametrize("scheduler", ["ddim", "dpmsolver++"])
@pytest.mark.parametrize(
    ("strength", "start"), [(0.05, 50), (0.6, 600), (0.7, 700), (0.75, 750), (0.333, 333), (1.0, 999)]
)
@pytest.mark.parametrize("steps", [7, 20, 200])
def test_strength_sets_the_first_timestep(
    scheduler: Scheduler, strength: float, start: int, steps: int
) -> None:
    oracle = Oracle(mel())
    found = vary(oracle, solver(steps, scheduler), mel(), noise(1), strength)
    assert oracle.timesteps[0] == start
    assert oracle.timesteps == sorted(set(oracle.timesteps), reverse=True)
    assert abs(len(oracle.timesteps) - steps * strength) < 1
    torch.testing.assert_close(found, mel(), atol=1e-2, rtol=0)


def test_a_share_of_the_schedule_costs_its_share_of_the_steps() -> None:
    assert timesteps_for(solver(200), 0.55)[:3] == [550, 545, 540]
    assert len(timesteps_for(solver(200), 0.55)) == 110
    assert timesteps_for(solver(1000), 0.003) == [3, 2, 1]


@pytest.mark.parametrize("strength", [0, -0.5, 1.01, float("nan")])
def test_strength_out_of_range_is_named(strength: float) -> None:
    with pytest.raises(MsaniiError, match="strength: got"):
        timesteps_for(solver(), strength)
    for edition in get_args(Edition):
        with pytest.raises(MsaniiError, match="strength: got"):
            start_share(PAPER, strength, edition)


@pytest.mark.parametrize("schedule", [PAPER, COSINE])
def test_strength_rises_evenly_in_the_signal_to_noise_ratio_at_the_start(schedule: ScheduleConfig) -> None:
    tables = NoiseSchedule(schedule)
    strengths = [0.01, 0.05, 0.2, 0.4, 0.5, 0.6, 0.8, 0.95, 1.0]
    starts = [round(start_share(schedule, strength, 4) * 1000) for strength in strengths]
    assert starts == sorted(set(starts))
    assert (starts[0] >= 1, starts[-1]) == (True, 1000)
    half = starts[strengths.index(0.5)]
    assert 2 * math.log(tables.alpha[half] / tables.sigma[half]) == pytest.approx(-2.25, abs=0.02)


def test_before_edition_4_strength_was_the_share_of_the_schedule() -> None:
    assert [start_share(COSINE, 0.6, edition) for edition in (1, 2, 3)] == [0.6] * 3


def test_the_least_strength_still_takes_a_step() -> None:
    assert timesteps_for(solver(), start_share(COSINE, 1e-9, 4)) == [1]


@pytest.mark.parametrize("steps", [0, 1001])
def test_steps_out_of_range_are_named(steps: int) -> None:
    with pytest.raises(MsaniiError, match=f"steps: got {steps}, expected 1 to 1000"):
        solver(steps)


def test_little_strength_stays_closer_to_the_source() -> None:
    distances = [
        float((vary(wobbly, solver(), mel(), noise(1), strength) - mel()).abs().mean())
        for strength in (0.05, 0.3, 0.9)
    ]
    assert distances[0] < distances[1] < distances[2]


def test_noise_depends_on_its_seed_alone() -> None:
    together = noise(5, 6, 7)
    assert torch.equal(together[1], noise(6)[0])
    assert not torch.equal(together[0], together[1])


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
def test_interpolation_ends_are_the_two_sources(ratio: float) -> None:
    first, second = mel(0.2), mel(0.8)
    found = interpolate(
        lambda x, _: torch.zeros_like(x), solver(1000), (first, second), ratio, torch.zeros(1, *SHAPE), 0.001
    )
    torch.testing.assert_close(found, torch.lerp(first, second, ratio), atol=1e-3, rtol=0)


@pytest.mark.parametrize("ratio", [-0.1, 1.1, float("nan")])
def test_ratio_out_of_range_is_named(ratio: float) -> None:
    with pytest.raises(MsaniiError, match="ratio: got"):
        interpolate(wobbly, solver(), (mel(), mel()), ratio, noise(1), 0.5)


@pytest.mark.parametrize(("name", "calls"), [("draft", 92), ("normal", 140), ("paper", 1910)])
def test_repaint_plans_make_their_number_of_calls(name: RepaintName, calls: int) -> None:
    assert REPAINT_PLANS[name].calls(PAPER) == calls
    oracle = Oracle(mel())
    seen: list[float] = []
    inpaint(oracle, PAPER, REPAINT_PLANS[name], mel(), torch.zeros(1, 1, 1, 16), generators(1), seen.append)
    assert len(oracle.timesteps) == len(seen) == calls
    assert seen[-1] == 1.0


@pytest.mark.parametrize("schedule", [PAPER, V])
def test_inpainting_keeps_the_known_frames_and_fills_the_rest(schedule: ScheduleConfig) -> None:
    kept = torch.ones(1, 1, 1, 16)
    kept[..., 5:9] = 0
    known = mel(0.9)
    found = inpaint(
        Oracle(mel(0.3), schedule), schedule, REPAINT_PLANS["draft"], known, kept, generators(1, 2)
    )
    assert found.shape == (2, *SHAPE)
    assert torch.equal(found[..., :5], known[..., :5].expand(2, -1, -1, -1))
    assert torch.equal(found[..., 9:], known[..., 9:].expand(2, -1, -1, -1))
    torch.testing.assert_close(found[..., 5:9], mel(0.3)[..., 5:9].expand(2, -1, -1, -1), atol=1e-2, rtol=0)


def test_jumping_back_adds_the_noise_of_its_timestep() -> None:
    """With an oracle the state at timestep t is alpha x_0 + sigma noise: its deviation shows sigma."""
    clean = torch.zeros(1, 2, 64, 64)
    tables = NoiseSchedule(PAPER)
    deviations: dict[int, list[float]] = {}
    oracle = Oracle(clean)

    def watch(x: Tensor, timestep: int) -> Tensor:
        deviations.setdefault(timestep, []).append(float(x.std()))
        return oracle(x, timestep)

    inpaint(watch, PAPER, REPAINT_PLANS["draft"], clean, torch.zeros(1, 1, 1, 64), generators(1))
    revisited = {timestep: values for timestep, values in deviations.items() if len(values) > 1}
    assert len(revisited) == 18
    for timestep, values in revisited.items():
        assert values == pytest.approx([float(tables.sigma[timestep])] * len(values), rel=0.05)


def test_on_step_can_stop_any_verb() -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(wobbly, solver(), noise(1), stop)
    with pytest.raises(KeyboardInterrupt):
        inpaint(wobbly, PAPER, REPAINT_PLANS["draft"], mel(), torch.zeros(1, 1, 1, 16), generators(1), stop)
