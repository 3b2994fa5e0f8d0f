"""Arrangements: a score for each part, a balance by loudness, files that add up, and the command."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from msanii.checkpoint.folder import load_model
from msanii.devices import choose_placement
from msanii.errors import OutputError, ScoreError
from msanii.metrics.loudness import loudness
from msanii.music.parts import levels_of
from msanii.music.score import Note, make_score
from msanii.music.sounds import PARTS
from msanii.pipelines import Pipeline
from msanii.rendering.arrangement import MOST_GAIN_DB, PLACE_LU, Arrangement, finish_arrangement, part_scores
from msanii.signal.limiting import true_peak_dbtp
from tests.msanii.command import QUICK, read, run

RATE = 44_100


FULL = ("keys", "lead", "pad", "bass", "drums")


def noise(
    parts: int, seconds: float = 1.0, level: float = 0.1
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    random = np.random.default_rng(3)
    return (level * random.standard_normal((parts, 2, round(seconds * RATE)))).astype(np.float32)


def test_every_part_has_the_same_score_but_its_own_part_and_sound() -> None:
    score = make_score(bars=2, bpm=120, chords="Am F")
    keys, bass = part_scores(score, ("keys", "bass"), ("Grand Piano", "synth bass"))
    assert (keys.part, keys.sounds, bass.part, bass.sounds) == (
        "keys", ("grand piano",), "bass", ("synth bass",),
    )  # fmt: skip
    assert keys.chords == bass.chords == score.chords
    with pytest.raises(ScoreError, match="sounds: got 1 for 2 parts"):
        part_scores(score, ("keys", "bass"), ("strings",))


def test_each_part_plays_its_own_notes_or_all_of_the_score() -> None:
    low, high = (Note(onset_seconds=0.0, end_seconds=1.0, pitch=pitch) for pitch in (36, 72))
    score = make_score(bars=1, bpm=120, notes=[low, high])
    own = part_scores(score, ("bass", "lead", "keys"), (), [(low,), (high,), ()])
    assert [one.notes for one in own] == [(low,), (high,), ()]
    assert [one.notes for one in part_scores(score, ("bass", "lead"))] == [(low, high)] * 2


def played(
    levels_db: Sequence[float], seconds: float = 4.0
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Parts (B, 2, L) at these levels: the second in short notes far apart, the third in dying clicks."""
    made = noise(len(levels_db), seconds)
    second = np.arange(made.shape[2]) / RATE
    made[1] *= second % 1.0 < 0.15
    made[2] *= np.exp(-12 * (second % 0.5))
    gains = 10 ** (np.array(levels_db, dtype=np.float32) / 20)
    return np.asarray(made * gains[:, None, None], dtype=np.float32)


def strike(line: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    """Loud bursts of a millisecond, a second apart, far above the rest of a part (2, L)."""
    samples = np.arange(RATE // 1000)
    burst = (24 * np.sin(2 * np.pi * 2000 * samples / RATE)).astype(np.float32)
    for first in range(0, line.shape[1], RATE):
        line[:, first : first + len(burst)] += burst


def placed(done: Arrangement) -> dict[str, float]:
    """How loud each part is beside its place in the mix, in LU."""
    return {name: loudness(line, RATE) - PLACE_LU[name] for name, line in done.parts.items()}


@pytest.mark.parametrize("loop", [False, True])
def test_every_part_has_its_place_however_loud_it_was_rendered(loop: bool) -> None:
    made = played([-8, -14, -10, 0, 12])
    done = finish_arrangement(
        made, FULL, samples=made.shape[2], source_rate=RATE, rate=RATE, loop=loop, loudness_lufs=-24.0
    )
    assert list(done.parts) == list(FULL)
    beside = placed(done)
    assert max(beside.values()) - min(beside.values()) < 0.5
    mix = loudness(done.mix, RATE)
    assert mix == pytest.approx(-24.0, abs=0.2)
    for name, line in done.parts.items():
        assert loudness(line, RATE) == pytest.approx(mix + PLACE_LU[name], abs=1.0)
        assert loudness(line, RATE) > mix - 12
    assert np.abs(sum(done.parts.values()) - done.mix).max() < 1e-6


def test_nobody_lies_far_under_a_mix_of_all_with_three_twice() -> None:
    assert set(PLACE_LU) == set(PARTS)
    for twice in combinations(FULL, 3):
        mix = 10 * np.log10(sum(10 ** (PLACE_LU[part] / 10) for part in (*FULL, *twice)))
        assert all(PLACE_LU[part] > mix - 12 for part in FULL)


def test_a_level_moves_its_own_part_alone() -> None:
    made = played([0] * 5)
    plain, asked = (
        finish_arrangement(
            made, FULL, samples=made.shape[2], source_rate=RATE, rate=RATE, loudness_lufs=-24.0,
            levels_db=levels_of(text, FULL),
        )
        for text in ("", "bass 5, lead -3")
    )  # fmt: skip
    moved = {name: level - placed(plain)[name] for name, level in placed(asked).items()}
    common = moved["keys"]
    assert moved == pytest.approx(
        {"keys": common, "lead": common - 3, "pad": common, "bass": common + 5, "drums": common}, abs=0.01
    )
    assert loudness(asked.mix, RATE) == pytest.approx(-24.0, abs=0.2)
    assert np.abs(sum(asked.parts.values()) - asked.mix).max() < 1e-6


def test_what_is_next_to_silence_is_not_made_music() -> None:
    made = noise(2, 2.0)
    made[1] *= 1e-3
    softest = loudness(made[1], RATE)
    assert -18 + PLACE_LU["lead"] - softest > MOST_GAIN_DB + 10
    done = finish_arrangement(
        made, ("keys", "lead"), samples=2 * RATE, source_rate=RATE, rate=RATE, loudness_lufs=None
    )
    assert loudness(done.parts["lead"], RATE) == pytest.approx(softest + MOST_GAIN_DB, abs=0.1)


def test_the_first_edition_gives_the_same_samples_as_ever() -> None:
    made = played([-8, -14, 6])
    parts = ("keys", "lead", "pad")
    done = finish_arrangement(made, parts, samples=made.shape[2], source_rate=RATE, rate=RATE, edition=1)
    lines = [
        audio * np.float32(10 ** (gain_db / 20))
        for audio, gain_db in zip(made, (-3.0, -1.0, -7.0), strict=True)
    ]
    mix = np.asarray(np.sum(np.stack(lines), axis=0), dtype=np.float32)
    peak = max(true_peak_dbtp(line) for line in (mix, *lines))
    gain = np.float32(10 ** (min(-18.0 - loudness(mix, RATE), -1.0 - peak) / 20))
    for name, line in zip(parts, lines, strict=True):
        np.testing.assert_array_equal(done.parts[name], line * gain)
    latest = finish_arrangement(made, parts, samples=made.shape[2], source_rate=RATE, rate=RATE)
    assert not np.allclose(latest.mix, done.mix, atol=1e-3)


def test_the_second_edition_gives_each_part_a_plain_gain() -> None:
    made = played([-8, -14, -10, 0, 12])
    strike(made[4])
    done = finish_arrangement(made, FULL, samples=made.shape[2], source_rate=RATE, rate=RATE, edition=2)
    middle = slice(RATE // 10, -RATE // 10)  # both ends are faded
    for audio, line in zip(made, done.parts.values(), strict=True):
        gain = np.float32((line[:, middle] * audio[:, middle]).sum() / (audio[:, middle] ** 2).sum())
        np.testing.assert_allclose(line[:, middle], gain * audio[:, middle], rtol=1e-4, atol=1e-6)
    assert max(true_peak_dbtp(line) for line in (done.mix, *done.parts.values())) == pytest.approx(
        -1, abs=0.01
    )
    assert loudness(done.mix, RATE) < -21


@pytest.mark.parametrize("loop", [False, True])
def test_the_mix_is_as_loud_as_any_take_whatever_its_peaks(loop: bool) -> None:
    made = played([-8, -14, -10, 0, 12])
    strike(made[4])
    done = finish_arrangement(made, FULL, samples=made.shape[2], source_rate=RATE, rate=RATE, loop=loop)
    assert loudness(done.mix, RATE) == pytest.approx(-18, abs=0.2)
    assert max(true_peak_dbtp(line) for line in (done.mix, *done.parts.values())) < -1
    np.testing.assert_array_equal(sum(done.parts.values()), done.mix)
    beside = placed(done)
    assert max(beside.values()) - min(beside.values()) < 2.0


@pytest.mark.parametrize("loop", [False, True])
def test_peaks_that_cancel_in_the_mix_are_held_in_their_parts(loop: bool) -> None:
    made, burst = noise(2, 2.0), np.zeros((2, 2 * RATE), dtype=np.float32)
    strike(burst)
    made += np.stack([burst, -burst]) / 8
    done = finish_arrangement(
        made, ("keys", "keys"), samples=2 * RATE, source_rate=RATE, rate=RATE, loop=loop
    )
    assert true_peak_dbtp(done.mix) < -4
    assert loudness(done.mix, RATE) == pytest.approx(-18, abs=0.2)
    assert -1.2 < max(true_peak_dbtp(line) for line in done.parts.values()) < -1


def test_a_loop_of_parts_is_limited_across_its_seam() -> None:
    made = played([-8, -14, 12])
    strike(made[2])  # at the start, so that the end must make room for it
    parts = ("keys", "lead", "drums")
    here, turned = (
        finish_arrangement(
            np.roll(made, shift, axis=2), parts, samples=made.shape[2], source_rate=RATE, rate=RATE, loop=True
        )
        for shift in (0, RATE)
    )
    gain = np.abs(here.parts["keys"] / made[0])
    assert gain[:, -40:].mean() < 0.7 * gain[:, RATE // 4 :][:, :40].mean()
    for name in parts:
        np.testing.assert_allclose(
            np.roll(here.parts[name], RATE, axis=1), turned.parts[name], rtol=0.005, atol=1e-6
        )


def test_peaks_win_over_loudness() -> None:
    made = noise(2)
    made[0, :, 100] = 9.0
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
    names = {"keys", "bass", "drums", "mix"}
    assert {path.name for path in folder.iterdir()} == {
        f"{name}{end}" for name in names for end in (".wav", ".mid")
    }
    lines = {path.stem: read(path)[0] for path in folder.glob("*.wav")}
    assert all(len(line) == round(60 / 150 * 4 * RATE) for line in lines.values())
    mix = lines.pop("mix")
    np.testing.assert_allclose(sum(lines.values()), mix, atol=4e-7 * 4)
    assert soundfile.info(folder / "mix.wav").subtype == "PCM_24"


def test_the_command_takes_levels(tiny_model: Path, tmp_path: Path) -> None:
    command = ["arrange", "--chords", "Am F", "--bpm", "150", "--bars", "1", "--parts", "keys,bass"]
    beside = []
    for name, more in (("plain", []), ("asked", ["--level-db", "bass -6"])):
        assert run(*command, "--model", tiny_model, *QUICK, *more, "-o", tmp_path / name) == 0
        keys, bass = (loudness(read(tmp_path / name / f"{part}.wav")[0].T, RATE) for part in ("keys", "bass"))
        beside.append(bass - keys)
    assert beside[1] == pytest.approx(beside[0] - 6, abs=0.02)


def test_a_part_that_comes_twice_has_two_files(tiny_model: Path, tmp_path: Path) -> None:
    command = ["arrange", "--chords", "Am", "--bpm", "240", "--bars", "1", "--parts", "keys,keys"]
    assert run(*command, "--model", tiny_model, *QUICK, "-o", tmp_path) == 0
    assert {path.name for path in tmp_path.glob("*.wav")} == {"keys.wav", "keys_2.wav", "mix.wav"}
    assert {path.name for path in tmp_path.glob("*.mid")} == {"keys.mid", "keys_2.mid", "mix.mid"}
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
        (["--level-db", "pad 3"], "no part here is called pad"),
        (["--level-db", "bass 30"], "-24 to 24"),
    ],
)
def test_what_no_arrangement_can_have_is_told(
    tiny_model: Path, tmp_path: Path, more: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("arrange", "--chords", "Am", "--model", tiny_model, *more, "-o", tmp_path / "x") == 1
    assert words in capsys.readouterr().err
