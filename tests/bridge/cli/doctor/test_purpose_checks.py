"""What the doctor says of each purpose: a part that is there without what it needs does not work."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bridge.cli.doctor import purpose_checks
from bridge.cli.doctor.examine import examine
from bridge.cli.doctor.report import print_checks
from bridge.settings import Settings
from bridge.system import machine_checks
from bridge.system.machine_checks import PURPOSES, Check
from bridge.system.probe_file import remember_probe


def test_every_purpose_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "_probe", lambda name, *_words, **_more: Check(name, True, ""))
    monkeypatch.setattr("bridge.cli.doctor.examine._model", lambda _flags: Check("model", True, ""))
    checks = examine(Settings(library=tmp_path, port=0, http_port=0, http=True))
    assert {check.purpose for check in checks} == set(PURPOSES)


@pytest.mark.parametrize(
    ("said", "works", "remedy"),
    [
        ("print('x')", True, ""),
        ("import sys; sys.exit('no device to play through')", False, "plug in or switch on a sound card"),
        ("import sys; sys.exit('PortAudio is not installed')", False, "portaudio"),
    ],
)
def test_sound_without_a_device_does_not_work(
    said: str, works: bool, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_checks, "_AUDIO_PROBE", said)
    found = machine_checks._sound()
    assert (found.works, found.purpose) == (works, "stream")
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("devices", "status", "words"),
    [
        ("", 1, "no device to play through"),
        ("Device(0, 'mic in use', 'ALSA', 2, 48000, False), Device(1, 'Scarlett', 'ALSA', 2, 48000, True)", 0,
         "Scarlett, the first of 2 to play through"),
    ],
)  # fmt: skip
def test_the_probe_looks_for_a_device_and_not_for_portaudio_alone(
    devices: str, status: int, words: str
) -> None:
    """The probe itself, with the devices of another machine."""
    code = "from bridge.audio_child import device\nfrom bridge.audio_child.device import Device\n"
    code += (
        f"device.list_devices = lambda: ({devices}{',' if devices else ''})\n" + machine_checks._AUDIO_PROBE
    )
    found = machine_checks._probe("audio device", code, "", needed=False)
    assert found.works == (status == 0)
    assert found.detail == words


@pytest.mark.parametrize(
    ("system", "line"),
    [("Linux", "sudo apt-get install"), ("Darwin", "brew install"), ("Windows", "choco install")],
)
def test_the_remedy_is_a_line_of_this_system(system: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr(machine_checks, "_AUDIO_PROBE", "import sys; sys.exit('PortAudio is missing')")
    assert machine_checks._sound().remedy.startswith(line)


def test_link_and_the_network_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    link = purpose_checks.check_link()
    assert (link.works, link.purpose) == (False, "sync")
    assert "aalink" in link.remedy
    lan = purpose_checks.check_lan(_settings(lan=True, allow=["192.168.1.0/24"]))
    assert (lan.works, "zeroconf" in lan.remedy) == (False, True)
    assert purpose_checks.check_lan(_settings()).works, "it is off, as it should be"


def _settings(**values: Any) -> Settings:
    return Settings.model_validate(values)


def test_hearing_needs_the_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert purpose_checks.check_listener(()).works
    monkeypatch.setattr("bridge.worker.listener_folder.LISTENER_NAME", "no-listener")
    found = purpose_checks.check_listener(())
    assert (found.works, found.purpose, found.needed) == (False, "hearing", False)


def test_a_drop_folder_must_be_writable(tmp_path: Path) -> None:
    assert "--drop-to live" in purpose_checks.check_drop(_settings(library=tmp_path)).detail
    (tmp_path / "file").write_text("")
    found = purpose_checks.check_drop(_settings(library=tmp_path, drop_folder=tmp_path / "file"))
    assert not found.works


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert purpose_checks.check_log(_settings(library=tmp_path)).works
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    found = purpose_checks.check_log(_settings(library=tmp_path))
    assert (found.works, found.needed) == (False, False)
    assert purpose_checks.check_log(_settings(library=tmp_path, log_file=False)).works


def test_what_the_probe_measured_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = _settings(library=tmp_path)
    assert not purpose_checks.check_probe(settings).works
    seconds = {"layout, long": {"contiguous": 0.3, "channels_last": 0.2}, "threads": {"4": 0.0}}
    remember_probe(settings.probe_path, "EPYC, 2 cores", {"seconds": seconds})
    found = purpose_checks.check_probe(settings)
    assert (found.works, found.needed) == (True, False)
    told = "EPYC, 2 cores: layout, long: channels_last 1.50 times as fast as contiguous"
    assert found.detail == f"{told} (`--probe` measures again)"
    settings.probe_path.write_text("[")
    assert not purpose_checks.check_probe(settings).works
    assert "`layout` is contiguous" in purpose_checks.check_probe(_settings(layout="contiguous")).detail


def test_a_purpose_works_only_if_all_of_it_does() -> None:
    words = io.StringIO()
    checks = [
        Check("PortAudio", True, "19", needed=False, purpose="stream"),
        Check("audio device", False, "none", "plug one in", needed=False, purpose="stream"),
        Check("MIDI", True, "2 ports", needed=False, purpose="MIDI"),
    ]
    assert print_checks(checks, Console(file=words, width=200))
    assert "stream: missing: audio device" in words.getvalue()
    assert "MIDI: works" in words.getvalue()
    assert sys.stdout is not words
