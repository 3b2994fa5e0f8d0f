"""Arrangements: a score for each part, one gain for all, files that add up, and the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from msanii.arranging import BALANCE_DB, finish_arrangement, part_names, part_scores, read_parts
from msanii.checkpoint import load_model
from msanii.devices import choose_placement
from msanii.errors import OutputError, ScoreError
from msanii.limiting import loudness, true_peak_dbtp
from msanii.pipelines import Pipeline
from msanii.score import make_score
from tests.msanii.command import QUICK, read, run

RATE = 44_100


def noise(
    parts: int, seconds: float = 1.0, level: float = 0.1
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    random = np.random.default_rng(3)
    return (level * random.standard_normal((parts, 2, round(seconds * RATE)))).astype(np.float32)


def test_parts_are_read_and_named() -> None:
    assert read_parts("Keys, bass,drums") == ("keys", "bass", "drums")
    assert part_names(("keys", "bass", "keys")) == ("keys", "bass", "keys_2")


@pytest.mark.parametrize("text", ["", " , ", "keys,kazoo", ",".join(["keys"] * 9)])
def test_parts_that_make_no_arrangement_are_refused(text: str) -> None:
    with pytest.raises(ScoreError, match="part"):
        read_parts(text)


def test_every_part_has_the_same_score_but_its_own_part_and_sound() -> None:
    score = make_score(bars=2, bpm=120, chords="Am F")
    keys, bass = part_scores(score, ("keys", "bass"), ("Grand Piano", "synth bass"))
    assert (keys.part, keys.sounds, bass.part, bass.sounds) == (
        "keys", ("grand piano",), "bass", ("synth bass",),
    )  # fmt: skip
    assert keys.chords == bass.chords == score.chords
    with pytest.raises(ScoreError, match="sounds: got 1 for 2 parts"):
        part_scores(score, ("keys", "bass"), ("strings",))


def test_one_gain_for_all_and_the_parts_add_up_to_the_mix() -> None:
    made = noise(3)
    parts = ("keys", "pad", "drums")
    done = finish_arrangement(made, parts, samples=RATE, source_rate=RATE, rate=RATE)
    assert list(done.parts) == list(parts)
    np.testing.assert_allclose(sum(done.parts.values()), done.mix, atol=1e-6)
    gains = [
        float(np.abs(done.parts[part]).max() / np.abs(audio).max() / 10 ** (BALANCE_DB[part] / 20))
        for part, audio in zip(parts, made, strict=True)
    ]
    assert gains == pytest.approx([gains[0]] * 3, rel=1e-4)
    assert loudness(done.mix, RATE) == pytest.approx(-18.0, abs=0.2)


def test_peaks_win_over_loudness() -> None:
    made = noise(2, level=0.001)
    made[0, :, 100] = 0.9
    done = finish_arrangement(made, ("keys", "bass"), samples=RATE, source_rate=RATE, rate=RATE)
    assert max(true_peak_dbtp(line) for line in (done.mix, *done.parts.values())) < -0.9
    assert loudness(done.mix, RATE) < -18.5


def test_other_rates_and_ends_keep_the_sum() -> None:
    made = noise(2)
    done = finish_arrangement(
        made, ("keys", "bass"), samples=48_000, source_rate=RATE, rate=48_000, fade=True
    )
    assert done.mix.shape == (2, 48_000)
    np.testing.assert_allclose(sum(done.parts.values()), done.mix, atol=1e-6)
    assert np.abs(done.mix[:, -20:]).max() < 0.01


def test_a_silent_part_is_no_success() -> None:
    made = noise(2)
    made[1] = 0
    with pytest.raises(OutputError, match="silent"):
        finish_arrangement(made, ("keys", "bass"), samples=RATE, source_rate=RATE, rate=RATE)


def test_a_batch_of_scores_is_each_score_by_itself(tiny_model: Path) -> None:
    model = load_model(tiny_model)
    # New networks are silent in their last layers: they would hear no control.
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.unet.parameters():
            weight.add_(0.05 * torch.randn(weight.shape, generator=generator))
    pipeline = Pipeline(model, choose_placement("cpu", "float32"))
    scores = [make_score(bars=1, bpm=150, chords=chords) for chords in ("Am", "F")]
    both = pipeline.generate(scores, seeds=[4, 9])
    for place, (score, seed) in enumerate(zip(scores, (4, 9), strict=True)):
        alone = pipeline.generate(score, seeds=[seed])
        np.testing.assert_allclose(both[place].numpy(), alone[0].numpy(), atol=2e-3)
    assert not np.allclose(both[0].numpy(), pipeline.generate(scores[1], seeds=[4])[0].numpy(), atol=1e-3)
    with pytest.raises(ScoreError, match="got 2 for 1 seeds"):
        pipeline.generate(scores, seeds=[1])
    with pytest.raises(ScoreError, match="one length"):
        pipeline.generate([scores[0], make_score(bars=2, bpm=150)], seeds=[1, 2])


@pytest.mark.parametrize("loop", [[], ["--loop"]])
def test_the_command_writes_a_file_for_each_part_and_the_mix(
    tiny_model: Path, tmp_path: Path, loop: list[str]
) -> None:
    folder = tmp_path / "song"
    command = ["arrange", "--chords", "Am F", "--bpm", "150", "--bars", "1", "--parts", "keys,bass,drums"]
    sounds = ["--sounds", "grand piano,synth bass,drum kit", "--model", str(tiny_model)]
    assert run(*command, *sounds, *QUICK, *loop, "-o", folder) == 0
    assert {path.name for path in folder.iterdir()} == {"keys.wav", "bass.wav", "drums.wav", "mix.wav"}
    lines = {path.stem: read(path)[0] for path in folder.iterdir()}
    assert all(len(line) == round(60 / 150 * 4 * RATE) for line in lines.values())
    mix = lines.pop("mix")
    np.testing.assert_allclose(sum(lines.values()), mix, atol=4e-7 * 4)
    assert soundfile.info(folder / "mix.wav").subtype == "PCM_24"


def test_a_part_that_comes_twice_has_two_files(tiny_model: Path, tmp_path: Path) -> None:
    command = ["arrange", "--chords", "Am", "--bpm", "240", "--bars", "1", "--parts", "keys,keys"]
    assert run(*command, "--model", tiny_model, *QUICK, "-o", tmp_path) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"keys.wav", "keys_2.wav", "mix.wav"}
    assert not np.array_equal(read(tmp_path / "keys.wav")[0], read(tmp_path / "keys_2.wav")[0])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--end", "ring"], "no tail"),
        (["--loop", "--end", "fade"], "end: got fade"),
        (["--sounds", "kazoo,choir,choir,choir"], "kazoo"),
        (["--part", "keys"], "--parts"),
        (["--parts", "keys,kazoo"], "kazoo"),
        (["--sounds", "choir"], "sounds: got 1 for 4"),
    ],
)
def test_what_no_arrangement_can_have_is_told(
    tiny_model: Path, tmp_path: Path, more: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("arrange", "--chords", "Am", "--model", tiny_model, *more, "-o", tmp_path / "x") == 1
    assert words in capsys.readouterr().err
