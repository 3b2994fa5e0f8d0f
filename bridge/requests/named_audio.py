"""Audio that a client names: a file's path, a take's name, a hash of a recipe, or a clip's description."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bridge.library.folders import LibraryFolders
from bridge.library.sources import open_named
from bridge.messages import BridgeError, Peer, SourceAudio
from bridge.requests.warped_clip import is_heard, keep_heard
from bridge.settings import Settings

Keep = Callable[[str, Sequence[Path] | None], SourceAudio]
"""Checks and copies the file at a path, if it is in one of the folders; None is any folder."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_hash(named: str) -> bool:
    """Whether audio is named by the hash of the library's copy, as in recipes."""
    return _SHA256.fullmatch(named) is not None


def keep_named(
    named: str, sender: Peer | None, settings: Settings, library: LibraryFolders, keep: Keep
) -> SourceAudio:
    """Pass the file that a client named to `keep`, and return what that returns.

    A hash that the library has is returned as it is. A take's label must be its file name already
    (`LibraryFolders.named`).

    Raises:
        BridgeError: `forbidden` for what the client may not read, or whatever `keep` and `keep_heard` raise.
    """
    if is_hash(named):
        kept = SourceAudio(sha256=named, name=named[:12])
        with contextlib.suppress(BridgeError):
            library.source_path(kept)
            return kept
    allowed = settings.folders_for(sender)
    if is_heard(named):
        may_open = partial(open_named, allowed_folders=allowed, bases=[settings.exchange_folder])
        return keep_heard(named, may_open, lambda path: keep(path, None))
    return keep(named, allowed)
