"""Chunks of WAV and AIFF files: found wherever they lie, and never looked for without end."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from bridge.library.riff_chunks import read_chunk, with_chunk

_EMPTY_WAV = b"RIFF\x04\0\0\0WAVE"


class CountingFile(io.BytesIO):
    """A file that counts how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


@pytest.mark.parametrize("start", [_EMPTY_WAV, b"FORM\0\0\0\x04AIFF"])
def test_a_chunk_is_found_behind_others(tmp_path: Path, start: bytes) -> None:
    data = start
    for number in range(100):
        data = with_chunk(data, b"LIST", b"x" * number)
    path = tmp_path / "file"
    path.write_bytes(with_chunk(data, b"msnR", b"a recipe"))
    assert read_chunk(path, b"msnR") == b"a recipe"
    assert read_chunk(path, b"acid") is None


@pytest.mark.parametrize("chunk", [b"\0" * 8, b"junk" + struct.pack("<I", 0)])
def test_a_file_of_nothing_but_chunk_headers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: bytes
) -> None:
    file = CountingFile(_EMPTY_WAV + chunk * 1_000_000)
    monkeypatch.setattr("bridge.library.riff_chunks.open_regular", lambda _: file)
    assert read_chunk(tmp_path / "zeros.wav", b"msnR") is None
    assert file.reads < 2_000
