"""Takes from the model to a file's samples: lengths, regions, tails and seeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from msanii.errors import AudioError, MsaniiError, OutputError
from msanii.music.note_files import parse_notes, score_notes
from msanii.music.score import make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.signal.audio_files import Clip
from msanii.takes import TakeRenderer

QUICK = Sampling(steps=2, scheduler="dpmsolver++", guidance=2.0, iterations=1)


@pytest.fixture(scope="module")
def renderer(tiny_model: Path) -> TakeRenderer:
    return TakeRenderer(pipeline=Pipeline.load(tiny_model, device="cpu"), seed=7, sampling=QUICK)


def tone(samples: int, rate: int) -> Clip:
    times = np.arange(samples) / rate
    return Clip((0.2 * np.sin(2 * np.pi * 220 * times))[None].astype(np.float32), rate)


def test_variation_n_is_the_take_of_seed_plus_n(renderer: TakeRenderer) -> None:
    score = make_score(seconds=0.5, bpm=120)
    first, second = replace(renderer, count=2).generate(score)
    (alone,) = replace(renderer, seed=8).generate(score)
    # In a batch of another size the sums of floats differ in their last bits.
    np.testing.assert_allclose(second.audio, alone.audio, atol=5e-5)
    assert np.abs(first.audio - alone.audio).max() > 0.01


@pytest.mark.parametrize(("rate", "written"), [(None, 44_100), (48_000, 48_000)])
def test_a_generated_take_is_exact_at_its_rate(
    renderer: TakeRenderer, rate: int | None, written: int
) -> None:
    score = make_score(bars=0.5, bpm=97.3)
    (take,) = replace(renderer, rate=rate).generate(score)
    assert (take.rate, take.tail) == (written, None)
    assert take.audio.shape == (2, score.samples(written))


def test_parts_come_in_order_and_their_sum_comes_last(renderer: TakeRenderer) -> None:
    score = make_score(seconds=0.5, bpm=120)
    *parts, mix = replace(renderer, rate=48_000).arrange(score, ("keys", "bass"), levels_db=(0, 3))
    assert len(parts) == 2
    assert {take.rate for take in (*parts, mix)} == {48_000}
    np.testing.assert_allclose(parts[0].audio + parts[1].audio, mix.audio, atol=1e-6)


def test_several_arrangements_come_one_after_another_each_with_seeds_and_notes_of_its_own(
    renderer: TakeRenderer,
) -> None:
    score = make_score(bars=1, bpm=240, chords="Am")
    takes = list(replace(renderer, count=2).arrange(score, ("keys", "bass")))
    assert len(takes) == 6
    second = list(replace(renderer, seed=renderer.seed + 2).arrange(score, ("keys", "bass")))
    assert [take.notes for take in takes[3:]] == [take.notes for take in second]
    assert takes[0].notes != takes[3].notes
    for made, alone in zip(takes[3:], second, strict=True):
        # In a batch of another size the sums of floats differ in their last bits.
        np.testing.assert_allclose(made.audio, alone.audio, atol=5e-5)


def test_a_loop_may_have_a_tail_and_may_not_fade(renderer: TakeRenderer) -> None:
    score = make_score(bars=0.5, bpm=120)
    (take,) = replace(renderer, loop=True, end="ring", rate=48_000).generate(score)
    assert take.audio.shape == (2, 48_000)
    assert take.tail is not None
    assert take.tail.shape[1] > 0
    with pytest.raises(MsaniiError, match="end: got fade, expected cut or ring for a loop"):
        replace(renderer, loop=True, end="fade")


@pytest.mark.parametrize(("samples", "expected"), [(None, 24_000), (24_001, 24_001)])
def test_a_variation_is_as_long_as_its_source_or_as_asked(
    renderer: TakeRenderer, samples: int | None, expected: int
) -> None:
    (take,) = replace(renderer, rate=48_000).vary(tone(24_000, 48_000), strength=0.5, samples=samples)
    assert take.audio.shape == (1, expected)


@pytest.mark.parametrize(
    ("short_of_the_end", "to_seconds"), [(-400, None), (1e-9, None), (0.9, None), (1.1, "given")]
)
def test_an_end_within_the_last_sample_is_the_end(
    renderer: TakeRenderer, monkeypatch: pytest.MonkeyPatch, short_of_the_end: float, to_seconds: str | None
) -> None:
    source, seen = tone(57_680, 48_000), []
    inpaint = Pipeline.inpaint

    def watched(self: Pipeline, audio: Any, begin: float, end: float | None, *rest: Any, **named: Any) -> Any:
        seen.append(end)
        return inpaint(self, audio, begin, end, *rest, **named)

    monkeypatch.setattr(Pipeline, "inpaint", watched)
    end = source.seconds - short_of_the_end / source.rate
    (take,) = renderer.inpaint(source, 0.4, end)
    assert seen == [None if to_seconds is None else end]
    assert take.audio.shape == source.audio.shape
    assert np.array_equal(take.audio[:, :19_200], source.audio[:, :19_200])


def test_an_end_far_beyond_the_source_is_refused(renderer: TakeRenderer) -> None:
    with pytest.raises(AudioError, match=r"region: got 0\.5 to 1\.02 seconds"):
        renderer.inpaint(tone(48_000, 48_000), 0.5, 1.02)


@pytest.mark.parametrize("side", ["before", "after"])
def test_rounding_at_the_models_rate_costs_a_long_file_no_sample(renderer: TakeRenderer, side: Any) -> None:
    # 192,000 samples a second against the model's 44,100: two roundings there are three samples here.
    source, new = tone(96_002, 192_000), make_score(seconds=0.500003, bpm=120)
    model_samples = source.samples_at(44_100) + new.samples(44_100)
    added = new.samples(192_000)
    assert source.samples + added - round(model_samples * 192_000 / 44_100) > 2
    (take,) = renderer.outpaint(source, new, side)
    assert take.audio.shape == (1, source.samples + added)
    kept = slice(added, None) if side == "before" else slice(0, source.samples)
    assert np.array_equal(take.audio[:, kept], source.audio)


def test_a_source_above_full_scale_is_refused_unless_allowed(renderer: TakeRenderer) -> None:
    loud = Clip(tone(30_000, 44_100).audio * 8, 44_100)
    with pytest.raises(OutputError, match="clips"):
        next(renderer.inpaint(loud, 0.1, 0.3))
    (take,) = replace(renderer, allow_clipping=True).inpaint(loud, 0.1, 0.3)
    assert np.array_equal(take.audio[:, :4_410], loud.audio[:, :4_410])


def test_every_variation_plays_notes_of_its_own_and_off_plays_none(renderer: TakeRenderer) -> None:
    score = make_score(bars=1, bpm=240, chords="Am", part="pad")
    first, second = replace(renderer, count=2).generate(score)
    assert first.notes["pad"] != second.notes["pad"]
    assert first.midi is not None
    assert parse_notes(first.midi, "a.mid").parts == first.notes
    (free,) = replace(renderer, compose="off").generate(score)
    assert (free.notes, free.midi) == ({}, None)
    assert not np.array_equal(free.audio, first.audio)


@pytest.mark.parametrize("loop", [False, True])
def test_a_variation_comes_again_from_its_notes_under_another_composer(
    renderer: TakeRenderer, monkeypatch: pytest.MonkeyPatch, loop: bool
) -> None:
    score = make_score(bars=1, bpm=240, chords="Am", part="pad")
    _, second = replace(renderer, count=2, loop=loop).generate(score)
    monkeypatch.setattr("msanii.composer.scores.compose", lambda *_: {})
    given = replace(score, notes=score_notes(second.notes["pad"], 240))
    _, again = replace(renderer, count=2, loop=loop).generate(given)
    assert np.array_equal(again.audio, second.audio)
    assert again.midi == second.midi


def test_the_parts_of_an_arrangement_come_again_from_their_notes(renderer: TakeRenderer) -> None:
    score, parts = make_score(bars=1, bpm=240, chords="Am"), ("pad", "drums", "pad")
    *made, mix = renderer.arrange(score, parts)
    assert list(mix.notes) == ["pad", "drums", "pad_2"]
    assert mix.notes["pad"] != mix.notes["pad_2"]
    assert all(take.notes == mix.notes and take.midi != mix.midi for take in made)
    given = [score_notes(notes, 240) for notes in mix.notes.values()]
    *_, again = replace(renderer, compose="off").arrange(score, parts, notes=given)
    assert np.array_equal(again.audio, mix.audio)
    assert again.midi == mix.midi
