"""Benchmark of composing: the seconds and the memory that four parts of 8 bars take, and performing them.

Composing is measured in a process of its own, without a model, whose peak of memory it is.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from msanii.bench.chain import MIB, TIMEOUT_SECONDS, peak_bytes
from msanii.composer.scores import ScoreComposer
from msanii.errors import MsaniiError
from msanii.music.note_files import score_notes
from msanii.music.score import Score, make_score
from msanii.pipelines import Pipeline
from msanii.rendering.arrangement import part_scores
from msanii.rendering.job import own_sampling
from msanii.rendering.score_batch import without_unknown_controls

PARTS = ("keys", "bass", "drums", "lead")
BARS, BPM, CHORDS = 8, 113.0, "Am F C G"
SEEDS = 8


@dataclass(frozen=True)
class Composing:
    """Seconds of the first composition, which loads grooves and network, and the median of `SEEDS` others.

    `mib` is how far the peak of memory rises over all of them.
    """

    first_seconds: float
    seconds: float
    mib: float


@dataclass(frozen=True)
class ComposingTiming:
    """Composing four parts beside performing them, as one batch, with a model's own sampling."""

    setting: str
    composing: Composing
    performing_seconds: float

    @property
    def share(self) -> float:
        """The time of composing, over that of performing."""
        return self.composing.seconds / self.performing_seconds


def bench_composing(folder: Path, device: str | None = None) -> ComposingTiming:
    """Time composing in its own process, then performing in this one. Raises MsaniiError if it fails."""
    result = subprocess.run(
        [sys.executable, "-m", "msanii.bench.composing"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise MsaniiError(f"bench: composing failed ({last})")
    pipeline = Pipeline.load(folder, device=device)
    return ComposingTiming(
        setting=f"{pipeline.device_name} {pipeline.dtype_name}",
        composing=Composing(**json.loads(result.stdout.splitlines()[-1])),
        performing_seconds=time_performing(pipeline),
    )


def time_composing() -> Composing:
    """Compose in this process."""
    before = peak_bytes()
    taken = []
    for seed in range(SEEDS + 1):
        started = time.perf_counter()
        ScoreComposer().arranged(_score(), PARTS, seed=seed)
        taken.append(time.perf_counter() - started)
    return Composing(
        first_seconds=taken[0],
        seconds=statistics.median(taken[1:]),
        mib=(peak_bytes() - before) / MIB,
    )


def time_performing(pipeline: Pipeline) -> float:
    """Seconds to perform the parts, after a warm-up of one step."""
    written = ScoreComposer().arranged(_score(), PARTS, seed=0)
    notes = [score_notes(written.notes[part], BPM) for part in PARTS]
    scores = [
        without_unknown_controls(one, pipeline.config) for one in part_scores(_score(), PARTS, (), notes)
    ]
    own = own_sampling(pipeline.config)
    seeds = range(len(PARTS))
    pipeline.generate(scores, seeds=seeds, sampling=replace(own, steps=1))
    started = time.perf_counter()
    pipeline.generate(scores, seeds=seeds, sampling=own)
    return time.perf_counter() - started


def _score() -> Score:
    return make_score(bars=BARS, bpm=BPM, chords=CHORDS)


if __name__ == "__main__":
    print(json.dumps(asdict(time_composing())))
