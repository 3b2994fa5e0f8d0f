"""The `msanii` command from arguments to files, in this process and once as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.msanii.command import QUICK, read, run, write_chord


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a quiet stereo chord at 44.1 kHz."""
    return write_chord(tmp_path_factory.mktemp("source") / "quellé 音.wav", 44_100)


def test_generate_is_exact_to_the_sample_and_repeats_by_seed(tiny_model: Path, tmp_path: Path) -> None:
    asked = ["generate", "--model", tiny_model, "--chords", "Am F C G", "--bpm", 97.3, "--bars", 4, *QUICK]
    for name, seed in (("a", 7), ("again", 7), ("b", 8)):
        assert run(*asked, "--seed", seed, "-o", tmp_path / f"{name}.wav") == 0
    audio, rate = read(tmp_path / "a.wav")
    assert rate == 44_100
    assert audio.shape == (round(16 * 60 / 97.3 * 44_100), 2)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "again.wav").read_bytes()
    assert not np.array_equal(audio, read(tmp_path / "b.wav")[0])
    assert np.abs(audio).max() <= 1.0
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["a.mid", "a.wav", "again.mid", "again.wav", "b.mid", "b.wav"]
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "again.mid").read_bytes()


def test_as_a_program_it_writes_and_prints_the_files_name(tiny_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "été.flac"
    command = [
        sys.executable,
        "-m",
        "msanii",
        "generate",
        "--model",
        str(tiny_model),
        "--seconds",
        "0.5",
        *QUICK,
    ]
    result = subprocess.run(
        [*command, "-o", str(out)],
        capture_output=True,
        check=False,
        timeout=240,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        cwd=Path(__file__).parents[3],
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [str(out)]
    assert read(out)[0].shape == (22_050, 2)


@pytest.mark.parametrize(
    ("options", "rate", "samples"),
    [
        (["--seconds", 1, "--rate", 48_000], 48_000, 48_000),
        (["--bars", 1, "--meter", "3/4", "--bpm", 180], 44_100, 44_100),
        (["--bars", 1, "--bpm", 240, "--key", "Eb major", "--chords", "ii:2 V:2"], 44_100, 44_100),
        (["--bars", 1, "--bpm", 240, "--end", "fade"], 44_100, 44_100),
        (["--bars", 1, "--bpm", 240, "--guidance", 1, "--scheduler", "ddim"], 44_100, 44_100),
    ],
)
def test_generate_takes_what_music_needs(
    tiny_model: Path, tmp_path: Path, options: list[object], rate: int, samples: int
) -> None:
    assert run("generate", "--model", tiny_model, *QUICK, *options, "-o", tmp_path / "a.wav") == 0
    audio, written_rate = read(tmp_path / "a.wav")
    assert (written_rate, len(audio)) == (rate, samples)


def test_a_ringing_end_lasts_longer(tiny_model: Path, tmp_path: Path) -> None:
    assert (
        run(
            "generate",
            "--model",
            tiny_model,
            *QUICK,
            "--seconds",
            1,
            "--end",
            "ring",
            "-o",
            tmp_path / "a.wav",
        )
        == 0
    )
    assert len(read(tmp_path / "a.wav")[0]) > 44_100


def test_vary_keeps_the_length_and_repeats(tiny_model: Path, tmp_path: Path, source: Path) -> None:
    for name in ("a.wav", "b.wav"):
        assert (
            run("vary", source, "--model", tiny_model, *QUICK, "--strength", 0.5, "-o", tmp_path / name) == 0
        )
    assert read(tmp_path / "a.wav")[0].shape == (88_200, 2)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_a_length_takes_the_sources_start(tiny_model: Path, tmp_path: Path, source: Path) -> None:
    asked = ["vary", source, "--model", tiny_model, *QUICK, "-o", tmp_path / "a.wav"]
    assert run(*asked, "--bars", 1, "--bpm", 240) == 0
    assert len(read(tmp_path / "a.wav")[0]) == 44_100


def test_interpolate_is_as_long_as_the_shorter(tiny_model: Path, tmp_path: Path, source: Path) -> None:
    other = write_chord(tmp_path / "other.wav", 32_000)
    audio, rate = soundfile.read(other)
    soundfile.write(other, audio[:48_000], rate)
    out = tmp_path / "a.wav"
    assert run("interpolate", source, other, "--model", tiny_model, *QUICK, "--ratio", 0.3, "-o", out) == 0
    assert read(out)[0].shape == (66_150, 2)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_inpaint_keeps_the_rest_sample_for_sample_at_its_own_rate(
    tiny_model: Path, tmp_path: Path, rate: int
) -> None:
    source, out = write_chord(tmp_path / "in.wav", rate), tmp_path / "out.wav"
    assert (
        run(
            "inpaint", source, "--model", tiny_model, "--iterations", 2, "--from", 0.8, "--to", 1.2, "-o", out
        )
        == 0
    )
    before, after = read(source)[0], read(out)[0]
    start, end = round(0.8 * rate), round(1.2 * rate)
    assert read(out)[1] == rate
    assert np.array_equal(after[:start], before[:start])
    assert np.array_equal(after[end:], before[end:])
    assert not np.array_equal(after[start:end], before[start:end])


@pytest.mark.parametrize(("side", "rate"), [("after", 44_100), ("before", 48_000), ("after", 48_000)])
def test_outpaint_adds_and_keeps(tiny_model: Path, tmp_path: Path, side: str, rate: int) -> None:
    source, out = write_chord(tmp_path / "in.wav", rate), tmp_path / "out.wav"
    asked = [
        "outpaint",
        source,
        "--model",
        tiny_model,
        "--iterations",
        2,
        "--seconds",
        0.5,
        "--side",
        side,
        "-o",
        out,
    ]
    assert run(*asked) == 0
    before, after = read(source)[0], read(out)[0]
    assert len(after) == len(before) + rate // 2
    kept = after[: len(before)] if side == "after" else after[rate // 2 :]
    assert np.array_equal(kept, before)


MISTAKES: dict[str, tuple[list[object], str]] = {
    "a bad chord": (
        ["generate", "--chords", "Am F X7"],
        "`X7` in bar 3: not a chord I know; a chord begins with its root, A to G",
    ),
    "a numeral without a key": (["generate", "--chords", "ii V"], "a Roman numeral needs a key"),
    "no tempo": (["generate", "--bpm", 0], "bpm: got 0"),
    "not a number": (["generate", "--bpm", "nan"], "bpm: got nan"),
    "two lengths": (
        ["generate", "--bars", 1, "--seconds", 1],
        "length: got bars 1.0 and seconds 1.0, expected one of the two",
    ),
    "a meter": (["generate", "--meter", "4"], "meter: got `4`"),
    "an odd meter": (["generate", "--meter", "4/5"], "meter: got 4/5"),
    "guidance": (["generate", "--guidance", 1000], "guidance: got 1000"),
    "steps": (["generate", "--steps", 5000], "steps: got 5000"),
    "no strength": (["vary", "SOURCE", "--strength", 0], "strength: got 0"),
    "no such source": (["vary", "nowhere.wav"], "there is no file `nowhere.wav`"),
    "a foreign source": (["vary", __file__], "is not an audio file that can be read"),
    "chords without a tempo": (["vary", "SOURCE", "--chords", "Am"], "chords need a tempo"),
    "more than there is": (["vary", "SOURCE", "--seconds", 60], "the source has 2.00"),
    "a region outside": (["inpaint", "SOURCE", "--from", 5, "--to", 6], "region: got 5 to 6 seconds"),
    "a region upside down": (["inpaint", "SOURCE", "--from", 1, "--to", 0.5], "region: got 1 to 0.5 seconds"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_no_file(
    tiny_model: Path, tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str], mistake: str
) -> None:
    arguments, message = MISTAKES[mistake]
    given = [source if argument == "SOURCE" else argument for argument in arguments]
    assert run(*given, "--model", tiny_model, "-o", tmp_path / "a.wav") == 1
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("output", "message"),
    [("a.mp3", "ends in .wav"), ("no folder/a.wav", "there is no folder"), ("a", "ends in")],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str, message: str
) -> None:
    assert run("generate", "--model", tmp_path, "-o", tmp_path / output) == 1
    assert message in capsys.readouterr().err


def test_an_output_that_is_a_folder_leaves_no_part_file(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.wav").mkdir()
    assert run("generate", "--model", tiny_model, *QUICK, "--seconds", 0.5, "-o", tmp_path / "a.wav") == 1
    assert "cannot be written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_missing_model_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("generate", "--model", tmp_path / "nowhere", "-o", tmp_path / "a.wav") == 1
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "value"), [("--loudness", 3), ("--rate", 7), ("--rate", 1_000_000)])
def test_a_wrong_option_is_usage_not_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: int
) -> None:
    assert run("generate", option, value, "-o", tmp_path / "a.wav") == 2
    assert option in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [[], ["data"], ["train"], ["generate"], ["outpaint"], ["evaluate"], ["bench"]]
)
def test_help_is_there(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*command, "--help") == 0
    assert "Usage" in capsys.readouterr().out


def test_export_and_import_go_round(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", tiny_model, tmp_path / "a.pt") == 1
    assert "--without-controls" in capsys.readouterr().err
    assert run("export", tiny_model, tmp_path / "a.pt", "--without-controls") == 0
    assert run("import", tmp_path / "a.pt", tmp_path / "model") == 0
    assert run("export", tmp_path / "model", tmp_path / "b.pt") == 0
    assert (
        run("generate", "--model", tmp_path / "model", *QUICK, "--seconds", 0.5, "-o", tmp_path / "a.wav")
        == 0
    )
    assert run("import", tmp_path / "a.wav", tmp_path / "other") == 1


def test_evaluate_prints_a_table_and_writes_rows(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reference that ships."""
    asked = ["evaluate", tiny_model, "--quick", "--rows", "notes", "--steps", 1]
    assert run(*asked, "--json", tmp_path / "rows.json") == 0
    rows = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))
    assert {"name", "value", "target", "reached"} == set(rows[0])
    row = next(row for row in rows if row["name"] == "notes: onset F-measure over real")
    assert row["target"] == "0.9 or more"
    assert row["reached"] is False  # random weights play no notes
    assert 0 <= row["value"] < 0.9
    assert "notes: onset F-measure" in capsys.readouterr().out


def test_data_of_a_missing_folder_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data", "folder", tmp_path / "nowhere", tmp_path / "out") == 1
    assert "no such folder" in capsys.readouterr().err


def test_train_names_a_settings_file_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "unet", tmp_path / "no.yaml", "--data", tmp_path, "--out", tmp_path / "run") == 1
    assert "no.yaml" in capsys.readouterr().err


def test_the_command_line_is_there_before_torch_is() -> None:
    code = "import sys, msanii.__main__ as m; m.build_app(); print(*{'torch', 'numpy'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert result.stdout.strip() == ""
