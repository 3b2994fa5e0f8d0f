"""Circles, circular STFT and loops: a rotated input gives a rotated output, to the sample."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from msanii.diffusion.circle import MARGIN_FRAMES, Circle, wrap
from msanii.diffusion.denoiser import Network, Predict
from msanii.errors import MsaniiError, OutputError
from msanii.music.score import make_score
from msanii.pipelines import RING_SECONDS, Pipeline, Sampling
from msanii.rendering.looping import loop_controls
from msanii.signal.circular_stft import CircularStft, frame_centres
from msanii.signal.griffin_lim import griffin_lim, stft
from msanii.signal.loop_finishing import finish_loop, resample_loop
from tests.msanii.networks import seeded_unet, tiny_unet_config

RATE, N_FFT, HOP = 44_100, 2048, 1024
CPU = torch.device("cpu")
QUICK = Sampling(steps=2, scheduler="dpmsolver++", guidance=2.0, iterations=2)


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> Pipeline:
    return Pipeline.load(tiny_model, device="cpu", dtype="float32")


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# --- the network on a circle ---------------------------------------------------------------------------


def test_wrapping_goes_round_as_often_as_needed() -> None:
    line = torch.arange(3.0)
    assert wrap(line, 4, 5).tolist() == [2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]


@pytest.mark.parametrize("frames", [1, 5, 59, 64, 366])
@pytest.mark.parametrize("tail", [0, 20])
def test_the_network_gets_a_padded_multiple_and_its_output_is_cropped(frames: int, tail: int) -> None:
    heard: list[int] = []

    def network(controls: Tensor | None) -> Predict:
        def predict(x: Tensor, timestep: Tensor) -> Tensor:
            assert controls is not None
            assert controls.shape[-1] == x.shape[-1]
            heard.append(x.shape[-1])
            return x + controls[:, None, :1]

        return predict

    circle = Circle(frames * HOP, frames, tail)
    x, controls = noise(2, 1, 3, frames + tail), noise(2, 4, frames + tail, seed=1)
    out = circle.around(network, 32)(controls)(x, torch.zeros(2))
    assert torch.equal(out, x + controls[:, None, :1])
    assert len(heard) == (2 if tail else 1)
    assert all(count % 32 == 0 for count in heard)
    assert heard[0] >= frames + 2 * MARGIN_FRAMES


@pytest.mark.parametrize("frames", [37, 101])
@pytest.mark.parametrize("roll", [1, 17])
def test_rolling_the_input_rolls_the_output(frames: int, roll: int) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.GELU(), nn.Conv2d(4, 1, 5, padding=2))

    def network(controls: Tensor | None) -> Predict:
        assert controls is not None
        return lambda x, _: layers(x + controls[:, None])

    on_circle = Circle(frames * HOP, frames).around(network, 4)
    x, controls = noise(1, 1, 8, frames), noise(1, 8, frames, seed=1)
    with torch.inference_mode():
        here = on_circle(controls)(x, torch.zeros(1))
        there = on_circle(controls.roll(roll, -1))(x.roll(roll, -1), torch.zeros(1))
    # Sums in another order of vector lanes: off by a few units in the last place of 1.
    torch.testing.assert_close(there, here.roll(roll, -1), atol=2e-6, rtol=0)


def test_rolling_by_whole_bars_rolls_a_real_unet_s_output() -> None:
    unet = seeded_unet(tiny_unet_config()).requires_grad_(False)
    bars, frames = 4, 64
    score = make_score(bars=bars, bpm=240 * RATE / (16 * HOP), chords="Am F C G")
    circle = Circle(frames * HOP, frames)
    controls = loop_controls(score, unet.config.controls, circle, hop=HOP, rate=RATE)[None]
    on_circle, x = circle.around(unet.under, unet.config.frame_multiple), noise(1, 2, 128, frames)
    here = on_circle(controls)(x, torch.tensor([500]))
    for bar in range(1, bars):
        shift = bar * frames // bars
        there = on_circle(controls.roll(shift, -1))(x.roll(shift, -1), torch.tensor([500]))
        # The network sees three whole turns; only the norms' statistics depend on the cut.
        torch.testing.assert_close(there, here.roll(shift, -1), atol=0.02 * float(here.std()), rtol=0)


# --- phase on a circle -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frames", "samples"), [(366, 374_655), (59, 60_828), (59, 60_412), (4, 4_410), (64, 65_536), (1, 900)]
)
def test_the_inverse_transform_restores_the_loop(frames: int, samples: int) -> None:
    transform, loop = CircularStft(N_FFT, frames, samples, CPU), noise(2, samples)
    assert (transform.inverse(transform.forward(loop)) - loop).abs().max() < 1e-5


def test_frames_are_evenly_spaced_to_half_a_sample() -> None:
    for frames, samples in ((59, 60_828), (7, 7_001)):
        exact = np.arange(frames) * samples / frames
        assert np.abs(frame_centres(frames, samples).numpy() - exact).max() <= 0.5


def test_audio_past_the_end_continues_at_the_start() -> None:
    loop = noise(1, 16 * HOP)
    rolled = stft(loop.roll(3 * HOP, -1), n_fft=N_FFT, hop=HOP, circle_frames=16)
    there = stft(loop, n_fft=N_FFT, hop=HOP, circle_frames=16).roll(3, -1)
    torch.testing.assert_close(rolled, there)
    line = stft(loop, n_fft=N_FFT, hop=HOP)
    torch.testing.assert_close(there.roll(-3, -1)[..., 1:-1], line[..., 1:15], atol=1e-4, rtol=0)


@pytest.mark.parametrize("samples", [60_828, 60_412, 4 * 60_828 + 1])
def test_the_true_phase_restores_the_loop(samples: int) -> None:
    frames = round(samples / HOP)
    loop = noise(2, samples)
    spectrum = stft(loop, n_fft=N_FFT, hop=HOP, circle_frames=frames)
    found = griffin_lim(
        spectrum.abs(), n_fft=N_FFT, hop=HOP, iterations=3, phase=spectrum.angle(), circle_samples=samples
    )
    torch.testing.assert_close(found, loop, atol=1e-4, rtol=0)


@pytest.mark.parametrize("bpm", [60.0, 113.0, 174.0])
@pytest.mark.parametrize("bars", [1, 4])
def test_a_loop_of_any_length_keeps_its_pitch(bpm: float, bars: int) -> None:
    samples = round(bars * 240 / bpm * RATE)
    # A whole number of periods fits into the loop.
    turns = round(660.0 * samples / RATE)
    tone = torch.sin(2 * math.pi * turns / samples * torch.arange(samples, dtype=torch.float64)).float()
    frames = round(samples / HOP)
    magnitude = stft(tone[None], n_fft=N_FFT, hop=HOP, circle_frames=frames).abs()[None]
    found = griffin_lim(
        magnitude,
        n_fft=N_FFT,
        hop=HOP,
        iterations=60,
        circle_samples=samples,
        generators=[torch.Generator().manual_seed(1)],
    )[0, 0]
    power = torch.fft.rfft(found.double()).abs().square()
    near = torch.arange(round(turns * 0.94), round(turns * 1.06))
    mean = float((power[near] * near).sum() / power[near].sum())
    assert abs(1200 * math.log2(mean / turns)) < 3
    assert float(power[near].sum() / power.sum()) > 0.99


def test_frames_that_leave_gaps_are_refused() -> None:
    with pytest.raises(ValueError, match="do not overlap on a loop of 5000 samples"):
        CircularStft(N_FFT, 2, 5000, CPU)
    with pytest.raises(ValueError, match="1000 bins"):
        griffin_lim(torch.ones(1000, 20), n_fft=N_FFT, hop=HOP, iterations=1, circle_samples=20 * HOP)


# --- the verbs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bars", "bpm", "numerator", "denominator"),
    [(1, 174.0, 4, 4), (2, 97.3, 3, 4), (1, 113.0, 7, 8), (0.5, 60.0, 6, 8), (1, 333.3, 5, 4)],
)
def test_a_loop_is_as_long_as_its_bars_at_every_tempo_and_meter(
    pipeline: Pipeline, bars: float, bpm: float, numerator: int, denominator: int
) -> None:
    score = make_score(bars=bars, bpm=bpm, numerator=numerator, denominator=denominator, chords="Am F")
    made = pipeline.generate(score, seeds=[1, 2], sampling=QUICK, loop=True)
    assert made.shape == (2, 2, round(bars * 4 * numerator / denominator * 60 / bpm * RATE))
    for rate in (44_100, 48_000, 96_000):
        samples = score.samples(rate)
        loop, tail = finish_loop(
            made[0].numpy(), loop_samples=made.shape[-1], samples=samples, source_rate=RATE, rate=rate
        )
        assert loop.shape == (2, samples)
        assert tail is None


def test_a_seed_gives_the_same_loop_in_any_batch(pipeline: Pipeline) -> None:
    score = make_score(bars=1, bpm=240, chords="Am")
    batch = pipeline.generate(score, seeds=[7, 8], sampling=QUICK, loop=True)
    alone = pipeline.generate(score, seeds=[8], sampling=QUICK, loop=True)
    torch.testing.assert_close(batch[1], alone[0], atol=1e-3, rtol=0)
    assert not torch.allclose(batch[0], batch[1], atol=1e-3)


def test_a_tail_continues_the_loop_without_changing_it(pipeline: Pipeline) -> None:
    score = make_score(bars=1, bpm=240, chords="Am")
    made = pipeline.generate(score, seeds=[3], sampling=QUICK, loop=True, end="ring")
    samples = score.samples(RATE)
    assert made.shape[-1] == samples + round(RING_SECONDS * RATE)
    inside = made[..., :samples].diff().abs()
    across = (made[..., samples] - made[..., samples - 1]).abs().max()
    # The tail continues the loop's phase: no jump is larger than those of the loop.
    assert across <= inside.max()


@pytest.mark.parametrize("samples", [4_410, 30_001])
def test_vary_keeps_a_loop_s_length_and_level(pipeline: Pipeline, samples: int) -> None:
    turns = round(330 * samples / RATE)
    time = torch.arange(samples) / samples
    loop = 0.05 * torch.sin(2 * math.pi * turns * time).expand(2, -1)
    varied = pipeline.vary(loop, seeds=[1], strength=0.3, loop=True, sampling=QUICK)
    assert varied.shape == (1, 2, samples)
    torch.testing.assert_close(varied.square().mean(), loop.square().mean(), rtol=1e-3, atol=0)


def test_a_loop_that_fades_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(MsaniiError, match="end: got fade, expected cut or ring for a loop"):
        pipeline.generate(make_score(bars=1, bpm=240), seeds=[1], loop=True, end="fade")


# --- finishing ---------------------------------------------------------------------------------------------


def tones(samples: int, *turns: int) -> NDArray[np.float32]:
    """(1, L): tones that go round a whole number of times."""
    time = 2 * np.pi * np.arange(samples) / samples
    line: NDArray[np.float32] = np.sin(np.outer(turns, time)).sum(axis=0, keepdims=True).astype(np.float32)
    return line


def test_resampling_a_loop_leaves_no_seam() -> None:
    at_44, at_48 = tones(44_099, 100, 9_000), tones(47_999, 100, 9_000)
    assert np.abs(resample_loop(at_44, 47_999) - at_48).max() < 1e-4
    assert np.abs(resample_loop(at_48, 44_099) - at_44).max() < 1e-4


def test_the_limiter_looks_past_the_seam() -> None:
    loop = 0.02 * tones(44_100, 200)
    loop[:, :40] += 4 * np.hanning(40)
    done, _ = finish_loop(loop, loop_samples=44_100, samples=44_100, source_rate=RATE, rate=RATE)
    turned = np.roll(loop, 20_000, axis=1)
    there, _ = finish_loop(turned, loop_samples=44_100, samples=44_100, source_rate=RATE, rate=RATE)
    # Loudness is measured on the file from its start, which differs a little between the two.
    gain = there[0, 30_000] / np.roll(done, 20_000, axis=1)[0, 30_000]
    np.testing.assert_allclose(np.roll(done, 20_000, axis=1) * gain, there, atol=2e-3)


def test_the_tail_has_the_loops_gain() -> None:
    line = 0.01 * tones(66_150, 660)
    loop, tail = finish_loop(line, loop_samples=44_100, samples=44_100, source_rate=RATE, rate=RATE)
    assert tail is not None
    gain = loop[0, 1000] / line[0, 1000]
    np.testing.assert_allclose(tail[:, :1000], gain * line[:, 44_100:45_100], rtol=0.03, atol=1e-3)
    assert np.abs(tail[:, -10:]).max() < 0.01
    for rate in (48_000, 96_000):
        samples = round(44_100 * rate / RATE)
        loop, tail = finish_loop(line, loop_samples=44_100, samples=samples, source_rate=RATE, rate=rate)
        assert tail is not None
        assert loop.shape[1] == samples
        assert np.abs(tail[0, 0] - loop[0, -1]) <= 1.2 * np.abs(np.diff(loop)).max()


def test_a_loop_that_is_short_or_broken_is_refused() -> None:
    with pytest.raises(OutputError, match="100 samples short"):
        finish_loop(tones(1_000, 3), loop_samples=1_100, samples=1_100, source_rate=RATE, rate=RATE)
    broken = np.full((1, 900), np.nan, np.float32)
    with pytest.raises(OutputError, match="not finite"):
        finish_loop(broken, loop_samples=900, samples=900, source_rate=RATE, rate=RATE)


@pytest.mark.parametrize("tail", [0, 20])
def test_the_context_is_laid_out_like_what_the_network_hears(tail: int) -> None:
    circle = Circle(37 * HOP, 37, tail)
    mel, kept = noise(1, 1, 3, 37 + tail), torch.arange(37 + tail) % 5 > 0

    def bind(context: Tensor, mask: Tensor) -> Network:
        def network(controls: Tensor | None) -> Predict:
            def predict(x: Tensor, _timestep: Tensor) -> Tensor:
                assert torch.equal(x, context)
                return x * mask

            return predict

        return network

    out = circle.with_context(bind, mel, kept, 4)(None)(mel, torch.zeros(1))
    assert torch.equal(out, mel * kept)
