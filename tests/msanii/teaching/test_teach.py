"""From a recording to a sound that requests can name."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.checkpoint.taught_sound import read_taught
from msanii.config import ControlGroup
from msanii.errors import AudioError, CheckpointError, ControlError, ScoreError
from msanii.music.score_request import ScoreRequest
from msanii.music.taught.folder import default_folder, find_file, read_folder
from msanii.pipelines import Pipeline
from msanii.teaching.calibration import to_midi
from msanii.teaching.teach import Material, lesson_of, read_material, teach
from msanii.teaching.training import TeachingSettings
from tests.conftest import save_tiny_model
from tests.msanii.command import QUICK, read, run
from tests.msanii.teaching.instrument import played, short_calibration, write_recording

SHORT = short_calibration(60)
QUICKLY = TeachingSettings(rank=2, frames=64, batch_size=2, minutes=5.0, steps=3)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recording of a short calibration, and its MIDI file."""
    folder = tmp_path_factory.mktemp("studio")
    midi = folder / "played.mid"
    midi.write_bytes(to_midi(SHORT))
    return write_recording(folder / "recording.wav", played(SHORT.notes, latency_seconds=0.4)), midi


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> LoadedModel:
    return load_model(tiny_model)


@pytest.fixture(scope="module")
def material(files: tuple[Path, Path], model: LoadedModel) -> Material:
    return read_material(*files, model, kit=False)


@pytest.fixture
def sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of taught sounds, for the command line too."""
    monkeypatch.setenv("MSANII_SOUNDS_FOLDER", str(tmp_path / "sounds"))
    return default_folder()


def test_notes_are_where_they_sound(material: Material, model: LoadedModel) -> None:
    assert material.alignment.latency_seconds == pytest.approx(0.4, abs=0.003)
    lesson = lesson_of(material, model)
    mel = model.transforms.log_mel(torch.from_numpy(material.audio)).amax(dim=(0, 1))
    assert len(mel) == lesson.frames
    frames = np.round(lesson.notes[:20, 0] / lesson.seconds_per_frame).astype(int)
    rises = np.array([float(mel[frame + 1] - mel[frame - 3]) for frame in frames])
    assert (rises > 0).all()
    assert material.parts == ("keys", "lead", "pad")
    assert not material.is_kit


def test_a_sound_is_taught_kept_and_played(
    material: Material, model: LoadedModel, tiny_model: Path, sounds: Path
) -> None:
    steps: list[int] = []
    likes: list[str] = []
    taught, path = teach(
        "My Juno",
        material,
        model,
        sounds,
        QUICKLY,
        on_step=lambda step, _seconds, _loss: steps.append(step),
        on_like=likes.append,
    )
    assert steps == [1, 2, 3]
    (file,) = read_folder(sounds).files.values()
    assert (file.name, file.path, [file.like]) == ("my juno", path, likes)
    assert path.stat().st_size < 2_000_000
    again = read_taught(path, model.unet, (model.fingerprint,), file.sha256)
    assert torch.equal(again.column, taught.sound.column.half().float())
    assert any(update.up.abs().max() > 0 for update in again.updates.values())
    pipeline = Pipeline.load(tiny_model, device="cpu")
    pipeline.add_taught_sound(file.sha256, path)
    score = ScoreRequest(sound="my juno", taught={"my juno": file.ref}).score(seconds=1.0)
    assert torch.isfinite(pipeline.generate(score, seeds=[1])).all()


def test_the_models_own_weights_stay_as_they_are(
    material: Material, tiny_model: Path, tmp_path: Path
) -> None:
    model = load_model(tiny_model)
    before = {name: weight.clone() for name, weight in model.unet.state_dict().items()}
    teach("a", material, model, tmp_path, QUICKLY)
    for name, weight in model.unet.state_dict().items():
        assert torch.equal(weight, before[name])


def test_training_lowers_the_error(material: Material, model: LoadedModel, tmp_path: Path) -> None:
    settings = replace(QUICKLY, steps=60, rank=8, learning_rate=5e-3, warmup_steps=2)
    taught, _ = teach("a", material, model, tmp_path, settings)
    assert taught.loss_after < 0.97 * taught.loss_before


def test_the_same_seed_and_steps_give_the_same_sound(
    material: Material, model: LoadedModel, tmp_path: Path
) -> None:
    first, second, other = (
        teach(name, material, model, tmp_path, replace(QUICKLY, seed=seed))[0].sound
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert torch.equal(first.column, second.column)
    assert not torch.equal(first.column, other.column)


def test_ctrl_c_keeps_what_was_learned(material: Material, model: LoadedModel, tmp_path: Path) -> None:
    def stop(step: int, _seconds: float, _loss: float) -> None:
        if step == 2:
            raise KeyboardInterrupt

    taught, path = teach("a", material, model, tmp_path, replace(QUICKLY, steps=100), on_step=stop)
    assert taught.steps == 2
    assert read_folder(tmp_path).files["a"].path == path


def test_time_ends_a_training(material: Material, model: LoadedModel, tmp_path: Path) -> None:
    taught, _ = teach("a", material, model, tmp_path, replace(QUICKLY, steps=None, minutes=0.02))
    assert taught.steps >= 1
    assert taught.seconds < 30


def test_the_command_teaches_and_generates_from_files_alone(
    files: tuple[Path, Path],
    tiny_model: Path,
    sounds: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recording, midi = files
    asked = ["teach", "My Juno", recording, "--calibration", midi, "--minutes", 0.02, "--model", tiny_model]
    assert run(*asked) == 0
    said = capsys.readouterr()
    assert "latency 400 ms" in said.err.replace("399", "400").replace("401", "400")
    assert Path(said.out.strip()) == sounds / "my_juno.safetensors"
    assert run(*asked) == 1
    assert "there is a taught sound `my juno` already" in capsys.readouterr().err
    take = tmp_path / "take.wav"
    options = ["generate", "--model", tiny_model, "--seconds", 1, *QUICK, "-o", take]
    assert run(*options, "--sound", "my juno:0.8") == 0
    assert len(read(take)[0]) == 44_100
    assert run(*options, "--sound", "my jun") == 1
    assert "did you mean `my juno`?" in capsys.readouterr().err


def test_the_calibration_is_written_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("teach", "My Juno", "--calibration") == 0
    assert capsys.readouterr().out.strip() == "my_juno_calibration.mid"
    assert run("teach", "kit", "--calibration", "--kit", "-o", "drums.mid") == 0
    assert (tmp_path / "drums.mid").read_bytes()[:4] == b"MThd"
    for arguments, sentence in (
        (["My Juno"], "write the file to play first"),
        (["strings", "--calibration"], "is a built-in sound"),
        (["a/b", "--calibration"], "expected 1 to 40 letters"),
        (["a", "--calibration", "--range", "C9"], "range: got"),
        (["a", "--calibration", "-o", "nowhere/a.mid"], "cannot be written"),
    ):
        assert run("teach", *arguments) == 1
        assert sentence in " ".join(capsys.readouterr().err.split())


def test_a_recording_in_another_range_is_refused(
    model: LoadedModel, files: tuple[Path, Path], tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.wav", played(short_calibration(60, "E2-G5").notes))
    with pytest.raises(AudioError, match="they have other pitches than the calibration"):
        read_material(other, files[1], model, kit=False)


def test_a_recording_that_plays_backwards_is_refused(
    model: LoadedModel, files: tuple[Path, Path], tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.wav", played(SHORT.notes)[::-1].copy())
    with pytest.raises(AudioError, match="recording: "):
        read_material(other, files[1], model, kit=False)


def test_a_recording_without_the_calibration_it_was_made_from_is_refused(
    model: LoadedModel, files: tuple[Path, Path]
) -> None:
    with pytest.raises(AudioError, match="record the whole calibration"):
        read_material(files[0], None, model, kit=False)
    with pytest.raises(AudioError, match="recording: "):
        read_material(files[0], None, model, kit=True)


def test_a_calibration_of_few_notes_or_no_notes_is_refused(
    model: LoadedModel, files: tuple[Path, Path], tmp_path: Path
) -> None:
    few = tmp_path / "few.mid"
    few.write_bytes(to_midi(short_calibration(10)))
    with pytest.raises(ScoreError, match="has 10 notes, expected at least 40"):
        read_material(files[0], few, model, kit=False)
    text = tmp_path / "text.mid"
    text.write_text("no notes")
    with pytest.raises(ScoreError, match="neither a MIDI file nor JSON"):
        read_material(files[0], text, model, kit=False)


def test_a_model_without_sounds_is_refused(material: Material, tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path / "plain", controls=(ControlGroup(name="chords", width=36),))
    with pytest.raises(ControlError, match="it knows no sounds or notes"):
        teach("a", material, load_model(folder), tmp_path / "sounds", QUICKLY)


def test_a_full_disk_leaves_the_old_sound_and_no_half_file(
    material: Material, model: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach("a", material, model, tmp_path, QUICKLY)
    old = (tmp_path / "a.safetensors").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match="No space left on device"):
        teach("a", material, model, tmp_path, QUICKLY, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
    assert (tmp_path / "a.safetensors").read_bytes() == old


def test_a_replaced_sound_is_still_found_by_its_hash(
    material: Material, model: LoadedModel, tmp_path: Path
) -> None:
    teach("a", material, model, tmp_path, QUICKLY)
    old = read_folder(tmp_path).files["a"].sha256
    with pytest.raises(CheckpointError, match="already; choose another name, or give --replace"):
        teach("a", material, model, tmp_path, QUICKLY)
    teach("a", material, model, tmp_path, replace(QUICKLY, seed=9), replace=True)
    new = read_folder(tmp_path).files["a"].sha256
    assert new != old
    assert find_file(tmp_path, old) is not None
    assert find_file(tmp_path, new) == tmp_path / "a.safetensors"
