"""Makes typed paths whole: the daemon runs in another folder than the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bridge.addresses import ROOT
from bridge.parameters import PATHS

# The first argument of these is itself a path.
_TAKES_PATH = re.compile(rf"{ROOT}(?:param/(?:{'|'.join(sorted(PATHS))})|deck/\d+/load|listen)")


def with_whole_paths(address: str, words: Sequence[str]) -> list[str]:
    """Return the arguments of an OSC message with every path in them made whole."""
    whole = list(words)
    if _TAKES_PATH.fullmatch(address):
        whole[:1] = map(whole_path, whole[:1])
        return whole
    # `key value` pairs, after a job id or a deck's number in an odd count.
    for at in range(len(whole) % 2, len(whole), 2):
        if whole[at] in PATHS:
            whole[at + 1] = whole_path(whole[at + 1])
    return whole


def whole_path(word: str) -> str:
    """Return the whole path for a word that begins with `~`, or that names a file of this folder.

    Other names stay as they are: the daemon finds takes by name.
    """
    try:
        path = Path(word).expanduser()
        if word and (word.startswith("~") or path.exists()):
            return str(path.absolute())
    except (OSError, RuntimeError, ValueError):
        pass  # no name of a file here: the daemon says why
    return word
