"""How a copy was installed, and the lines that update and remove it, on each system."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.cli.installation.program import Program, newest_file_seconds, program_in, this_program

PYTHON = Path("/opt/my venv/bin/python")
WHEEL = json.dumps({"url": "file:///home/me/msanii_bridge-0.1.0-py3-none-any.whl", "archive_info": {}})
REPOSITORY = json.dumps({"url": "https://example.org/m.git", "vcs_info": {"vcs": "git", "commit_id": "1"}})


def environment(folder: Path, marker: str = "") -> Path:
    if marker:
        (folder / marker).write_text("")
    return folder


@pytest.mark.parametrize(
    ("marker", "has_pip", "origin", "update", "removal"),
    [
        ("pipx_metadata.json", True, None, "pipx upgrade msanii-bridge", "pipx uninstall msanii-bridge"),
        ("pipx_metadata.json", True, WHEEL, "pipx install --force NEW.whl", "pipx uninstall msanii-bridge"),
        ("uv-receipt.toml", False, None, "uv tool upgrade msanii-bridge", "uv tool uninstall msanii-bridge"),
        ("uv-receipt.toml", False, WHEEL, "uv tool install --force NEW.whl", None),
        ("uv-receipt.toml", False, REPOSITORY, "uv tool upgrade msanii-bridge", None),
        (
            "", True, None, "'/opt/my venv/bin/python' -m pip install --upgrade msanii-bridge",
            "'/opt/my venv/bin/python' -m pip uninstall msanii-bridge",
        ),
        ("", True, WHEEL, "'/opt/my venv/bin/python' -m pip install --upgrade NEW.whl", None),
        (
            "", True, REPOSITORY,
            "'/opt/my venv/bin/python' -m pip install --upgrade --force-reinstall --no-deps "
            "'msanii-bridge @ git+https://example.org/m.git'", None,
        ),
        (
            "", False, None, "uv pip install --python '/opt/my venv/bin/python' --upgrade msanii-bridge",
            "uv pip uninstall --python '/opt/my venv/bin/python' msanii-bridge",
        ),
    ],
)  # fmt: skip
def test_each_installer_has_its_lines(
    tmp_path: Path, marker: str, has_pip: bool, origin: str | None, update: str, removal: str | None
) -> None:
    found = program_in(environment(tmp_path, marker), PYTHON, origin, has_pip=has_pip)
    assert found.update_line() == update
    assert removal is None or found.removal_line() == removal
    assert found.comes_from_file == (origin == WHEEL)


def test_a_checkout_is_pulled_and_installed_again(tmp_path: Path) -> None:
    checkout = tmp_path / "my source"
    (checkout / "bridge").mkdir(parents=True)
    origin = json.dumps({"url": checkout.as_uri(), "dir_info": {"editable": True}})
    found = program_in(tmp_path, PYTHON, origin)
    assert found.checkout == checkout
    assert shlex.split(found.update_line()) == [str(PYTHON), "-m", "pip", "install", "-e", str(checkout)]
    (checkout / ".git").mkdir()
    assert found.update_line().startswith(f"git -C '{checkout}' pull && ")
    module = checkout / "bridge" / "a.py"
    module.write_text("")
    assert newest_file_seconds(found) == module.stat().st_mtime


@pytest.mark.parametrize("origin", ["not json", "[]", "{}", '{"url": 3}', ""])
def test_a_broken_origin_counts_as_the_index(tmp_path: Path, origin: str) -> None:
    assert program_in(tmp_path, PYTHON, origin).update_line().endswith("--upgrade msanii-bridge")


def test_windows_quotes_as_its_shells_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    found = program_in(tmp_path, Path(r"C:\My Music\python.exe"), None)
    assert found.update_line() == r'"C:\My Music\python.exe" -m pip install --upgrade msanii-bridge'


@pytest.mark.parametrize(
    ("marker", "line"),
    [
        ("pipx_metadata.json", "pipx inject msanii-bridge aalink"),
        ("uv-receipt.toml", "uv tool install --with aalink /home/me/msanii_bridge-0.1.0-py3-none-any.whl"),
        ("", "'/opt/my venv/bin/python' -m pip install aalink"),
    ],
)
def test_a_package_is_added_beside_it(tmp_path: Path, marker: str, line: str) -> None:
    assert program_in(environment(tmp_path, marker), PYTHON, WHEEL).addition_line("aalink") == line


def test_this_copy_knows_itself() -> None:
    found = this_program()
    assert isinstance(found, Program)
    assert newest_file_seconds(found) > 1e9
    code = "from importlib import metadata\nmetadata.distribution = lambda name: (_ for _ in ()).throw("
    code += "metadata.PackageNotFoundError(name))\nfrom bridge.cli.installation.program import this_program\n"
    code += "print(this_program().checkout)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (Path(done.stdout.strip()) / "bridge").is_dir()
