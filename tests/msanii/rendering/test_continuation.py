"""continuing: bars without end, on a model with random weights, by both ways of filling in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.devices import Placement
from msanii.diffusion.denoiser import Predict
from msanii.diffusion.unet import UNet
from msanii.errors import AudioError, ControlError, MsaniiError
from msanii.music.score import Score, make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.rendering.context import ContinuationState
from msanii.rendering.continuation import Continuation, bars_length

RATE = 44_100
QUICK = Sampling(steps=2, scheduler="dpmsolver++", guidance=2.0, iterations=2)
CPU32 = Placement(torch.device("cpu"), torch.float32)


class Counted:
    """A pipeline whose network's calls are counted, with the widths of what they saw."""

    def __init__(self, model: LoadedModel) -> None:
        self.pipeline = Pipeline(model, CPU32)
        self.session: Continuation = self.pipeline.continuation()
        self.frames: list[int] = []
        self.contexts: list[torch.Tensor] = []
        self.controls: list[torch.Tensor] = []
        self.session._network_for = self._counting(self.session._network_for)

    def _counting(self, network_for: Callable[[Score], Any]) -> Callable[[Score], Any]:
        def chosen(score: Score) -> Counted:
            self._network: Any = network_for(score)
            return self

        return chosen

    def under(self, controls: Any, context: Any = None) -> Predict:
        """The network under its signals, counted at every step."""
        predict = self._network.under(controls, context)

        def counted(x: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            self.frames.append(x.shape[-1])
            self.controls.append(controls)
            if context is not None:
                self.contexts.append(context)
            made: torch.Tensor = predict(x, timestep)
            return made

        return counted


def with_context(model: LoadedModel) -> LoadedModel:
    """The same model, its U-Net built anew to see context."""
    unet_config = replace(model.config.unet, context=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        unet = UNet(unet_config).eval()
    return replace(model, config=replace(model.config, unet=unet_config), unet=unet)


@pytest.fixture(params=["repaint", "context"])
def counted(tiny_model: Path, request: pytest.FixtureRequest) -> Counted:
    model = load_model(tiny_model)
    return Counted(with_context(model) if request.param == "context" else model)


@pytest.fixture(scope="module")
def session(tiny_model: Path) -> Continuation:
    return Pipeline(load_model(tiny_model), CPU32).continuation()


def song(bpm: float = 240.0, chords: str = "Am F C G", **values: Any) -> Score:
    return make_score(bars=1, bpm=bpm, chords=chords, **values)


def play(
    session: Continuation, bars: int, past: ContinuationState, score: Score | None = None, seed: int = 3
) -> tuple[list[Any], ContinuationState]:
    made = []
    for bar in range(bars):
        done = session.bars(past, score or song(), bar, seed=seed, sampling=QUICK)
        made.append(done.audio)
        past = done.past
    return made, past


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("bpm", [173.7, 240.0])
def test_bars_lie_on_the_grid_to_the_sample(session: Continuation, rate: int, bpm: float) -> None:
    made, past = play(session, 4, session.from_nothing(rate), song(bpm))
    ends = np.cumsum([bar.shape[1] for bar in made])
    assert list(ends) == [round((bar + 1) * 240 / bpm * rate) for bar in range(4)]
    assert past.position == ends[-1]
    assert all(bar.dtype == np.float32 and np.isfinite(bar).all() for bar in made)


def test_a_bar_s_length_is_its_own_at_any_number_and_meter() -> None:
    waltz = song(97.3, numerator=6, denominator=8)
    per_bar = 180 / 97.3 * 48_000
    for bar in (0, 1, 999, 54_321):
        assert bars_length(waltz, bar, 2, 48_000) == round((bar + 2) * per_bar) - round(bar * per_bar)


def test_every_bar_costs_the_same(counted: Counted) -> None:
    past, costs = counted.session.from_nothing(RATE), []
    for bar in range(5):
        counted.frames.clear()
        past = counted.session.bars(past, song(173.7), bar, seed=3, sampling=QUICK).past
        costs.append(tuple(counted.frames))
        assert past.audio.shape[1] < 7 * RATE
    assert set(costs) == {costs[0]}
    assert len(costs[0]) == QUICK.steps


def test_the_same_seed_makes_the_same_bars_and_another_makes_others(session: Continuation) -> None:
    first, _ = play(session, 3, session.from_nothing(RATE))
    again, _ = play(session, 3, session.from_nothing(RATE))
    other, _ = play(session, 3, session.from_nothing(RATE), seed=4)
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.allclose(first[2], other[2], atol=1e-3)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_saved_past_goes_on_bit_for_bit(session: Continuation, tmp_path: Path, rate: int) -> None:
    _, past = play(session, 2, session.from_nothing(rate))
    past.save(tmp_path / "past.npz")
    one = session.bars(past, song(), 2, seed=3, sampling=QUICK)
    two = session.bars(ContinuationState.read(tmp_path / "past.npz"), song(), 2, seed=3, sampling=QUICK)
    assert np.array_equal(one.audio, two.audio)


@pytest.mark.parametrize("content", [b"nothing", b"", b"PK\x03\x04 cut off"])
def test_a_past_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "past.npz").write_bytes(content)
    with pytest.raises(AudioError, match=r"past.npz.*cannot be read"):
        ContinuationState.read(tmp_path / "past.npz")


def test_a_job_around_it_changes_nothing(session: Continuation) -> None:
    past = session.from_nothing(RATE)
    alone = session.bars(past, song(), 0, seed=3, sampling=QUICK).audio
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        inside = session.bars(past, song(), 0, seed=3, sampling=QUICK).audio
    assert np.array_equal(alone, inside)


def test_a_change_is_seen_from_its_bar_on_and_not_before(counted: Counted) -> None:
    _, past = play(counted.session, 3, counted.session.from_nothing(RATE))
    counted.controls.clear()
    counted.session.bars(past, song(chords="E"), 3, seed=3, sampling=QUICK)
    changed = counted.controls[0]
    counted.controls.clear()
    counted.session.bars(past, song(), 3, seed=3, sampling=QUICK)
    unchanged = counted.controls[0]
    differs = (changed != unchanged).any(dim=0).any(dim=0).nonzero()[:, 0]
    # The stage begins six seconds before bar 3, give or take the grid's hop.
    bar_frame = 6.0 * RATE / 1024
    assert bar_frame - 0.01 <= int(differs[0]) <= bar_frame + 2


def test_a_tempo_change_keeps_the_line_whole(session: Continuation) -> None:
    _, past = play(session, 2, session.from_nothing(RATE))
    faster = song(300.0)
    done = session.bars(past, faster, 2, seed=3, sampling=QUICK)
    assert done.audio.shape[1] == bars_length(faster, 2, 1, RATE)
    assert done.past.position == past.position + done.audio.shape[1]


def test_context_shows_exactly_what_is_kept(tiny_model: Path) -> None:
    counted = Counted(with_context(load_model(tiny_model)))
    past = counted.session.from_nothing(RATE)
    past = counted.session.bars(past, song(), 0, seed=3, sampling=QUICK).past
    assert not counted.contexts[0].any()
    counted.contexts.clear()
    counted.session.bars(past, song(), 1, seed=3, sampling=QUICK)
    context = counted.contexts[0]
    mask = context[0, 0, -1]
    assert context.shape[2] == 129
    known = int(mask.sum())
    assert mask[:known].all()
    assert 6.0 * RATE / 1024 - 3 <= known <= 6.0 * RATE / 1024 + 1
    assert not context[..., known:].any()
    assert context[:, :, :-1, :known].any()


def test_it_goes_on_from_a_source_at_the_source_s_level(session: Continuation) -> None:
    times = np.arange(2 * RATE) / RATE
    source = (0.02 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)[None].repeat(2, 0)
    quiet, loud = (
        session.bars(session.from_source(one, RATE), song(), 0, seed=3, sampling=QUICK).audio
        for one in (source, 10 * source)
    )
    assert quiet.shape[1] == bars_length(song(), 0, 1, RATE)
    np.testing.assert_allclose(loud, 10 * quiet, atol=1e-3 * float(np.abs(loud).max()))


def test_the_join_has_no_step(session: Continuation) -> None:
    made, past = play(session, 6, session.from_nothing(RATE))
    line = np.concatenate(made, axis=1)
    steps = np.abs(np.diff(line, axis=1)).max(axis=0)
    joins = np.cumsum([bar.shape[1] for bar in made])[:-1]
    at_joins = max(float(steps[join - 2 : join + 2].max()) for join in joins)
    assert at_joins <= float(np.percentile(steps, 99.9))
    assert past.audio.shape[0] == 2


def test_the_level_is_held(session: Continuation) -> None:
    made, past = play(session, 12, session.from_nothing(RATE))
    levels = [20 * np.log10(np.sqrt(np.mean(bar**2))) for bar in made]
    assert abs(np.mean(levels[-4:]) - np.mean(levels[:4])) < 1.5
    assert past.level > 0


@pytest.mark.parametrize(("bar", "count"), [(-1, 1), (0, 0)])
def test_impossible_bars_are_refused(session: Continuation, bar: int, count: int) -> None:
    with pytest.raises(MsaniiError, match="bar"):
        session.bars(session.from_nothing(RATE), song(), bar, seed=0, count=count)


def test_a_silent_source_is_refused(session: Continuation) -> None:
    with pytest.raises(AudioError):
        session.from_source(np.zeros((2, RATE), np.float32), RATE)


def test_chords_need_a_model_that_knows_them(tiny_model: Path) -> None:
    model = load_model(tiny_model)
    bare_config = replace(model.config.unet, controls=())
    bare = replace(model, config=replace(model.config, unet=bare_config), unet=UNet(bare_config).eval())
    session = Pipeline(bare, CPU32).continuation()
    made = session.bars(session.from_nothing(RATE), song(chords=""), 0, seed=3, sampling=QUICK)
    assert made.audio.shape[1] == RATE
    with pytest.raises((ControlError, MsaniiError)):
        Pipeline(bare, CPU32).generate(song(), seeds=[1], sampling=QUICK)


def test_in_and_outpainting_by_context_keep_the_source_to_the_sample(tiny_model: Path) -> None:
    pipeline = Pipeline(with_context(load_model(tiny_model)), CPU32)
    times = torch.arange(RATE) / RATE
    source = (0.2 * torch.sin(1400 * times))[None].repeat(2, 1)
    renewed = pipeline.inpaint(source, 0.4, 0.6, song(), seeds=[1], sampling=QUICK)[0]
    start, end = round(0.4 * RATE), round(0.6 * RATE)
    assert torch.equal(renewed[:, :start], source[:, :start])
    assert torch.equal(renewed[:, end:], source[:, end:])
    assert not torch.allclose(renewed[:, start:end], source[:, start:end], atol=1e-3)
    longer = pipeline.outpaint(source, 0.5, "after", song(), seeds=[1], sampling=QUICK)[0]
    assert torch.equal(longer[:, :RATE], source)
    led = pipeline.outpaint(source, 0.5, "before", song(), seeds=[1], sampling=QUICK)[0]
    assert torch.equal(led[:, -RATE:], source)
