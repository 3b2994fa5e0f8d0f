"""pipelines: the five verbs on a model with random weights, through the same path as a real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.choices import Side
from msanii.controls.tensor import control_tensor
from msanii.devices import Placement
from msanii.diffusion.unet import UNet
from msanii.errors import AudioError, CheckpointError, ControlError, MsaniiError
from msanii.music.score import Score, make_score
from msanii.pipelines import Pipeline, Sampling

RATE = 44_100
QUICK = Sampling(steps=3, scheduler="dpmsolver++", guidance=2.0, iterations=3)
CPU32 = Placement(torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> Pipeline:
    return Pipeline.load(tiny_model, device="cpu", dtype="float32")


def score(bars: float = 0.5, chords: str = "Am F C G", bpm: float = 97.3) -> Score:
    return make_score(bars=bars, bpm=bpm, chords=chords)


def music(seconds: float = 0.8, channels: int = 2, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    time = torch.arange(round(seconds * RATE)) / RATE
    tones = [torch.sin(time * frequency) for frequency in (1400.0, 2100.0, 3000.0 + 100 * seed)]
    return 0.2 * (
        torch.stack([*tones] * channels)[:channels] + 0.01 * torch.randn(1, len(time), generator=generator)
    )


@pytest.mark.parametrize("bars", [0.3, 0.5, 1.0])
def test_generated_length_is_the_score_s_to_the_sample(pipeline: Pipeline, bars: float) -> None:
    asked = score(bars)
    audio = pipeline.generate(asked, seeds=[7], sampling=QUICK)
    assert audio.shape == (1, 2, round(bars * 240 / 97.3 * RATE))
    assert audio.dtype == torch.float32
    assert audio.device.type == "cpu"
    assert torch.isfinite(audio).all()


def test_a_seed_gives_the_same_samples_and_another_seed_others(pipeline: Pipeline) -> None:
    first = pipeline.generate(score(), seeds=[7], sampling=QUICK)
    assert torch.equal(first, pipeline.generate(score(), seeds=[7], sampling=QUICK))
    assert not torch.allclose(first, pipeline.generate(score(), seeds=[8], sampling=QUICK), atol=1e-3)


def test_a_variation_is_its_seed_whatever_stands_beside_it(pipeline: Pipeline) -> None:
    batch = pipeline.generate(score(), seeds=[7, 8, 9], sampling=QUICK)
    alone = pipeline.generate(score(), seeds=[8], sampling=QUICK)
    # Another batch size may round otherwise; 1e-3 is far below what another seed changes.
    torch.testing.assert_close(batch[1], alone[0], atol=1e-3, rtol=0)


def test_chords_and_guidance_change_what_is_generated(tiny_model: Path) -> None:
    steered = steerable(tiny_model)
    one, other, none = (
        steered.generate(score(chords=chords), seeds=[7], sampling=QUICK) for chords in ("Am", "F#", "")
    )
    assert not torch.allclose(one, other, atol=1e-3)
    assert not torch.allclose(one, none, atol=1e-3)
    plain = replace(QUICK, guidance=1.0)
    assert not torch.allclose(one, steered.generate(score(chords="Am"), seeds=[7], sampling=plain), atol=1e-3)


def test_the_score_counts_from_where_its_verb_says(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[float] = []

    def watch(*args: Any, start_seconds: float, **options: Any) -> Tensor:
        starts.append(start_seconds)
        return control_tensor(*args, start_seconds=start_seconds, **options)

    monkeypatch.setattr("msanii.rendering.steps.control_tensor", watch)
    monkeypatch.setattr("msanii.pipelines.CONTEXT_SECONDS", 0.25)
    source = music(1.0)
    pipeline.vary(source, score(), seeds=[1], strength=0.2, sampling=QUICK)
    pipeline.inpaint(source, 0.6, 0.8, score(), seeds=[1], sampling=QUICK)
    pipeline.outpaint(source, 0.5, "after", score(), seeds=[1], sampling=QUICK)
    pipeline.outpaint(source, 0.5, "before", score(), seeds=[1], sampling=QUICK)
    # 0.25 + 0.5 seconds need 34 frames at least; 36 is the multiple of 4, so the line is 35 hops long.
    too_early = 0.75 - 35 * 1024 / RATE
    assert starts == pytest.approx([0, 0.35, -0.25, too_early], abs=1 / RATE)


def steerable(tiny_model: Path) -> Pipeline:
    """The tiny model with a control projection that training has moved away from its zeros."""
    model = load_model(tiny_model)
    generator = torch.Generator().manual_seed(0)
    assert model.unet.control_fn is not None
    with torch.no_grad():
        for parameter in model.unet.control_fn.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return Pipeline(model, CPU32)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_any_channel_count(pipeline: Pipeline, channels: int) -> None:
    assert pipeline.generate(score(), seeds=[1], sampling=QUICK, channels=channels).shape[1] == channels
    varied = pipeline.vary(music(0.5, channels), seeds=[1], strength=0.5, sampling=QUICK)
    assert varied.shape == (1, channels, round(0.5 * RATE))


def test_ringing_goes_on_past_the_end(pipeline: Pipeline) -> None:
    asked = score()
    audio = pipeline.generate(asked, seeds=[1], sampling=QUICK, end="ring")
    assert audio.shape[-1] == asked.samples(RATE) + 4 * RATE


@pytest.mark.parametrize("samples", [4410, 30_001, 65_536])
def test_vary_takes_any_length_and_keeps_the_level(pipeline: Pipeline, samples: int) -> None:
    source = music(2)[:, :samples] * 0.05
    varied = pipeline.vary(source, score(), seeds=[1, 2], strength=0.4, sampling=QUICK)
    assert varied.shape == (2, 2, samples)
    assert not torch.allclose(varied[0], varied[1], atol=1e-4)
    levels = varied.square().mean(dim=(1, 2)).sqrt()
    torch.testing.assert_close(levels, source.square().mean().sqrt().expand(2), rtol=1e-3, atol=0)


def test_vary_does_not_depend_on_the_source_s_level(pipeline: Pipeline) -> None:
    loud = pipeline.vary(music(), seeds=[1], strength=0.4, sampling=QUICK)
    quiet = pipeline.vary(music() * 0.125, seeds=[1], strength=0.4, sampling=QUICK)
    torch.testing.assert_close(quiet * 8, loud, atol=1e-3, rtol=0)


def test_interpolation_reaches_from_one_source_to_the_other(pipeline: Pipeline) -> None:
    first, second = music(0.8), music(0.6, seed=2)

    def between(one: Tensor, other: Tensor, ratio: float) -> Tensor:
        return pipeline.interpolate(one, other, ratio, seeds=[1], strength=0.3, sampling=QUICK)

    assert between(first, second, 0.5).shape == (1, 2, round(0.6 * RATE))
    first = first[:, : second.shape[1]]
    at_first = pipeline.vary(first, seeds=[1], strength=0.3, sampling=QUICK)
    torch.testing.assert_close(between(first, second, 0.0), at_first, atol=1e-4, rtol=0)
    torch.testing.assert_close(between(second, first, 1.0), at_first, atol=1e-4, rtol=0)


def test_interpolation_spreads_a_mono_source(pipeline: Pipeline) -> None:
    mixed = pipeline.interpolate(music(0.5, 1), music(0.5, 2), 0.5, seeds=[1], strength=0.3, sampling=QUICK)
    assert mixed.shape[1] == 2
    with pytest.raises(AudioError, match="source_b: got 2 channels, expected 3"):
        pipeline.interpolate(music(0.5, 3), music(0.5, 2), 0.5, seeds=[1], strength=0.3, sampling=QUICK)


@pytest.mark.parametrize(("start", "end"), [(0.3, 0.6), (None, 0.2), (0.6, None), (0.3, 0.301)])
def test_inpainting_changes_the_region_and_nothing_else(
    pipeline: Pipeline, start: float | None, end: float | None
) -> None:
    source = music(0.8)
    painted = pipeline.inpaint(source, start, end, score(), seeds=[1, 2], sampling=QUICK)
    first, last = round((start or 0) * RATE), round((end or 0.8) * RATE)
    assert painted.shape == (2, *source.shape)
    for variation in painted:
        assert torch.equal(variation[:, :first], source[:, :first])
        assert torch.equal(variation[:, last:], source[:, last:])
        assert not torch.allclose(variation[:, first:last], source[:, first:last], atol=1e-3)
    assert not torch.allclose(painted[0], painted[1], atol=1e-4)


def test_inpainting_a_long_source_hears_what_is_near(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msanii.pipelines.CONTEXT_SECONDS", 0.25)
    source = music(1.6)
    painted = pipeline.inpaint(source, 0.8, 0.9, seeds=[1], sampling=QUICK)[0]
    gap = slice(round(0.8 * RATE), round(0.9 * RATE))
    assert painted.shape == source.shape
    assert torch.equal(painted[:, : gap.start], source[:, : gap.start])
    assert torch.equal(painted[:, gap.stop :], source[:, gap.stop :])
    far = source.clone()
    far[:, : RATE // 2] = music(0.5, seed=5)
    again = pipeline.inpaint(far, 0.8, 0.9, seeds=[1], sampling=QUICK)[0]
    assert torch.equal(again[:, gap], painted[:, gap])


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize("context_seconds", [12.0, 0.25])
def test_outpainting_adds_exactly_what_was_asked_around_the_source(
    pipeline: Pipeline, side: Side, context_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msanii.pipelines.CONTEXT_SECONDS", context_seconds)
    source = music(0.6)
    added, length = round(0.4321 * RATE), source.shape[1]
    grown = pipeline.outpaint(source, 0.4321, side, score(), seeds=[1, 2], sampling=QUICK)
    assert grown.shape == (2, 2, length + added)
    old, new = (
        (slice(0, length), slice(length, None)) if side == "after" else (slice(added, None), slice(0, added))
    )
    for variation in grown:
        assert torch.equal(variation[:, old], source)
        assert variation[:, new].abs().max() > 1e-4
    assert not torch.allclose(grown[0], grown[1], atol=1e-4)


@pytest.mark.parametrize(
    ("start", "end"), [(0.5, 0.5), (0.6, 0.2), (-0.1, 0.2), (0.2, 0.9), (float("nan"), 0.5)]
)
def test_regions_outside_the_source_are_refused(pipeline: Pipeline, start: float, end: float) -> None:
    with pytest.raises(AudioError, match="region: got"):
        pipeline.inpaint(music(0.8), start, end, seeds=[1], sampling=QUICK)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), 1e9])
def test_outpainting_refuses_impossible_lengths(pipeline: Pipeline, seconds: float) -> None:
    with pytest.raises(AudioError, match="seconds: got"):
        pipeline.outpaint(music(), seconds, seeds=[1], sampling=QUICK)


def test_sources_that_cannot_be_used_are_refused(pipeline: Pipeline) -> None:
    def vary(source: Tensor) -> None:
        pipeline.vary(source, seeds=[1], strength=0.5, sampling=QUICK)

    with pytest.raises(AudioError, match="silent"):
        vary(torch.zeros(2, RATE))
    with pytest.raises(AudioError, match=r"got 0.023 seconds, expected at least 0.1"):
        vary(music()[:, :1000])
    with pytest.raises(AudioError, match="shape"):
        vary(music()[0])
    with pytest.raises(AudioError, match="not finite"):
        vary(torch.full((2, RATE), float("nan")))


def test_values_out_of_range_are_said(pipeline: Pipeline) -> None:
    with pytest.raises(MsaniiError, match="seeds: got none"):
        pipeline.generate(score(), seeds=[], sampling=QUICK)
    with pytest.raises(MsaniiError, match="seed: got -1"):
        pipeline.generate(score(), seeds=[-1], sampling=QUICK)
    with pytest.raises(MsaniiError, match="guidance: got nan"):
        Sampling(steps=1, scheduler="ddim", guidance=float("nan"), iterations=1)
    with pytest.raises(MsaniiError, match="iterations: got -1"):
        Sampling(steps=1, scheduler="ddim", guidance=1, iterations=-1)
    with pytest.raises(MsaniiError, match="strength: got 0"):
        pipeline.vary(music(), seeds=[1], strength=0, sampling=QUICK)


def test_numpy_sources_are_welcome(pipeline: Pipeline) -> None:
    source = music(0.3)
    from_numpy = pipeline.vary(np.asarray(source), seeds=[1], strength=0.3, sampling=QUICK)  # type: ignore[arg-type]
    assert torch.equal(from_numpy, pipeline.vary(source, seeds=[1], strength=0.3, sampling=QUICK))


def test_progress_rises_to_one_and_may_cancel(pipeline: Pipeline) -> None:
    seen: list[float] = []
    pipeline.generate(score(), seeds=[1], sampling=QUICK, on_step=seen.append)
    assert len(seen) == QUICK.steps + QUICK.iterations
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1)
    seen.clear()
    pipeline.inpaint(music(), 0.3, 0.5, seeds=[1], sampling=QUICK, on_step=seen.append)
    assert len(seen) == 92 + QUICK.iterations

    class CancelledError(Exception):
        pass

    def cancel(_: float) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        pipeline.vary(music(), seeds=[1], strength=0.5, sampling=QUICK, on_step=cancel)


def test_a_model_without_controls_says_so_when_asked_for_chords(tiny_model: Path) -> None:
    plain = uncontrolled(tiny_model)
    free = plain.generate(make_score(seconds=0.5, bpm=120), seeds=[1], sampling=QUICK)
    assert free.shape[-1] == RATE // 2
    with pytest.raises(ControlError, match="chords"):
        plain.generate(score(), seeds=[1], sampling=QUICK)


def uncontrolled(tiny_model: Path, **changes: object) -> Pipeline:
    model = load_model(tiny_model)
    config = replace(model.config, unet=replace(model.config.unet, controls=()), **changes)  # type: ignore[arg-type]
    torch.manual_seed(0)
    return Pipeline(
        LoadedModel(config, UNet(config.unet).eval(), model.vocoder, model.transforms, "x"), CPU32
    )


def test_without_a_trained_vocoder_the_mel_bank_s_inverse_serves(tiny_model: Path) -> None:
    audio = uncontrolled(tiny_model, trained=("unet",)).vary(
        music(), seeds=[1], strength=0.02, sampling=QUICK
    )
    assert torch.isfinite(audio).all()
    with pytest.raises(CheckpointError, match="U-Net was never trained"):
        uncontrolled(tiny_model, trained=("vocoder",))


def test_it_says_what_a_recipe_needs(pipeline: Pipeline, tiny_model: Path) -> None:
    assert (pipeline.device_name, pipeline.dtype_name) == ("cpu", "float32")
    assert pipeline.threads == torch.get_num_threads()
    assert pipeline.fingerprint == load_model(tiny_model).fingerprint
    assert pipeline.rate == RATE


def test_bfloat16_gives_nearly_the_same_music(tiny_model: Path, pipeline: Pipeline) -> None:
    fast = Pipeline.load(tiny_model, device="cpu", dtype="bfloat16")
    assert fast.dtype_name == "bfloat16"
    seen = [one.generate(score(), seeds=[3], sampling=QUICK) for one in (pipeline, fast)]
    spectra = [
        torch.stft(audio[0], 2048, window=torch.hann_window(2048), return_complex=True).abs()
        for audio in seen
    ]
    assert float((spectra[0] - spectra[1]).norm() / spectra[0].norm()) < 0.5
    assert seen[1].dtype == torch.float32
