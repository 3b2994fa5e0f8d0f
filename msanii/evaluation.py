"""How well a model plays what it is asked: generated audio against the real renders of the same prompts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from msanii.measures import spectral_distance_db
from msanii.pipelines import Pipeline, Sampling
from msanii.prompts import Figures, Prompt, measure, score_events

CHORD_RATIO_RANGE = (0.85, 1.15)
MOST_AWAY_SHARE = 0.5


@dataclass(frozen=True)
class Row:
    """One figure of the table; `target` and `reached` are None where nothing is asked of it."""

    name: str
    value: float | None
    target: str | None = None
    reached: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, which has no NaN."""
        return asdict(self)


def evaluate(
    pipeline: Pipeline,
    prompts: Sequence[Prompt],
    *,
    seed: int = 0,
    sampling: Sampling | None = None,
    on_step: Callable[[float], None] | None = None,
) -> tuple[Row, ...]:
    """Generate every prompt (seeds `seed`, `seed` + 1, ...) and compare with the real renders.

    Raises ControlError for a model without chords and beat. `on_step(fraction)` is called along the way.
    """
    figures: list[Figures] = []
    render_seconds = 0.0
    for number, prompt in enumerate(prompts):

        def report(fraction: float, number: int = number) -> None:
            if on_step is not None:
                on_step((number + fraction) / len(prompts))

        started = time.perf_counter()
        audio = pipeline.generate(prompt.score, seeds=[seed + number], sampling=sampling, on_step=report)
        render_seconds += time.perf_counter() - started
        figures.append(measure(audio[0].cpu().numpy(), pipeline.rate, score_events(prompt.score)))
    seconds = sum(prompt.score.seconds for prompt in prompts)
    return rows_of(figures, [prompt.real for prompt in prompts], real_time_factor=seconds / render_seconds)


def rows_of(
    generated: Sequence[Figures], real: Sequence[Figures], *, real_time_factor: float
) -> tuple[Row, ...]:
    """The table from the figures of each prompt; every value is a mean over the prompts.

    `chord_tones` and `bass_tones` are shares of the energy (110 to 2,000 and 35 to 500 Hz) on the tones of
    the chords asked for, `away` on those of the chords a tritone away; `onsets` is the share of onsets on the
    grid of eighth notes, `shifted` on the same grid half a step later.
    """

    def mean(figures: Sequence[Figures], name: str) -> float:
        values = [getattr(item, name) for item in figures]
        known = [value for value in values if not math.isnan(value)]
        return sum(known) / len(known) if known else math.nan

    chords, bass, onsets = (mean(generated, name) for name in ("chord_tones", "bass_tones", "onsets"))
    away, bass_away = mean(generated, "chord_tones_away"), mean(generated, "bass_tones_away")
    real_chords, real_bass = mean(real, "chord_tones"), mean(real, "bass_tones")
    shifted = mean(generated, "onsets_shifted")
    distances = [
        spectral_distance_db(np.array(made.levels_db), np.array(truth.levels_db))
        for made, truth in zip(generated, real, strict=True)
    ]
    low, high = CHORD_RATIO_RANGE
    ratio_target = f"{low} to {high}"
    return (
        _row("chord_tones_generated", chords),
        _row("chord_tones_real", real_chords),
        _row("chord_tones_ratio", chords / real_chords, ratio_target, low, high),
        _row("chord_tones_away", away),
        _row("chord_tones_away_ratio", away / chords, f"below {MOST_AWAY_SHARE}", high=MOST_AWAY_SHARE),
        _row("chord_tones_real_away", mean(real, "chord_tones_away")),
        _row("bass_tones_generated", bass),
        _row("bass_tones_real", real_bass),
        _row("bass_tones_ratio", bass / real_bass, ratio_target, low, high),
        _row("bass_tones_away", bass_away),
        _row("onsets_generated", onsets, "above the shifted grid's", low=shifted),
        _row("onsets_shifted", shifted),
        _row("onsets_real", mean(real, "onsets")),
        _row("onsets_real_shifted", mean(real, "onsets_shifted")),
        _row("spectral_distance_db", sum(distances) / len(distances)),
        _row("real_time_factor", real_time_factor, "above 1", low=1.0),
    )


def _row(
    name: str, value: float, target: str | None = None, low: float = -math.inf, high: float = math.inf
) -> Row:
    if not math.isfinite(value):
        return Row(name, None, target, None if target is None else False)
    return Row(name, round(value, 4), target, None if target is None else bool(low <= value <= high))
