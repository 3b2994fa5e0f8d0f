"""The folders of a user on Linux, macOS and Windows below which programs look for scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MACOS, WINDOWS = "darwin", "win32"


@dataclass(frozen=True, slots=True)
class Machine:
    """`platform` is a value of sys.platform, `environment` one of os.environ; documents may lie anywhere."""

    platform: str
    home: Path
    documents: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def choose(self, *, linux: Path, macos: Path, windows: Path) -> Path:
        """Return the folder of this system."""
        return {MACOS: macos, WINDOWS: windows}.get(self.platform, linux)

    @property
    def roaming(self) -> Path:
        """%APPDATA% of Windows."""
        return Path(self.environment.get("APPDATA") or self.home / "AppData" / "Roaming")

    @property
    def local(self) -> Path:
        """%LOCALAPPDATA% of Windows."""
        return Path(self.environment.get("LOCALAPPDATA") or self.home / "AppData" / "Local")

    @property
    def config(self) -> Path:
        """Where programs of Linux keep settings (XDG Base Directory Specification)."""
        return Path(self.environment.get("XDG_CONFIG_HOME") or self.home / ".config")

    @property
    def data(self) -> Path:
        """Where programs of Linux keep data (XDG Base Directory Specification)."""
        return Path(self.environment.get("XDG_DATA_HOME") or self.home / ".local" / "share")

    @property
    def library(self) -> Path:
        """~/Library of macOS."""
        return self.home / "Library"


def this_machine() -> Machine:
    """Return the machine that this runs on."""
    import platformdirs

    return Machine(sys.platform, Path.home(), Path(platformdirs.user_documents_dir()), os.environ)
