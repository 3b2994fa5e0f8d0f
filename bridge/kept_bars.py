"""Bars of an endless deck that somebody wants to keep, as one file beside the takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bridge.messages import BridgeError, RenderRequest
from bridge.outputs.drop import write_take

_PEAK = 0.891  # -1 dBFS, as takes have


def write_kept(
    folder: Path,
    paths: Sequence[Path],
    rate: int,
    request: RenderRequest,
    first_bar: int,
    record: Mapping[str, object],
) -> Path:
    """Writes bars (.npy, (C, L)) one after the other to a new WAV in `folder`, and `record` beside it.

    What lies beside it says what every bar was made of; it is no recipe, since a bar is made from those
    before it, back to the session's first. Raises BridgeError `disk`, `folder`; `missing` for lost bars.
    """
    import numpy as np

    try:
        line = np.concatenate([np.load(path, allow_pickle=False) for path in paths], axis=1)
    except (OSError, ValueError) as error:
        raise BridgeError("missing", f"a bar that was to be kept cannot be read ({error})") from error
    line *= min(1.0, _PEAK / max(float(np.abs(line).max()), 1e-9))
    compact = json.dumps({"endless": record}, separators=(",", ":"))
    for number in range(1, 1_000_000):
        last = first_bar + len(paths) - 1
        path = folder / f"endless_{request.bpm:g}bpm_bars{first_bar}-{last}_{request.seed}_{number}.wav"
        if not path.exists():
            break
    return write_take(
        path,
        line,
        rate,
        format="wav",
        bpm=request.bpm,
        recipe_compact=compact,
        recipe_readable=json.dumps({"endless": record}, indent=2) + "\n",
    )
