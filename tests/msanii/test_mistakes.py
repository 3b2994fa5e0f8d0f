"""The eight mistakes of the published code (its notes number them so), each of which ours must not have."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from msanii.checkpoint.folder import load_model
from msanii.choices import RepaintName, Scheduler
from msanii.config import ScheduleConfig
from msanii.devices import Placement
from msanii.diffusion import sampling
from msanii.diffusion.sampling import REPAINT_PLANS, Solver, inpaint, timesteps_for
from msanii.diffusion.schedule import NoiseSchedule
from msanii.diffusion.unet import UNet
from msanii.errors import MsaniiError, OutputError
from msanii.music.score import make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.signal.finishing import finish
from msanii.signal.griffin_lim import griffin_lim

RATE = 44_100
SCHEDULE = ScheduleConfig()
QUICK = Sampling(steps=3, scheduler="dpmsolver++", guidance=1.0, iterations=3)


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> Pipeline:
    return Pipeline.load(tiny_model, device="cpu", dtype="float32")


def tone(seconds: float, frequency: float = 220.0) -> Tensor:
    time = torch.arange(round(seconds * RATE)) / RATE
    return 0.3 * torch.sin(2 * math.pi * frequency * time).expand(2, -1).clone()


@pytest.mark.parametrize("scheduler", ["ddim", "dpmsolver++"])
def test_1_strength_is_not_floored(scheduler: Scheduler) -> None:
    solver = Solver(schedule=SCHEDULE, scheduler=scheduler, steps=200)
    starts = {strength: timesteps_for(solver, strength)[0] for strength in (0.6, 0.7, 0.75, 0.601)}
    assert starts == {0.6: 600, 0.7: 700, 0.75: 750, 0.601: 601}
    for impossible in (0.0, -0.1, 1.2):
        with pytest.raises(MsaniiError, match=r"strength: got .* expected above 0 and up to 1"):
            timesteps_for(solver, impossible)


def test_2_every_draw_comes_from_the_seed(pipeline: Pipeline) -> None:
    source, score = tone(0.6), make_score(seconds=0.4, bpm=120)

    def renders() -> list[Tensor]:
        return [
            pipeline.generate(score, seeds=[5], sampling=QUICK),
            pipeline.vary(source, seeds=[5], strength=0.5, sampling=QUICK),
            pipeline.inpaint(source, 0.2, 0.4, seeds=[5], sampling=QUICK),
            pipeline.outpaint(source, 0.2, seeds=[5], sampling=QUICK),
        ]

    torch.manual_seed(1)
    first = renders()
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    for one, other in zip(first, renders(), strict=True):
        assert torch.equal(one, other)
    assert torch.equal(torch.random.get_rng_state(), before), "the global generator was used"
    other_seed = pipeline.inpaint(source, 0.2, 0.4, seeds=[6], sampling=QUICK)
    assert not torch.allclose(other_seed, first[2], atol=1e-4)


def test_2_griffin_lim_starts_from_the_seed_too() -> None:
    magnitude = torch.rand(1, 1025, 20, generator=torch.Generator().manual_seed(0))

    def phase(seed: int) -> Tensor:
        generators = [torch.Generator().manual_seed(seed)]
        return griffin_lim(magnitude, n_fft=2048, hop=1024, iterations=2, generators=generators)

    assert torch.equal(phase(1), phase(1))
    assert not torch.allclose(phase(1), phase(2), atol=1e-3)


@pytest.mark.parametrize(("plan", "calls"), [("draft", 92), ("normal", 140), ("paper", 1910)])
def test_3_repaint_has_plans_that_need_not_cost_1910_calls(plan: RepaintName, calls: int) -> None:
    counter = itertools.count()

    def denoise(x: Tensor, _: int) -> Tensor:
        next(counter)
        return torch.zeros_like(x)

    generators = [torch.Generator().manual_seed(0)]
    inpaint(
        denoise, SCHEDULE, REPAINT_PLANS[plan], torch.zeros(1, 1, 2, 4), torch.zeros(1, 1, 1, 4), generators
    )
    assert next(counter) == calls


def test_4_kept_audio_is_sample_exact_and_the_seams_do_not_click(pipeline: Pipeline) -> None:
    source = tone(0.8)
    steepest = float(source.diff(dim=1).abs().max())
    for side, seam in (("after", source.shape[1]), ("before", round(0.5 * RATE))):
        grown = pipeline.outpaint(
            source, 0.5, "after" if side == "after" else "before", seeds=[1], sampling=QUICK
        )[0]
        kept = grown[:, :seam] if side == "after" else grown[:, seam:]
        assert torch.equal(kept, source)
        assert float(grown[:, seam - 3 : seam + 3].diff(dim=1).abs().max()) < 2 * steepest
    painted = pipeline.inpaint(source, 0.3, 0.5, seeds=[1], sampling=QUICK)[0]
    start, end = round(0.3 * RATE), round(0.5 * RATE)
    assert torch.equal(painted[:, :start], source[:, :start])
    assert torch.equal(painted[:, end:], source[:, end:])
    for seam in (start, end):
        assert float(painted[:, seam - 3 : seam + 3].diff(dim=1).abs().max()) < 2 * steepest


def test_5_sampling_without_a_count_of_steps_uses_the_model_s_own(pipeline: Pipeline) -> None:
    seen: list[float] = []
    pipeline.generate(make_score(seconds=0.4, bpm=120), seeds=[1], on_step=seen.append)
    own = pipeline.config.sampling
    assert len(seen) == own.steps + own.iterations


def test_5_masks_hold_for_every_variation_of_a_batch() -> None:
    clean, tables = torch.full((1, 2, 4, 12), 0.5), NoiseSchedule(SCHEDULE)
    kept = torch.zeros(1, 1, 1, 12)
    kept[..., :7] = 1

    def to_zero(x: Tensor, timestep: int) -> Tensor:
        return x / tables.sigma[timestep]

    generators = [torch.Generator().manual_seed(seed) for seed in range(5)]
    filled = inpaint(to_zero, SCHEDULE, REPAINT_PLANS["draft"], clean, kept, generators)
    assert torch.equal(filled[..., :7], clean[..., :7].expand(5, -1, -1, -1))
    assert float(filled[..., 7:].abs().max()) < 0.01


class Apart(Placement):
    """Spectra on the CPU and networks elsewhere, as with Apple's MPS; elsewhere holds shapes only."""

    @property
    def signal_device(self) -> torch.device:
        return torch.device("cpu")

    def autocast(self) -> torch.autocast:
        return torch.autocast("cpu", enabled=False)


def test_5_interpolation_moves_both_sources_to_the_network(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline(load_model(tiny_model), Apart(torch.device("meta"), torch.float32))
    seen: list[Tensor] = []

    class SeenError(Exception):
        pass

    def look(
        _: object, __: object, mels: tuple[Tensor, Tensor], ___: float, noise: Tensor, *____: Any
    ) -> None:
        seen.extend((*mels, noise))
        raise SeenError

    monkeypatch.setattr(sampling, "interpolate", look)
    with pytest.raises(SeenError):
        pipeline.interpolate(tone(0.4).double(), tone(0.4, 330), 0.5, seeds=[1], strength=0.3, sampling=QUICK)
    assert [(one.device.type, one.dtype) for one in seen] == [("meta", torch.float32)] * 3


def test_5_interpolation_asks_the_network_in_the_type_of_the_noise() -> None:
    seen: list[torch.dtype] = []

    def denoise(x: Tensor, _: int) -> Tensor:
        seen.append(x.dtype)
        return x

    mels = torch.zeros(1, 1, 2, 4), torch.ones(1, 1, 2, 4, dtype=torch.float64)
    solver = Solver(schedule=SCHEDULE, scheduler="ddim", steps=2)
    sampling.interpolate(denoise, solver, mels, 0.5, torch.zeros(1, 1, 2, 4), 1.0)
    assert seen == [torch.float32] * 2


@pytest.mark.parametrize("samples", [4_411, 17_641, 44_099, 65_537])
def test_6_any_length_to_the_sample(pipeline: Pipeline, samples: int) -> None:
    score = make_score(seconds=samples / RATE, bpm=120)
    assert pipeline.generate(score, seeds=[1], sampling=QUICK).shape[-1] == samples
    varied = pipeline.vary(tone(2)[:, :samples], seeds=[1], strength=0.3, sampling=QUICK)
    assert varied.shape[-1] == samples


@pytest.mark.parametrize(
    ("level", "problem"), [(0.0, "silent"), (float("nan"), "not finite"), (float("inf"), "not finite")]
)
def test_7_silent_or_broken_output_is_no_success(level: float, problem: str) -> None:
    audio = torch.full((2, RATE), level).numpy()
    with pytest.raises(OutputError, match=problem):
        finish(audio, samples=RATE, source_rate=RATE, rate=RATE, end="cut")


def test_8_networks_show_their_submodules_and_keep_configuration_apart(pipeline: Pipeline) -> None:
    network = UNet(pipeline.config.unet)
    assert {"input_fn", "output_fn", "encoder_blocks"} <= dict(network.named_children()).keys()
    assert not any("ConfigMixin" in base.__name__ for base in UNet.__mro__)
    assert pipeline.generate(make_score(seconds=0.3, bpm=120), seeds=[1], sampling=QUICK).isfinite().all()
