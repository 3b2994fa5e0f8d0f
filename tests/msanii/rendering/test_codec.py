"""codec: by which edition of the rules a mel becomes sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.choices import Edition, End
from msanii.config import LowBandConfig
from msanii.devices import Placement
from msanii.diffusion.circle import Circle
from msanii.errors import AudioError
from msanii.metrics.faults import dc_share, mono_loss_db, subsonic_share
from msanii.metrics.harmony import Audio
from msanii.music.score import make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.rendering import codec as codec_module
from msanii.rendering.codec import Codec
from msanii.signal.griffin_lim import Kept
from msanii.vocoder.network import OnePassVocoder
from tests.msanii.networks import save_one_pass_model

RATE, HOP, FRAMES = 44_100, 1024, 65
CPU32 = Placement(torch.device("cpu"), torch.float32)
QUICK = Sampling(steps=2, scheduler="dpmsolver++", guidance=1.0, iterations=2)
CIRCLE = Circle.of(60_000, HOP)


def tone(seconds: float = 2.0, offset: float = 0.0) -> Tensor:
    line = 0.2 * torch.sin(2 * torch.pi * 300 * torch.arange(round(seconds * RATE)) / RATE)
    return torch.stack((line, 0.5 * line)) + offset


@pytest.fixture(scope="module")
def plain(tiny_model: Path) -> LoadedModel:
    """The tiny model without its vocoder of random weights: Griffin-Lim on the mel's own spectrum."""
    model = load_model(tiny_model)
    return replace(model, config=replace(model.config, trained=("unet",)))


@pytest.fixture(scope="module")
def one_pass(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """The tiny model with a one-pass vocoder of random weights that makes a strong offset of everything."""
    model = load_model(save_one_pass_model(tmp_path_factory.mktemp("one_pass") / "model", tiny_model))
    low = LowBandConfig(d_model=16, d_hidden_factor=1, blocks=1)
    config = replace(model.config, vocoder=replace(model.config.vocoder, low=low))  # type: ignore[arg-type]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        vocoder = OnePassVocoder(config.vocoder, config.transforms).eval()  # type: ignore[arg-type]
    assert vocoder.low is not None
    with torch.no_grad():
        vocoder.low.envelope.bias[:2] = 6.0
    return replace(model, config=config, vocoder=vocoder)


def decoded(
    model: LoadedModel, edition: Edition, circle: Circle | None = None, kept: Kept | None = None
) -> Audio:
    """(2, L) of a tone on an offset, by Griffin-Lim for a model whose vocoder gives no phase."""
    codec = Codec(model, CPU32)
    mel = codec.encode(tone(3.0, 0.3))[..., : FRAMES if circle is None else circle.frames]
    iterations = None if isinstance(model.vocoder, OnePassVocoder) else 4
    generators = [torch.Generator().manual_seed(0)]
    with torch.inference_mode():
        made = codec.decode(
            mel, iterations=iterations, generators=generators, circle=circle, kept=kept, edition=edition
        )
    return np.asarray(made[0].numpy())


def refused(*_: object, **__: object) -> Audio:
    raise AssertionError("filtered")


kinds = pytest.mark.parametrize("kind", ["plain", "one_pass"])
circles = pytest.mark.parametrize("circle", [None, CIRCLE], ids=["line", "circle"])


@circles
@kinds
def test_nothing_sounds_below_20_hz_from_edition_2_on(
    kind: str, circle: Circle | None, request: pytest.FixtureRequest
) -> None:
    model: LoadedModel = request.getfixturevalue(kind)
    assert subsonic_share(decoded(model, 1, circle), RATE) > 0.03
    now = decoded(model, 2, circle)
    assert subsonic_share(now, RATE) < 0.01
    assert dc_share(now, RATE) < 0.003


@circles
def test_edition_1_is_what_the_vocoder_gives(
    one_pass: LoadedModel, circle: Circle | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec_module, "without_subsonic", refused)
    codec, vocoder = Codec(one_pass, CPU32), one_pass.vocoder
    assert isinstance(vocoder, OnePassVocoder)
    mel = codec.encode(tone(3.0, 0.3))[..., : FRAMES if circle is None else circle.frames]
    samples = None if circle is None else circle.samples
    with torch.inference_mode():
        log_mel = one_pass.transforms.unscale(mel)
        predictions = vocoder.predict(log_mel, circular=circle is not None)
        wanted = vocoder.waveform(predictions, 2, circle_samples=samples)[0].numpy()
    np.testing.assert_array_equal(decoded(one_pass, 1, circle), wanted)


@kinds
def test_what_is_kept_keeps_its_offset_and_what_is_new_has_none(
    kind: str, request: pytest.FixtureRequest
) -> None:
    samples = (FRAMES - 1) * HOP
    mask = torch.arange(samples) < samples // 2
    old = tone(samples / RATE, 0.3)
    made = decoded(request.getfixturevalue(kind), 2, kept=Kept(old, mask))
    np.testing.assert_array_equal(made[:, : samples // 2], old[:, : samples // 2].numpy())
    # ContinuationState the fade that splicing puts there.
    new = made[:, samples // 2 + RATE // 20 :]
    assert np.abs(new.mean(axis=1)).max() < 0.001
    assert subsonic_share(new, RATE) < 0.01


def rendered(pipeline: Pipeline, verb: str, edition: Edition) -> None:
    sampling, source = replace(QUICK, edition=edition), tone()
    score = make_score(bars=0.5, bpm=97.3, chords="Am")
    match verb:
        case "generate" | "loop" | "ring":
            end: End = "cut" if verb == "generate" else "ring"
            pipeline.generate(score, seeds=[1], sampling=sampling, loop=verb == "loop", end=end)
        case "vary" | "vary a loop":
            pipeline.vary(source, seeds=[1], strength=0.5, loop=verb != "vary", sampling=sampling)
        case "interpolate":
            pipeline.interpolate(source, source, 0.5, seeds=[1], strength=0.5, sampling=sampling)
        case "inpaint":
            pipeline.inpaint(source, 0.5, 1.0, seeds=[1], repaint_steps=2, sampling=sampling)
        case "outpaint":
            pipeline.outpaint(source, 0.5, seeds=[1], repaint_steps=2, sampling=sampling)
        case "continue":
            session = pipeline.continuation()
            session.bars(session.from_nothing(RATE), score, 0, seed=1, sampling=sampling)


@pytest.mark.parametrize(
    "verb",
    ["generate", "loop", "ring", "vary", "vary a loop", "interpolate", "inpaint", "outpaint", "continue"],
)
def test_every_verb_renders_by_the_edition_it_is_given(
    tiny_model: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline.load(tiny_model, device="cpu", dtype="float32")
    monkeypatch.setattr(codec_module, "without_subsonic", refused)
    rendered(pipeline, verb, 1)
    with pytest.raises(AssertionError, match="filtered"):
        rendered(pipeline, verb, 2)


@pytest.mark.parametrize("verb", ["generate", "loop"])
def test_what_is_generated_survives_mono_from_edition_4_on(
    tiny_model: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelling(*_: object, **__: object) -> torch.Tensor:
        shared, own = torch.randn(2, 1, 1, 2 * RATE, generator=torch.Generator().manual_seed(1))
        return torch.cat((0.1 * shared + own, 0.1 * shared - own), dim=1)

    pipeline = Pipeline.load(tiny_model, device="cpu", dtype="float32")
    monkeypatch.setattr("msanii.rendering.steps.PipelineSteps.decode", cancelling)
    monkeypatch.setattr("msanii.pipelines.decode_loop", cancelling)
    score = make_score(bars=0.5, bpm=97.3, chords="Am")
    losses = [
        mono_loss_db(
            pipeline.generate(
                score, seeds=[1], loop=verb == "loop", sampling=replace(QUICK, edition=edition)
            )[0].numpy(),
            RATE,
        )
        for edition in (3, 4)
    ]
    assert losses[0] > 15
    assert losses[1] == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize("loop", [False, True])
def test_a_variation_is_as_loud_as_what_is_heard_of_its_source(one_pass: LoadedModel, loop: bool) -> None:
    """An offset of a source is neither in the variation nor made up for by its level."""
    pipeline = Pipeline(one_pass, CPU32)
    varied = pipeline.vary(tone(2.0, 0.5), seeds=[1], strength=0.3, loop=loop, sampling=QUICK)[0].numpy()
    assert dc_share(varied, RATE) < 1e-3
    wanted = float(tone().square().mean().sqrt())
    assert float(np.sqrt(np.mean(varied**2))) == pytest.approx(wanted, rel=0.01)


def test_a_source_that_is_nothing_but_an_offset_is_silent(plain: LoadedModel) -> None:
    pipeline, offset = Pipeline(plain, CPU32), torch.full((2, RATE), 0.1)
    with pytest.raises(AudioError, match="source: is silent; choose a part with sound in it"):
        pipeline.vary(offset, seeds=[1], strength=0.5, sampling=QUICK)
    with pytest.raises(AudioError, match="source_b: is silent"):
        pipeline.interpolate(tone(1.0), offset, 0.5, seeds=[1], strength=0.5, sampling=QUICK)
