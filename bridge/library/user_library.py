"""Locates Ableton Live's User Library, whose files Live's browser shows at once, ready to drag into a set."""

from __future__ import annotations

from pathlib import Path

from bridge.messages import BridgeError

FIND = "live"
_SHOWN_BY_LIVE = "Live shows it in Settings > Library > Location of User Library"


def find_user_library() -> Path:
    """Find the User Library in Live's default place: the user's Music folder (macOS) or Documents (Windows).

    Raises:
        BridgeError: `folder` if it is not there; it may have been moved in Live's settings.
    """
    import platformdirs

    homes = (Path(platformdirs.user_music_dir()), Path(platformdirs.user_documents_dir()))
    places = [home / "Ableton" / "User Library" for home in homes]
    for place in places:
        if place.is_dir():
            return place
    looked = " or ".join(f"`{place}`" for place in places)
    raise BridgeError(
        "folder",
        f"no User Library of Live in {looked}: give its path; {_SHOWN_BY_LIVE}",
    )


def drop_folder(given: Path | None, named: str | None) -> Path | None:
    """Choose the folder for takes: in the User Library `named` by its path or `live`, else the `given` one.

    Raises:
        BridgeError: `folder` if there is no such User Library; `value` if both are given.
    """
    if named is None:
        return given
    if given is not None:
        raise BridgeError(
            "value", "`--drop-to` and `--drop-folder` both say where takes go; give one of them"
        )
    library = find_user_library() if named == FIND else given_user_library(Path(named))
    return library / "Samples" / "Msanii"


def given_user_library(path: Path) -> Path:
    """Check a path that the user gave for the User Library; return it as an absolute path.

    Raises:
        BridgeError: `folder` if there is no such folder, or the path is empty, as from an unset variable.
    """
    library = path.expanduser().absolute()
    if path == Path() or not library.is_dir():
        shown = "`.` or an empty path" if path == Path() else f"`{library}`: no such folder"
        raise BridgeError("folder", f"{shown}; give the path of Live's User Library: {_SHOWN_BY_LIVE}")
    return library
