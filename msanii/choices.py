"""The choices of a render by name: one list for the model's package, its command line and the bridge."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Literal

Scheduler = Literal["dpmsolver++", "ddim"]
GuidanceRule = Literal["plain", "projected"]
Phase = Literal["auto", "griffin-lim"]
End = Literal["cut", "fade", "ring"]
FileFormat = Literal["wav", "aiff", "flac", "float"]
Compose = Literal["auto", "off"]
Side = Literal["before", "after"]
RepaintName = Literal["draft", "normal", "paper"]

Edition = Literal[1, 2, 3, 4, 5, 6]
"""The rules by which a take is rendered, so that its recipe gives the same samples when they change.

1: until November 2026. 2: nothing sounds below 20 Hz; sources are heard as loud as the model's training data,
and what is new beside them has their level; the parts of an arrangement are balanced by how loud they are.
3: one limiter holds the peaks of an arrangement, so that its mix is as loud as any other take.
4: the distance of `vary` and `interpolate` from their source grows evenly with `strength`; generated stereo
loses at most 3 dB in mono.
5: a drum that no model has learned, such as a clap, is played as the one that is most like it.
6: what is new beside a source has the source's RMS level, not only that of its mel.
"""
LATEST_EDITION: Edition = 6

_OTHER_WORDS = {"tempo": "bpm", "length": "bars", "register": "register_pitch", "loudness": "loudness_lufs"}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean `bpm`?`` with the known name that is nearest to `name`; "" if none is near."""
    names = {each.casefold(): each for each in known}
    word = name.casefold()
    word = _OTHER_WORDS.get(word, word)
    nearest = difflib.get_close_matches(word, names, n=1)
    return f"did you mean `{names[nearest[0]]}`?" if nearest else ""
