"""The one-pass vocoder: size, lengths, carried phases, circles and streams."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from torch import Tensor

import msanii.vocoder.decoding
from msanii.config import (
    LowBandConfig,
    ModelConfig,
    OnePassConfig,
    SidesConfig,
    TransformsConfig,
    VocoderConfig,
)
from msanii.devices import Placement
from msanii.errors import ConfigError
from msanii.signal.griffin_lim import Kept
from msanii.signal.split_complex import SplitComplex, cis
from msanii.signal.transforms import Transforms
from msanii.vocoder.blocks import recurrence
from msanii.vocoder.decoding import SECTION_FRAMES, OnePassDecoder
from msanii.vocoder.mel_correction import MelCorrection
from msanii.vocoder.network import OnePassVocoder
from msanii.vocoder.streaming import OnePassStream
from msanii.vocoder.synthesis import KnownPhase, Prediction, Synthesis

RATE, HOP = 44_100, 1024
SYNTHESIS = Synthesis(2048, 512)
TINY = OnePassConfig(d_model=16, d_hidden_factor=1, mel_blocks=1, blocks=1)
WITH_LOW_BAND = dataclasses.replace(TINY, low=LowBandConfig(d_model=16, d_hidden_factor=1, blocks=1))
WITH_SIDES = dataclasses.replace(WITH_LOW_BAND, sides=SidesConfig(d_model=16, d_hidden_factor=1, blocks=1))
either = pytest.mark.parametrize(
    "config", [TINY, WITH_LOW_BAND, WITH_SIDES], ids=["alone", "low band", "low band and sides"]
)


def seeded(config: OnePassConfig = TINY) -> OnePassVocoder:
    """A vocoder with random weights, none of them zero."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        vocoder = OnePassVocoder(config, TransformsConfig()).eval()
        with torch.no_grad():
            for parameter in vocoder.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
    return vocoder


def decoder_of(vocoder: OnePassVocoder) -> OnePassDecoder:
    return OnePassDecoder(vocoder, Placement(torch.device("cpu"), torch.float32))


def mel(frames: int, channels: int = 2, batch: int = 1) -> Tensor:
    return torch.randn(batch, channels, 128, frames, generator=torch.Generator().manual_seed(1)) - 3


def steady(hertz: float, frames: int) -> Prediction:
    """A prediction that holds one tone: every bin near it moves as the tone does."""
    bins, step = 1025, 2 * math.pi * 512 / 2048
    moves = 2 * math.pi * hertz * 512 / RATE - step * torch.arange(bins)
    place = hertz * 2048 / RATE
    level = torch.where((torch.arange(bins) - place).abs() < 1.5, 0.0, -30.0)
    shape = (1, frames, bins)
    return Prediction(level.expand(shape), ahead(shape), moving(moves.expand(shape)))


def moving(angle: Tensor) -> SplitComplex:
    """Phases that surely move on by those angles."""
    return cis(angle).scaled(torch.tensor(1e3))


def ahead(shape: tuple[int, ...]) -> SplitComplex:
    """Phases of zero."""
    return cis(torch.zeros(shape))


def loudest_hz(waveform: Tensor) -> float:
    spectrum = torch.fft.rfft(waveform * torch.hann_window(len(waveform)), n=1 << 20).abs()
    return float(spectrum.argmax()) * RATE / (1 << 20)


def test_the_default_is_as_large_as_it_may_be() -> None:
    weights = sum(
        parameter.numel() for parameter in OnePassVocoder(OnePassConfig(), TransformsConfig()).parameters()
    )
    assert 8_000_000 < weights < 12_000_000
    assert 2 * weights < 18 * 2**20  # in float16, so that a U-Net of 42 MiB leaves room for it


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_channels_may_have_any_number_and_order(channels: int) -> None:
    vocoder, x = seeded(), mel(9, channels)
    with torch.inference_mode():
        made, turned = vocoder(x), vocoder(x.flip(1))
    assert made.shape == (1, channels, 8 * HOP)
    assert made.isfinite().all()
    torch.testing.assert_close(turned.flip(1), made)


def test_separate_channels_are_independent() -> None:
    vocoder = seeded(OnePassConfig(d_model=16, d_hidden_factor=1, mel_blocks=1, blocks=1, stereo="separate"))
    x = mel(9)
    with torch.inference_mode():
        torch.testing.assert_close(vocoder(x)[:, :1], vocoder(x[:, :1]))


def test_the_recurrence_equals_its_loop() -> None:
    random = torch.Generator().manual_seed(0)
    turn = torch.polar(torch.rand(2, 37, 5, generator=random), 6 * torch.rand(2, 37, 5, generator=random))
    entry = torch.randn(2, 37, 5, generator=random, dtype=torch.complex64)
    before = torch.randn(2, 5, generator=random, dtype=torch.complex64)
    planes = SplitComplex.of(turn), SplitComplex.of(entry), SplitComplex.of(before)
    values, last = (made.complex() for made in recurrence(*planes))
    value = before
    for frame in range(37):
        value = turn[:, frame] * value + entry[:, frame]
        torch.testing.assert_close(values[:, frame], value, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(last, value, atol=1e-5, rtol=1e-4)
    none = SplitComplex.of(turn[..., :0])
    assert recurrence(none, none)[0].real.shape == (2, 37, 0)


@pytest.mark.parametrize("hertz", [110.0, 261.63, 1000.0])
def test_a_steady_tone_keeps_its_pitch(hertz: float) -> None:
    """What a network without carried phase cannot do: none of these is a multiple of rate / hop."""
    made = SYNTHESIS.waveform(steady(hertz, 129))[0]
    assert abs(1200 * math.log2(loudest_hz(made[8192:-8192]) / hertz)) < 1


@pytest.mark.parametrize("hertz", [220.0, 440.0, 493.88])
def test_a_steady_entry_does_not_pull_a_tone_to_a_multiple_of_the_hops_rate(hertz: float) -> None:
    tone = steady(hertz, 430)
    unsure = dataclasses.replace(tone, motion=tone.motion.scaled(torch.tensor(4.0 / 1e3)))
    made = SYNTHESIS.waveform(unsure)[0]
    for second in range(5):
        heard = loudest_hz(made[second * RATE : (second + 1) * RATE - 1024])
        assert abs(1200 * math.log2(heard / hertz)) < 2


@pytest.mark.parametrize("samples", [64 * 512, 64 * 512 - 700, 64 * 512 + 900])
def test_another_frame_spacing_keeps_the_pitch(samples: int) -> None:
    hertz = round(440.0 * samples / RATE) * RATE / samples  # a whole number of periods, so that it can close
    made = SYNTHESIS.loop(steady(hertz, 64), samples)[0]
    assert made.shape == (samples,)
    assert abs(1200 * math.log2(loudest_hz(made.repeat(4)) / hertz)) < 1
    # No seam: the step over the end is like any other.
    steps = torch.diff(torch.cat((made, made[:2]))).abs()
    assert steps[-2:].max() <= 1.05 * steps[:-2].max()


@either
@pytest.mark.parametrize("samples", [40 * HOP, 40 * HOP + 320, 40 * HOP - 120])
def test_rotating_the_mel_rotates_the_loop(samples: int, config: OnePassConfig) -> None:
    vocoder, x = seeded(config), mel(40)
    with torch.inference_mode():
        made, turned = (
            vocoder(x, circle_samples=samples),
            vocoder(torch.roll(x, 20, -1), circle_samples=samples),
        )
    assert made.shape == (1, 2, samples)
    torch.testing.assert_close(
        torch.roll(made, samples // 2, -1), turned, atol=1e-4 * float(made.abs().max()), rtol=0
    )


@either
@pytest.mark.parametrize("sizes", [[60], [1] * 60, [7, 50, 3]])
@pytest.mark.parametrize("is_corrected", [False, True])
def test_streamed_pieces_equal_the_whole(sizes: list[int], config: OnePassConfig, is_corrected: bool) -> None:
    vocoder, x = seeded(config), mel(60)
    correction = MelCorrection(Transforms(TransformsConfig())) if is_corrected else None
    with torch.inference_mode():
        whole = decoder_of(vocoder).waveform(x, correction=correction) if correction else vocoder(x)
    stream = OnePassStream(vocoder, correction=correction)
    pieces = [stream.push(piece) for piece in torch.split(x, sizes, dim=-1)] + [stream.end()]
    made = torch.cat(pieces, dim=-1)
    assert made.shape == whole.shape
    assert float((made - whole).abs().max()) < 1e-4 * float(whole.abs().max())


@either
@pytest.mark.parametrize("frames", [SECTION_FRAMES + 1, 3 * SECTION_FRAMES])
def test_long_audio_is_decoded_in_sections_without_a_trace(
    frames: int, config: OnePassConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    vocoder, x = seeded(config), mel(frames)
    asked: list[int] = []
    outputs = vocoder.outputs

    def counted(log_mel: Tensor, *, circular: bool) -> tuple[Tensor, ...]:
        asked.append(log_mel.shape[-1])
        return outputs(log_mel, circular=circular)

    decoder = decoder_of(vocoder)
    with torch.inference_mode():
        monkeypatch.setattr(msanii.vocoder.decoding, "SECTION_FRAMES", frames)
        whole = decoder.waveform(x)
        monkeypatch.undo()
        monkeypatch.setattr(vocoder, "outputs", counted)
        made = decoder.waveform(x)
    assert made.shape == whole.shape
    assert float((made - whole).abs().max()) < 1e-4 * float(whole.abs().max())
    assert max(asked) < SECTION_FRAMES + 3 * vocoder.reach


@either
def test_a_variation_is_the_same_to_the_bit_in_any_batch(config: OnePassConfig) -> None:
    decoder = decoder_of(seeded(config))
    three = torch.cat([mel(40) + shift for shift in (0.0, 0.5, 1.0)])
    samples = 39 * HOP
    old = torch.randn(3, 2, samples, generator=torch.Generator().manual_seed(1)) * 0.1
    mask = torch.arange(samples) < samples // 2
    with torch.inference_mode():
        together = decoder.waveform(three), decoder.waveform(three, kept=Kept(old, mask))
        for index in range(3):
            one = three[index : index + 1]
            alone = decoder.waveform(one), decoder.waveform(one, kept=Kept(old[index : index + 1], mask))
            assert all(torch.equal(a[0], b[index]) for a, b in zip(alone, together, strict=True))


def test_a_stream_returns_final_audio_at_once() -> None:
    stream = OnePassStream(seeded())
    first = stream.push(mel(60))
    assert first.shape[-1] > (60 - stream.latency_frames - 2) * HOP
    with pytest.raises(ValueError, match="no mel was pushed"):
        OnePassStream(seeded()).end()


def test_known_phases_restore_the_audio() -> None:
    random = torch.Generator().manual_seed(0)
    sound = torch.randn(2, 40 * 512, generator=random) * 0.1
    spectrum = SYNTHESIS.analyse(sound)
    level, held = spectrum.abs().clamp(min=1e-9).log(), spectrum[..., :512]
    nothing = Prediction(level, ahead(spectrum.shape), ahead(held.shape))
    known = KnownPhase(spectrum, torch.ones_like(spectrum.real))
    torch.testing.assert_close(SYNTHESIS.waveform(nothing, known), sound, atol=1e-4, rtol=0)
    assert float((SYNTHESIS.waveform(nothing) - sound).abs().max()) > 0.05


def test_a_low_band_holds_a_bass_whose_partials_a_short_window_cannot_tell_apart() -> None:
    hertz, frames = 41.2, 200
    low = LowBandConfig()
    synthesis = seeded(WITH_LOW_BAND).syntheses[1]
    places = hertz * low.n_fft / RATE * torch.arange(1, 12)
    near = (torch.arange(low.bins)[:, None] - places).abs().min(dim=1)
    moves = 2 * math.pi * HOP * (places[near.indices] / low.n_fft - torch.arange(low.bins) / low.n_fft)
    level = torch.where(near.values < 1.5, 0.0, -30.0)
    shape = (1, frames, low.bins)
    held = Prediction(level.expand(shape), ahead(shape), moving(moves.expand(shape)))
    made = synthesis.waveform(held)[0][8192:-8192]
    spectrum = torch.fft.rfft(made * torch.hann_window(len(made)), n=1 << 20).abs()
    for partial in range(1, 8):
        around = slice(*(round(place * hertz * (1 << 20) / RATE) for place in (partial - 0.5, partial + 0.5)))
        found = (around.start + int(spectrum[around].argmax())) * RATE / (1 << 20)
        assert abs(1200 * math.log2(found / (partial * hertz))) < 2


@pytest.mark.parametrize("config", [WITH_LOW_BAND, WITH_SIDES], ids=["low band", "low band and sides"])
@pytest.mark.parametrize("samples", [None, 40 * HOP, 40 * HOP + 320])
def test_both_bands_sum_to_the_whole(samples: int | None, config: OnePassConfig) -> None:
    vocoder, frames = seeded(config), 40 if samples else 41
    sound = 0.1 * torch.randn(2, samples or 40 * HOP, generator=torch.Generator().manual_seed(0))
    predictions, known = [], []
    with torch.inference_mode():
        guessed = vocoder.predict(mel(frames), circular=bool(samples))
    for synthesis, prediction in zip(vocoder.syntheses, guessed, strict=True):
        count, bins = prediction.log_magnitude.shape[1:]
        spectrum = synthesis.analyse_loop(sound, count) if samples else synthesis.analyse(sound)
        spectrum = spectrum[:, :count, :bins]
        level = spectrum.abs().clamp(min=1e-9).log()
        predictions.append(dataclasses.replace(prediction, log_magnitude=level))
        known.append(KnownPhase(spectrum, torch.ones_like(spectrum.real)))
    made = vocoder.waveform(predictions, 2, circle_samples=samples, known=known)[0]
    torch.testing.assert_close(made, sound, atol=1e-3, rtol=0)


@either
def test_a_gradient_reaches_every_weight(config: OnePassConfig) -> None:
    vocoder = OnePassVocoder(config, TransformsConfig())
    vocoder(mel(9)).square().mean().backward()
    missing = [
        name
        for name, weight in vocoder.named_parameters()
        if weight.grad is None or not weight.grad.isfinite().all()
    ]
    assert not missing


def test_configurations_choose_the_vocoder() -> None:
    config = ModelConfig.from_dict({"vocoder": {"kind": "one_pass", "d_model": 16}})
    assert config.vocoder == OnePassConfig(d_model=16)
    assert ModelConfig.from_dict(config.to_dict()) == config
    assert ModelConfig.from_dict({"vocoder": {"d_model": 16}}).vocoder == VocoderConfig(d_model=16)


@pytest.mark.parametrize(
    ("vocoder", "sentence"),
    [
        ({"kind": "other"}, "vocoder.kind: got 'other', expected one of paper, one_pass"),
        ({"kind": ["paper"]}, "vocoder.kind"),
        ({"kind": "one_pass", "hidden": 1}, "unknown hidden"),
        ({"kind": "one_pass", "kernel": 4}, "expected an odd number"),
        ({"kind": "one_pass", "carried_bins": 1026}, "expected 0 to 1025"),
        ({"kind": "one_pass", "upsampling": 3}, "divisor of hop_length"),
        ({"kind": "one_pass", "features": "scaled"}, "reads log_mel alone"),
        ({"kind": "one_pass", "d_model": 0}, "at least 1"),
        (7, "expected a mapping"),
    ],
)
def test_configurations_that_make_no_vocoder_are_refused(vocoder: object, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        ModelConfig.from_dict({"vocoder": vocoder})
