"""Endless music between two loops: each bar lies where its position says, on its place in both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import msanii
from msanii.checkpoint.folder import load_model
from msanii.errors import AudioError, MsaniiError
from msanii.pipelines import Pipeline
from msanii.rendering.context import ContinuationState
from msanii.rendering.continuation import Continuation, bars_length
from msanii.rendering.morph import Audio, Morph, looped, mels_between
from tests.msanii.rendering.test_continuation import CPU32, QUICK, RATE, song, with_context

BAR = RATE  # at 240 bpm
DEFAULT = Path(msanii.__file__).parent / "pretrained" / "default"


def tone(hertz: float, seconds: float = 1.0, level: float = 0.2) -> Audio:
    """A loop of whole periods, with an attack at its beginning."""
    time = np.arange(round(seconds * RATE)) / RATE
    line = level * np.sin(2 * np.pi * hertz * time) * (0.3 + 0.7 * np.exp(-3 * (time % 1.0)))
    return np.stack((line, line)).astype(np.float32)


LOW, HIGH = tone(110.0), tone(880.0, 1.5)


@pytest.fixture(params=["repaint", "context"])
def session(tiny_model: Path, request: pytest.FixtureRequest) -> Continuation:
    model = load_model(tiny_model)
    return Pipeline(with_context(model) if request.param == "context" else model, CPU32).continuation()


def play(
    session: Continuation, bars: int, *positions: float, strength: float = 0.05, first: Audio = LOW,
    second: Audio = HIGH, rate: int = RATE,
) -> list[Audio]:  # fmt: skip
    """Bars, whose positions are given in turn; the last one stays."""
    past: ContinuationState = session.from_nothing(rate)
    made = []
    for bar in range(bars):
        at = positions[min(bar, len(positions) - 1)]
        morph = Morph(first, second, at, strength)
        done = session.bars(past, song(chords=""), bar, seed=3, sampling=QUICK, morph=morph)
        made.append(done.audio)
        past = done.past
    return made


def test_at_either_end_the_other_loop_is_not_heard_at_all(session: Continuation) -> None:
    other = tone(440.0)
    without = (play(session, 2, 0.0, second=other), play(session, 2, 1.0, first=other))
    for position, instead in zip((0.0, 1.0), without, strict=True):
        usual = play(session, 2, position)
        assert all((one == two).all() for one, two in zip(usual, instead, strict=True))


def test_a_position_that_moves_is_heard_from_its_bar_on(session: Continuation) -> None:
    still, moved = play(session, 3, 0.0), play(session, 3, 0.0, 0.0, 1.0)
    assert all((one == two).all() for one, two in zip(still[:2], moved[:2], strict=True))
    assert not (still[2] == moved[2]).any(axis=0).all()


def test_the_default_model_goes_from_one_loop_to_the_other() -> None:
    """With trained weights, quickly: the mel of each bar is nearer to the second loop than that before."""
    session = Pipeline(load_model(DEFAULT), CPU32).continuation()
    shares = []
    for bar in play(session, 3, 0.0, 0.5, 1.0, strength=0.2, second=tone(880.0)):
        low, high = (distance(session, bar, loop) for loop in (LOW, tone(880.0)))
        shares.append(low / (low + high))
    assert shares[0] < 0.45
    assert shares[0] < shares[1] < shares[2]


def distance(session: Continuation, one: Audio, other: Audio) -> float:
    """The mean distance of the scaled mels of two pieces of audio, each at the model's level."""
    codec, mels = session._codec, []
    for audio in (one, other):
        line = codec.check_source("audio", audio)
        mels.append(codec.encode(line * codec.canvas(line, edition=6).gain).float())
    return float((mels[0] - mels[1]).abs().mean())


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_bars_lie_on_the_grid_to_the_sample(session: Continuation, rate: int) -> None:
    made = play(session, 3, 0.5, rate=rate)
    assert [bar.shape[1] for bar in made] == [bars_length(song(), bar, 1, rate) for bar in range(3)]
    assert all(np.isfinite(bar).all() for bar in made)


def test_bars_meet_without_a_step(session: Continuation) -> None:
    made = play(session, 6, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    line = np.concatenate(made, axis=1)
    steps = np.abs(np.diff(line, axis=1)).max(axis=0)
    joins = np.cumsum([bar.shape[1] for bar in made])[:-1]
    assert max(float(steps[join - 2 : join + 2].max()) for join in joins) <= float(np.percentile(steps, 99.9))


def test_each_loop_repeats_at_its_own_length_from_bar_0_on(session: Continuation) -> None:
    codec = session._codec
    hop = session._hop
    samples = 40 * hop
    for start in (0, 37 * hop, -5 * hop):
        mels = mels_between(codec, Morph(LOW, HIGH, 0.5, 0.5), start, samples, 2, 6)
        for loop, mel in zip((LOW, HIGH), mels, strict=True):
            tiled = np.tile(loop, 8)[:, start % loop.shape[1] :][:, :samples]
            assert (looped(loop, start, samples) == tiled).all()
            gain = codec.canvas(codec.check_source("loop", loop), edition=6).gain
            expected = codec.encode(torch.from_numpy(tiled * np.float32(gain)))
            torch.testing.assert_close(mel, expected)


def test_a_mono_loop_is_heard_on_both_channels(session: Continuation) -> None:
    made = play(session, 1, 0.0, first=LOW[:1])
    assert made[0].shape == (2, BAR)


@pytest.mark.parametrize(
    "values", [(-0.1, 0.5), (1.1, 0.5), (float("nan"), 0.5), (0.5, 0.0), (0.5, 1.5), (0.5, float("nan"))]
)
def test_what_is_out_of_range_is_refused(values: tuple[float, float]) -> None:
    with pytest.raises(MsaniiError, match=r"position|strength"):
        Morph(LOW, HIGH, *values)


@pytest.mark.parametrize("loop", [np.zeros((2, RATE), np.float32), np.full((2, RATE), np.nan, np.float32)])
def test_a_loop_that_cannot_be_heard_is_refused(session: Continuation, loop: Any) -> None:
    with pytest.raises(AudioError, match="second"):
        play(session, 1, 0.5, second=loop)
