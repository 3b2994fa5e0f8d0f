"""The names that musicians give their takes: a file, so that they outlive the index.

A take's file keeps its own name, since a DAW's set refers to it; the name that it is given is its label.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bridge.messages import BridgeError
from bridge.system.database import set_aside
from bridge.system.disk import disk_error, open_regular, write_whole
from bridge.values import check_label


def read_labels(path: Path) -> Mapping[str, str]:
    """Return the labels of takes by file name; none if the file is damaged or cannot be read."""
    try:
        return _read(path) or {}
    except BridgeError:
        return {}


def write_label(path: Path, name: str, label: str) -> None:
    """Give the take of that file name a label; an empty one takes it away.

    Raises BridgeError `disk` or `folder` if that cannot be written.
    """
    labels = {**mended_labels(path), name: label}
    kept = {each: labels[each] for each in sorted(labels) if labels[each]}
    write_whole(path, json.dumps(kept, indent=1).encode())


def mended_labels(path: Path) -> Mapping[str, str]:
    """Return the labels of takes by file name; a damaged file is set aside, with a word in the log.

    Raises BridgeError `folder` if it cannot be read or renamed.
    """
    labels = _read(path)
    if labels is None:
        try:
            set_aside(path, "is damaged")
        except OSError as error:
            raise disk_error(error, path.parent) from error
    return labels or {}


def _read(path: Path) -> Mapping[str, str] | None:
    """Return the labels by file name; None if the file is damaged. Raises BridgeError `folder`."""
    try:
        with closing(open_regular(path)) as file:
            content = json.loads(file.read())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BridgeError(
            "folder", f"`{path}` has the names of takes and cannot be read ({error.strerror})"
        ) from error
    except (ValueError, RecursionError):
        return None
    return content if _is_valid(content) else None


def _is_valid(content: object) -> bool:
    try:
        return isinstance(content, dict) and all(
            isinstance(label, str) and check_label(label) for label in content.values()
        )
    except BridgeError:
        return False
