"""Leaves the folders of this machine out of what network clients are told: they hold names of users."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

from bridge.addresses import ROOT
from bridge.messages import Argument
from bridge.parameters import PATHS

_SESSION_PATHS = frozenset(f"{ROOT}param/{name}" for name in PATHS)
# The folders whose folders have names of users.
_HOMES = ("home", "Users")
_HOME = os.path.expanduser("~")
_QUOTED = re.compile(r"(?<!\w)([`'\"])((?:[A-Za-z]:[\\/]|\\\\|/).*?)\1")
# Outside of quotes a path has two parts at least: `/E` may be a bass note.
_BARE = re.compile(r"(?<![\w`'\"/\\.])(?:[A-Za-z]:[\\/]|\\\\|/[^\s`'\",;:/]+/)[^\s`'\",;:]+")


def without_folders(address: str, arguments: Sequence[Argument]) -> tuple[Argument, ...]:
    """Return the arguments of a message with the name alone of each path, alone or in a sentence.

    The first is a job id, an address or the client's own word, and stays as it is; but the paths of the
    session are for clients on this machine alone.
    """
    if address in _SESSION_PATHS:
        return (None,)
    about = arguments[0] if arguments else None
    return (
        *arguments[:1],
        *(_named(word, about) if isinstance(word, str) else word for word in arguments[1:]),
    )


def text_without_folders(text: str) -> str:
    """Return a text with the name alone of each path in it."""
    return _named(text, None)


def _named(text: str, about: Argument) -> str:
    """Return a text with the names of its paths; an error quotes the address that it is `about`."""
    if _is_path(text):
        return _name(text)

    def name(found: re.Match[str]) -> str:
        quote, path = found[1], found[2]
        return f"{quote}{_name(path)}{quote}" if _is_path(path) and path != about else found[0]

    return _BARE.sub(
        lambda found: _name(found[0]) if _is_path(found[0]) else found[0], _QUOTED.sub(name, text)
    )


def _is_path(text: str) -> bool:
    is_whole = PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()
    return is_whole and not text.startswith(ROOT) and "\n" not in text


def _name(path: str) -> str:
    windows = PureWindowsPath(path)
    pure = windows if windows.drive else PurePosixPath(path)
    return "~" if pure.parent.name in _HOMES or path == _HOME else pure.name
