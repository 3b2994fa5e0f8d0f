"""Long audio is finished in pieces: each sample as if the whole were there at once."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from scipy import fft
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import firwin

from msanii.metrics.faults import subsonic_share
from msanii.metrics.harmony import power_spectrogram
from msanii.signal.finishing import check_output
from msanii.signal.limiting import LOOK_AHEAD_SECONDS, Audio, Limiter
from msanii.signal.mono import survive_mono
from msanii.signal.subsonic import SILENT_HZ, WHOLE_HZ, without_subsonic

RATE = 44_100
PEAK_DBTP = -1.0


def music(seconds: float, seed: int, strokes_a_second: float = 2.0) -> Audio:
    """Noise with strokes, some of them far above full scale."""
    random = np.random.default_rng(seed)
    samples = round(seconds * RATE)
    audio = random.standard_normal((2, samples)).astype(np.float32) * np.float32(0.05)
    for at in random.integers(0, samples, round(seconds * strokes_a_second)):
        size = min(2_000, samples - at)
        stroke = random.standard_normal((2, size)) * np.exp(-np.arange(size) / 300)
        audio[:, at : at + size] += (stroke * random.uniform(0.2, 2.0)).astype(np.float32)
    return audio


def envelope_of_whole(audio: Audio) -> Audio:
    """Four times oversampled by convolution; a matrix product sums in another order."""
    taps = 4 * firwin(81, 1 / 4, window=("kaiser", 5.0))
    lines = []
    for channel in audio:
        stretched = np.zeros(4 * len(channel))
        stretched[::4] = channel
        between = np.abs(np.convolve(stretched, taps)[40 : 40 + len(stretched)]).reshape(-1, 4).max(axis=1)
        lines.append(np.maximum(between, np.abs(channel)))
    envelope: Audio = functools.reduce(np.maximum, lines).astype(np.float32)
    return envelope


def limited_whole(audio: Audio, envelope: Audio, factor: np.float32) -> Audio:
    """The limiter on a whole line, as it was before it worked in pieces."""
    ceiling = 10 ** ((PEAK_DBTP - 0.05) / 20)
    reach = round(LOOK_AHEAD_SECONDS * RATE)
    needed = np.minimum(1.0, ceiling / np.maximum(envelope * factor, ceiling))
    gain = minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
    for _ in range(2):
        gain = uniform_filter1d(gain, reach | 1, mode="nearest")
    line: Audio = audio * factor * gain
    over = np.float32(max(1.0, Limiter(line, RATE, PEAK_DBTP)._envelope.max() / 10 ** (PEAK_DBTP / 20)))
    np.divide(line, over, out=line)
    return line


@pytest.mark.parametrize("gain_db", [-6.0, 0.0, 6.0, 20.0])
@pytest.mark.parametrize(("seconds", "strokes"), [(0.005, 200.0), (0.4, 2.0), (4.0, 0.5), (6.0, 20.0)])
def test_the_limiter_turns_down_as_on_the_whole_line(seconds: float, strokes: float, gain_db: float) -> None:
    audio = music(seconds, seed=int(gain_db) + 10, strokes_a_second=strokes)
    limiter = Limiter(audio, RATE, PEAK_DBTP)
    wanted = limited_whole(audio, limiter._envelope, np.float32(10 ** (gain_db / 20)))
    np.testing.assert_array_equal(limiter.at(gain_db), wanted)


def test_the_true_peak_in_pieces_is_that_of_the_whole() -> None:
    audio = music(2.3, seed=3)
    envelope = Limiter(audio, RATE, PEAK_DBTP)._envelope
    np.testing.assert_allclose(envelope, envelope_of_whole(audio), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("samples", [700, 65_536, 200_003])
@pytest.mark.parametrize("is_loop", [True, False])
def test_the_subsonic_taper_is_that_of_the_whole_spectrum(samples: int, is_loop: bool) -> None:
    random = np.random.default_rng(samples)
    audio = random.standard_normal((1, samples)).astype(np.float32) + np.float32(0.3)
    kept = without_subsonic(audio, RATE, circular=is_loop)
    if not is_loop:
        assert np.abs(kept.mean()) < 0.05
        return
    spectrum = fft.rfft(audio[0])
    hertz = np.arange(len(spectrum), dtype=np.float32) * (RATE / samples)
    within = np.clip((hertz - SILENT_HZ) / (WHOLE_HZ - SILENT_HZ), 0, 1)
    slow = fft.irfft(spectrum * (0.5 + 0.5 * np.cos(np.pi * within)), samples)
    np.testing.assert_array_equal(kept[0], audio[0] - slow)


@pytest.mark.parametrize("samples", [5_000, 65_536, 150_001])
def test_the_mono_sum_is_judged_over_the_whole(samples: int) -> None:
    generator = torch.Generator().manual_seed(samples)
    middle, side = torch.randn(2, samples, generator=generator)
    # Narrow for most of the time, and wide as a whole.
    side[-samples // 8 :] *= 8
    audio = torch.stack((middle + side / 2, middle - side / 2))
    whole_middle, whole_side = audio.mean(dim=0), (audio[0] - audio[1]) / 2
    shared, differing = (one.double().square().mean() for one in (whole_middle, whole_side))
    gain = (shared / differing).sqrt().float()
    wanted = torch.stack((whole_middle + gain * whole_side, whole_middle - gain * whole_side))
    before = audio.clone()
    assert torch.allclose(survive_mono(audio[None])[0], wanted, rtol=0, atol=1e-6)
    assert torch.equal(audio, before)


@pytest.mark.parametrize("seconds", [0.3, 1.0, 9.7])
def test_the_subsonic_share_is_that_of_all_whole_windows(seconds: float) -> None:
    audio = music(seconds, seed=5) + np.float32(0.02)
    samples = audio.shape[1]
    window = min(round(0.4 * RATE), samples)
    hop = window // 2
    power = power_spectrogram(audio, window, hop)[:, 1 : (samples - hop) // hop + 1].sum(axis=1)
    power[1:] *= 2
    below = power[np.arange(len(power)) * RATE / window < 25].sum()
    assert subsonic_share(audio, RATE) == pytest.approx(below / power.sum(), rel=1e-9)


@pytest.mark.parametrize("at", [0, 65_535, 65_536, 199_999])
def test_a_fault_is_found_in_any_piece(at: int) -> None:
    audio = np.full((2, 200_000), 0.1, np.float32)
    for value, words in ((np.nan, "1 samples that are not finite"), (np.float32(-1.5), "peak is 1.500")):
        audio[1, at] = value
        with pytest.raises(Exception, match=words):
            check_output(audio)
