"""The .amxd is what Max saves: chunks that fit, the .maxpat's JSON, one NUL, and the same bytes each time."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.cli.daw_scripts.max_device import device_version
from max_for_live import build_device
from max_for_live.build_device import FOLDER, device_files
from max_for_live.container import AUDIO_EFFECT, ContainerError, pack, unpack
from max_for_live.join_script import joined
from max_for_live.version import Version, due, recorded
from max_for_live.wiring import build_patcher

TINY = {"patcher": {"boxes": [], "title": "größe ♯"}}


def test_the_files_in_the_repository_are_what_the_description_gives() -> None:
    for name, data in device_files().items():
        assert (FOLDER / name).read_bytes() == data, f"{name} is out of date: run `make device`"


def test_another_process_with_other_hashes_writes_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nfrom max_for_live.build_device import device_files\n"
        "for name, data in device_files().items(): pathlib.Path(sys.argv[1], name).write_bytes(data)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "LC_ALL": "C", "PYTHONPATH": str(FOLDER.parent)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True, timeout=60)
    for name, data in device_files().items():
        assert (tmp_path / name).read_bytes() == data


def test_the_device_bears_the_recorded_version() -> None:
    assert device_version((FOLDER / "Msanii.amxd").read_bytes()) == recorded().number
    assert recorded().number > 1, "version 1 lies in people's User Libraries"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, bytes]:
    """What was built last, as the builder finds it in `version.json`."""
    files = device_files()
    last = Version(**json.loads(files["version.json"]))
    monkeypatch.setattr(build_device, "recorded", lambda: last)
    return files


def test_what_did_not_change_is_built_under_the_same_version(built: Mapping[str, bytes]) -> None:
    assert device_files() == built


def test_a_changed_script_cannot_be_built_under_the_same_version(
    built: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_device, "joined", lambda: joined() + "// more\n")
    after = device_files()
    assert device_version(after["Msanii.amxd"]) == device_version(built["Msanii.amxd"]) + 1
    assert after["version.json"] != built["version.json"], "what is checked in is then out of date, as above"


def test_a_changed_device_cannot_be_built_under_the_same_version(
    built: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    patcher = build_patcher()
    patcher["patcher"]["boxes"][-1]["box"]["patching_rect"][0] += 1.0  # type: ignore[index]
    monkeypatch.setattr(build_device, "build_patcher", lambda: patcher)
    assert device_version(device_files()["Msanii.amxd"]) == device_version(built["Msanii.amxd"]) + 1


def test_a_version_stays_where_nothing_changed_and_counts_on_where_something_did() -> None:
    first = due(Version(6, ""), "device", "script")
    assert first.number == 7
    assert due(first, "device", "script") == first
    assert due(first, "device", "script 2").number == 8
    assert due(first, "devices", "cript").number == 8, "where one ends and the other begins counts too"


def test_the_device_holds_the_patcher_file() -> None:
    device = unpack((FOLDER / "Msanii.amxd").read_bytes())
    assert device.kind == AUDIO_EFFECT
    assert device.meta == 1
    assert device.patcher == json.loads((FOLDER / "Msanii.maxpat").read_text(encoding="utf-8"))


def test_the_chunks_lie_where_max_writes_them() -> None:
    data = (FOLDER / "Msanii.amxd").read_bytes()
    assert data[:8] == b"ampf\x04\0\0\0"
    assert data[8:12] == b"aaaa"
    assert data[12:24] == b"meta\x04\0\0\0\x01\0\0\0"
    assert data[24:28] == b"ptch"
    assert struct.unpack("<I", data[28:32])[0] == len(data) - 32
    assert data.endswith(b"}\n\0")
    assert data.count(b"\0", 32) == 1


def test_what_is_packed_comes_back() -> None:
    assert unpack(pack(TINY, b"mmmm")).patcher == TINY
    assert unpack(pack(TINY, b"mmmm")).kind == b"mmmm"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "expected ampf"),
        (pack(TINY)[:-9], "says"),
        (pack(TINY) + b"more", "4 bytes left"),
        (pack(TINY)[:12], "expected ampf"),
        (pack(TINY)[:-1] + b" ", "NUL"),
        (pack(TINY).replace(b"ampf", b"riff"), "riff"),
        (pack(TINY).replace(b'{\n\t"patcher"', b'mx@c\n"patch"'), "frozen"),
        (pack(TINY).replace(b'"patcher"', b'"patcher '), "not JSON"),
        (pack({"other": 1}), "key `patcher`"),
        (pack(TINY, b"long-type"), "4 each"),
    ],
)
def test_other_bytes_are_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(ContainerError, match=why):
        unpack(data)
