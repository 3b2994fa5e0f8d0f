"""Reproducible metrics of single verbs: seams and tuning of loops, closeness of variations.

Shapes: C audio channels, L samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from msanii.checkpoint.folder import LoadedModel
from msanii.choices import LATEST_EDITION
from msanii.devices import Placement
from msanii.diffusion.sampling import starting_noise, vary
from msanii.diffusion.schedule import start_share
from msanii.metrics.harmony import Audio
from msanii.metrics.loops import (
    log_spectral_distance_db,
    loop_seam,
    spectral_convergence,
    tuning_cents,
)
from msanii.music.score import Score, make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.rendering.codec import Codec
from msanii.rendering.job import prepare
from msanii.rendering.score_batch import without_unknown_controls

LOOP_CHORDS = "Am F C G"
TUNING_BARS = (1.0, 2.0, 4.0)
TUNING_BPM = (60.0, 113.0, 174.0)
STRENGTHS = (0.05, 0.2, 0.4, 0.6, 0.8, 1.0)
PAPER_ITERATIONS = 200


@dataclass(frozen=True)
class SeamMetrics:
    """`msanii.metrics.loops.Seam` of several loops: means and largest values."""

    step_mean: float
    step_max: float
    jump_mean: float
    jump_max: float


@dataclass(frozen=True)
class VariationDistance:
    """The distance of a variation from its source."""

    strength: float
    method: str
    convergence: float
    distance_db: float


def seam_metrics(
    pipeline: Pipeline,
    seeds: Sequence[int],
    *,
    loop: bool = True,
    bars: float = 4,
    bpm: float = 113,
    sampling: Sampling | None = None,
) -> SeamMetrics:
    """Measure the seam of a loop for each seed; with `loop` False, of a take cut at the bar line."""
    score = without_unknown_controls(make_score(bars=bars, bpm=bpm, chords=LOOP_CHORDS), pipeline.config)
    bar_samples = score.seconds * pipeline.rate / bars
    seams = []
    for seed in seeds:
        made = pipeline.generate(score, seeds=[seed], loop=loop, sampling=sampling)
        seams.append(loop_seam(made[0].numpy(), bar_samples))
    steps, jumps = ([getattr(seam, name) for seam in seams] for name in ("step", "jump"))
    return SeamMetrics(float(np.mean(steps)), max(steps), float(np.mean(jumps)), max(jumps))


def loop_tuning_error_cents(
    pipeline: Pipeline, score: Score, seeds: Sequence[int], sampling: Sampling | None = None
) -> float:
    """The difference in tuning, in cents, between loops and unlooped takes of the same seeds."""

    known = without_unknown_controls(score, pipeline.config)

    def tuning(seed: int, loop: bool) -> float:
        made = pipeline.generate(known, seeds=[seed], loop=loop, sampling=sampling)
        return tuning_cents(made[0].numpy(), pipeline.rate)

    looped, cut = ([tuning(seed, loop) for seed in seeds] for loop in (True, False))
    return abs(float(np.median(looped)) - float(np.median(cut)))


@torch.inference_mode()
def vary_metrics(
    model: LoadedModel, placement: Placement, source: Audio, strengths: Sequence[float], *, seed: int = 0
) -> tuple[VariationDistance, ...]:
    """Measure variations of a source (C, L) at each strength, with this project's method and the paper's.

    The paper's method keeps the source's level and finds the phase from random in 200 iterations.
    """
    pipeline = Pipeline(model, placement)
    found = []
    for strength in strengths:
        ours = pipeline.vary(torch.from_numpy(source), seeds=[seed], strength=strength)[0].numpy()
        papers = _vary_as_the_paper(model, placement, source, strength, seed)
        for method, varied in (("ours", ours), ("paper", papers)):
            distance = log_spectral_distance_db(varied, source)
            found.append(VariationDistance(strength, method, spectral_convergence(varied, source), distance))
    return tuple(found)


def _vary_as_the_paper(
    model: LoadedModel, placement: Placement, source: Audio, strength: float, seed: int
) -> Audio:
    codec = Codec(model, placement)
    canvas = codec.canvas(torch.from_numpy(source))
    mel = codec.encode(canvas.line / canvas.gain)
    controls = (
        torch.zeros(model.config.unet.n_controls, canvas.frames) if model.config.unet.controls else None
    )
    job = prepare(
        placement.place(model.unet).under,
        model.config,
        seeds=[seed],
        sampling=None,
        controls=controls,
        on_step=None,
    )
    noise = starting_noise(job.generators, mel.shape[1:], placement.device)
    with placement.autocast():
        start = start_share(model.config.schedule, strength, LATEST_EDITION)
        made = vary(job.denoise, job.solver, mel, noise, start)
    waveform = codec.decode(made, iterations=PAPER_ITERATIONS, generators=job.generators)
    return np.asarray(waveform[0, :, : source.shape[1]].cpu().numpy())


def tuning_scores() -> tuple[Score, ...]:
    """The lengths and tempos at which the tuning of loops is measured."""
    return tuple(
        make_score(bars=bars, bpm=bpm, chords=LOOP_CHORDS) for bars in TUNING_BARS for bpm in TUNING_BPM
    )
