"""The table's rows on time: tuning and seams of loops, long pieces, and inpainting within a piece.

Letters: C audio channels, L samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from msanii.evaluation.clip_metrics import chord_metrics, score_chords
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.rows.row import Row, make_row, mean_of_known, ratio
from msanii.evaluation.verb_metrics import loop_tuning_error_cents, seam_metrics, tuning_scores
from msanii.metrics.harmony import Audio, onset_seconds
from msanii.metrics.rhythm import eighth_grid, f_measure
from msanii.music.score import Score, make_score

MOST_CENTS = 3.0
MOST_SEAM = 1.1
SEAM_SEEDS = 16
TUNING_SEEDS = 4
LONG_SECONDS = (60.0, 190.0)
LONG_TOLERANCE = 0.05
WINDOW_SECONDS = 12.0
GAP_BARS, PIECE_BARS = 2, 8
FEWEST_GAP_CHORDS = 0.9
GAP_TOLERANCE = 0.1
_LONG_BPM = 100.0
_LONG_CHORDS = ("Am F C G", "Dm7 G7 Cmaj7 A7", "Em C G D", "Bbmaj7 Eb Cm7 F")
_GAP_BPM = (90.0, 104.0, 120.0, 140.0)


def loop_rows(
    renderer: ClipRenderer, *, seeds: int = SEAM_SEEDS, tuning_seeds: int = TUNING_SEEDS
) -> list[Row]:
    """Tuning of loops against unlooped takes at three lengths and tempos; seams against inner bar lines."""
    cents: list[float] = []
    for score in tuning_scores():
        error = loop_tuning_error_cents(
            renderer.pipeline, score, range(renderer.seed, renderer.seed + tuning_seeds), renderer.sampling
        )
        cents.append(error)
    found = seam_metrics(
        renderer.pipeline, range(renderer.seed, renderer.seed + seeds), sampling=renderer.sampling
    )
    cut = seam_metrics(
        renderer.pipeline, range(renderer.seed, renderer.seed + seeds), loop=False, sampling=renderer.sampling
    )
    return [
        make_row(
            "loop: tuning error, cents, worst",
            float(np.max(cents)),
            f"at most {MOST_CENTS:g}",
            high=MOST_CENTS,
        ),
        make_row(
            "loop: seam over inner bar lines, mean", found.step_mean, f"at most {MOST_SEAM}", high=MOST_SEAM
        ),
        make_row("loop: seam over inner bar lines, largest", found.step_max),
        make_row("loop: seam over inner bar lines, mean [cut, not looped]", cut.step_mean),
    ]


def long_rows(
    renderer: ClipRenderer, windows: int, lengths_seconds: tuple[float, ...] = LONG_SECONDS
) -> list[Row]:
    """Long pieces in windows of 12 s, at least `windows` in all, compared with pieces of 12 s."""
    short = _piece_metrics(renderer, WINDOW_SECONDS, windows, salt=10_000)
    rows: list[Row] = []
    low, high = 1 - LONG_TOLERANCE, 1 + LONG_TOLERANCE
    for seconds in lengths_seconds:
        pieces = math.ceil(windows / int(seconds / WINDOW_SECONDS))
        found = _piece_metrics(renderer, seconds, pieces, salt=11_000)
        for name, made, reference in zip(("chord tones", "onset agreement"), found, short, strict=True):
            rows.append(
                make_row(
                    f"{seconds:g} s in one piece: {name} over 12 s",
                    ratio(made, reference),
                    f"{low} to {high}",
                    low,
                    high,
                )
            )
    rows += [make_row("12 s: chord tones", short[0]), make_row("12 s: onset agreement", short[1])]
    return rows


def gap_rows(renderer: ClipRenderer, count: int) -> list[Row]:
    """Inpaint two bars of eight in the model's own pieces: harmony and rhythm in the gap and around it."""
    scores = [_gap_score(number) for number in range(count)]
    inside: list[tuple[float, float]] = []
    outside: list[tuple[float, float]] = []
    for number, (score, clip) in enumerate(zip(scores, renderer.render(scores, salt=12_000), strict=True)):
        bar = score.seconds / PIECE_BARS
        start, end = 3 * bar, (3 + GAP_BARS) * bar
        made = renderer.inpaint(clip, start, end, score, seed=renderer.seed + 13_000 + number)
        inside.append(_stretch_metrics(made, renderer.rate, score, start, end))
        kept = [(0.0, start), (end, score.seconds)]
        parts = [_stretch_metrics(made, renderer.rate, score, *stretch) for stretch in kept]
        outside.append(_means(parts))
    chords, onsets = (ratio(gap, kept) for gap, kept in zip(_means(inside), _means(outside), strict=True))
    low, high = 1 - GAP_TOLERANCE, 1 + GAP_TOLERANCE
    return [
        make_row(
            "inpaint 2 bars of 8: chord tones in the gap over the kept part's",
            chords,
            f"{FEWEST_GAP_CHORDS} or more",
            FEWEST_GAP_CHORDS,
        ),
        make_row(
            "inpaint 2 bars of 8: onset agreement in the gap over the kept part's",
            onsets,
            f"{low} to {high}",
            low,
            high,
        ),
    ]


def _piece_metrics(renderer: ClipRenderer, seconds: float, pieces: int, *, salt: int) -> tuple[float, float]:
    """Mean chord tones and onset agreement over all whole windows of some pieces."""
    scores = [
        make_score(
            seconds=seconds,
            bpm=_LONG_BPM,
            chords=_LONG_CHORDS[number % len(_LONG_CHORDS)],
            sounds=("grand piano",),
            part="keys",
        )
        for number in range(pieces)
    ]
    found = [
        _stretch_metrics(clip, renderer.rate, score, start, start + WINDOW_SECONDS)
        for score, clip in zip(scores, renderer.render(scores, salt=salt), strict=True)
        for start in np.arange(0, seconds - WINDOW_SECONDS + 1e-6, WINDOW_SECONDS).tolist()
    ]
    return _means(found)


def _means(found: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The means of the first and of the second values."""
    return mean_of_known(first for first, _ in found), mean_of_known(second for _, second in found)


def _stretch_metrics(audio: Audio, rate: int, score: Score, start: float, end: float) -> tuple[float, float]:
    """Chord tones and onset agreement of a clip (C, L) from `start` to `end` seconds of its score."""
    stretch = audio[:, round(start * rate) : round(end * rate)]
    chords = score_chords(score)
    chords[:, :2] -= start
    grid = eighth_grid(score.seconds, score.bpm) - start
    inside = grid[(grid >= 0) & (grid < end - start)]
    agreement = f_measure(onset_seconds(stretch, rate), inside)
    return chord_metrics(stretch, rate, chords, score.part)["chord_tones"], agreement


def _gap_score(number: int) -> Score:
    return make_score(
        bars=PIECE_BARS,
        bpm=_GAP_BPM[number % len(_GAP_BPM)],
        chords=_LONG_CHORDS[number // len(_GAP_BPM) % len(_LONG_CHORDS)],
        sounds=("grand piano",),
        part="keys",
    )
