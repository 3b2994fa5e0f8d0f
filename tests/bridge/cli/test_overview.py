"""`msanii-bridge` without a command, in every state that a daemon can be in."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import overview
from bridge.cli.own_daemon import free_port
from bridge.library.daemon_record import DaemonRecord, running_daemon, write_record
from bridge.settings import Settings
from tests.bridge.test_lazy import HEAVY
from tests.conftest import ROOT, DaemonUnderTest


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keeps the user's own settings and library out of the test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MSANII_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("MSANII_PORT", str(free_port()))
    monkeypatch.setattr(overview, "ANSWER_SECONDS", 5.0)  # of a daemon on a busy machine
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "200")
    overview.overview()
    return capsys.readouterr().out


def test_it_is_what_the_bare_command_prints_and_loads_nothing_heavy(own: Path) -> None:
    code = "import sys\nfrom bridge.cli.app import main\n"
    code += "try: main([])\nexcept SystemExit as end: print(end.code)"
    code += f"\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Daemon   does not run" in done.stdout
    assert done.stdout.endswith("0\n[]\n")
    assert not (own / "library").exists(), "looking makes nothing"


def test_without_a_daemon_it_says_how_to_start_one(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(capsys, monkeypatch)
    assert f"Takes    {own / 'library'}, none yet" in text
    assert "http://127.0.0.1:9801 once the daemon runs" in text or "`http` is false" in text
    steps = [line.split("  ")[1] for line in text.splitlines() if line.startswith("  msanii-bridge ")]
    assert steps[:2] == ["msanii-bridge serve --open", "msanii-bridge demo"]
    assert len(steps) == 3


def test_a_running_daemon_is_told_with_its_page_and_what_to_do(
    make_daemon: Any, own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon: DaemonUnderTest = make_daemon(flags=("--http", "--http-port", "0"))
    daemon.start()
    daemon.status()
    while not (record := running_daemon(own / "library")) or not record.http_port:
        daemon.client().hello()
    text = said(capsys, monkeypatch)
    assert "runs, since " in text
    assert f"at port {daemon.port}" in text
    assert "Model    tiny on cpu, ready, nothing to render" in text
    assert f"Page     http://127.0.0.1:{record.http_port}" in text
    assert f"--bars 4 --port {daemon.port}  render a take" in text
    assert "Stage    off" in text

    monkeypatch.setattr(overview, "ANSWER_SECONDS", 0.2)
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        text = said(capsys, monkeypatch)
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    assert f"process {daemon.pid} has run since " in text
    assert f"but does not answer at port {daemon.port}" in text
    assert f"kill {daemon.pid}" in text
    assert daemon.stop() == 0
    assert running_daemon(own / "library") is None


def test_a_daemon_of_other_takes_is_told(
    daemon: DaemonUnderTest, own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSANII_PORT", str(daemon.port))
    text = said(capsys, monkeypatch)
    assert f"at port {daemon.port} runs one for {daemon.library}" in text
    assert "serve --open --port 9900" in text


def test_a_library_that_cannot_be_read_is_told(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_library: Path) -> DaemonRecord:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bridge.library.daemon_record.running_daemon", refused)
    text = said(capsys, monkeypatch)
    assert "cannot be read (Permission denied): make it readable" in text


def test_broken_settings_are_told(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "config" / "msanii-bridge").mkdir(parents=True)
    (own / "config" / "msanii-bridge" / "settings.yaml").write_text("portt: 1\n")
    text = said(capsys, monkeypatch)
    assert "`portt`: no such setting" in text
    assert "msanii-bridge doctor" in text


def test_an_updated_program_asks_for_a_restart(own: Path) -> None:
    settings = Settings(library=own / "library")
    record = DaemonRecord("0.0.1", 9800, 9801)
    write_record(settings.library, record)
    found = overview.Found(overview.State.answers, record, status={"worker": "ready"})
    first, second, _third = overview.next_steps(settings, found)
    assert first[1] == "the program was updated: restart the daemon"
    assert second[0] == "http://127.0.0.1:9801"


def test_a_model_that_does_not_load_is_the_doctors(own: Path) -> None:
    found = overview.Found(overview.State.answers, status={"worker": "no model", "problem": "it is missing"})
    settings = Settings(library=own / "library")
    assert ("Model", "no model: it is missing") in overview.facts(settings, found)
    assert overview.next_steps(settings, found)[0][0] == "msanii-bridge doctor"
