"""Chords from what the network hears: the likeliest sequence over the beats, and its bass notes.

A chord holds until another is so much likelier that a change pays; at a bar line it pays soonest.

Letters: S slow frames, C classes of chords, N spans.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.listening.decoding.beats import BarBeats, Grid
from msanii.music.chord_classes import class_chord
from msanii.music.chords import Chord, ChordSpan, Meter, spans_without_gaps

Floats = NDArray[np.float32]

# Neighbouring frames hear nearly the same, so that each counts only in part.
_FRAME_WEIGHT = 0.6
# What a change costs, in nats: at a bar line, on another beat, where no beat is.
_AT_BAR, _AT_BEAT, _ELSEWHERE = 1.5, 3.5, 5.0
# How much likelier another bass note must be than the root, in nats a second.
_BASS_MARGIN = 2.0
_FREE_SPAN_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardChord:
    """A chord class of `msanii.music.chord_classes` and its span; `bass` is a pitch class, None for none."""

    start_seconds: float
    end_seconds: float
    chord: int
    bass: int | None

    def named(self, key: int | None) -> Chord:
        """The chord, spelled in a key."""
        return class_chord(self.chord, key, self.bass)


def decode_chords(
    chord: Floats, bass: Floats, frames_per_second: float, grid: BarBeats | None, seconds: float
) -> tuple[HeardChord, ...]:
    """The chords from the start to `seconds`, without gaps, neighbours different; they change on beats.

    `chord` (S, C) and `bass` (S, 13) are log probabilities.
    """
    edges, costs = _spans(grid, seconds)
    sums = _sums(chord, edges, frames_per_second)
    path = _likeliest(sums * _FRAME_WEIGHT, costs)
    changes = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    found = []
    for first, after in itertools.pairwise(changes):
        start, end = float(edges[first]), float(edges[after])
        lows = _sums(bass, np.array([start, end]), frames_per_second)[0] / max(end - start, 1e-3)
        index = int(path[first])
        found.append(
            HeardChord(start_seconds=start, end_seconds=end, chord=index, bass=_bass_of(index, lows))
        )
    return tuple(found)


def bar_spans(chords: Sequence[HeardChord], grid: Grid, key: int | None, bars: int) -> tuple[ChordSpan, ...]:
    """The chords in quarter notes from the first bar line on, over `bars` bars."""
    first = int(np.flatnonzero(grid.places == 0)[0])
    quarters = (np.arange(len(grid.seconds)) - first) * grid.meter.quarters

    def at(seconds: float) -> float:
        # Changes are on beats, to which they return exactly.
        return float(np.interp(seconds, grid.seconds, quarters, left=-1e9, right=1e9))

    rows = [(at(one.start_seconds), at(one.end_seconds), one.named(key)) for one in chords]
    length = bars * grid.meter.beats * grid.meter.quarters
    return spans_without_gaps(rows, length)


def bar_meter(grid: Grid) -> Meter:
    """The grid's meter as chords are written in it."""
    return Meter(numerator=grid.meter.numerator, denominator=grid.meter.denominator)


def _spans(grid: BarBeats | None, seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges of spans (N + 1,), and what a change costs at the start of each (N,)."""
    beats, starts_bar = np.empty(0), np.empty(0, np.bool_)
    if grid is not None:
        inside = (grid.seconds > 1e-3) & (grid.seconds < seconds - 1e-3)
        beats, starts_bar = grid.seconds[inside], grid.places[inside] == 0
    edges, costs = [0.0], [0.0]
    for beat, is_bar in [*zip(beats.tolist(), starts_bar.tolist(), strict=True), (seconds, False)]:
        gap = beat - edges[-1]
        beyond = grid is None or edges[-1] < grid.seconds[0] or beat > grid.seconds[-1]
        if beyond and gap > 2 * _FREE_SPAN_SECONDS:
            count = int(gap / _FREE_SPAN_SECONDS)
            edges += [edges[-1] + gap * (place + 1) / count for place in range(count - 1)]
            costs += [_ELSEWHERE] * (count - 1)
        edges.append(beat)
        costs.append(_AT_BAR if is_bar else _AT_BEAT)
    return np.array(edges), np.array(costs[:-1])


def _sums(values: Floats, edges: NDArray[np.float64], frames_per_second: float) -> NDArray[np.float64]:
    """Sums (N, C) of frames over spans, shares of frames counted."""
    totals = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
    # Frame s lasts from half a frame before its centre.
    places = np.clip(edges * frames_per_second + 0.5, 0, len(values))
    whole = np.minimum(places.astype(np.int64), len(values) - 1)
    at = totals[whole] + (places - whole)[:, None] * (totals[whole + 1] - totals[whole])
    return np.diff(at, axis=0)


def _likeliest(fits: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """The likeliest class of each span (N,), all together (the Viterbi algorithm)."""
    scores = fits[0]
    own = np.arange(fits.shape[1])
    origins = []
    for fit, cost in zip(fits[1:], costs[1:], strict=True):
        best = int(scores.argmax())
        changes = scores < scores[best] - cost
        origins.append(np.where(changes, best, own))
        scores = np.where(changes, scores[best] - cost, scores) + fit
    path = [int(scores.argmax())]
    for origin in reversed(origins):
        path.append(int(origin[path[-1]]))
    return np.array(path[::-1])


def _bass_of(chord: int, lows: NDArray[np.float64]) -> int | None:
    """The bass note under a chord, by log probabilities (13,) a second: the root but for good reasons."""
    if chord == 0:
        return None
    root = (chord - 1) % 12
    tones = class_chord(chord).tones
    heard = int(lows[1:].argmax())
    if heard in tones and heard != root and lows[1 + heard] - lows[1 + root] > _BASS_MARGIN:
        return heard
    return root
