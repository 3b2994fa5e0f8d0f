"""Bars of an endless deck that somebody wants to keep, as one file beside the takes, with their recipe."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bridge.library.bar_recipes import EndlessRecipe
from bridge.messages import BridgeError
from bridge.outputs.drop import write_take
from bridge.system.disk import write_whole
from msanii.limits import PEAK_DBTP

_PEAK = round(10 ** (PEAK_DBTP / 20), 3)


def pasts_folder(library: Path) -> Path:
    """Where in a library that lies, by its hash, from which kept bars can be made again."""
    return library / ".msanii" / "pasts"


def write_kept(folder: Path, paths: Sequence[Path], recipe: EndlessRecipe) -> Path:
    """Writes bars (.npy, (C, L)) one after the other to a new WAV in `folder`, with their recipe.

    Raises BridgeError `disk`, `folder`; `missing` for lost bars.
    """
    import numpy as np

    try:
        line = np.concatenate([np.load(path, allow_pickle=False) for path in paths], axis=1)
    except (OSError, ValueError, EOFError) as error:
        raise BridgeError("missing", f"a bar that was to be kept cannot be read ({error})") from error
    line *= min(1.0, _PEAK / max(float(np.abs(line).max()), 1e-9))
    last = recipe.made[-1]
    ask = recipe.request_of(last)
    for number in range(1, 1_000_000):
        name = f"endless_{ask.bpm:g}bpm_bars{recipe.first_bar}-{last}_{ask.seed}_{number}.wav"
        path = folder / name
        if not path.exists():
            break
    return write_take(
        path,
        line,
        recipe.rate,
        format="wav",
        bpm=ask.bpm,
        recipe_compact=recipe.compact(),
        recipe_readable=recipe.readable(),
    )


def keep_past(past: Path, folder: Path) -> str:
    """Copies what a chain of bars begins with into that folder of the library; returns its hash.

    Raises BridgeError `missing` when it is gone, `disk`, `folder`.
    """
    try:
        data = past.read_bytes()
    except OSError as error:
        raise BridgeError("missing", f"what the kept bars were made from cannot be read ({error})") from error
    digest = hashlib.sha256(data).hexdigest()
    write_whole(folder / f"{digest}.npz", data)
    return digest


def find_past(recipe: EndlessRecipe, folder: Path) -> Path | None:
    """What the recipe's chain begins with; None for one that begins from nothing.

    Raises BridgeError `source` when it is no longer in the library, or is not what was kept.
    """
    if not recipe.past:
        return None
    path = folder / f"{recipe.past}.npz"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        digest = ""
    if digest != recipe.past:
        what = "is damaged" if digest else "is not in this library"
        raise BridgeError(
            "source",
            f"recipe: the sound before bar {recipe.made[0]} {what} (hash {recipe.past[:12]}); "
            "render with the library where the bars were kept",
        )
    return path
