"""The presets of the program and the user's own: found by name, saved, renamed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.messages import BridgeError
from bridge.requests.preset_files import (
    Preset,
    PresetFile,
    checked_values,
    preset_files,
    preset_text,
    read_preset,
)
from bridge.system.disk import write_whole
from bridge.values import check_name, shown
from msanii.choices import did_you_mean

_SETTLED_NS = 2_000_000_000  # FAT keeps times to two seconds


def _to_trash(path: Path) -> None:
    from send2trash import send2trash

    send2trash(path)


def _changed_ns(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@dataclass(slots=True)
class Presets:
    """The presets in two folders of YAML files, read on first use and again when they change."""

    factory_folder: Path
    user_folder: Path
    trash: Callable[[Path], None] = _to_trash
    _listed: tuple[tuple[int, ...], list[PresetFile]] = field(default=((), []))
    _read: dict[Path, tuple[tuple[int, int], Preset | BridgeError]] = field(default_factory=dict)

    def files(self) -> list[PresetFile]:
        """Return the files of both folders, factory ones first.

        Kept until a folder changes, since every read of a parameter asks.
        """
        changed_ns = tuple(map(_changed_ns, (self.factory_folder, self.user_folder)))
        if changed_ns != self._listed[0]:
            # A file that comes within a tick of the file system's clock leaves the folder's time as it is.
            is_settled = time.time_ns() - max(changed_ns) > _SETTLED_NS
            files = preset_files(self.factory_folder, self.user_folder)
            self._listed = (changed_ns if is_settled else (), files)
        return self._listed[1]

    def names(self) -> list[str]:
        """Return all names, factory presets first; broken ones too, since program changes count them."""
        return [file.name for file in self.files() if not file.problem]

    def good_names(self) -> list[str]:
        """Return the names of the presets that can be used."""
        return [file.name for file in self.files() if isinstance(self.read(file), Preset)]

    def get(self, name: str) -> Preset:
        """Return a preset by name, in whatever case.

        Raises:
            BridgeError: `preset` if there is none of that name, or its file has a mistake.
        """
        preset = self.read(self._file(name))
        if isinstance(preset, BridgeError):
            raise BridgeError(preset.code, preset.message)
        return preset

    def read(self, file: PresetFile) -> Preset | BridgeError:
        """Return the preset in a file, or what is wrong with it."""
        if file.problem:
            return BridgeError("preset", f"`{file.path.name}`: {file.problem}")
        try:
            status = file.path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
        except OSError:
            stamp = (0, 0)
        if file.path not in self._read or self._read[file.path][0] != stamp:
            try:
                self._read[file.path] = (stamp, read_preset(file))
            except BridgeError as error:
                self._read[file.path] = (stamp, error)
        return self._read[file.path][1]

    def save(self, name: str, values: Mapping[str, object], replace: bool = False) -> Path:
        """Write a user preset atomically; one that is replaced keeps its description.

        Raises:
            BridgeError: `exists` for the name of a factory preset, or of an existing one without `replace`;
                `disk` if the disk is full; `folder` if the folder cannot be written; `value` and the like for
                an invalid value.
        """
        checked = checked_values(values)
        former = self._free_or_own(name)
        if former is not None and not replace:
            remedy = "send `replace 1` with it, or choose another name"
            raise BridgeError("exists", f"`preset`: {shown(name)} exists; {remedy}.")
        described = None if former is None else self.read(former)
        description = described.description if isinstance(described, Preset) else ""
        path = self.user_folder / f"{name}.yaml" if former is None else former.path
        write_whole(path, preset_text(checked, description).encode())
        self._read.pop(path, None)
        return path

    def rename(self, name: str, new_name: str) -> None:
        """Give one of the user's presets another name.

        Raises:
            BridgeError: `preset` if there is none of that name or it came with the program; `exists` if the
                new name is taken; `folder` if the file cannot be renamed.
        """
        path = self.own_path(name)
        namesake = self._free_or_own(new_name)
        if namesake is not None and namesake.path != path:
            raise BridgeError("exists", f"`preset`: {shown(new_name)} exists; choose another name.")
        try:
            path.rename(path.with_name(f"{new_name}{path.suffix}"))
        except OSError as error:
            raise BridgeError("folder", f"`{path.name}` cannot be renamed ({error.strerror}).") from error

    def delete(self, name: str) -> None:
        """Move one of the user's presets to the trash.

        Raises:
            BridgeError: `preset` if there is none of that name or it came with the program; `folder` if the
                system has no trash for it.
        """
        path = self.own_path(name)
        try:
            self.trash(path)
        except OSError as error:
            raise BridgeError("folder", f"`{path.name}` cannot be moved to the trash ({error}).") from error

    def own_path(self, name: str) -> Path:
        """Return the file of one of the user's presets, which need not be without mistakes.

        Raises:
            BridgeError: `preset` if there is none of that name, or it came with the program.
        """
        file = self._file(name)
        if file.is_factory:
            raise BridgeError("preset", f"{shown(file.name)} came with the program; it stays as it is.")
        return file.path

    def _file(self, name: str) -> PresetFile:
        check_name("preset", name)
        for file in self.files():
            if not file.problem and file.name.casefold() == name.casefold():
                return file
        known = self.names()
        hint = did_you_mean(name, known) or f"expected one of {', '.join(known)}; choose one."
        raise BridgeError("preset", f"`preset`: there is no {shown(name)}; {hint}")

    def _free_or_own(self, name: str) -> PresetFile | None:
        """Return the user's file of this name, None if there is none; one of the program's is an error."""
        check_name("preset", name)
        for file in self.files():
            if file.name.casefold() == name.casefold() and not file.problem:
                if file.is_factory:
                    taken = f"`preset`: {shown(name)} came with the program"
                    raise BridgeError("exists", f"{taken}; choose another name.")
                return file
        return None
