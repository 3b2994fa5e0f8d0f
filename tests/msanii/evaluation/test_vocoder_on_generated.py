"""`msanii evaluate --vocoder --generated`: a model's own mels, decoded by both vocoders, and pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msanii.checkpoint.folder import load_model, save_model
from msanii.devices import choose_placement
from msanii.evaluation import vocoder_table as vocoder_evaluation
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.reference import write_reference
from msanii.music.score import make_score
from msanii.pipelines import Pipeline
from msanii.rendering.job import own_sampling
from msanii.rendering.resynthesis import Resynthesis
from msanii.signal.spectrogram_picture import ROWS, Panel, write_comparison
from msanii.signal.transforms import Transforms
from tests.msanii.command import run
from tests.msanii.evaluation.test_table import prompt, reference
from tests.msanii.networks import save_one_pass_model

RATE = 44_100


@pytest.fixture(scope="module")
def folder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_one_pass_model(tmp_path_factory.mktemp("one_pass") / "model", tiny_model)


def test_mels_are_those_that_generate_decodes(folder: Path) -> None:
    pipeline = Pipeline.load(folder, device="cpu", dtype="float32")
    # Edition 1: the vocoder alone, without the subsonic filter.
    sampling = replace(own_sampling(pipeline.config), edition=1)
    renderer = ClipRenderer(pipeline=pipeline, sampling=sampling, seed=3)
    scores = [make_score(seconds=seconds, bpm=100) for seconds in (0.8, 0.8, 1.1)]
    vocoder = Resynthesis(load_model(folder), choose_placement("cpu", "float32"))
    for mel, clip in zip(renderer.mels(scores), renderer.render(scores), strict=True):
        sound = vocoder.decode(mel[None])[0, :, : clip.shape[1]].numpy()
        np.testing.assert_allclose(sound, clip, atol=1e-5)


def test_the_command_prints_both_and_draws_them(
    folder: Path,
    tiny_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vocoder_evaluation, "PAPER_ITERATIONS", 2)
    write_reference(tmp_path / "r", reference([prompt(part) for part in ("keys", "bass", "drums", "lead")]))
    asked = ("evaluate", folder, "--vocoder", "--generated", "--reference", tmp_path / "r", "--steps", 1)
    files = ("--json", tmp_path / "rows.json", "--pictures", tmp_path / "look", "--markdown")
    assert run(*asked, "--against", tiny_model, "--clips", 3, *files) == 0
    rows = {row["name"]: row for row in json.loads((tmp_path / "rows.json").read_text())}
    ours, theirs = (rows[f"sounds: Frechet distance{label}"]["value"] for label in ("", " [Griffin-Lim]"))
    assert ours != theirs
    over = rows["sounds: Frechet distance over that of Griffin-Lim"]
    assert over["value"] == pytest.approx(ours / theirs, rel=1e-2)
    assert over["reached"] is (over["value"] <= 1)
    assert rows["sounds: Frechet distance, real to real [real]"]["value"] == 0.5
    assert rows["mel L1, sound to what the U-Net asked for"]["value"] > 0
    assert "| sounds: Frechet distance [Griffin-Lim] |" in capsys.readouterr().out
    names = sorted(path.name for path in (tmp_path / "look").iterdir())
    assert len(names) == 3
    assert names[0] == "000_880_keys_grand_piano.png"


def test_mistakes_are_named(
    folder: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = load_model(folder)
    untrained = tmp_path / "no_unet"
    config = replace(model.config, trained=("vocoder",))
    save_model(untrained, config, model.unet, model.vocoder, model.transforms)
    other = tmp_path / "other_mel"
    transforms = replace(model.config.transforms, sample_rate=22_050)
    config = replace(model.config, transforms=transforms)
    save_model(other, config, model.unet, model.vocoder, Transforms(transforms))
    (tmp_path / "file").write_text("no folder")
    for arguments, sentence in (
        ((tiny_model, "--vocoder", "--generated"), "this model has none"),
        ((untrained, "--vocoder", "--generated"), "its U-Net was never trained"),
        ((folder, "--vocoder", "--generated", "--against", other), "another mel"),
        ((folder, "--vocoder", "--generated", "--reference", tmp_path), "cannot be read"),
        ((folder, "--vocoder"), "or --generated"),
        ((folder, "--generated"), "need --vocoder"),
        ((folder, "--pictures", tmp_path), "need --vocoder"),
    ):
        assert run("evaluate", *arguments) == 1
        assert sentence in " ".join(capsys.readouterr().err.split())


def test_pictures_beside_each_other_share_their_scale(tmp_path: Path) -> None:
    time = np.arange(RATE) / RATE
    loud = np.sin(2 * np.pi * 1000 * time)[None].astype(np.float32)
    panels = [Panel("loud", loud), Panel("a tenth of it", loud * np.float32(0.1))]
    write_comparison(tmp_path / "new" / "a.png", "one tone", panels, RATE)
    with Image.open(tmp_path / "new" / "a.png") as picture:
        grey = np.asarray(picture.convert("L")).astype(int)
    assert grey.shape[0] > ROWS
    left, right = np.split(grey[40:, 40:], 2, axis=1)
    # The tone is in the same row of both pictures, and darker where it is softer.
    assert abs(int(left.sum(axis=1).argmax()) - int(right.sum(axis=1).argmax())) <= 1
    assert left.max() > right.max() + 20


def test_an_unwritable_folder_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocoder_evaluation, "PAPER_ITERATIONS", 1)
    (tmp_path / "file").write_text("no folder")
    write_reference(tmp_path / "r", reference([prompt("keys")]))
    asked = ("evaluate", folder, "--vocoder", "--generated", "--reference", tmp_path / "r", "--steps", 1)
    assert run(*asked, "--against", folder, "--pictures", tmp_path / "file") == 1
    assert "pictures:" in capsys.readouterr().err
