"""A small classifier that is told to tell composed bars from real ones.

Letters: B bars, D features.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

from msanii.evaluation.composed import Piece
from msanii.metrics.composition import DURATION_EDGES, WIDEST_INTERVAL, intervals
from msanii.metrics.harmony import FloatArray

_PLACES, _ACCENTS, _STEPS, _HIDDEN = 24, 8, 400, 32


def share_told_apart(pieces: Sequence[Piece], part: str, seed: int) -> float:
    """How often the classifier is right about bars of pieces that it was not trained on: 0.5 is a guess.

    It learns from the bars of every other piece, real and composed, as many of each. NaN for fewer than four
    pieces.
    """
    halves = [
        [bar_features(piece, notes[part]) for piece in half for notes in (piece.real, piece.composed)]
        for half in (pieces[::2], pieces[1::2])
    ]
    if min(map(len, halves)) < 4:
        return float("nan")
    (x, y), (x_new, y_new) = (_labelled(half) for half in halves)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    network = _trained((x - mean) / scale, y, seed)
    with torch.no_grad():
        scores = network(torch.from_numpy((x_new - mean) / scale).float())[:, 0].numpy()
    is_right = (scores > 0) == y_new
    return float((is_right[y_new].mean() + is_right[~y_new].mean()) / 2)


def bar_features(piece: Piece, notes: FloatArray) -> FloatArray:
    """(B, D) counts of each bar of notes (N, 4).

    Onsets by place, pitch classes above the chord's root, half octaves, intervals, note values, accents, and
    notes.
    """
    bar_beats = piece.plan.bar_beats
    # How loud a piece is as a whole is the musician's choice, not the composer's.
    loudness = float(notes[:, 3].mean()) if len(notes) else 0.0
    rows = []
    for bar in range(piece.plan.whole_bars):
        inside = notes[(notes[:, 0] >= bar * bar_beats - 1e-6) & (notes[:, 0] < (bar + 1) * bar_beats - 1e-6)]
        root = piece.plan.chord_at(bar * bar_beats).root or 0
        places = ((inside[:, 0] / bar_beats - bar) * _PLACES).astype(np.int64)
        lengths = np.searchsorted(DURATION_EDGES, inside[:, 1] - inside[:, 0])
        jumps = intervals(inside).astype(np.int64) + WIDEST_INTERVAL if len(inside) else np.zeros(0, np.int64)
        counts = [
            np.bincount(places.clip(0, _PLACES - 1), minlength=_PLACES),
            np.bincount((inside[:, 2].astype(np.int64) - root) % 12, minlength=12),
            np.bincount((inside[:, 2] // 6).astype(np.int64), minlength=22),
            np.bincount(jumps, minlength=2 * WIDEST_INTERVAL + 1),
            np.bincount(lengths, minlength=len(DURATION_EDGES) + 1),
            np.bincount(_accents(inside[:, 3] - loudness), minlength=_ACCENTS),
            np.array([len(inside)]),
        ]
        rows.append(np.concatenate(counts).astype(np.float64))
    return np.array(rows)


def _accents(louder: FloatArray) -> NDArray[np.int64]:
    """Classes of velocities above or below a piece's mean."""
    return np.clip(louder // 16 + _ACCENTS // 2, 0, _ACCENTS - 1).astype(np.int64)


def _labelled(pairs: Sequence[FloatArray]) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Features (B, D) and whether each bar is real; the real one comes first in each pair."""
    labels = [np.full(len(bars), place % 2 == 0) for place, bars in enumerate(pairs)]
    return np.concatenate(pairs), np.concatenate(labels)


def _trained(x: FloatArray, y: np.ndarray[tuple[int], np.dtype[np.bool_]], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Linear(x.shape[1], _HIDDEN), nn.ReLU(), nn.Dropout(0.5), nn.Linear(_HIDDEN, 1)
        )
        optimizer = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=0.1)
        inputs, targets = torch.from_numpy(x).float(), torch.from_numpy(y).float()[:, None]
        for _ in range(_STEPS):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(network(inputs), targets).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return network.eval()
