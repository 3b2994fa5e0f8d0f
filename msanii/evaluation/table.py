"""The evaluation table: how well a model follows its prompts, compared with real renders and baselines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from msanii.errors import MsaniiError
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.played import MODEL
from msanii.evaluation.reference import Reference
from msanii.evaluation.rows.compose import composer_rows
from msanii.evaluation.rows.feel import feel_rows
from msanii.evaluation.rows.infill import renewed_rows
from msanii.evaluation.rows.level import arrangement_rows, level_rows
from msanii.evaluation.rows.perform import perform_rows
from msanii.evaluation.rows.played import played_rows
from msanii.evaluation.rows.prompts import (
    OnClip,
    PromptResults,
    chord_rows,
    chosen_prompts,
    grid_rows,
    measure_prompts,
    melody_rows,
    mix_rows,
    note_rows,
    sound_rows,
    unconditional_rows,
)
from msanii.evaluation.rows.row import Row, beside, make_row
from msanii.evaluation.rows.signal import signal_rows
from msanii.evaluation.rows.time import LONG_SECONDS, gap_rows, long_rows, loop_rows
from msanii.evaluation.rows.velocity import velocity_rows
from msanii.pipelines import Pipeline, Sampling
from msanii.rendering.job import own_sampling
from msanii.rendering.resynthesis import Resynthesis

GROUPS = (
    "prompts", "notes", "played", "velocity", "feel", "perform", "loop", "long", "inpaint", "level",
    "arrange", "signal", "unconditional", "compose",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Amount:
    """The size of an evaluation: prompts per part (None: all), windows of long pieces, seeds of loops.

    `velocities` are sounds per part (None: all). `levels` are pieces per part in which music is inpainted and
    outpainted, `endless` those that are continued endlessly, `signals` seeds per sound, `together`
    arrangements that are composed and played, `composed` pieces that the composer writes.
    """

    prompts: int | None = None
    velocities: int | None = None
    pieces: int = 32
    loops: int = 16
    tuning: int = 4
    long_seconds: tuple[float, ...] = LONG_SECONDS
    levels: int = 32
    endless: int = 8
    arrangements: int = 8
    signals: int = 3
    together: int = 32
    composed: int = 48


FULL = Amount()
QUICK = Amount(
    prompts=2,
    velocities=1,
    pieces=2,
    loops=2,
    tuning=1,
    levels=2,
    endless=1,
    arrangements=2,
    signals=1,
    together=1,
    composed=4,
)


def evaluate(
    pipeline: Pipeline,
    reference: Reference,
    *,
    amount: Amount = FULL,
    groups: tuple[str, ...] = GROUPS,
    seed: int = 0,
    sampling: Sampling | None = None,
    baseline: Pipeline | None = None,
    on_step: Callable[[float], None] | None = None,
    on_clip: OnClip | None = None,
    phrases: Path | None = None,
    vocoder: Resynthesis | None = None,
    soundfont: Path | None = None,
) -> tuple[Row, ...]:
    """Return the rows of the named groups, of `GROUPS`.

    The prompts' rows are repeated for the model without guidance, and for a `baseline` model if given. So are
    those of `played` for the `vocoder` alone and the baseline. `played` and `velocity` need FluidSynth and a
    `soundfont` (None: the system's FluidR3 GM), or raise DataError. A row's value is None if the model lacks
    its control. `on_step(fraction)` is called along the way, and `on_clip(prompt, audio)` with the model's
    clip (C, L) of every prompt. The composer is compared with one that plays phrases of the songs in the file
    `phrases`, if that is given.
    """
    chosen = sampling or own_sampling(pipeline.config)
    progress = _Progress(on_step, len(groups) + 2)
    renderer = ClipRenderer(pipeline=pipeline, sampling=chosen, seed=seed)
    found: list[Row] = []
    for name in groups:
        started = time.perf_counter()
        if name == "compose":
            found += composer_rows(reference.melodies, amount.composed, seed, phrases)
        elif name == "played":
            renderers = {MODEL: renderer, **dict(_baselines(renderer, baseline))}
            found += played_rows(renderers, reference, amount.prompts, soundfont, vocoder)
        elif name == "velocity":
            found += velocity_rows(renderer, amount.velocities, soundfont)
        else:
            found += _group(name, renderer, reference, amount, on_clip)
        progress.done()
        if name == "prompts":
            seconds = sum(prompt.score.seconds for prompt in chosen_prompts(reference, amount.prompts))
            spent = time.perf_counter() - started
            found.append(make_row("times real time, measuring included", seconds / spent))
            for label, other in _beside(renderer, baseline):
                found += [beside(row, label) for row in _prompt_rows(other, reference, amount)]
                progress.done()
    progress.done(last=True)
    return tuple(found)


def read_groups(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list of groups; all if it is empty. Raises MsaniiError."""
    wanted = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in wanted:
        if name not in GROUPS:
            raise MsaniiError(f"rows: got {name[:40]!r}, expected some of {', '.join(GROUPS)}")
    return wanted or GROUPS


def _group(
    name: str, renderer: ClipRenderer, reference: Reference, amount: Amount, on_clip: OnClip | None
) -> list[Row]:
    match name:
        case "prompts":
            return _prompt_rows(renderer, reference, amount, on_clip)
        case "notes":
            return note_rows(renderer, reference, amount.prompts)
        case "feel":
            # A rank correlation of two clips says nothing, so a quick evaluation takes twice as many.
            return feel_rows(renderer, reference, None if amount.prompts is None else 2 * amount.prompts)
        case "perform":
            return perform_rows(renderer, reference, amount.prompts, amount.together)
        case "loop":
            return loop_rows(renderer, seeds=amount.loops, tuning_seeds=amount.tuning)
        case "long":
            return long_rows(renderer, amount.pieces, amount.long_seconds)
        case "inpaint":
            return gap_rows(renderer, amount.pieces)
        case "level":
            return renewed_rows(renderer, amount.levels, amount.endless)
        case "arrange":
            return arrangement_rows(renderer, amount.arrangements)
        case "signal":
            return signal_rows(renderer, amount.signals)
        case _:
            return unconditional_rows(renderer, reference, amount.pieces)


def _prompt_rows(
    renderer: ClipRenderer, reference: Reference, amount: Amount, on_clip: OnClip | None = None
) -> list[Row]:
    results: PromptResults = measure_prompts(
        renderer, reference, chosen_prompts(reference, amount.prompts), on_clip
    )
    return [
        *chord_rows(results),
        *grid_rows(results),
        *sound_rows(results, reference),
        *melody_rows(results, reference),
        *mix_rows(results),
        *level_rows(results),
    ]


def _beside(renderer: ClipRenderer, baseline: Pipeline | None) -> list[tuple[str, ClipRenderer]]:
    plain = replace(renderer.sampling, guidance=1.0)
    return [
        ("no guidance", ClipRenderer(pipeline=renderer.pipeline, sampling=plain, seed=renderer.seed)),
        *_baselines(renderer, baseline),
    ]


def _baselines(renderer: ClipRenderer, baseline: Pipeline | None) -> list[tuple[str, ClipRenderer]]:
    if baseline is None:
        return []
    own = own_sampling(baseline.config)
    other = ClipRenderer(pipeline=baseline, sampling=own, seed=renderer.seed)
    return [(f"model {baseline.config.name}", other)]


class _Progress:
    """Progress in equal steps."""

    def __init__(self, on_step: Callable[[float], None] | None, total: int) -> None:
        self._on_step, self._total, self._done = on_step, total, 0

    def done(self, *, last: bool = False) -> None:
        """Advance by a step, or to the end."""
        self._done = self._total if last else min(self._done + 1, self._total)
        if self._on_step is not None:
            self._on_step(self._done / self._total)
