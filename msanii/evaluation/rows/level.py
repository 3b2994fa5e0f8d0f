"""The table's rows on level: loudness, spectrum and peaks of prompts compared with real, and parts in a mix.

Clips are measured as the vocoder returns them: normalisation would hide faults of the model.
"""

from __future__ import annotations

import math

import numpy as np

from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.rows.prompts import PromptResults
from msanii.evaluation.rows.row import Row, make_row, mean_of_known
from msanii.metrics.harmony import FloatArray
from msanii.metrics.level import OCTAVE_RANGE_DB, OCTAVES, OCTAVES_HZ
from msanii.metrics.loudness import loudness
from msanii.music.score import Score, make_score
from msanii.music.sounds import PARTS
from msanii.rendering.arrangement import finish_arrangement, part_scores

MOST_LOUDNESS = 2.0
MOST_OCTAVE = 3.0
MOST_HIGH = 3.0
MOST_CREST = 2.0
MOST_UNDER_MIX = 12.0
ARRANGED = ("keys", "bass", "drums", "lead")
_ARRANGED_BARS = 8
_ARRANGED_CHORDS = ("Am F C G", "Dm7 G7 Cmaj7 A7", "Em C G D", "Bbmaj7 Eb Cm7 F")
_ARRANGED_BPM = (84.0, 128.0, 104.0, 150.0)


def level_rows(results: PromptResults) -> list[Row]:
    """For each part: loudness, octaves, share above 8 kHz, crest factor; mean of generated minus real, dB."""
    rows: list[Row] = []
    for part in PARTS:
        furthest, frequency = _furthest_octave(results, part)
        rows += [
            _difference_row(results, part, "loudness", f"{part}: loudness less real, LU", MOST_LOUDNESS),
            make_row(
                f"{part}: octave that is furthest from real, dB",
                furthest,
                f"at most {MOST_OCTAVE:g}",
                high=MOST_OCTAVE,
            ),
            make_row(f"{part}: octave that is furthest from real, Hz", frequency),
            _difference_row(results, part, "above_8000", f"{part}: above 8 kHz less real, dB", MOST_HIGH),
            _difference_row(results, part, "crest", f"{part}: crest less real, dB", MOST_CREST),
        ]
    return rows


def arrangement_rows(renderer: ClipRenderer, count: int) -> list[Row]:
    """Level of each part below the mix, in finished arrangements of the model's own sounds."""
    under: dict[str, list[float]] = {part: [] for part in ARRANGED}
    for number in range(count if renderer.has_control("part") else 0):
        for part, distance in _arrangement(renderer, number).items():
            under[part].append(distance)
    means = {part: mean_of_known(found) for part, found in under.items()}
    target = f"at most {MOST_UNDER_MIX:g}"
    return [
        make_row("arrange: quietest part, LU under the mix, mean", _most(means), target, high=MOST_UNDER_MIX),
        make_row(
            "arrange: quietest part of all, LU under the mix",
            _most({part: max(found, default=math.nan) for part, found in under.items()}),
            target,
            high=MOST_UNDER_MIX,
        ),
        *[make_row(f"arrange: {part}, LU under the mix, mean", value) for part, value in means.items()],
    ]


def _difference_row(results: PromptResults, part: str, metric: str, name: str, most: float) -> Row:
    value = mean_of_known(made - real for made, real in results.pairs(part, metric))
    return make_row(name, value, f"{-most:g} to {most:g}", -most, most)


def _furthest_octave(results: PromptResults, part: str) -> tuple[float, float]:
    """The largest mean difference of an octave's level, as an absolute value, and that octave in Hz.

    Octaves 45 dB or more below the loudest real one do not count.
    """
    made, real = _mean_octaves(results, part)  # (10,), (10,)
    if np.isnan(real).all():
        return math.nan, math.nan
    counts = (real > np.nanmax(real) - OCTAVE_RANGE_DB) & ~np.isnan(made)
    differences = np.where(counts, np.abs(made - real), -1.0)
    place = int(np.argmax(differences))
    return (float(differences[place]), float(OCTAVES_HZ[place])) if counts.any() else (math.nan, math.nan)


def _mean_octaves(results: PromptResults, part: str) -> tuple[FloatArray, FloatArray]:
    pairs = [results.pairs(part, octave) for octave in OCTAVES]
    made, real = ([mean_of_known(pair[side] for pair in found) for found in pairs] for side in (0, 1))
    return np.array(made), np.array(real)


def arranged_score(number: int) -> Score:
    """One of the scores that are arranged; after 16 they repeat."""
    return make_score(
        bars=_ARRANGED_BARS,
        bpm=_ARRANGED_BPM[number % len(_ARRANGED_BPM)],
        # Each round of tempos combines them with other chords.
        chords=_ARRANGED_CHORDS[(number + number // len(_ARRANGED_BPM)) % len(_ARRANGED_CHORDS)],
    )


def _arrangement(renderer: ClipRenderer, number: int) -> dict[str, float]:
    """Each part's LU below the mix in an arrangement finished as by `msanii arrange`."""
    score = arranged_score(number)
    made = np.stack(list(renderer.render(part_scores(score, ARRANGED), salt=14_000 + 10 * number)))
    rate = renderer.rate
    done = finish_arrangement(made, ARRANGED, samples=score.samples(rate), source_rate=rate, rate=rate)
    whole = loudness(done.mix, rate)
    return {part: whole - loudness(audio, rate) for part, audio in done.parts.items()}


def _most(values: dict[str, float]) -> float:
    return max((value for value in values.values() if value == value), default=math.nan)
