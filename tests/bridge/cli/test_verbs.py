"""`msanii-bridge generate` and the other verbs: OSC's parameters as options."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner

from bridge.cli.app import app
from bridge.cli.verbs import arguments_of
from bridge.messages import BridgeError
from tests.conftest import ROOT, DaemonUnderTest

QUICK = ("--steps", "2", "--iterations", "2")


def run(daemon: DaemonUnderTest, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bridge", *words, "--port", str(daemon.port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_generate_prints_the_paths_alone(daemon: DaemonUnderTest) -> None:
    asked = ("--preset", "Piano_Loop", "--meter", "7/8", "--bars", "1", "--count", "2", "--format", "float")
    done = run(daemon, "generate", *asked, *QUICK)
    assert done.returncode == 0, done.stderr
    first, second = map(Path, done.stdout.splitlines())
    assert first != second
    assert soundfile.info(first).frames == 77_175
    assert soundfile.info(first).subtype == "FLOAT"


def test_a_source_is_named_from_the_clients_own_folder(
    daemon: DaemonUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert arguments_of({"source": "missing.wav"}) == ["source", "missing.wav"]
    (tmp_path / "in.wav").touch()
    assert arguments_of({"source": "in.wav", "strength": "0.3"}) == [
        "source", str(tmp_path / "in.wav"), "strength", 0.3,
    ]  # fmt: skip


def test_a_refusal_is_one_sentence(daemon: DaemonUnderTest) -> None:
    done = run(daemon, "generate", "--preset", "piano_lop")
    assert done.returncode == 1
    assert "did you mean `piano_loop`?" in done.stderr.replace("\n", " ")
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"bars": "four"},
            "`bars`: got 'four', expected a number from 0.0625 to 1024 (bars); write",
        ),
        ({"bpm": "97,3"}, "write it with a point, as in 97.3"),
        ({"meter": "7-8"}, "`meter`: got '7-8', expected a time signature as text, as in 7/8; write it so"),
        ({"meter": "7/x"}, "`meter`: got '7/x', expected a time signature"),
        ({"meter": "7/8", "numerator": "3"}, "keep one of them"),
        ({"notes": ""}, "`notes` is empty"),
        ({"end": "rung"}, "did you mean `ring`?"),
    ],
)
def test_a_value_is_refused_in_words_of_the_command_line(said: dict[str, object], words: str) -> None:
    with pytest.raises(BridgeError) as raised:
        arguments_of(said)
    assert words in raised.value.message
    assert "send" not in raised.value.message


def test_options_become_pairs_in_their_types() -> None:
    said = {"loop": True, "meter": "6/8", "bpm": "97.3", "chords": "Am F", "seed": "010", "key": None}
    assert arguments_of(said) == [
        "loop", 1, "bpm", 97.3, "chords", "Am F", "seed", 10, "numerator", 6, "denominator", 8,
    ]  # fmt: skip


def test_a_path_in_an_unknown_home_is_sent_as_it_was_typed() -> None:
    assert arguments_of({"notes": "~no-such-user/song.mid"}) == ["notes", "~no-such-user/song.mid"]


@pytest.mark.parametrize(
    ("words", "nearest"),
    [(("generat",), "generate"), (("generate", "--bmp", "3"), "--bpm"), (("prests",), "presets")],
)
def test_a_slip_gets_the_nearest_word(words: tuple[str, ...], nearest: str) -> None:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 2
    assert nearest in done.output
