"""The folder of taught sounds, read without torch: each is a safetensors file whose header says what it is.

A file that was replaced stays in a folder inside, so that recipes that name it by its hash still find it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import platformdirs

from msanii.errors import ScoreError
from msanii.music.sounds import FIRST_SOUNDS, SOUNDS
from msanii.music.taught.asked import (
    NONE_TAUGHT,
    TaughtRef,
    asked_names,
    pins_in,
    plain_name,
    read_asked,
    without_pins,
)

SUFFIX = ".safetensors"
REPLACED_FOLDER = "replaced"
FOLDER_VARIABLE = "MSANII_SOUNDS_FOLDER"
# The key of the header's metadata that holds the description, as JSON.
DESCRIPTION = "msanii_sound"
FORMAT_VERSION = 1
LARGEST_BYTES = 2_000_000
_LARGEST_HEADER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class TaughtFile:
    """A taught sound's file: its plain name, hash, the built-in sound it is `like`, and its model."""

    name: str
    path: Path
    sha256: str
    like: str
    model_fingerprint: str

    @property
    def ref(self) -> TaughtRef:
        """How requests and recipes name it."""
        return TaughtRef(self.sha256, self.like)


@dataclass(frozen=True, slots=True)
class TaughtFolder:
    """The sounds of a folder, and a sentence for each file that is none, both by plain name."""

    files: Mapping[str, TaughtFile]
    problems: Mapping[str, str]

    @property
    def refs(self) -> dict[str, TaughtRef]:
        """The sounds as requests name them."""
        return {name: file.ref for name, file in self.files.items()}


def default_folder() -> Path:
    """The user's folder of taught sounds, which need not exist; the environment may name another."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("msanii-bridge")) / "sounds"


def file_of(folder: Path, name: str) -> Path:
    """The path of the sound with this plain name, whether it exists or not."""
    return folder / (name.replace(" ", "_") + SUFFIX)


def read_folder(folder: Path) -> TaughtFolder:
    """Read the headers of all files in a folder; one that is missing is empty."""
    files: dict[str, TaughtFile] = {}
    problems: dict[str, str] = {}
    for path in _paths(folder):
        try:
            file = read_file(path)
            files[file.name] = file
        except ScoreError as error:
            problems[plain_name(path.stem)] = str(error)
    return TaughtFolder(files, problems)


def read_file(path: Path) -> TaughtFile:
    """Read what a sound's file says of itself. Raises ScoreError for one that is damaged or no sound."""
    try:
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from error


def taught_in(text: str, folder: Path, known: Mapping[str, TaughtRef] = NONE_TAUGHT) -> dict[str, TaughtRef]:
    """The taught sounds that a text names: pinned and `known` ones as they were, others as they are now.

    Raises ScoreError for a name that is no sound, or whose file is damaged.
    """
    names = [name for name in asked_names(text) if name not in FIRST_SOUNDS]
    if not names:
        return {}
    there = read_folder(folder)
    refs = there.refs | dict(known)
    for name, digits in pins_in(text).items():
        path = find_file(folder, digits)
        if path is None:
            raise missing_file(name, digits)
        refs[name] = read_file(path).ref
    for name in names:
        if name in there.problems and name not in refs:
            raise ScoreError(there.problems[name])
    read_asked(without_pins(text), refs)
    # A sound that was taught before a model had one of its name stays the one that is asked for.
    return {name: refs[name] for name in names if name in refs}


def find_file(folder: Path, sha256: str) -> Path | None:
    """The file whose hash begins so, among the folder's sounds and those that were replaced."""
    for path in (*_paths(folder), *_paths(folder / REPLACED_FOLDER)):
        try:
            if read_file(path).sha256.startswith(sha256):
                return path
        except ScoreError:
            continue
    return None


def missing_file(name: str, sha256: str) -> ScoreError:
    """The error for a sound whose file is gone, or was changed."""
    return ScoreError(
        f"sound: the file of `{name}` with the hash {sha256[:12]} is not in the folder of taught sounds; it "
        "was removed or changed. Put it back, or ask for the sound that is there now in a new request"
    )


def _paths(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and path.is_file())
    except OSError:
        return []


@lru_cache(maxsize=256)
def _read(path: Path, _mtime_ns: int, size: int) -> TaughtFile:
    """Cached, since every request that names a taught sound reads the whole folder."""
    if size > LARGEST_BYTES:
        raise _unusable(path, f"is larger than {LARGEST_BYTES} bytes, so it is no sound")
    data = path.read_bytes()
    try:
        said = describe(data)
        name, like, fingerprint = (str(said[key]) for key in ("name", "like", "model_fingerprint"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unusable(path, "is damaged or no taught sound") from error
    if said.get("format_version") != FORMAT_VERSION or like not in SOUNDS:
        raise _unusable(path, "was written by another version of msanii")
    return TaughtFile(plain_name(name), path, hashlib.sha256(data).hexdigest(), like, fingerprint)


def describe(data: bytes) -> dict[str, object]:
    """The description in a file's header. Raises ValueError, KeyError or TypeError for another file."""
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(_LARGEST_HEADER_BYTES, len(data) - 8):
        raise ValueError("no header")
    header = json.loads(data[8 : 8 + length])
    ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
    if 8 + length + max(ends) != len(data):
        raise ValueError("its length is not that of its header")
    said = json.loads(header["__metadata__"][DESCRIPTION])
    if not isinstance(said, dict):
        raise TypeError("no description")
    return said


def _unusable(path: Path, what: str) -> ScoreError:
    return ScoreError(f"sound: `{path.name}` {what}; teach the sound again, or remove the file")
