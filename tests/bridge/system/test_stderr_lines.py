"""What processes print on stderr reaches the log, and the terminal as before."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from bridge.system import stderr_lines
from bridge.system.ends_with_parent import environment
from bridge.system.stderr_lines import captured_stderr, handle_for_child, use_handle

# A daemon with a child of multiprocessing, and its resource tracker, which outlives the block.
_PARENT = """
import multiprocessing, os, sys, time
from bridge.system.stderr_lines import captured_stderr

def child():
    os.write(2, b"from C in the child\\n")
    print("from Python in the child", file=sys.stderr)
    raise RuntimeError("boom in the child")

if __name__ == "__main__":
    lines = []
    with captured_stderr(lines.append) as terminal:
        print("to the terminal alone", file=terminal)
        process = multiprocessing.get_context("spawn").Process(target=child)
        process.start(); process.join()
        os.write(2, b"no end of line")
    print("after it", file=sys.stderr)
    print(lines)
"""


def test_lines_of_the_process_and_its_children_are_passed_on(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    done = subprocess.run(
        [sys.executable, str(script)], env=environment(), capture_output=True, text=True, check=True
    )
    lines = eval(done.stdout)  # noqa: S307  (our own list)
    for line in ("from C in the child", "from Python in the child", "RuntimeError: boom in the child"):
        assert line in lines
        assert line in done.stderr
    assert lines[-1] == "no end of line"
    assert "to the terminal alone" not in lines
    assert "to the terminal alone" in done.stderr
    assert done.stderr.endswith("after it\n")
    assert "\x04" not in done.stderr


def test_a_line_without_end_is_cut(capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    with captured_stderr(lines.append):
        os.write(2, b"y" * 30_000)
    assert "".join(lines) == "y" * 30_000
    assert capfd.readouterr().err == "y" * 30_000


def test_bytes_that_are_no_text_are_shown(capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    with captured_stderr(lines.append):
        os.write(2, b"\x04 and \xff\n")
    assert lines == ["\x04 and \\xff"]


def test_without_descriptors_nothing_is_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_descriptor: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "dup", none_left)
    with captured_stderr(pytest.fail) as terminal:
        assert terminal is sys.stderr


def test_children_inherit_stderr_here() -> None:
    assert handle_for_child() is None
    use_handle(None)


def test_on_windows_a_child_is_handed_the_pipe(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The branch of Windows, on the descriptors of this system."""

    class Duplicate:
        def __init__(self, handle: int, access: int) -> None:
            assert access == 0x40000000
            self.handle = os.dup(handle)

        def detach(self) -> int:
            return self.handle

    modules: dict[str, Any] = {
        "msvcrt": types.SimpleNamespace(
            get_osfhandle=lambda descriptor: descriptor, open_osfhandle=lambda handle, _flags: handle
        ),
        "multiprocessing.reduction": types.SimpleNamespace(DupHandle=Duplicate),
    }
    lines: list[str] = []
    before = sys.stderr
    with captured_stderr(lines.append):
        monkeypatch.setattr(stderr_lines, "import_module", modules.__getitem__)
        monkeypatch.setattr(stderr_lines, "os", _as_on_windows())
        handle = handle_for_child()
        ours = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)  # the child's own stderr, before it uses the handle
        inner = sys.stderr
        use_handle(handle)
        print("from the child", file=sys.stderr)
        sys.stderr.close()
        sys.stderr = inner
        os.dup2(ours, 2)
        for descriptor in (ours, nowhere):
            os.close(descriptor)
    assert lines == ["from the child"]
    assert sys.stderr is before
    capfd.readouterr()


def _as_on_windows() -> types.SimpleNamespace:
    return types.SimpleNamespace(**{**vars(os), "name": "nt"})
