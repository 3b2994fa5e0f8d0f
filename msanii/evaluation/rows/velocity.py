"""The table's rows on velocity: one note again and again, each stroke as loud as it is asked to be?

Levels are compared within a clip only, so that sounds may be as loud as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from msanii.data.instruments.playing import RATE
from msanii.data.instruments.table import INSTRUMENTS
from msanii.data.synthesizer import find_soundfont
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.played import PLAYED_PARTS
from msanii.evaluation.real_renders import render_real
from msanii.evaluation.reference import spread
from msanii.evaluation.rows.row import Row, make_row, mean_of_known, ratio
from msanii.metrics.harmony import Audio, FloatArray
from msanii.metrics.tone import rank_correlation
from msanii.metrics.transcription import stroke_levels_db
from msanii.music.score import Note, Score, make_score
from msanii.music.sounds import sounds_of_part

FEWEST_CORRELATION = 0.9
_BARS, _BPM = 5, 100.0
_STROKES = 4 * _BARS
# Short enough to end before the next stroke.
_HELD_QUARTERS = 0.5
_SNARE = 38
_CHORD_ROOT = 9
_SALT = 40_000


def velocity_rows(renderer: ClipRenderer, count: int | None, soundfont: Path | None = None) -> list[Row]:
    """For each part: rank correlations of asked velocities and levels over real, of `count` of its sounds.

    The values are None if the model has no control for velocity. Raises DataError without FluidSynth.
    """
    plays = renderer.has_control("velocity")
    font = find_soundfont(soundfont) if plays else Path()
    rows: list[Row] = []
    for place, part in enumerate(PLAYED_PARTS):
        scores = stroke_scores(part, renderer.sounds, count) if plays else []
        clips = renderer.render(scores, salt=_SALT + 1_000 * place)
        made = [_correlation(clip, renderer.rate, score) for clip, score in zip(clips, scores, strict=True)]
        real = [_correlation(render_real(score, font, renderer.seed), RATE, score) for score in scores]
        rows += rows_of_correlations(part, made, real)
    return rows


def rows_of_correlations(part: str, made: Sequence[float], real: Sequence[float]) -> list[Row]:
    """The rows of a part: the mean of its clips over that of the real renders, and the latter."""
    of_real = mean_of_known(real)
    return [
        make_row(
            f"velocity: {part}, rank correlation with level over real",
            ratio(mean_of_known(made), of_real),
            f"{FEWEST_CORRELATION:g} or more",
            FEWEST_CORRELATION,
        ),
        make_row(f"velocity: {part}, rank correlation with level [real]", of_real),
    ]


def stroke_scores(part: str, known: Collection[str], count: int | None) -> list[Score]:
    """A score for each of the part's sounds that are known, or for `count` of them, evenly spread."""
    names = sounds_of_part(part, known)
    chosen = names if count is None else spread(names, count)
    return [stroke_score(part, name, seed) for seed, name in enumerate(chosen)]


def stroke_score(part: str, sound: str, seed: int) -> Score:
    """Quarter notes of one pitch, or of a snare, with velocities from the range that the sound is played in.

    All velocities are apart, as in a shuffled deck: the correlation covers the whole range.
    """
    instrument = INSTRUMENTS[sound]
    softest, loudest = instrument.velocities
    velocities = np.random.default_rng(seed).permutation(np.linspace(softest, loudest, _STROKES).round())
    quarter = 60 / _BPM
    notes = tuple(
        Note(
            onset_seconds=place * quarter,
            end_seconds=(place + min(_HELD_QUARTERS, instrument.longest_quarters)) * quarter,
            pitch=_SNARE if part == "drums" else _middle(instrument.pitches),
            velocity=int(velocity),
        )
        for place, velocity in enumerate(velocities)
    )
    score = make_score(bars=_BARS, bpm=_BPM, chords="Am", part=part, sounds=())
    return replace(score, sounds=(sound,), notes=notes)


def _middle(pitches: tuple[int, int]) -> int:
    """The A that is nearest to the middle of a range."""
    middle = sum(pitches) / 2
    return min(range(_CHORD_ROOT, 128, 12), key=lambda pitch: abs(pitch - middle))


def _correlation(audio: Audio, rate: int, score: Score) -> float:
    onsets: FloatArray = np.array([note.onset_seconds for note in score.notes])
    velocities: FloatArray = np.array([float(note.velocity) for note in score.notes])
    return rank_correlation(velocities, stroke_levels_db(audio, rate, onsets))
