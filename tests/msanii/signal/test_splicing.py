"""splicing: kept samples are the source's own, seams neither click nor dip."""

import numpy as np
import pytest

from msanii.errors import AudioError
from msanii.signal.splicing import Audio, crossfade, predict, splice, splice_regions

RATE = 44_100
FADE = 1323  # 30 ms


def tone(samples: int, frequency: float = 220.0, start: int = 0) -> Audio:
    time = (np.arange(samples) + start) / RATE
    return np.stack([np.sin(2 * np.pi * frequency * time), np.cos(2 * np.pi * frequency * time)]).astype(
        np.float32
    )


def noise(samples: int, seed: int) -> Audio:
    return np.random.default_rng(seed).standard_normal((2, samples)).astype(np.float32)


def power(audio: Audio) -> float:
    return float(np.mean(audio**2))


def test_a_middle_span_keeps_both_sides_sample_for_sample() -> None:
    source, new = noise(RATE, 1), noise(RATE, 2)
    result = splice(new, source, start=10_000, end=30_000, rate=RATE)
    assert np.array_equal(result[:, :10_000], source[:, :10_000])
    assert np.array_equal(result[:, 30_000:], source[:, 30_000:])
    assert np.array_equal(result[:, 10_000 + FADE : 30_000 - FADE], new[:, 10_000 + FADE : 30_000 - FADE])


def test_new_music_after_and_before_keeps_the_whole_source() -> None:
    source, new = noise(20_000, 1), noise(50_000, 2)
    after = splice(new, source, start=20_000, end=50_000, rate=RATE)
    assert np.array_equal(after[:, :20_000], source)
    assert np.array_equal(after[:, 20_000 + FADE :], new[:, 20_000 + FADE :])
    before = splice(new, source, start=0, end=30_000, rate=RATE, offset=30_000)
    assert np.array_equal(before[:, 30_000:], source)
    assert np.array_equal(before[:, : 30_000 - FADE], new[:, : 30_000 - FADE])


def test_the_fade_holds_the_power_of_unrelated_audio() -> None:
    mixed = crossfade(noise(50_000, 1), noise(50_000, 2))
    assert power(mixed[:, 20_000:30_000]) == pytest.approx(1, rel=0.05)


def test_the_fade_holds_the_level_of_equal_audio() -> None:
    wave = noise(5000, 1)
    np.testing.assert_allclose(crossfade(wave, wave), wave, atol=1e-6)


def test_a_seam_at_the_source_s_end_does_not_click() -> None:
    source, new = tone(20_000), tone(50_000, 150.0)
    result = splice(new, source, start=20_000, end=50_000, rate=RATE)
    jump = np.abs(np.diff(result[:, 19_990:20_010])).max()
    assert jump < 1.2 * np.abs(np.diff(source)).max()


def test_a_seam_at_the_source_s_start_does_not_click() -> None:
    source, new = tone(20_000, start=77), tone(50_000, 150.0)
    result = splice(new, source, start=0, end=30_000, rate=RATE, offset=30_000)
    jump = np.abs(np.diff(result[:, 29_990:30_010])).max()
    assert jump < 1.2 * np.abs(np.diff(source)).max()


def test_prediction_carries_a_chord_on() -> None:
    chord = tone(4000, 220) + tone(4000, 277.2) + tone(4000, 329.6)
    error = predict(chord[:, :3000], 500) - chord[:, 3000:3500]
    assert power(error) < 0.01 * power(chord)


@pytest.mark.parametrize("source", [np.zeros((1, 100)), np.ones((1, 1)), np.full((1, 5000), 0.5)])
def test_prediction_of_odd_signals_stays_bounded(source: Audio) -> None:
    ahead = predict(source.astype(np.float32), 2000)
    assert ahead.shape == (1, 2000)
    assert np.abs(ahead).max() <= np.abs(source).max() * 1.01


@pytest.mark.parametrize(
    ("start", "end", "offset"), [(0, 200, 0), (-1, 50, 0), (50, 50, 0), (10, 90, 5), (0, 80, 90), (10, 40, 0)]
)
def test_regions_that_make_no_sense_are_refused(start: int, end: int, offset: int) -> None:
    with pytest.raises(AudioError, match="region"):
        splice(noise(100, 1), noise(50, 2), start=start, end=end, rate=RATE, offset=offset)


def test_a_tiny_span_gets_a_tiny_fade() -> None:
    source, new = noise(1000, 1), noise(1000, 2)
    result = splice(new, source, start=500, end=501, rate=RATE)
    assert np.array_equal(np.delete(result, 500, axis=1), np.delete(source, 500, axis=1))
    assert np.array_equal(result[:, 500], new[:, 500])


def test_several_regions_are_new_and_all_else_is_the_source() -> None:
    source, new = 0.1 * noise(RATE, 1), 0.1 * noise(RATE, 2)
    result = splice_regions(new, source, [(0, 8_000), (20_000, 30_000)], rate=RATE)
    assert np.array_equal(result[:, 8_000:20_000], source[:, 8_000:20_000])
    assert np.array_equal(result[:, 30_000:], source[:, 30_000:])
    # The start of a file has nothing before it to fade from.
    assert np.array_equal(result[:, : 8_000 - FADE], new[:, : 8_000 - FADE])
    assert np.array_equal(result[:, 20_000 + FADE : 30_000 - FADE], new[:, 20_000 + FADE : 30_000 - FADE])


@pytest.mark.parametrize("regions", [[(0, 8_000)], [(36_100, RATE)], [(0, 8_000), (36_100, RATE)]])
def test_in_a_loop_a_region_joins_across_the_seam(regions: list[tuple[int, int]]) -> None:
    # Whole periods, so that the source loops.
    source, new = 0.1 * tone(RATE), 0.1 * tone(RATE, 330.0)
    result = splice_regions(new, source, regions, rate=RATE, loop=True)
    kept = np.ones(RATE, bool)
    for start, end in regions:
        kept[start:end] = False
    assert np.array_equal(result[:, kept], source[:, kept])
    rolled = np.roll(result, 10_000, axis=1)
    steps = np.abs(np.diff(rolled, axis=1))[:, 9_000:11_000]
    assert steps.max() < 0.1 * 2 * np.pi * 330 / RATE * 1.5
    if len(regions) == 2:
        # Both sides of the seam are new: there is no join there.
        assert np.array_equal(result[:, :1_000], new[:, :1_000])
        assert np.array_equal(result[:, -1_000:], new[:, -1_000:])


def test_a_loop_that_is_new_all_over_is_the_new_one() -> None:
    source, new = 0.1 * noise(RATE, 1), 0.1 * noise(RATE, 2)
    halves = [(0, 20_000), (20_000, RATE)]
    assert np.array_equal(splice_regions(new, source, halves, rate=RATE, loop=True), new)


def test_a_loud_region_is_held_under_the_ceiling() -> None:
    source, new = 0.1 * tone(RATE), 3 * tone(RATE)
    result = splice_regions(new, source, [(10_000, 20_000)], rate=RATE)
    assert np.abs(result).max() < 0.9
