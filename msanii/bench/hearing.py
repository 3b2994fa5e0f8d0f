"""Benchmark of hearing a take: what that adds to rendering it, with a model's own sampling."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path

from msanii.bench.chain import MIB, peak_bytes
from msanii.listening.activations import Ears
from msanii.listening.judging import Asked, judge
from msanii.listening.weights import load_listener
from msanii.music.score import make_score
from msanii.pipelines import Pipeline
from msanii.rendering.job import own_sampling
from msanii.signal.audio_files import Clip
from msanii.takes import TakeRenderer

SECONDS, BPM, CHORDS, PART = 16.0, 120.0, "Am F C G", "keys"
TURNS = 5


@dataclass(frozen=True)
class HearingTiming:
    """Seconds of rendering a take, of hearing the first, with loading the listener, and any later one.

    `mib` is how far the peak of memory rises over hearing.
    """

    setting: str
    rendering_seconds: float
    first_seconds: float
    seconds: float
    mib: float

    @property
    def share(self) -> float:
        """The time of hearing, over that of rendering."""
        return self.seconds / self.rendering_seconds


def bench_hearing(folder: Path, device: str | None = None) -> HearingTiming:
    """Render a take of `SECONDS`, and hear it `TURNS` times. Raises MsaniiError."""
    pipeline = Pipeline.load(folder, device=device)
    score = make_score(bars=SECONDS * BPM / 240, bpm=BPM, chords=CHORDS, part=PART)
    own = own_sampling(pipeline.config)
    renderer = TakeRenderer(pipeline=pipeline, seed=0, sampling=own)
    next(replace(renderer, sampling=replace(own, steps=1)).generate(score))
    started = time.perf_counter()
    take = next(renderer.generate(score))
    rendered = time.perf_counter() - started
    onsets = [note[0] * 60 / BPM for notes in take.notes.values() for note in notes]
    asked, clip = Asked.by(score, (PART,), onsets), Clip(take.audio, take.rate)
    before = peak_bytes()
    started = time.perf_counter()
    ears = Ears(load_listener(), pipeline.placement)
    judge(ears, clip, asked)
    first = time.perf_counter() - started
    taken = []
    for _ in range(TURNS):
        started = time.perf_counter()
        judge(ears, clip, asked)
        taken.append(time.perf_counter() - started)
    return HearingTiming(
        setting=f"{pipeline.device_name} {pipeline.dtype_name}",
        rendering_seconds=rendered,
        first_seconds=first,
        seconds=statistics.median(taken),
        mib=(peak_bytes() - before) / MIB,
    )
