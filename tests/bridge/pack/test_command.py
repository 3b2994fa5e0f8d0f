"""`msanii-bridge pack` with the tiny model in a real worker: made, killed, gone on with, read by others."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.pack.journal import HIDDEN_FOLDER
from tests.bridge.pack.recipes import QUICK, SMALL, written
from tests.conftest import ROOT, missing

pytestmark = pytest.mark.timeout(600)
LOOPS: Mapping[str, Any] = SMALL["loops"]  # type: ignore[assignment]
PATIENCE_SECONDS = 240.0


def command(recipe: Path, out: Path, model: Path, *flags: str) -> list[str]:
    models = ["--models-folder", str(model.parent), "--device", "cpu"]
    return [sys.executable, "-m", "bridge", "pack", str(recipe), "-o", str(out), *models, *flags]


def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config"), "MSANII_HEAR_TAKES": "0"}


def run(tmp_path: Path, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip


def sounds(folder: Path) -> list[Path]:
    paths = sorted(path for top in ("Loops", "One-Shots") for path in (folder / top).rglob("*.wav"))
    return [path for path in paths if not path.stem.endswith("_tail")]


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "files.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_pack_that_is_killed_goes_on_and_other_programs_read_its_files(
    tiny_model: Path, tmp_path: Path
) -> None:
    one_shots = {"part": "keys", "sounds": "grand piano", "notes": "C4", "seconds": 0.5, "values": QUICK}
    recipe = written(tmp_path / "mine.yaml", {**SMALL, "one_shots": one_shots})
    out = tmp_path / "pack"
    words = command(recipe, out, tiny_model, "--ahead", "1")
    with (tmp_path / "log").open("wb") as log:
        first = subprocess.Popen(words, cwd=ROOT, env=environment(tmp_path), stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_SECONDS
        while not sounds(out) and first.poll() is None:
            assert time.monotonic() < end, (tmp_path / "log").read_text()
            time.sleep(0.02)
        first.kill()
        first.wait()
    assert sounds(out), (tmp_path / "log").read_text()
    done = run(tmp_path, words)
    assert done.returncode == 0, done.stderr
    rows = table(out)
    with (out / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert len(rows) + len(rejected) == 6, rejected
    assert len([row for row in rows if row["kind"] == "loop"]) == 5
    assert [path.relative_to(out).as_posix() for path in sounds(out)] == [row["path"] for row in rows]
    assert not list((out / HIDDEN_FOLDER).glob("work-*")), "nothing that was not kept stays"
    for row in rows:
        if row["kind"] == "loop":
            assert soundfile.info(out / row["path"]).frames == 88_200  # two bars at 240 bpm
            assert {row["tail"] != "", row["midi"] != ""} == {True}
    _read_by_exiftool(out, rows)
    again = run(tmp_path, words)
    assert (again.returncode, "are made already" in again.stdout) == (0, True)
    changed = written(tmp_path / "mine.yaml", {**SMALL, "loops": {**LOOPS, "keys": ["Cm"]}})
    refused = run(tmp_path, command(changed, out, tiny_model))
    assert refused.returncode == 1
    assert "loops.keys: now without 'Am'" in refused.stderr
    accepted = run(tmp_path, command(changed, out, tiny_model, "--accept-changes"))
    assert accepted.returncode == 0, accepted.stderr
    assert len(table(out)) == 3
    left = [path for path in (out / "left out").rglob("*.wav") if not path.stem.endswith("_tail")]
    assert len(left) == len(rows) - 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_leaves_a_pack_that_can_be_looked_at_and_gone_on_with(
    tiny_model: Path, tmp_path: Path
) -> None:
    recipe = written(tmp_path / "mine.yaml", {**SMALL, "loops": {**LOOPS, "seeds": "1 to 20"}})
    out = tmp_path / "pack"
    words = command(recipe, out, tiny_model)
    # Where these tests run in a shell's background, programs would ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with (tmp_path / "log").open("wb") as log:
        first = subprocess.Popen(words, cwd=ROOT, env=environment(tmp_path), stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_SECONDS
        # It is told once it is recorded; its file is there before.
        while ".wav" not in (tmp_path / "log").read_text() and first.poll() is None:
            assert time.monotonic() < end, (tmp_path / "log").read_text()
            time.sleep(0.02)
        first.send_signal(signal.SIGINT)
        assert first.wait(PATIENCE_SECONDS) == 130, (tmp_path / "log").read_text()
    signal.signal(signal.SIGINT, before)
    assert "stopped; the same command goes on from here" in (tmp_path / "log").read_text()
    assert 1 <= len(table(out)) < 100
    # One that was being filed may be there too; going on writes it again under the same name.
    assert {row["path"] for row in table(out)} <= {path.relative_to(out).as_posix() for path in sounds(out)}
    assert (out / "contact_sheet.html").is_file()
    assert not list((out / HIDDEN_FOLDER).glob("work-*"))


def _read_by_exiftool(out: Path, rows: Sequence[Mapping[str, str]]) -> None:
    if shutil.which("exiftool") is None:
        missing("exiftool is not installed")
    row = next(row for row in rows if row["key"] == "Am")
    read = subprocess.run(["exiftool", "-json", out / row["path"]], capture_output=True, check=True)
    told = json.loads(read.stdout)[0]
    assert (told["Tempo"], told["RootNote"], told["Beats"]) == (240, "High A", 8)
    assert not {"Error", "Warning"} & set(told)


def test_a_dry_run_lists_the_files_and_makes_none(tmp_path: Path, tiny_model: Path) -> None:
    recipe = written(tmp_path / "mine.yaml", SMALL)
    done = run(tmp_path, command(recipe, tmp_path / "pack", tiny_model, "--dry-run"))
    assert done.returncode == 0, done.stderr
    *paths, summary = done.stdout.splitlines()
    assert len(paths) == 5
    assert paths[0] == "Loops/drums/Small_drums_240bpm_drum kit_1"
    assert "10 audio files" in summary
    assert "of disk" in summary
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("no_such_pack", "give a path, or one of house_starter"),
        ({"name": "a", "loop": {}}, "`loop`: no such key; did you mean `loops`?"),
        ({**SMALL, "model": "other"}, "there is no `other` here"),
        ({**SMALL, "loops": {**LOOPS, "styles": ["deep_hose"]}}, "did you mean `deep_house`?"),
        ({**SMALL, "loops": {**LOOPS, "sounds": {"keys": "gran piano"}}}, "did you mean `grand piano`?"),
    ],
)
def test_mistakes_are_told_before_anything_is_made(
    tmp_path: Path, tiny_model: Path, recipe: str | Mapping[str, object], words: str
) -> None:
    name = recipe if isinstance(recipe, str) else str(written(tmp_path / "mine.yaml", recipe))
    done = run(tmp_path, command(Path(name), tmp_path / "pack", tiny_model))
    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "pack").exists()


def test_sound_of_loops_is_that_of_the_renderer_sample_for_sample(tmp_path: Path, tiny_model: Path) -> None:
    recipe = written(tmp_path / "mine.yaml", {**SMALL, "loops": {**LOOPS, "parts": "drums"}})
    for name in ("one", "two"):
        done = run(tmp_path, command(recipe, tmp_path / name, tiny_model))
        assert done.returncode == 0, done.stderr
    (one,), (two,) = sounds(tmp_path / "one"), sounds(tmp_path / "two")
    assert np.array_equal(soundfile.read(one)[0], soundfile.read(two)[0])
