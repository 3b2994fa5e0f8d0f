"""The programs that scripts can be installed for: their files, their folders, and what to do there next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.cli.daw_scripts.files import put_file, read_file, remove_files
from bridge.cli.daw_scripts.machine import Machine, this_machine
from bridge.cli.daw_scripts.max_device import FILES, PLACE, device_folder, refuse_to_go_back
from bridge.cli.daw_scripts.records import Installed, Records, digest
from bridge.cli.daw_scripts.script_folders import (
    ardour_config,
    bitwig_scripts,
    pd_externals,
    reaper_resources,
    supercollider_extensions,
    user_library,
)
from bridge.library.user_library import given_user_library
from bridge.messages import BridgeError


def _given_folder(path: Path) -> Path:
    folder = path.expanduser().absolute()
    if path == Path() or not folder.is_dir():
        shown = "`.` or an empty path" if path == Path() else f"`{folder}`: no such folder"
        raise BridgeError("folder", f"{shown}; create it, or give another one with --to")
    return folder


def _anything(_target: Path, _files: dict[str, bytes]) -> None:
    """What most programs need no check of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`find` returns the base folder on a machine, `below` is where in it our files go.

    `folder` and `patterns` are our files; `whole_folder` says that the place is ours alone; `next_steps` what
    to do in the program. `given` checks a base folder that the user gave, `check` what is there before it is
    replaced.
    """

    name: str
    title: str
    folder: str
    patterns: tuple[str, ...]
    find: Callable[[Machine], Path]
    below: Path
    next_steps: str
    whole_folder: bool = True
    given: Callable[[Path], Path] = _given_folder
    check: Callable[[Path, dict[str, bytes]], None] = _anything

    def base(self, to: Path | None, records: Records) -> Path:
        """Return the folder below which the scripts go: the given one, where they are, or the program's own.

        Raises BridgeError `folder` if it is not there.
        """
        if to is not None:
            return self.given(to)
        before = records.get(self.name)
        if before is not None and Path(before.base).is_dir():
            return Path(before.base)
        return self.find(this_machine())

    def source(self) -> Path:
        """Return the folder of our files: in a checkout, or in the wheel."""
        return device_folder() / self.folder

    def files(self) -> dict[str, bytes]:
        """Return our files by their names below the folder. Raises BridgeError `folder` if there are none."""
        source = self.source()
        # In the order of the patterns: Max finds a device's script only if it is there first.
        globbed = [path for pattern in self.patterns for path in sorted(source.glob(pattern))]
        found = [path for path in dict.fromkeys(globbed) if path.is_file()]
        if not found:
            raise BridgeError(
                "folder", f"`{source}` has no files for {self.title}: install msanii-bridge again"
            )
        names = [path.relative_to(source).as_posix() for path in found]
        return {name: read_file(source, name) for name in names}

    def install(
        self, base: Path, records: Records, version: str, *, keeps_changes: bool = True
    ) -> Iterator[str]:
        """Write the files; yield a sentence for each. Files of an earlier version that are no longer ours go.

        A file that the user changed stays where ours is the same as before; with `keeps_changes` False ours
        takes its place, and the changed one is kept beside it.

        Raises BridgeError `folder`, `disk`, or `exists` where a later version is installed.
        """
        target, files = base / self.below, self.files()
        self.check(target, files)
        before = records.get(self.name)
        known = before.files if before is not None and Path(before.base) == base else {}
        for name, data in files.items():
            yield from put_file(target / name, data, known.get(name, "") if keeps_changes else "")
        gone = {name: installed for name, installed in known.items() if name not in files}
        yield from remove_files(target, gone, whole_folder=False)
        digests = {name: digest(data) for name, data in files.items()}
        records.set(self.name, Installed(base=str(base), version=version, files=digests))

    def remove(self, base: Path, records: Records) -> Iterator[str]:
        """Remove what was installed and the user did not change; yield a sentence for each file.

        Raises BridgeError `folder`.
        """
        before = records.get(self.name)
        is_known = before is not None and Path(before.base) == base
        files = (
            before.files
            if before is not None and is_known
            else {name: digest(data) for name, data in self.files().items()}
        )
        yield from remove_files(base / self.below, files, self.whole_folder)
        if is_known:
            records.set(self.name, None)

    def state(self, base: Path, records: Records, version: str) -> str:
        """Return in words what is installed below a folder."""
        target, ours = base / self.below, {name: digest(data) for name, data in self.files().items()}
        present = {name: _digest_of(target / name) for name in ours}
        if not any(present.values()):
            return "not installed"
        record = records.get(self.name)
        if record is None or Path(record.base) != base:
            return f"version {version}" if present == ours else "installed, version unknown"
        changed = [name for name, found in present.items() if found != record.files.get(name)]
        words = f"version {record.version}"
        if changed:
            return f"{words}, changed by you: {', '.join(changed)}"
        return words if present == ours else f"{words}; install again for {version}"


def _digest_of(path: Path) -> str:
    return digest(path.read_bytes()) if path.is_file() else ""


def _refuse_to_go_back(target: Path, files: dict[str, bytes]) -> None:
    refuse_to_go_back(target / FILES[-1], files[FILES[-1]])


PROGRAMS = {
    program.name: program
    for program in (
        Program(
            name="max",
            title="Ableton Live with Max for Live",
            folder=".",
            patterns=FILES,
            find=user_library,
            given=given_user_library,
            below=PLACE,
            check=_refuse_to_go_back,
            next_steps="in Live's browser: User Library > Presets > Audio Effects > Max Audio Effect > "
            "Msanii",
        ),
        Program(
            name="live",
            title="Ableton Live without Max",
            folder="other_daws/live_remote_script/Msanii",
            patterns=("*.py",),
            find=user_library,
            given=given_user_library,
            below=Path("Remote Scripts", "Msanii"),
            next_steps="start Live again; Settings > Link, Tempo & MIDI > Control Surface: Msanii, and its "
            "Input: your controller",
        ),
        Program(
            name="bitwig",
            title="Bitwig Studio",
            folder="other_daws/bitwig",
            patterns=("*.control.js",),
            find=bitwig_scripts,
            below=Path("Msanii"),
            next_steps="in Bitwig: Settings > Controllers > Add Controller > Msanii > Msanii, and a MIDI "
            "input; then open the Studio I/O panel",
        ),
        Program(
            name="reaper",
            title="REAPER",
            folder="other_daws/reaper",
            patterns=("**/*.lua",),
            find=reaper_resources,
            below=Path("Scripts", "Msanii"),
            next_steps="in REAPER: Actions > Show action list > New action > Load ReaScript, and choose the "
            "files in Scripts/Msanii",
        ),
        Program(
            name="ardour",
            title="Ardour",
            folder="other_daws/ardour",
            patterns=("*.lua",),
            find=ardour_config,
            below=Path("scripts"),
            whole_folder=False,
            next_steps="start Ardour again; the scripts are in Edit > Lua Scripts > Script Manager",
        ),
        Program(
            name="pure-data",
            title="Pure Data",
            folder="other_daws/pure_data",
            patterns=("*.pd",),
            find=pd_externals,
            below=Path("msanii"),
            next_steps="in a patch: create an object called msanii, right-click it, Help",
        ),
        Program(
            name="supercollider",
            title="SuperCollider",
            folder="other_daws/supercollider",
            patterns=("*.sc", "*.quark", "HelpSource/**/*.schelp"),
            find=supercollider_extensions,
            below=Path("Msanii"),
            next_steps="Language > Recompile Class Library; then Msanii.help, or m = Msanii.new",
        ),
    )
}
