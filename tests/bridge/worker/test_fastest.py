"""What the worker computes with: measured once, remembered, and never a reason not to start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import msanii.probing
from bridge.system.probe_file import forget_probes, read_probes
from bridge.worker.fastest import choose
from bridge.worker.loop import WorkerSettings
from msanii.errors import MsaniiError
from msanii.probing import Probe, machine


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """What was measured, instead of a second's work each time."""
    asked = []

    def probe(device: str, dtype: str, threads: int) -> Probe:
        asked.append((device, dtype, threads))
        return Probe(machine(device, dtype, threads), "cpu", "float32", "channels_last", 1, {})

    monkeypatch.setattr(msanii.probing, "probe", probe)
    return asked


def auto(path: Path, threads: int = 0) -> WorkerSettings:
    return WorkerSettings(threads=threads, layout="auto", probe_path=path)


def test_a_machine_is_measured_once_for_each_choice(tmp_path: Path, measured: list[object]) -> None:
    path = tmp_path / "config" / "probe.json"
    assert choose(auto(path)) == choose(auto(path)) == ("cpu", "float32", "channels_last")
    assert torch.get_num_threads() == 1
    assert measured == [("auto", "auto", 0)]
    choose(auto(path, threads=1))
    assert measured == [("auto", "auto", 0), ("auto", "auto", 1)]
    assert list(read_probes(path)) == [machine(), machine(threads=1)]
    forget_probes(path)
    choose(auto(path))
    assert len(measured) == 3


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", "\x00" * 9, "[" * 200_000])
def test_a_damaged_file_is_made_again(tmp_path: Path, measured: list[object], text: str) -> None:
    path = tmp_path / "probe.json"
    path.write_text(text)
    choose(auto(path))
    assert list(json.loads(path.read_text())) == [machine()]


@pytest.mark.parametrize("value", [None, 1, {}, {"layout": "rows"}])
def test_a_damaged_entry_is_measured_again(tmp_path: Path, measured: list[object], value: object) -> None:
    path = tmp_path / "probe.json"
    path.write_text(json.dumps({machine(): value, "other machine": {"kept": True}}))
    choose(auto(path))
    assert len(measured) == 1
    assert read_probes(path)["other machine"] == {"kept": True}


def test_where_nothing_can_be_remembered_it_still_starts(
    tmp_path: Path, measured: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    assert choose(auto(tmp_path / "file" / "probe.json")) == ("cpu", "float32", "channels_last")
    assert "the next start measures this machine again" in caplog.text


def test_what_the_user_says_is_not_measured(tmp_path: Path, measured: list[object]) -> None:
    said = WorkerSettings("cpu", "float32", 1, "contiguous", tmp_path / "probe.json")
    assert choose(said) == ("cpu", "float32", "contiguous")
    assert not measured
    assert not (tmp_path / "probe.json").exists()


def test_a_device_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MsaniiError, match="this machine has no"):
        choose(WorkerSettings(device="mps", layout="auto", probe_path=tmp_path / "probe.json"))
