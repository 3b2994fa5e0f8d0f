"""`doctor` on this machine, its remedies and its figures."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path

import pytest
from rich.console import Console

from bridge.cli.doctor.examine import check_page, check_port, examine
from bridge.cli.doctor.measure import Row, measure
from bridge.cli.doctor.purpose_checks import check_probe
from bridge.cli.doctor.report import print_checks, write_rows
from bridge.cli.own_daemon import free_port, launched, wait_for_model
from bridge.settings import Settings
from bridge.system.machine_checks import Check, check_folder
from bridge.system.probe_file import read_probes
from tests.conftest import DaemonUnderTest


def _tiny(model: Path) -> tuple[str, ...]:
    return ("--models-folder", str(model.parent), "--model", model.name, "--device", "cpu")


def _settings(library: Path) -> Settings:
    return Settings(library=library, port=free_port(), http=False)


def test_the_doctor_finds_what_rendering_needs(tiny_model: Path, tmp_path: Path) -> None:
    checks = {check.name: check for check in examine(_settings(tmp_path / "library"), _tiny(tiny_model))}
    for name in ("Python", "PyTorch", "model", "audio files", "takes folder", "OSC port"):
        assert checks[name].works, checks[name]
    assert "tiny" in checks["model"].detail
    assert not (tmp_path / "library").exists(), "looking makes nothing"


def test_what_is_fastest_is_measured_at_the_first_start_and_told(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSANII_LAYOUT", "auto")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = Settings(library=tmp_path / "takes", port=0, layout="auto")
    assert not check_probe(settings).works
    written = set()
    for _ in range(2):
        with launched("--library", str(tmp_path / "takes"), *_tiny(tiny_model)) as daemon:
            status = wait_for_model(daemon.client)
        written.add(settings.probe_path.stat().st_mtime_ns)
        (probe,) = read_probes(settings.probe_path).values()
        assert isinstance(probe, dict)
        assert (status["layout"], status["dtype"]) == (probe["layout"], probe["dtype"])
    assert len(written) == 1
    assert "layout, long: channels_last" in check_probe(settings).detail


def test_the_doctor_names_the_remedy_for_a_missing_model(tmp_path: Path) -> None:
    flags = ("--models-folder", str(tmp_path), "--model", "nothing", "--device", "cpu")
    model = next(check for check in examine(_settings(tmp_path), flags) if check.name == "model")
    assert not model.works
    assert "--model" in model.remedy


def test_the_page_is_where_it_will_be_or_another_program_is_there() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert check_page(port) == Check(
            "page",
            True,
            f"will be at http://127.0.0.1:{port}; the port is free",
            needed=False,
            purpose="page",
        )
        other.listen()
        taken = check_page(port)
        assert (taken.works, "--http-port" in taken.remedy) == (False, True)


def test_a_port_that_another_program_holds() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        found = check_port(other.getsockname()[1])
    assert not found.works
    assert "--port" in found.remedy


def test_a_port_where_our_daemon_answers(daemon: DaemonUnderTest) -> None:
    assert "a daemon" in check_port(daemon.port).detail


def test_a_takes_folder_on_a_file_system_without_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000})())
    assert not check_folder(tmp_path).works


def test_what_is_missing_but_not_needed_is_no_failure() -> None:
    words = io.StringIO()
    console = Console(file=words, width=200)
    assert print_checks([Check("audio device", False, "none", "plug one in", needed=False)], console)
    assert not print_checks([Check("model", False, "none", "import one")], console)
    assert "remedy: plug one in" in words.getvalue()


def test_measure_times_a_render_and_stays_under_the_memory_target(tiny_model: Path, tmp_path: Path) -> None:
    rows = measure(*_tiny(tiny_model))
    figures = {row.name: row for row in rows}
    assert figures["resident memory without the worker"].reached
    # The times have targets too, which a busy machine misses; `doctor --measure` reports them.
    timed = {row.name for row in rows if row.target is not None and row.unit in ("s", "ms")}
    assert timed == {"daemon start to first /msanii/welcome", "/msanii/sync round trip while rendering, p99"}
    assert all(figures[name].value > 0 for name in timed)
    assert figures["/msanii/sync round trips measured"].value > 10
    assert figures["length of that file"].value == pytest.approx(8.0, abs=1e-3)
    write_rows(rows, tmp_path / "figures.json")
    listed = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert {"name", "value", "target", "reached"} == set(listed[0])


@pytest.mark.parametrize(
    ("value", "target", "reached"), [(0.5, 1.0, True), (1.5, 1.0, False), (1.5, None, None)]
)
def test_a_figure_is_held_against_its_target(
    value: float, target: float | None, reached: bool | None
) -> None:
    assert Row("figure", value, "s", target).reached is reached
