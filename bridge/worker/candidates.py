"""Keeps the best by ear of the candidates of a take, or of an arrangement as a whole."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from bridge.messages import HeardTake, RenderRequest

if TYPE_CHECKING:
    from msanii.takes import Take

Hear = Callable[[int, "Take"], HeardTake]
"""hears the take with an index"""

Kept = list[tuple["Take", HeardTake | None]]
"""takes with what was heard in them; None if nobody listened"""


def keep_best(
    request: RenderRequest, indices: Sequence[int], takes: Iterator[Take], hear: Hear | None
) -> tuple[RenderRequest, Kept]:
    """Draw all candidates of the takes with these indices; return the best, and a request that names them.

    Only what may be kept is heard. The first of equals is kept, and so it is without `hear`.
    """
    best: tuple[float, int, Kept] | None = None
    for number in range(request.candidates):
        candidate = list(itertools.islice(takes, len(indices)))
        if request.keep not in (None, number):
            continue
        kept = [
            (take, hear(index, take) if hear else None)
            for index, take in zip(indices, candidate, strict=True)
        ]
        value = _mean([heard for _, heard in kept if heard])
        if best is None or value > best[0]:
            best = value, number, kept
    if best is None:
        raise ValueError(f"keep: got {request.keep} of {request.candidates} candidates")
    return named(request, best[1]), best[2]


def named(request: RenderRequest, keep: int | None) -> RenderRequest:
    """Return the request that names the candidate to keep; where nothing is to choose, the request itself."""
    return request.model_copy(update={"keep": keep}) if request.chooses else request


def _mean(heard: Sequence[HeardTake]) -> float:
    """The mean of all numbers that are known; 0 if none is."""
    known = [value for take in heard for value in (take.chords, take.onsets) if value is not None]
    return sum(known) / len(known) if known else 0.0
