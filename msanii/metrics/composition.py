"""Metrics of written music: harmony, melody, rhythm and form of notes. Pure numpy.

Shapes: N notes, each (onset beats, end beats, pitch, velocity), sorted by onset. A beat is a quarter note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from msanii.metrics.harmony import FloatArray

LAGS = (1, 2, 4, 8)
WIDEST_INTERVAL = 12
# The borders between note values, from a thirty-second to more than two whole notes.
DURATION_EDGES = np.array((0.14, 0.22, 0.29, 0.42, 0.6, 0.85, 1.2, 1.7, 2.4, 3.4, 4.8, 6.8))
STEP, LEAP = 2, 5
_TOGETHER_BEATS = 1 / 24
_STRONG_BEATS = 1 / 12  # how near to a beat a note on it begins


def share_of_chord_tones(notes: FloatArray, tones_at: Callable[[float], frozenset[int]]) -> float:
    """Of the notes (N, 4) that begin on a beat, the share that are tones of the chord there.

    Beats without a chord do not count; NaN if no note is on another.
    """
    near = np.abs(notes[:, 0] - notes[:, 0].round()) < _STRONG_BEATS
    found = [(int(pitch) % 12, tones_at(float(onset))) for onset, pitch in notes[near][:, [0, 2]]]
    inside = [pitch in tones for pitch, tones in found if tones]
    return sum(inside) / len(inside) if inside else float("nan")


def share_in_scale(notes: FloatArray, scale: Iterable[int]) -> float:
    """The share of notes (N, 4) whose pitch class is in a scale; NaN without notes."""
    return float(np.isin(notes[:, 2] % 12, list(scale)).mean()) if len(notes) else float("nan")


def likeness(notes: FloatArray, bars: int, bar_beats: float) -> dict[int, float]:
    """By each of LAGS: how alike bars so far apart are, 0 to 1, on average; NaN if the piece is shorter.

    Two bars' likeness is the share of the notes of both that are in both, by place and pitch; pairs of empty
    bars do not count.
    """
    sets: list[set[tuple[int, int]]] = [set() for _ in range(bars)]
    for onset, _, pitch, _ in notes:
        bar = int(onset / bar_beats + 1e-6)
        if bar < bars:
            sets[bar].add((round((onset - bar * bar_beats) * 12), int(pitch)))
    result = {}
    for lag in LAGS:
        pairs = [(one, other) for one, other in zip(sets, sets[lag:], strict=False) if one or other]
        values = [2 * len(one & other) / (len(one) + len(other)) for one, other in pairs]
        result[lag] = float(np.mean(values)) if values else float("nan")
    return result


def line(notes: FloatArray) -> FloatArray:
    """The highest of the notes (N, 4) that begin together, by onset: (M, 4)."""
    found: list[FloatArray] = []
    for note in notes[np.lexsort((notes[:, 2], notes[:, 0]))]:
        if found and note[0] - found[-1][0] < _TOGETHER_BEATS:
            found[-1] = note
        else:
            found.append(note)
    return np.array(found).reshape(-1, 4)


def intervals(notes: FloatArray) -> FloatArray:
    """The semitones (M - 1,) from each note of the line to the next, at most WIDEST_INTERVAL up or down."""
    return np.clip(np.diff(line(notes)[:, 2]), -WIDEST_INTERVAL, WIDEST_INTERVAL)


def interval_histogram(pieces: Iterable[FloatArray]) -> FloatArray:
    """(25,): the shares of the intervals of pieces' lines."""
    found = np.concatenate([intervals(notes) for notes in pieces]).astype(np.int64)
    return shares(np.bincount(found + WIDEST_INTERVAL, minlength=2 * WIDEST_INTERVAL + 1))


def duration_histogram(pieces: Iterable[FloatArray]) -> FloatArray:
    """(13,): the shares of the note values of pieces' notes."""
    found = np.concatenate([notes[:, 1] - notes[:, 0] for notes in pieces])
    return shares(np.bincount(np.searchsorted(DURATION_EDGES, found), minlength=len(DURATION_EDGES) + 1))


def shares(counts: NDArray[np.int64]) -> FloatArray:
    """Counts as shares of their sum."""
    return np.asarray(counts / max(float(counts.sum()), 1.0), dtype=np.float64)


def overlap(shares_of_one: FloatArray, shares_of_other: FloatArray) -> float:
    """What two histograms of shares have in common, 0 to 1."""
    return float(np.minimum(shares_of_one, shares_of_other).sum())


def voices(notes: FloatArray) -> float:
    """How many notes sound at once, on average over the time in which some do; NaN without notes."""
    if not len(notes):
        return float("nan")
    times = np.concatenate([notes[:, 0], notes[:, 1]])
    changes = np.concatenate([np.ones(len(notes)), -np.ones(len(notes))])
    order = np.argsort(times, kind="stable")
    sounding, lengths = changes[order].cumsum()[:-1], np.diff(times[order])
    audible = float(lengths[sounding > 0].sum())
    return float((sounding * lengths).sum()) / audible if audible > 0 else float("nan")


def steps_and_leaps(notes: FloatArray) -> tuple[float, float]:
    """The shares of a line's intervals that are steps (at most STEP semitones) and leaps (LEAP or more)."""
    sizes = np.abs(intervals(notes))
    if not len(sizes):
        return float("nan"), float("nan")
    return float(((sizes > 0) & (sizes <= STEP)).mean()), float((sizes >= LEAP).mean())


def pitch_range(notes: FloatArray) -> float:
    """The semitones from a piece's lowest note to its highest; NaN without notes."""
    return float(np.ptp(notes[:, 2])) if len(notes) else float("nan")


def share_together(notes: FloatArray, others: FloatArray) -> float:
    """The share of the onsets of notes (N, 4) at which one of the others begins too; NaN without either."""
    if not len(notes) or not len(others):
        return float("nan")
    onsets = np.unique(notes[:, 0].round(4))
    gaps = np.abs(onsets[:, None] - others[None, :, 0]).min(axis=1)
    return float((gaps < _TOGETHER_BEATS).mean())
