"""Rows of the composer: composed keys and leads beside the same bars of real test songs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from msanii.composer.compose import compose
from msanii.composer.melodic.grid_song import load_songs
from msanii.composer.melodic.harmony import MAJOR_SCALE, chord_table, tonic_of
from msanii.composer.plan import Notes, Plan
from msanii.evaluation.bar_classifier import share_told_apart
from msanii.evaluation.composed import Piece, composed_pieces, read_test_songs
from msanii.evaluation.phrases import PhraseComposer
from msanii.evaluation.rows.row import Row, beside, make_row, mean_of_known
from msanii.metrics import composition
from msanii.metrics.harmony import FloatArray
from msanii.metrics.melody_match import Intervals, intervals, longest_match, melody_line

_LEAST_OVERLAP, _MOST_TOLD_APART, _ON_DRUMS = 0.85, 0.7, 0.7
_CHANCE_PERCENTILE = 95

Measure = Callable[[Piece, FloatArray], float]


def composer_rows(melodies: Intervals, count: int, seed: int, data: Path | None) -> list[Row]:
    """The rows of the composer on the test songs; with `data`, those of phrases of its songs too.

    Raises DataError if `data` cannot be read.
    """
    songs = read_test_songs()
    rows = compose_rows(composed_pieces(songs, count, seed), melodies, seed)
    drummed = composed_pieces(songs, max(2, count // 3), seed, _with_drums)
    rows.append(_drums_row(drummed))
    if data is not None:
        phrases = composed_pieces(songs, count, seed, PhraseComposer(load_songs(data)[0]))
        rows += [
            beside(row, "phrases of songs")
            for row in compose_rows(phrases, melodies, seed)
            if "[real]" not in row.name
        ]
    return rows


def _with_drums(plan: Plan, seed: int) -> Mapping[str, Notes]:
    return compose(replace(plan, parts=("drums", "bass", *plan.parts)), seed)


def _drums_row(pieces: Sequence[Piece]) -> Row:
    return make_row(
        "composed keys: share of onsets that fall on a drum",
        mean_of_known(
            composition.share_together(piece.composed["keys"], piece.composed["drums"]) for piece in pieces
        ),
        f"at least {_ON_DRUMS:g}",
        low=_ON_DRUMS,
    )


def compose_rows(pieces: Sequence[Piece], melodies: Intervals, seed: int) -> list[Row]:
    """The rows of keys and lead; `melodies` are those of the training songs."""
    rows: list[Row] = []
    for part in ("keys", "lead"):
        rows += _within(pieces, part, _LEAD if part == "lead" else {}, 0.2)
        rows += _within(pieces, part, _COMMON, 0.1)
        rows += _histogram_rows(pieces, part)
        rows += _classifier_rows(pieces, part, seed)
    return [*rows, *match_rows(pieces, melodies)]


def _chord_tones(piece: Piece, notes: FloatArray) -> float:
    return composition.share_of_chord_tones(notes, piece.tones_at)


def _in_scale(piece: Piece, notes: FloatArray) -> float:
    table = chord_table(piece.plan.chord_at, [float(beat) for beat in range(round(piece.plan.beats))])
    tonic = tonic_of(table)
    return composition.share_in_scale(notes, [(tone + tonic) % 12 for tone in MAJOR_SCALE])


def _likeness(lag: int) -> Measure:
    def measure(piece: Piece, notes: FloatArray) -> float:
        return composition.likeness(notes, piece.plan.whole_bars, piece.plan.bar_beats)[lag]

    return measure


_COMMON: dict[str, Measure] = {
    "share of chord tones on beats": _chord_tones,
    "share in the scale": _in_scale,
    "notes a bar": lambda piece, notes: len(notes) / piece.plan.bars,
    **{f"likeness of bars {lag} apart": _likeness(lag) for lag in composition.LAGS},
}
_LEAD: dict[str, Measure] = {
    "notes a second": lambda piece, notes: len(notes) / (piece.plan.beats * 60 / piece.plan.bpm),
    "voices at once": lambda _, notes: composition.voices(notes),
    "share of steps": lambda _, notes: composition.steps_and_leaps(notes)[0],
    "share of leaps": lambda _, notes: composition.steps_and_leaps(notes)[1],
    "range, semitones": lambda _, notes: composition.pitch_range(notes),
}


def _within(pieces: Sequence[Piece], part: str, measures: dict[str, Measure], tolerance: float) -> list[Row]:
    """Rows of measures that are to be within a tolerance of real songs', and those of real songs."""
    rows = []
    for name, measure in measures.items():
        real = mean_of_known(measure(piece, piece.real[part]) for piece in pieces)
        composed = mean_of_known(measure(piece, piece.composed[part]) for piece in pieces)
        row = make_row(
            f"composed {part}: {name}",
            composed,
            f"within {tolerance:.0%} of {real:.3g}",
            low=(1 - tolerance) * real,
            high=(1 + tolerance) * real,
        )
        rows += [row, beside(make_row(row.name, real), "real")]
    return rows


def _histogram_rows(pieces: Sequence[Piece], part: str) -> list[Row]:
    """How much of the real pieces' histograms of intervals and note values the composed ones have."""
    kinds = (("intervals", composition.interval_histogram), ("note values", composition.duration_histogram))
    return [
        make_row(
            f"composed {part}: overlap of {name} with real",
            composition.overlap(
                histogram(piece.real[part] for piece in pieces),
                histogram(piece.composed[part] for piece in pieces),
            ),
            f"at least {_LEAST_OVERLAP:g}",
            low=_LEAST_OVERLAP,
        )
        for name, histogram in kinds
    ]


def _classifier_rows(pieces: Sequence[Piece], part: str, seed: int) -> list[Row]:
    return [
        make_row(
            f"composed {part}: bars told from real ones",
            share_told_apart(pieces, part, seed),
            f"at most {_MOST_TOLD_APART:g}",
            high=_MOST_TOLD_APART,
        )
    ]


def match_rows(pieces: Sequence[Piece], melodies: Intervals) -> list[Row]:
    """The longest match of composed leads with a training melody, and that of real test songs: chance."""
    composed, real = (
        [longest_match(intervals(_melody(notes["lead"])), melodies) for notes in lead_notes]
        for lead_notes in ([piece.composed for piece in pieces], [piece.real for piece in pieces])
    )
    chance = float(np.percentile(real, _CHANCE_PERCENTILE)) if real else math.nan
    return [
        make_row(
            "composed lead: longest match with a training song, notes, 95th percentile",
            float(np.percentile(composed, _CHANCE_PERCENTILE)) if composed else math.nan,
            f"at most {chance:g} (real test songs')",
            high=chance,
        )
    ]


def _melody(notes: FloatArray) -> list[int]:
    return melody_line((float(onset), int(pitch)) for onset, pitch in notes[:, [0, 2]])
