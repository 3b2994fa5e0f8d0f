"""The table's rows on feel: the requested feel compared with that measured from the clips."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from msanii.evaluation.clip_metrics import FEELS, feel_metric
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.prompts import Prompt
from msanii.evaluation.reference import FEELS_OF, Reference
from msanii.evaluation.rows.prompts import WriteNotes
from msanii.evaluation.rows.row import Row, make_row
from msanii.metrics.harmony import FloatArray
from msanii.metrics.tone import rank_correlation
from msanii.music.score import Feel

FEWEST_CORRELATION = 0.7


def feel_rows(
    renderer: ClipRenderer,
    reference: Reference,
    count: int | None,
    fewest: float = FEWEST_CORRELATION,
    write: WriteNotes | None = None,
) -> list[Row]:
    """Rank correlations of requested and measured values; and of the real renders' exact and measured values.

    Requested values are those of the real takes, shuffled, so that neither chords nor sound predict them.
    Each score is rendered with the notes that `write` gives it; without notes by default.
    """
    rows: list[Row] = []
    for salt, feel in enumerate(FEELS, start=3):
        purpose = next(name for name, feels in FEELS_OF.items() if feel in feels)
        prompts = reference.of(purpose, count)
        labels = np.array([_label(prompt, feel) for prompt in prompts])
        real = np.array([prompt.real.get(feel, math.nan) for prompt in prompts])
        value = _correlation(renderer, prompts, labels, feel, 1_000 * salt, write)
        rows += [
            make_row(
                f"feel: {feel}, rank correlation",
                value,
                f"{fewest:g} or more",
                fewest,
            ),
            make_row(f"feel: {feel}, rank correlation [real]", rank_correlation(labels, real)),
        ]
    return rows


def _correlation(
    renderer: ClipRenderer,
    prompts: tuple[Prompt, ...],
    labels: FloatArray,
    feel: str,
    salt: int,
    write: WriteNotes | None,
) -> float:
    if not renderer.has_control("feel") or not len(prompts):
        return math.nan
    asked = np.random.default_rng(salt).permutation(labels)
    scores = [
        replace(prompt.score, feel=Feel(**{**prompt.score.feel.asked(), feel: float(value)}))
        for prompt, value in zip(prompts, asked, strict=True)
    ]
    if write is not None:
        scores = [write(score, renderer.seed + salt + number) for number, score in enumerate(scores)]
    measured = [
        feel_metric(clip, renderer.rate, score.bpm, feel)
        for score, clip in zip(scores, renderer.render(scores, salt=salt), strict=True)
    ]
    return rank_correlation(asked, np.array(measured))


def _label(prompt: Prompt, feel: str) -> float:
    value = getattr(prompt.feel, feel)
    return math.nan if value is None else float(value)
