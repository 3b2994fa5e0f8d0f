"""The daemon's process stays light: a static contract cannot say `lazily`, these tests do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torchaudio", "diffusers", "sounddevice", "rtmidi", "accelerate", "matplotlib")
_REPORT = f"; import sys; print(' '.join(name for name in {HEAVY!r} if name in sys.modules))"


def _loaded_by(code: str) -> str:
    """Names of the heavy libraries that the code loads in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code + _REPORT], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()[-1]


def test_the_terminal_command_loads_nothing_heavy() -> None:
    code = "from bridge import __main__\nfrom bridge.cli import app\n"
    code += "try: app.main(['--help'])\nexcept SystemExit: pass\n0"
    assert _loaded_by(code) == ""


@pytest.mark.parametrize(
    "module",
    [
        "daemon",
        "cli.app",
        "cli.client",
        "cli.demo",
        "cli.doctor.examine",
        "cli.doctor.measure",
        "cli.own_daemon",
        "library.takes",
        "render.engine",
        "system.supervisor",
        "worker.process",
    ],
)
def test_importing_a_part_loads_nothing_heavy(module: str) -> None:
    assert _loaded_by(f"import bridge.{module}") == ""


def test_the_probe_sees_what_it_should() -> None:
    assert _loaded_by("import rtmidi") == "rtmidi"


def test_no_part_of_the_bridge_is_left_out() -> None:
    """A new file must be importable without side effects too."""
    root = Path(__file__).parents[2] / "bridge"
    modules = [
        ".".join(path.relative_to(root.parent).with_suffix("").parts)
        for path in sorted(root.rglob("*.py"))
        if path.name not in ("__init__.py", "__main__.py")
    ]
    assert _loaded_by("import " + ", ".join(modules)) == ""
