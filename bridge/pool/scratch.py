"""A renderer's temporary folders: one for each piece, and none left over by a renderer that was killed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import psutil

_NAME = "msanii-pool-{pid}-"
_LEFT = re.compile(r"msanii-pool-([0-9]{1,9})-.+")


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a new folder that goes with the `with` block."""
    return tempfile.TemporaryDirectory(prefix=_NAME.format(pid=os.getpid()), ignore_cleanup_errors=True)


def remove_abandoned() -> None:
    """Remove the folders of processes that are gone. What cannot be removed stays."""
    for folder in Path(tempfile.gettempdir()).glob("msanii-pool-*"):
        found = _LEFT.fullmatch(folder.name)
        if found and not folder.is_symlink() and not psutil.pid_exists(int(found[1])):
            shutil.rmtree(folder, ignore_errors=True)
