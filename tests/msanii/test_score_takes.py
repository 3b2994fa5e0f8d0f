"""Takes rendered anew from a score: some bars beside those that stay, or all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from msanii.errors import OutputError
from msanii.music.note_files import parse_notes
from msanii.music.score import make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.score_takes import ScoreRenderer
from msanii.signal.audio_files import Clip
from msanii.takes import Take

QUICK = Sampling(steps=2, scheduler="dpmsolver++", guidance=2.0, iterations=1)


@pytest.fixture(scope="module")
def contextual(tiny_context_model: Path) -> ScoreRenderer:
    return ScoreRenderer(pipeline=Pipeline.load(tiny_context_model, device="cpu"), seed=7, sampling=QUICK)


def untouched(old: Clip, new: Take, bars: Sequence[int], bar_samples: int) -> bool:
    """Whether exactly the samples of the bars are others, of a piece of four bars."""
    moved = np.abs(new.audio - old.audio).max(axis=0) > 0
    shares = [moved[bar * bar_samples : (bar + 1) * bar_samples].mean() for bar in range(4)]
    return all((share > 0.9) if bar in bars else (share == 0) for bar, share in enumerate(shares))


FOUR_BARS = make_score(bars=4, bpm=480, chords="Am F C G")


@pytest.mark.parametrize("bars", [(1,), (0, 2), (3,), (0, 3)])
@pytest.mark.parametrize("kind", [{}, {"rate": 48_000}, {"loop": True}, {"loop": True, "rate": 48_000}])
def test_bars_are_rendered_anew_and_every_other_sample_stays(
    contextual: ScoreRenderer, bars: tuple[int, ...], kind: dict[str, Any]
) -> None:
    rendering = replace(contextual, **kind)
    (take,) = rendering.generate(FOUR_BARS)
    old = Clip(take.audio, take.rate)
    (new,) = rendering.renew(old, bars, FOUR_BARS)
    assert new.audio.shape == take.audio.shape
    assert new.rate == take.rate
    assert untouched(old, new, bars, take.rate // 2)
    (again,) = rendering.renew(old, bars, FOUR_BARS)
    assert np.array_equal(again.audio, new.audio)


def test_a_model_without_context_renders_bars_anew_too(tiny_model: Path) -> None:
    renderer = ScoreRenderer(pipeline=Pipeline.load(tiny_model, device="cpu"), seed=7, sampling=QUICK)
    (take,) = renderer.generate(FOUR_BARS)
    old = Clip(take.audio, take.rate)
    (new,) = renderer.renew(old, (0, 2), FOUR_BARS, repaint_steps=2)
    assert untouched(old, new, (0, 2), take.rate // 2)


def test_the_last_bar_rings_and_fades_as_before(contextual: ScoreRenderer) -> None:
    for end in ("ring", "fade"):
        rendering = replace(contextual, end=end)
        (take,) = rendering.generate(FOUR_BARS)
        old = Clip(take.audio, take.rate)
        (new,) = rendering.renew(old, (3,), FOUR_BARS)
        assert new.audio.shape == take.audio.shape
        assert np.abs(new.audio[:, -20:]).max() < 1e-3
        assert not np.array_equal(new.audio[:, -take.rate // 2 :], take.audio[:, -take.rate // 2 :])


def test_a_loop_s_tail_follows_its_new_end(contextual: ScoreRenderer) -> None:
    rendering = replace(contextual, loop=True, end="ring", rate=48_000)
    (take,) = rendering.generate(FOUR_BARS)
    (new,) = rendering.renew(Clip(take.audio, take.rate), (3,), FOUR_BARS)
    assert new.tail is not None
    whole = np.concatenate((new.audio, new.tail), axis=1)
    at = new.audio.shape[1]
    steps = np.abs(np.diff(whole[:, at - 4_000 : at + 4_000], axis=1)).max(axis=0)
    # The join is no larger a step than those of the sound around it.
    assert steps[3_999] <= np.quantile(steps, 0.999)


def test_a_peak_above_full_scale_that_is_kept_needs_a_float_file(contextual: ScoreRenderer) -> None:
    (take,) = contextual.generate(FOUR_BARS)
    loud = Clip(take.audio * np.float32(1.5 / np.abs(take.audio[:, :22_050]).max()), take.rate)
    with pytest.raises(OutputError, match="clips"):
        next(contextual.renew(loud, (2,), FOUR_BARS))
    (new,) = replace(contextual, allow_clipping=True).renew(loud, (2,), FOUR_BARS)
    assert untouched(loud, new, (2,), take.rate // 2)


def test_bars_are_composed_anew_and_every_variation_has_its_own(contextual: ScoreRenderer) -> None:
    bass = replace(FOUR_BARS, part="bass")
    (take,) = contextual.generate(bass)
    old = Clip(take.audio, take.rate)
    first, second = replace(contextual, seed=20, count=2).renew(old, (1, 2), bass, take.notes, ["bass"])
    for new in (first, second):
        assert untouched(old, new, (1, 2), take.rate // 2)
        assert new.midi is not None
        assert parse_notes(new.midi, "a.mid").parts == {"bass": new.notes["bass"]}
        assert [note for note in new.notes["bass"] if note[0] >= 12] == [
            note for note in take.notes["bass"] if note[0] >= 12
        ]
    assert len({first.notes["bass"], second.notes["bass"], take.notes["bass"]}) == 3


def test_given_notes_are_played_as_they_are(contextual: ScoreRenderer) -> None:
    band = {"bass": ((0.0, 1.0, 40, 90), (4.0, 6.0, 43, 90)), "drums": ((0.0, 0.25, 36, 100),)}
    (take,) = replace(contextual, compose="off").rewrite((), FOUR_BARS, band, ["bass"])
    assert take.notes == band
    assert take.midi is not None
    assert parse_notes(take.midi, "a.mid").parts == {"bass": band["bass"]}
    (other,) = replace(contextual, seed=8).rewrite(range(4), FOUR_BARS, {"drums": band["drums"]}, ["bass"])
    assert other.notes["bass"]
    assert other.notes["drums"] == band["drums"]
