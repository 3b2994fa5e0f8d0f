"""Checks the archive of a torch.save file before any of it is unpacked."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

_ZIP_START = b"PK\x03\x04"


def check_archive(path: Path, bytes_limit: int) -> None:
    """Refuse what is no archive as torch.save writes it, before any of it is unpacked.

    Its entries are stored, not compressed, and begin at the first byte: else torch would read the file in its
    older format, which may claim any size. Raises OSError, ValueError, zipfile.BadZipFile.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no regular file")
    with path.open("rb") as file:
        if file.read(4) != _ZIP_START:
            raise ValueError("it is no archive from its first byte on")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    size_bytes = sum(entry.file_size for entry in entries)
    if size_bytes > bytes_limit:
        raise ValueError(f"it unpacks to {size_bytes} bytes, above {bytes_limit}")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise ValueError("it is compressed, which torch.save never does")
    if size_bytes > path.stat().st_size:
        raise ValueError(f"it claims {size_bytes} bytes, more than the file has")
