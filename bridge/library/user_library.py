"""Live's User Library: its browser shows at once whatever lies in there, and clips can be dragged from it."""

from __future__ import annotations

from pathlib import Path

from bridge.messages import BridgeError

FIND = "live"
_SHOWN_BY_LIVE = "Live shows it in Settings > Library > Location of User Library"


def find_user_library() -> Path:
    """The User Library where Live puts it: in the user's Music folder (macOS) or Documents (Windows).

    Raises:
        BridgeError: `folder` when there is none, since it may have been moved in Live's settings.
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
    """Where takes go: into the User Library `named` by its path, or found for `live`; else the one `given`.

    Raises:
        BridgeError: `folder` when there is no such User Library; `value` when both are said.
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
    """The User Library that somebody named.

    Raises:
        BridgeError: `folder` when there is no such folder, or the path is empty, as an unset variable is.
    """
    library = path.expanduser().absolute()
    if path == Path() or not library.is_dir():
        shown = "`.` or an empty path" if path == Path() else f"`{library}`: no such folder"
        raise BridgeError("folder", f"{shown}; give the path of Live's User Library: {_SHOWN_BY_LIVE}")
    return library
