"""Models with a one-pass vocoder: every verb without Griffin-Lim, or with it, and `msanii resynthesize`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from msanii.checkpoint.folder import LoadedModel, load_model, save_model
from msanii.checkpoint.published import export_published
from msanii.devices import Placement
from msanii.errors import CheckpointError, MsaniiError
from msanii.music.score import make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.rendering.resynthesis import Resynthesis
from msanii.signal.split_complex import cis
from msanii.vocoder.decoding import OnePassDecoder
from msanii.vocoder.network import OnePassVocoder
from msanii.vocoder.synthesis import Prediction
from tests.msanii.command import QUICK, read, run, write_chord
from tests.msanii.networks import save_one_pass_model

RATE = 44_100
CPU32 = Placement(torch.device("cpu"), torch.float32)
FAST = Sampling(steps=2, scheduler="dpmsolver++", guidance=1.0, iterations=2)


@pytest.fixture(scope="module")
def folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with a one-pass vocoder of random weights."""
    return save_one_pass_model(tmp_path_factory.mktemp("one_pass") / "model", tiny_model)


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> Pipeline:
    return Pipeline.load(folder, device="cpu", dtype="float32")


def music(seconds: float = 0.9, channels: int = 2) -> Tensor:
    time = torch.arange(round(seconds * RATE)) / RATE
    noise = torch.randn(channels, len(time), generator=torch.Generator().manual_seed(0))
    return 0.2 * torch.sin(2 * torch.pi * 300 * time) + 0.02 * noise


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("end", ["cut", "ring"])
def test_lengths_are_exact(pipeline: Pipeline, loop: bool, end: str) -> None:
    score = make_score(bars=0.5, bpm=97.3, chords="Am")
    made = pipeline.generate(score, seeds=[1, 2], sampling=FAST, loop=loop, end=end)  # type: ignore[arg-type]
    tail = 4 * RATE if end == "ring" else 0
    assert made.shape == (2, 2, score.samples(RATE) + tail)
    assert made.isfinite().all()
    assert made.abs().max() > 0


def test_griffin_lim_can_be_asked_for_and_counts_its_iterations(pipeline: Pipeline) -> None:
    score = make_score(bars=0.5, bpm=97.3, chords="Am")
    made = {}
    for name, sampling in {
        "own": FAST,
        "own, other iterations": replace(FAST, iterations=50),
        "searched": replace(FAST, phase="griffin-lim"),
        "searched on": replace(FAST, phase="griffin-lim", iterations=3),
    }.items():
        fractions: list[float] = []
        made[name] = pipeline.generate(score, seeds=[1], sampling=sampling, on_step=fractions.append)
        assert fractions == sorted(fractions)
        assert fractions[-1] == pytest.approx(1.0)
    assert torch.equal(made["own"], made["own, other iterations"])
    assert not torch.allclose(made["own"], made["searched"], atol=1e-6)
    assert not torch.allclose(made["searched"], made["searched on"], atol=1e-6)
    with pytest.raises(MsaniiError, match="phase: got 'none', expected auto or griffin-lim"):
        replace(FAST, phase="none")  # type: ignore[arg-type]


def test_kept_audio_is_preserved_to_the_sample(pipeline: Pipeline) -> None:
    source = music(1.2)
    filled = pipeline.inpaint(source, 0.4, 0.7, seeds=[1], repaint_steps=2, sampling=FAST)[0]
    assert filled.shape == source.shape
    changed = torch.nonzero((filled != source).any(dim=0))[:, 0]
    assert int(changed.min()) >= 0.4 * RATE - 1
    assert int(changed.max()) <= 0.7 * RATE + 1


@pytest.mark.parametrize("loop", [False, True])
def test_a_variation_has_the_sources_length(pipeline: Pipeline, loop: bool) -> None:
    source = music()
    assert pipeline.vary(source, seeds=[1], strength=0.3, loop=loop, sampling=FAST).shape == (
        1,
        *source.shape,
    )


def test_a_sources_phase_is_used_where_magnitudes_agree(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the source's own magnitudes predicted, following it brings the source itself back."""
    model = load_model(folder)
    vocoder, source = model.vocoder, music(1.0)[:, : 40 * 1024]
    assert isinstance(vocoder, OnePassVocoder)
    spectrum = vocoder.syntheses[0].analyse(source)

    def predicted(*_: object) -> tuple[Prediction]:
        still = cis(torch.zeros(spectrum.shape))
        level = spectrum.abs().clamp(min=1e-9).log()
        return (Prediction(level, still, still.map(lambda part: part[..., :512])),)

    monkeypatch.setattr(OnePassVocoder, "read", predicted)
    decoder, mel = OnePassDecoder(vocoder, CPU32), torch.zeros(1, 2, 128, 41)
    torch.testing.assert_close(decoder.waveform(mel, source=source)[0], source, atol=2e-3, rtol=0)
    assert float((decoder.waveform(mel)[0] - source).abs().max()) > 0.05
    spectrum = spectrum * 1.2  # what is predicted is off: near to the source it does not stay so
    errors = [decoder.waveform(mel, source=source, near=near)[0] - source for near in (False, True)]
    assert float(errors[1].square().mean()) < 0.3 * float(errors[0].square().mean())


def test_resynthesis_keeps_the_length(folder: Path) -> None:
    model, sound = load_model(folder), music(0.37)
    made = Resynthesis(model, CPU32)(sound)
    assert made.shape == sound.shape
    searched = Resynthesis(model, CPU32, iterations=2)
    assert torch.equal(searched(sound, seed=1), searched(sound, seed=1))
    assert not torch.equal(searched(sound, seed=1), searched(sound, seed=2))


def test_a_vocoder_without_phase_needs_iterations(tiny_model: Path) -> None:
    with pytest.raises(MsaniiError, match="gives magnitudes alone"):
        Resynthesis(load_model(tiny_model), CPU32)


@pytest.mark.parametrize("options", [[], ["--phase", "griffin-lim", "--iterations", "2"]])
def test_resynthesize_writes_a_file_like_the_source(folder: Path, tmp_path: Path, options: list[str]) -> None:
    source = write_chord(tmp_path / "in.wav", 48_000, 0.5)
    assert run("resynthesize", source, "-o", tmp_path / "out.wav", "--model", folder, *options) == 0
    (made, rate), (real, _) = read(tmp_path / "out.wav"), read(source)
    assert (made.shape, rate) == (real.shape, 48_000)


def test_resynthesize_names_mistakes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = write_chord(tmp_path / "short.wav", 44_100, 0.02)
    empty, broken = tmp_path / "empty.wav", tmp_path / "broken.wav"
    soundfile.write(empty, np.zeros((0, 2)), 44_100)
    soundfile.write(broken, np.full((44_100, 2), np.nan), 44_100, subtype="FLOAT")
    for arguments, sentence in (
        ((short, "-o", tmp_path / "out.wav"), "give a longer piece"),
        ((tmp_path / "none.wav", "-o", tmp_path / "out.wav"), "there is no file"),
        ((empty, "-o", tmp_path / "out.wav"), "holds no samples"),
        ((broken, "-o", tmp_path / "out.wav"), "source: broken.wav holds samples that are not finite"),
        ((short, "-o", tmp_path / "out.mp3"), "expected a name that ends in"),
    ):
        assert run("resynthesize", *arguments, "--model", folder) == 1
        assert sentence in capsys.readouterr().err
    assert not list(tmp_path.glob("out.*"))


def test_the_command_line_chooses_the_phase(folder: Path, tmp_path: Path) -> None:
    asked = ["generate", "--chords", "Am", "--bars", "0.5", "--model", folder, *QUICK]
    assert run(*asked, "-o", tmp_path / "own.wav") == 0
    assert run(*asked, "--phase", "griffin-lim", "-o", tmp_path / "searched.wav") == 0
    assert not np.array_equal(read(tmp_path / "own.wav")[0], read(tmp_path / "searched.wav")[0])


def test_the_published_format_refuses_a_one_pass_vocoder(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="has a one_pass vocoder"):
        export_published(folder, tmp_path / "out.pt", without_controls=True)


def test_a_model_with_a_one_pass_vocoder_survives_saving(folder: Path, tmp_path: Path) -> None:
    model: LoadedModel = load_model(folder)
    save_model(tmp_path / "again", model.config, model.unet, model.vocoder, model.transforms)
    again = load_model(tmp_path / "again")
    assert again.config == model.config
    for name, tensor in model.vocoder.state_dict().items():
        assert torch.equal(again.vocoder.state_dict()[name], tensor)
