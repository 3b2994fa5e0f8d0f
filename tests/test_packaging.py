"""What a user gets: the wheel's contents, its commands, and the targets of the Makefile."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from bridge.cli.daw_scripts.programs import PROGRAMS
from tests.conftest import need

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy of what git would carry, without the weights (they make it slow)."""
    source = tmp_path_factory.mktemp("source") / "tree"
    leave_out = shutil.ignore_patterns(
        ".git", ".venv*", "__pycache__", "*.safetensors", ".*_cache", "msanii-demo"
    )
    shutil.copytree(ROOT, source, ignore=leave_out)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.parametrize(
    ("folder", "suffix"),
    [
        ("presets", ".yaml"),
        ("presets/grooves", ".yaml"),
        ("max_for_live", ".md"),
        ("msanii", ".py"),
        ("bridge", ".py"),
        ("msanii/configs", ".yaml"),
    ],
)
def test_the_wheel_carries_every_file_of(folder: str, suffix: str, wheel: zipfile.ZipFile) -> None:
    here = {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob(f"*{suffix}")}
    moved = {
        "presets": "bridge/_presets",
        "presets/grooves": "msanii/_grooves",
        "max_for_live": "bridge/_max_for_live",
    }.get(folder, folder)
    there = {name.removeprefix(f"{moved}/") for name in wheel.namelist() if name.startswith(f"{moved}/")}
    assert here
    assert here <= there


def test_the_wheel_carries_the_device_without_the_code_that_writes_it(wheel: zipfile.ZipFile) -> None:
    there = {
        name.removeprefix("bridge/_max_for_live/") for name in wheel.namelist() if "_max_for_live" in name
    }
    others = {name for name in there if name.startswith("other_daws/")}
    assert there - others == {"Msanii.amxd", "MsaniiLive.js", "README.md"}


def test_the_wheel_carries_what_can_be_installed_for_other_programs(wheel: zipfile.ZipFile) -> None:
    for program in PROGRAMS.values():
        if program.source().is_dir():
            below = PurePosixPath("bridge/_max_for_live", program.folder)
            for name, data in program.files().items():
                assert wheel.read(str(below / name)) == data


def test_the_wheel_carries_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"msanii", "bridge", "msanii_bridge-0.1.0.dist-info"}


def test_the_wheel_names_its_licence_and_commands(wheel: zipfile.ZipFile) -> None:
    entries = wheel.read("msanii_bridge-0.1.0.dist-info/entry_points.txt").decode()
    assert "msanii = msanii.__main__:main" in entries
    assert "msanii-bridge = bridge.__main__:main" in entries
    assert b"MIT License" in wheel.read("msanii_bridge-0.1.0.dist-info/licenses/LICENSE")


@pytest.mark.parametrize("module", ["msanii", "bridge"])
def test_each_command_explains_itself(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


@pytest.mark.parametrize("target", ["demo", "test", "check", "doctor", "serve"])
def test_make_knows_the_target(target: str) -> None:
    done = subprocess.run(
        [need("make"), "-n", target, "VENV=/nowhere"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "/nowhere/bin/python" in done.stdout


def test_the_changelog_speaks_of_this_version_or_of_what_comes() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in text or f"## {version}" in text
