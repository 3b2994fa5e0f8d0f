"""Candidates over UDP: what is told of the kept take, and that `msanii-bridge render` makes it again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.library.recipes import read_recipe
from tests.conftest import ROOT, DaemonUnderTest, fail_of
from tests.patient_client import PatientClient

ASKED = ("bars", 1, "bpm", 240, "seed", 7, "steps", 2, "iterations", 2, "chords", "Am", "candidates", 2)


def render_again(take: Path, daemon: DaemonUnderTest) -> list[Path]:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "render", str(take), "--port", str(daemon.port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Path(line) for line in done.stdout.splitlines() if line.endswith(".wav")]


@pytest.mark.parametrize(
    "asked", [("part", "drums", "count", 2), ("parts", "drums,keys")], ids=["takes", "arrangement"]
)
def test_kept_takes_are_told_as_heard_and_come_again(
    daemon: DaemonUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str | int, ...]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MSANII_LIBRARY", str(daemon.library))
    with PatientClient(daemon.port) as client:
        answers = list(client.ask("/msanii/generate", *ASKED, *asked))
    said = [
        (answer.address.removeprefix("/msanii/"), answer.arguments)
        for answer in answers
        if answer.address in ("/msanii/take", "/msanii/take/heard", "/msanii/done")
    ]
    names = [name for name, _ in said]
    assert names == ["take", "take/heard"] * (len(names) // 2) + ["done"]
    for (_, take), (_, heard) in zip(said[:-1:2], said[1:-1:2], strict=True):
        recipe = read_recipe(Path(str(take[2])))
        assert take[:2] == heard[:2]
        assert recipe.heard is not None
        numbers = [recipe.heard.chords, recipe.heard.onsets]
        assert list(heard[2:]) == pytest.approx([-1.0 if one is None else one for one in numbers], abs=1e-6)
    last = Path(str(said[-3][1][2]))
    recipe = read_recipe(last)
    assert recipe.request.keep is not None
    again, *others = render_again(last, daemon)
    assert len(others) == recipe.request.count - 1
    assert np.array_equal(soundfile.read(last)[0], soundfile.read(again)[0])
    assert (read_recipe(again).seed, read_recipe(again).request.keep) == (recipe.seed, recipe.request.keep)


def test_too_many_candidates_are_refused(daemon: DaemonUnderTest) -> None:
    with PatientClient(daemon.port) as client:
        answers = list(client.ask("/msanii/generate", "candidates", 4, "count", 5))
    _, code, sentence = fail_of(answers)
    assert (code, "`candidates`: got 4 for 5 takes" in sentence) == ("value", True)
