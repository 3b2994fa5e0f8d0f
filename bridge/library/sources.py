"""Source audio: validated and copied into the library under its hash, so that recipes need no paths."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from bridge.library.whole_audio import check_whole
from bridge.messages import BridgeError, SourceAudio
from bridge.parameters import MAX_SECONDS
from bridge.system.disk import PART_SUFFIX, disk_error, open_regular

LARGEST_SOURCE_BYTES = 1_000_000_000
_CHUNK_BYTES = 1 << 20
# Copies get the suffix of the format that libsndfile detects, whatever the original's suffix.
_WAVES = {"WAV": ".wav", "WAVEX": ".wav", "RF64": ".wav"}
_SUFFIXES = {**_WAVES, "AIFF": ".aiff", "FLAC": ".flac", "OGG": ".ogg", "MP3": ".mp3"}


def keep_source(
    path: str,
    sources: Path,
    *,
    allowed_folders: Sequence[Path] | None,
    bases: Sequence[Path],
    longest_seconds: float = MAX_SECONDS,
) -> SourceAudio:
    """Copy an audio file into `sources` under its hash. Thread-safe: it does not use the database.

    `allowed_folders` are the folders from which a LAN client may name files, after links are resolved;
    None is for a client on this machine, which may name any regular file. Relative names are looked up in
    `bases`.

    Raises:
        BridgeError: `source` for a file that is missing, too large, too long, cut short, damaged or not
            audio; `forbidden` outside the allowed folders; `disk` and `folder` if the copy cannot be written.
    """
    try:
        with open_named(path, allowed_folders=allowed_folders, bases=bases) as file:
            return _copy(file, Path(file.name).name, sources, longest_seconds)
    except OSError as error:
        raise _explained(error, Path(path).name, sources) from error


def open_named(
    path: str,
    *,
    allowed_folders: Sequence[Path] | None,
    bases: Sequence[Path],
    named_as: str = "source",
    expected: str = "an audio file; give its whole path",
) -> BinaryIO:
    """Open a regular file named by a client, if permitted; `allowed_folders`, `bases` as in `keep_source`.

    For error messages, `named_as` is the parameter with the path, and `expected` describes a valid file.

    Raises:
        BridgeError: `source` or `forbidden`.
    """
    what = f"{named_as} `{_shown_name(path)}`"
    if allowed_folders is not None:
        found = _find_shared(path, allowed_folders)
        if found is None:
            # The same words whatever the path, so that network clients cannot probe this disk.
            raise BridgeError("forbidden", f"{what}: not in a folder that this machine shares with others")
    else:
        found = _find(path, bases, what, expected)
    try:
        return _opened(found, what)
    except OSError as error:
        raise _unreadable(error, what, expected) from error


def read_opened(file: BinaryIO, size_bytes: int, what: str) -> bytes:
    """Read at most `size_bytes` of a file from `open_named`.

    Raises BridgeError `source`, since some regular files open but cannot be read: those of a lost disk, or
    of the system in /proc.
    """
    try:
        return file.read(size_bytes)
    except OSError as error:
        raise _unreadable(error, what, "a file that can be read") from error


def find_source(source: SourceAudio, sources: Path) -> Path:
    """Return the library's copy of a source. Raises BridgeError `source` if it is no longer there."""
    for path in sorted(sources.glob(f"{source.sha256}.*")):
        if path.suffix != PART_SUFFIX:
            return path
    raise BridgeError(
        "source",
        f"source `{source.name}`: no longer in this library (hash {source.sha256[:12]}); send the file again",
    )


def source_seconds(path: Path) -> float:
    """Return the length of an audio file in seconds."""
    frames, rate = _inspect(path, path.name)[1:]
    return frames / rate


def never_read(what: str, seconds: float) -> BridgeError:
    """Return the error for `what`, as in "source `a.wav`", whose disk kept silent for so long."""
    return BridgeError(
        "source",
        f"{what} does not answer: not read within {seconds:g} s; "
        "copy it to a disk of this machine and send that",
    )


def _find(path: str, bases: Sequence[Path], what: str, expected: str) -> Path:
    """Find the file that a client on this machine named. Raises BridgeError `source`."""
    try:
        named = Path(path).expanduser()
        candidates = [named] if named.is_absolute() else [base / named for base in bases]
        for candidate in candidates:
            if candidate.exists() or named.is_absolute():
                return candidate.resolve()
    except (ValueError, OSError, RuntimeError) as error:
        # A NUL byte, a symlink loop, a name that is too long, or the home of an unknown user.
        raise BridgeError(
            "source", f"{what}: not a file name that can be opened; expected {expected}"
        ) from error
    folders = " or ".join(f"`{candidate.parent}`" for candidate in candidates)
    raise BridgeError("source", f"{what}: there is no such file in {folders}; expected {expected}")


def _find_shared(path: str, folders: Sequence[Path]) -> Path | None:
    """Find the file that a network client named, links resolved; None if it is in none of the shared folders.

    `~` has no meaning there: it would tell which users exist.
    """
    try:
        shared = [folder.resolve() for folder in folders]
        # `realpath` raises no error that would tell what is on the way.
        candidates = [Path(os.path.realpath(folder / path)) for folder in shared]
    except ValueError:  # a NUL byte
        return None
    inside = [place for place in candidates if any(place.is_relative_to(folder) for folder in shared)]
    return next(filter(os.path.exists, inside), inside[0] if inside else None)


def _shown_name(path: str) -> str:
    """Return the last part of a path for an error message."""
    name = Path(path).name[:80] or path[:80]
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _opened(path: Path, what: str) -> BinaryIO:
    """Open a regular file. Raises OSError; BridgeError `source` for one that is too large."""
    file = open_regular(path)
    size_bytes = os.fstat(file.fileno()).st_size
    if size_bytes <= LARGEST_SOURCE_BYTES:
        return file
    file.close()
    raise BridgeError(
        "source",
        f"{what}: {size_bytes} bytes, expected at most {LARGEST_SOURCE_BYTES}; cut the part you need and "
        "send that",
    )


def _copy(file: BinaryIO, name: str, sources: Path, longest_seconds: float) -> SourceAudio:
    """Copy and hash the file, then inspect the copy, so that renders use exactly what was checked."""
    _check_length(_inspect(file, name), name, longest_seconds)
    file.seek(0)
    descriptor, part_name = tempfile.mkstemp(dir=sources, suffix=PART_SUFFIX)
    part = Path(part_name)
    try:
        digest = hashlib.sha256()
        with os.fdopen(descriptor, "wb") as copy:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
        inspected = _inspect(part, name)
        _check_length(inspected, name, longest_seconds)
        check_whole(part, name, *inspected[1:])
        source = SourceAudio(sha256=digest.hexdigest(), name=name)
        part.replace(sources / f"{source.sha256}{_SUFFIXES.get(inspected[0], '.audio')}")
    finally:
        part.unlink(missing_ok=True)
    return source


def _check_length(inspected: tuple[str, int, int], name: str, longest_seconds: float) -> None:
    _, frames, rate = inspected
    if frames == 0:
        raise BridgeError("source", f"source `{name}`: an audio file without a single sample")
    if frames > longest_seconds * rate:
        raise BridgeError(
            "source",
            f"source `{name}`: lasts {frames / rate:.0f} seconds, expected at most {longest_seconds:.0f}; "
            "cut the part you need and send that",
        )


def _inspect(file: Path | BinaryIO, name: str) -> tuple[str, int, int]:
    """Return (format, frames, sample rate in hertz) of an audio file."""
    import soundfile

    try:
        info = soundfile.info(str(file) if isinstance(file, Path) else file)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise BridgeError(
            "source", f"source `{name}`: no audio that can be read; expected WAV, AIFF, FLAC, OGG or MP3"
        ) from error
    return str(info.format), int(info.frames), int(info.samplerate)


def _explained(error: OSError, name: str, sources: Path) -> BridgeError:
    on_our_side = error.filename is not None and Path(error.filename).parent == sources
    if on_our_side or error.errno == errno.ENOSPC:
        return disk_error(error, sources)
    return _unreadable(error, f"source `{name}`", "an audio file that can be read")


def _unreadable(error: OSError, what: str, expected: str) -> BridgeError:
    return BridgeError("source", f"{what}: cannot be opened ({error.strerror}); expected {expected}")
