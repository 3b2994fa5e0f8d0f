"""Taught sounds in renders: strengths, mixes, and the model's own sounds beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from msanii.checkpoint.folder import load_model
from msanii.diffusion.low_rank import Ingredient, RowMix, sound_row, with_sounds
from msanii.errors import CheckpointError, ControlError, ScoreError
from msanii.music.score import Score
from msanii.music.score_request import ScoreRequest
from msanii.music.sounds import SOUNDS
from msanii.music.taught.folder import TaughtFile, read_file, read_folder, taught_in
from msanii.pipelines import Pipeline
from msanii.takes import TakeRenderer
from msanii.teaching.training import TeachingSettings, _attached, _fresh
from tests.conftest import save_tiny_model
from tests.msanii.teaching.instrument import write_sound


class Studio:
    """A pipeline with two taught sounds."""

    def __init__(self, model: Path, folder: Path) -> None:
        self.files: dict[str, TaughtFile] = {}
        self.pipeline = Pipeline.load(model, device="cpu")
        for seed, (name, like) in enumerate({"my juno": "warm pad", "dx keys": "organ"}.items()):
            file = write_sound(folder, model, name, like=like, seed=seed)
            self.pipeline.add_taught_sound(file.sha256, file.path)
            self.files[name] = file

    def score(self, sound: str, seconds: float = 1.0) -> Score:
        taught = {name: file.ref for name, file in self.files.items()}
        return ScoreRequest(sound=sound, taught=taught, chords="Am").score(seconds=seconds)

    def render(self, sound: str) -> Tensor:
        return self.pipeline.generate(self.score(sound), seeds=[3])


@pytest.fixture
def studio(tiny_model: Path, tmp_path: Path) -> Studio:
    return Studio(tiny_model, tmp_path)


def test_a_built_in_sound_is_the_same_to_the_bit_before_and_after_a_taught_one(
    studio: Studio, tiny_model: Path
) -> None:
    fresh = Pipeline.load(tiny_model, device="cpu")
    alone = fresh.generate(studio.score("warm pad"), seeds=[3])
    before = studio.render("warm pad")
    taught = studio.render("my juno")
    after = studio.render("warm pad")
    assert torch.equal(before, alone)
    assert torch.equal(after, alone)
    assert not torch.equal(taught, alone)
    assert torch.equal(studio.render("my juno"), taught)


def test_strength_leads_from_the_built_in_sound_to_the_taught_one(studio: Studio) -> None:
    whole = studio.pipeline.generate_mel(studio.score("my juno"), seeds=[3])
    plain = studio.pipeline.generate_mel(studio.score("warm pad"), seeds=[3])
    little = studio.pipeline.generate_mel(studio.score("my juno:0.001"), seeds=[3])
    assert (little - plain).abs().mean() < 0.05 * (whole - plain).abs().mean()


def test_a_mix_of_two_taught_sounds_is_neither_of_them(studio: Studio) -> None:
    mix = studio.render("my juno:0.6 + dx keys:0.4")
    for other in ("my juno", "dx keys", "my juno:0.6", "my juno:0.4 + dx keys:0.6"):
        assert not torch.equal(mix, studio.render(other))
    assert torch.isfinite(studio.render("organ:0.5 + my juno:0.5")).all()


def test_a_mix_is_the_weighted_sum_of_its_weights(tiny_model: Path, tmp_path: Path) -> None:
    studio, unet = Studio(tiny_model, tmp_path), load_model(tiny_model).unet
    sounds = [studio.pipeline._taught._sounds[file.sha256] for file in studio.files.values()]
    row = sound_row(unet.config, list(SOUNDS).index("warm pad"))
    made = with_sounds(unet, [RowMix(row, [Ingredient(0.6, sounds[0]), Ingredient(0.3, sounds[1])])])
    name = next(iter(sounds[0].updates))
    changes = [(one.updates[name].up @ one.updates[name].down) for one in sounds]
    before, after = unet.state_dict(), made.state_dict()
    weight = before[f"{name}.weight"]
    expected = weight + (0.6 * changes[0] + 0.3 * changes[1]).reshape(weight.shape)
    assert torch.allclose(after[f"{name}.weight"], expected, atol=1e-6)
    old, new = (state["control_fn.mix.weight"][:, :, 0] for state in (before, after))
    column = 0.1 * old[:, row] + 0.6 * sounds[0].column + 0.3 * sounds[1].column
    assert torch.allclose(new[:, row], column, atol=1e-6)
    others = [other for other in range(unet.config.n_controls) if other != row]
    assert torch.equal(new[:, others], old[:, others])


def test_weights_that_do_not_change_are_shared(tiny_model: Path, tmp_path: Path) -> None:
    studio, unet = Studio(tiny_model, tmp_path), load_model(tiny_model).unet
    sound = next(iter(studio.pipeline._taught._sounds.values()))
    made = with_sounds(unet, [RowMix(sound_row(unet.config, 0), [Ingredient(1.0, sound)])])
    assert made.timestep_embedding.fn[0].weight is unet.timestep_embedding.fn[0].weight


def test_what_is_trained_beside_the_layers_is_what_is_played_from_changed_weights(tiny_model: Path) -> None:
    unet = load_model(tiny_model).unet.requires_grad_(False)
    weights, row = _fresh(unet, TeachingSettings(rank=2)), sound_row(unet.config, 7)
    generator = torch.Generator().manual_seed(0)
    for weight in weights.all():
        weight.data = torch.randn(weight.shape, generator=generator) * 0.2
    x, controls = (
        torch.randn(2, *shape, generator=generator) for shape in ((2, 128, 16), (unet.config.n_controls, 16))
    )
    controls = (controls > 0).float()
    timestep = torch.tensor([10, 700])
    with torch.no_grad(), _attached(unet, weights, row):
        beside = unet(x, timestep, controls)
    mixes = [RowMix(row, [Ingredient(1.0, weights.taught(unet, row))])]
    with torch.no_grad():
        changed = with_sounds(unet, mixes)(x, timestep, controls)
        plain = unet(x, timestep, controls)
    assert torch.allclose(beside, changed, atol=1e-4)
    assert not torch.allclose(beside, plain, atol=1e-2)


def test_parts_of_an_arrangement_have_sounds_of_their_own(studio: Studio) -> None:
    score = studio.score("my juno, strings, dx keys")
    takes = list(
        TakeRenderer(pipeline=studio.pipeline, seed=1, compose="off", loudness_lufs=None).arrange(
            score, ("pad", "lead", "keys"), score.sounds
        )
    )
    assert len(takes) == 4
    for take in takes[:3]:
        assert np.isfinite(take.audio).all()
    others = studio.score("warm pad, strings, organ")
    plain = list(
        TakeRenderer(pipeline=studio.pipeline, seed=1, compose="off", loudness_lufs=None).arrange(
            others, ("pad", "lead", "keys"), others.sounds
        )
    )
    assert not np.array_equal(takes[0].audio, plain[0].audio)


@pytest.mark.parametrize("verb", ["vary", "inpaint", "outpaint", "loop", "bars"])
def test_every_verb_plays_taught_sounds(studio: Studio, verb: str) -> None:
    source = torch.randn(2, 44_100, generator=torch.Generator().manual_seed(0)) * 0.1

    def made(sound: str) -> Tensor:
        score, pipeline = studio.score(sound), studio.pipeline
        if verb == "vary":
            return pipeline.vary(source, score, seeds=[1], strength=0.8)
        if verb == "inpaint":
            return pipeline.inpaint(source, 0.3, 0.7, score, seeds=[1])
        if verb == "outpaint":
            return pipeline.outpaint(source, 0.5, "after", score, seeds=[1])
        if verb == "loop":
            return pipeline.generate(score, seeds=[1], loop=True)
        session = pipeline.continuation()
        return torch.from_numpy(session.bars(session.from_nothing(44_100), score, 0, seed=1).audio)

    taught, plain = made("my juno"), made("warm pad")
    assert taught.shape == plain.shape
    assert torch.isfinite(taught).all()
    assert not torch.equal(taught, plain)


def test_a_sound_that_was_not_loaded_is_named(studio: Studio, tiny_model: Path) -> None:
    with pytest.raises(ScoreError, match="was not loaded"):
        Pipeline.load(tiny_model, device="cpu").generate(studio.score("my juno"), seeds=[1])


def test_a_sound_of_another_model_is_refused(studio: Studio, tmp_path: Path) -> None:
    other = Pipeline.load(save_tiny_model(tmp_path / "other", seed=5), device="cpu")
    file = studio.files["my juno"]
    with pytest.raises(
        CheckpointError, match=r"`my juno` was taught to the model [0-9a-f]{16}, and this one is"
    ):
        other.add_taught_sound(file.sha256, file.path)


def test_a_changed_or_damaged_file_is_refused(studio: Studio, tiny_model: Path, tmp_path: Path) -> None:
    file = studio.files["my juno"]
    pipeline = Pipeline.load(tiny_model, device="cpu")
    data = file.path.read_bytes()
    file.path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CheckpointError, match="was changed since it was asked for"):
        pipeline.add_taught_sound(file.sha256, file.path)
    file.path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ScoreError, match="is damaged or no taught sound; teach the sound again"):
        read_file(file.path)
    assert "my juno" in read_folder(tmp_path).problems
    assert list(read_folder(tmp_path).files) == ["dx keys"]
    file.path.unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        pipeline.add_taught_sound(file.sha256, file.path)


def test_a_folder_has_a_sound_of_a_newer_built_in_name(tiny_model: Path, tmp_path: Path) -> None:
    assert taught_in("clav, strings", tmp_path) == {}
    file = write_sound(tmp_path, tiny_model, "clav", like="organ")
    assert taught_in("clav, strings", tmp_path) == {"clav": file.ref}


def test_a_mix_with_a_sound_that_the_model_does_not_know_is_refused(studio: Studio) -> None:
    with pytest.raises(ControlError, match="does not know `reese bass`, expected one of grand piano"):
        studio.render("my juno + reese bass:0.2")


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}", b"\x10\0\0\0\0\0\0\0" + b"[" * 16]
)
def test_files_that_are_no_sounds_are_listed_as_problems(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd_one.safetensors").write_bytes(data)
    (tmp_path / "notes.txt").write_text("not looked at")
    found = read_folder(tmp_path)
    assert not found.files
    assert list(found.problems) == ["odd one"]
    assert read_folder(tmp_path / "nowhere") == type(found)({}, {})
