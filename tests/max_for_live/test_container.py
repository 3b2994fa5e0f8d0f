"""The .amxd is what Max saves: chunks that fit, the .maxpat's JSON, one NUL, and the same bytes each time."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from max_for_live.build_device import FOLDER, device_files
from max_for_live.container import AUDIO_EFFECT, ContainerError, pack, unpack

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
