"""How this copy of the program was installed, and the line that updates or removes it.

Sources: PEP 610 (direct_url.json); pipx's `pipx_metadata.json` and uv's `uv-receipt.toml`, which each of
them leaves in the environment that it makes.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

NAME = "msanii-bridge"
_PIPX_FILE = "pipx_metadata.json"
_UV_FILE = "uv-receipt.toml"
_NEW_FILE = "NEW.whl"


class Installer(StrEnum):
    """What installed the program."""

    pipx = "pipx"
    uv_tool = "uv tool"
    pip = "pip"
    uv_pip = "uv pip"


@dataclass(frozen=True, slots=True)
class Program:
    """An installed copy. `source` is the address it came from: a file's, a repository's; "" for an index.

    `checkout` is the source tree that an editable copy runs from, `python` its interpreter.
    """

    installer: Installer
    python: Path
    source: str = ""
    checkout: Path | None = None

    @property
    def how(self) -> str:
        """How it was installed, in words."""
        if self.checkout is not None:
            return f"from the source tree {self.checkout}, by {self.installer}"
        return f"by {self.installer}" + (f", from {self.source}" if self.source else "")

    @property
    def comes_from_file(self) -> bool:
        """Whether it came from a file or folder of this computer: an installer finds no later one."""
        return self.checkout is None and self.source.startswith("file:")

    def update_line(self) -> str:
        """Return the line that updates it, for a shell of this system."""
        if self.checkout is not None:
            fetch = ["git", "-C", str(self.checkout), "pull"]
            parts = [fetch] if (self.checkout / ".git").exists() else []
            return " && ".join(map(_shell, [*parts, [*self._pip("install"), "-e", str(self.checkout)]]))
        new = _NEW_FILE if self.comes_from_file else NAME
        match self.installer:
            case Installer.pipx | Installer.uv_tool:
                tool = self.installer.split()
                return _shell(
                    [*tool, "install", "--force", new] if self.comes_from_file else [*tool, "upgrade", NAME]
                )
            case _:
                again = ["--force-reinstall", "--no-deps"] if self.source and not self.comes_from_file else []
                what = f"{NAME} @ {self.source}" if again else new
                return _shell([*self._pip("install"), "--upgrade", *again, what])

    def addition_line(self, package: str) -> str:
        """Return the line that adds a package that is not needed, beside this copy."""
        match self.installer:
            case Installer.pipx:
                return _shell(["pipx", "inject", NAME, package])
            case Installer.uv_tool:
                source = url2pathname(urlsplit(self.source).path) if self.comes_from_file else self.source
                return _shell(["uv", "tool", "install", "--with", package, source or NAME])
            case _:
                return _shell([*self._pip("install"), package])

    def removal_line(self) -> str:
        """Return the line that removes it, for a shell of this system."""
        if self.installer in (Installer.pipx, Installer.uv_tool):
            return _shell([*self.installer.split(), "uninstall", NAME])
        return _shell([*self._pip("uninstall"), NAME])

    def _pip(self, verb: str) -> list[str]:
        if self.installer is Installer.uv_pip:
            return ["uv", "pip", verb, "--python", str(self.python)]
        return [str(self.python), "-m", "pip", verb]


def this_program() -> Program:
    """Return how the running copy was installed."""
    try:
        written = metadata.distribution(NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        written = json.dumps(
            {"url": Path(__file__).resolve().parents[3].as_uri(), "dir_info": {"editable": True}}
        )
    # Not `find_spec`: setuptools watches imports of pip, and warns.
    has_pip = any(True for _ in metadata.distributions(name="pip"))
    return program_in(Path(sys.prefix), Path(sys.executable), written, has_pip=has_pip)


def program_in(prefix: Path, python: Path, direct_url: str | None, *, has_pip: bool = True) -> Program:
    """Tell from an environment's folder and the package's direct_url.json how it was installed."""
    source, checkout = _source(direct_url)
    if (prefix / _PIPX_FILE).is_file():
        installer = Installer.pipx
    elif (prefix / _UV_FILE).is_file():
        installer = Installer.uv_tool
    else:
        installer = Installer.pip if has_pip else Installer.uv_pip
    return Program(installer, python, source, checkout)


def newest_file_seconds(program: Program) -> float:
    """Return when its files were last written, in seconds since 1970; 0 if that cannot be told."""
    if program.checkout is not None:
        files = [
            path for package in ("bridge", "msanii") for path in (program.checkout / package).rglob("*.py")
        ]
    else:
        try:
            files = [
                Path(str(path.locate()))
                for path in metadata.distribution(NAME).files or ()
                if path.name == "RECORD"
            ]
        except metadata.PackageNotFoundError:
            return 0.0
    try:
        return max((path.stat().st_mtime for path in files), default=0.0)
    except OSError:
        return 0.0


def _source(direct_url: str | None) -> tuple[str, Path | None]:
    """Return where a package came from, and its source tree if it is editable."""
    try:
        found = json.loads(direct_url or "{}")
        url = found.get("url", "")
        if not isinstance(url, str):
            return "", None
        if found.get("dir_info", {}).get("editable"):
            return url, Path(url2pathname(urlsplit(url).path))
        vcs = found.get("vcs_info", {}).get("vcs")
    except (ValueError, AttributeError):
        return "", None
    return (f"{vcs}+{url}" if vcs else url), None


def _shell(words: list[str]) -> str:
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
