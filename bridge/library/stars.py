"""The list of starred takes: a text file, so that stars outlive the index."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from bridge.messages import BridgeError
from bridge.system.disk import open_regular, write_whole


def read_stars(path: Path) -> frozenset[str]:
    """Return the names of the starred takes. Raises BridgeError `folder` if the list cannot be read."""
    try:
        with closing(open_regular(path)) as file:
            return frozenset(file.read().decode(errors="replace").split("\n")) - {""}
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise BridgeError(
            "folder", f"`{path}` is the list of stars and cannot be read ({error.strerror})"
        ) from error


def write_star(path: Path, name: str, on: bool) -> None:
    """Star a take, or remove its star. Raises BridgeError `disk` or `folder` if that cannot be written."""
    stars = read_stars(path) - {name} | ({name} if on else frozenset())
    write_whole(path, "".join(f"{star}\n" for star in sorted(stars)).encode())
