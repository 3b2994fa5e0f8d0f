"""finishing: exact lengths, endings, loudness, true peak, and what must not be called done."""

import math

import numpy as np
import pytest

from msanii.choices import End
from msanii.errors import OutputError
from msanii.metrics.loudness import loudness
from msanii.signal.finishing import (
    EDGE_SECONDS,
    check_audible,
    check_output,
    finish,
    resample,
    shape_end,
)
from msanii.signal.limiting import Audio, Limiter, limit_peak, true_peak_dbtp

RATE = 44_100


def plucked(seconds: float, rate: int = RATE, channels: int = 2) -> Audio:
    """Decaying tones every 0.4 s: as spiky as a piano."""
    time = np.arange(round(seconds * rate)) / rate
    since = time % 0.4
    wave = np.exp(-9 * since) * np.sin(2 * np.pi * 220 * time) * np.minimum(1, since * 500)
    return np.stack([wave * 0.5 ** (index % 2) for index in range(channels)]).astype(np.float32)


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000])
@pytest.mark.parametrize("seconds", [1.0, 97 / 60, 0.7345])
def test_length_is_exact_at_every_rate(rate: int, seconds: float) -> None:
    samples = round(seconds * rate)
    done = finish(plucked(seconds), samples=samples, source_rate=RATE, rate=rate, end="cut")
    assert done.shape == (2, samples)
    assert done.dtype == np.float32


@pytest.mark.parametrize("target", [-24.0, -18.0, -14.0])
def test_loudness_and_true_peak_are_what_was_asked(target: float) -> None:
    done = finish(plucked(3), samples=3 * RATE, source_rate=RATE, rate=RATE, end="cut", loudness_lufs=target)
    assert loudness(done, RATE) == pytest.approx(target, abs=0.5)
    assert true_peak_dbtp(done) <= -1.0


def test_a_full_scale_sine_measures_as_the_standard_says() -> None:
    time = np.arange(5 * 48_000) / 48_000
    sine = np.sin(2 * np.pi * 997 * time)[None].astype(np.float32)
    # EBU Tech 3341: a 997 Hz sine at 0 dBFS in one channel reads -3.01 LUFS.
    assert loudness(sine, 48_000) == pytest.approx(-3.01, abs=0.1)


def test_quiet_audio_is_measured_below_the_gate() -> None:
    wave = plucked(2)
    assert loudness(wave * np.float32(1e-4), RATE) == pytest.approx(loudness(wave, RATE) - 80, abs=0.1)


def test_a_click_that_cannot_be_loud_keeps_its_peak() -> None:
    click = np.full((1, 2 * RATE), 1e-5, dtype=np.float32)
    click[0, 1000:1020] = 0.5
    done = finish(click, samples=2 * RATE, source_rate=RATE, rate=RATE, end="cut", loudness_lufs=-10)
    assert loudness(done, RATE) < -11
    assert -2 < true_peak_dbtp(done) <= -1


@pytest.mark.parametrize("samples", [60, 4410, 17_000])
@pytest.mark.parametrize("end", ["cut", "fade", "ring"])
def test_short_files_are_finished_too(samples: int, end: End) -> None:
    done = finish(plucked(1)[:, 100 : samples + 100], samples=samples, source_rate=RATE, rate=RATE, end=end)
    assert done.shape == (2, samples)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_channel_count(channels: int) -> None:
    audio = plucked(1, channels=channels)
    done = finish(audio, samples=RATE, source_rate=RATE, rate=RATE, end="cut")
    assert done.shape == (channels, RATE)
    assert loudness(done, RATE) == pytest.approx(-18, abs=0.5)


def test_channels_keep_their_balance_under_the_limiter() -> None:
    limited = limit_peak(plucked(1) * np.float32(4), RATE, -1.0)
    loud = np.abs(limited[0]) > 0.1
    np.testing.assert_allclose(limited[1][loud] / limited[0][loud], 0.5, rtol=1e-4)


def test_true_peak_sees_between_the_samples() -> None:
    # A quarter of the sample rate, 45 degrees off: every sample is 3 dB below the peak of the curve.
    wave = np.sin(np.pi / 2 * np.arange(4000) + np.pi / 4)[None].astype(np.float32)
    assert true_peak_dbtp(wave) == pytest.approx(0, abs=0.2)
    assert 20 * math.log10(float(np.abs(wave).max())) == pytest.approx(-3, abs=0.1)


def test_music_that_begins_after_the_end_is_called_silent() -> None:
    late = np.pad(plucked(1), ((0, 0), (RATE, 0)))
    with pytest.raises(OutputError, match="is silent"):
        finish(late, samples=RATE, source_rate=RATE, rate=RATE, end="cut")


def test_a_silent_part_says_nothing_of_the_loudness() -> None:
    late = np.pad(plucked(1), ((0, 0), (RATE, 0)))
    line = Limiter(late, RATE, -1.0).at_loudness(-18.0, slice(0, RATE // 2))
    assert true_peak_dbtp(line) == pytest.approx(-1.0, abs=0.1)
    assert np.corrcoef(line[0], late[0])[0, 1] > 0.999


def test_limiting_leaves_quiet_audio_alone() -> None:
    quiet = plucked(1) * np.float32(0.3)
    assert limit_peak(quiet, RATE, -1.0) is quiet


def test_cut_keeps_every_sample_and_fade_ends_in_silence() -> None:
    audio = plucked(2)
    cut = shape_end(audio, RATE, RATE, "cut")
    assert np.array_equal(cut, audio[:, :RATE])
    fade = shape_end(audio, RATE, RATE, "fade")
    assert np.array_equal(fade[:, : RATE // 2], cut[:, : RATE // 2])
    assert np.abs(fade[:, -1]).max() == 0
    assert fade.shape == cut.shape


def test_ring_goes_on_past_the_end_and_decays() -> None:
    audio = plucked(3)
    rung = shape_end(audio, RATE, RATE, "ring")
    assert np.array_equal(rung[:, :RATE], audio[:, :RATE])
    assert RATE < rung.shape[1] <= audio.shape[1]
    tail = np.abs(rung[:, RATE:]).max(axis=0)
    assert tail[-RATE // 10 :].max() < 0.1 * tail.max()


def test_resampling_is_clean() -> None:
    time = np.arange(RATE) / RATE
    sine = np.sin(2 * np.pi * 1000 * time)[None].astype(np.float32)
    back = resample(resample(sine, RATE, 48_000), 48_000, RATE)
    middle = slice(RATE // 4, -RATE // 4)
    # -90 dB: far below a 16-bit file's own noise at the same place.
    assert np.abs(back[:, middle] - sine[:, middle]).max() < 10 ** (-90 / 20)


def test_what_must_not_be_called_done() -> None:
    broken = plucked(1)
    broken[0, 5] = np.nan
    with pytest.raises(OutputError, match="1 samples that are not finite"):
        check_output(broken)
    broken[0, 5] = np.inf
    with pytest.raises(OutputError, match="not finite"):
        finish(broken, samples=100, source_rate=RATE, rate=RATE, end="cut")
    with pytest.raises(OutputError, match="silent"):
        check_output(np.zeros((2, 100), dtype=np.float32))
    with pytest.raises(OutputError, match=r"clips \(its peak is 1.500"):
        check_output(np.full((1, 10), 1.5, dtype=np.float32))
    with pytest.raises(OutputError, match="shape"):
        check_output(np.zeros((2, 0), dtype=np.float32))
    with pytest.raises(OutputError, match="short of"):
        finish(plucked(1), samples=RATE + 100, source_rate=RATE, rate=RATE, end="cut")


def test_without_a_loudness_no_sample_is_touched() -> None:
    audio = plucked(1)
    wanted = {"samples": RATE, "source_rate": RATE, "rate": RATE, "loudness_lufs": None}
    assert np.array_equal(finish(audio, end="cut", edition=1, **wanted), audio)  # type: ignore[arg-type]
    done = finish(audio, end="cut", **wanted)  # type: ignore[arg-type]
    edge = round(EDGE_SECONDS * RATE)
    assert np.array_equal(done[:, edge:-edge], audio[:, edge:-edge])


@pytest.mark.parametrize("end", ["cut", "fade", "ring"])
@pytest.mark.parametrize("seconds", [0.01, 1.0])
def test_a_file_begins_and_ends_at_nothing(end: End, seconds: float) -> None:
    tone = 0.5 * np.cos(np.arange(3 * RATE) * 0.05)[None].astype(np.float32)
    done = finish(tone, samples=round(seconds * RATE), source_rate=RATE, rate=RATE, end=end)
    assert np.abs(done[:, [0, -1]]).max() < 1e-3


@pytest.mark.parametrize("offset", [0.0, 0.3])
def test_an_offset_is_no_music(offset: float) -> None:
    audio = plucked(2) + np.float32(offset)
    if not offset:
        check_audible(audio, RATE)
        return
    with pytest.raises(OutputError, match="lies below 25 Hz, where nobody hears it; try another seed"):
        finish(audio, samples=2 * RATE, source_rate=RATE, rate=RATE, end="cut")
    # Takes of before may be rendered again, and a tenth of a second cannot be told.
    finish(audio, samples=2 * RATE, source_rate=RATE, rate=RATE, end="cut", edition=1)
    check_audible(audio[:, : RATE // 10], RATE)
