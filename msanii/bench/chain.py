"""Benchmark of the whole chain, from request to file: by verb, batch, steps and length, with peak memory.

Each case runs in its own process, so that memory peaks and warm caches are not shared. A short render warms
it up first, as in a resident worker.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import psutil
import torch

from msanii.bench.parts import OLDER_PROCESSOR
from msanii.choices import Phase
from msanii.devices import choose_placement
from msanii.errors import MsaniiError
from msanii.malloc import retain_freed_pages
from msanii.music.score import Score, make_score
from msanii.pipelines import Pipeline, Sampling
from msanii.rendering.job import SAMPLING_SHARE, own_sampling
from msanii.rendering.score_batch import without_unknown_controls
from msanii.signal.audio_files import Clip, write_clip
from msanii.signal.finishing import finish

Verb = Literal["generate", "loop", "vary"]
# Eight bars at 120 bpm, and the paper's length; half and twice that show how the cost grows.
SHORT_SECONDS, LONG_SECONDS = 16.0, 190.0
GROWTH_SECONDS = (95.0, 190.0, 380.0)
STEPS, BATCHES = (10, 20, 200), (1, 4)
WARM_UP_SECONDS = 2.0
TIMEOUT_SECONDS = 3600
MIB = 1 << 20


@dataclass(frozen=True)
class ChainCase:
    """A case to time; `older` limits the processor to AVX2, which nearly every PC since 2013 has."""

    verb: Verb
    seconds: float
    batch: int
    steps: int
    phase: Phase = "auto"
    device: str | None = None
    dtype: str | None = None
    older: bool = False


@dataclass(frozen=True)
class ChainTiming:
    """Seconds for each stage of a case, over all of its variations.

    `start_seconds` pass before the first step: the source's mel, controls, noise. `real_time_factor` is the
    length of the audio over the time from request to file; `peak_mib` is the process's peak.
    """

    verb: str
    setting: str
    seconds: float
    batch: int
    steps: int
    phase: str
    start_seconds: float
    step_seconds: float
    sampling_seconds: float
    vocoder_seconds: float
    file_seconds: float
    whole_seconds: float
    real_time_factor: float
    peak_mib: float


def chain_cases(device: str | None = None, *, quick: bool = False) -> Iterator[ChainCase]:
    """The table's cases; `quick` leaves out those that take minutes on a CPU."""
    for verb, batch in itertools.product(get_args(Verb), BATCHES):
        yield ChainCase(verb, SHORT_SECONDS, batch, STEPS[0], device=device)
    yield ChainCase("generate", SHORT_SECONDS, 4, STEPS[0], phase="griffin-lim", device=device)
    yield ChainCase("generate", SHORT_SECONDS, 4, STEPS[0], device=device, dtype="float32")
    if choose_placement(device).device.type == "cpu":
        yield ChainCase("generate", SHORT_SECONDS, 4, STEPS[0], device="cpu", older=True)
    for steps in STEPS[1 : 2 if quick else 3]:
        yield ChainCase("generate", SHORT_SECONDS, 1, steps, device=device)
    for seconds in (LONG_SECONDS,) if quick else GROWTH_SECONDS:
        yield ChainCase("generate", seconds, 1, STEPS[0], device=device)
    if not quick:
        yield ChainCase("generate", LONG_SECONDS, 1, STEPS[2], phase="griffin-lim", device=device)


def bench_chain(folder: Path, case: ChainCase) -> ChainTiming:
    """Time a case in its own process. Raises MsaniiError if it fails."""
    command = [sys.executable, "-m", "msanii.bench.chain", str(folder), json.dumps(asdict(case))]
    result = subprocess.run(  # noqa: S603  our own interpreter and module
        command,
        # oneDNN reads its cap at first use only, so it cannot be set in this process any more.
        env={**os.environ, **(OLDER_PROCESSOR if case.older else {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise MsaniiError(f"bench: {case.verb} of {case.seconds:g} seconds failed ({last})")
    return ChainTiming(**json.loads(result.stdout.splitlines()[-1]))


def time_chain(folder: Path, case: ChainCase) -> ChainTiming:
    """Time a case in this process."""
    pipeline = Pipeline.load(folder, device=case.device, dtype=case.dtype)
    sampling = replace(own_sampling(pipeline.config), steps=case.steps, phase=case.phase)
    with tempfile.TemporaryDirectory() as scratch:
        _render(
            pipeline, replace(case, seconds=WARM_UP_SECONDS, batch=1), replace(sampling, steps=1), scratch
        )
        marks, score = _render(pipeline, case, sampling, scratch)
    began, first, sampled, decoded, written = marks
    step = (sampled - first) / max(1, case.steps - 1)
    whole = written - began
    return ChainTiming(
        verb=case.verb,
        setting=f"{pipeline.device_name} {pipeline.dtype_name}{' AVX2' if case.older else ''}",
        seconds=score.seconds,
        batch=case.batch,
        steps=case.steps,
        phase=case.phase,
        start_seconds=max(0.0, first - began - step),
        step_seconds=step,
        sampling_seconds=sampled - began,
        vocoder_seconds=decoded - sampled,
        file_seconds=written - decoded,
        whole_seconds=whole,
        real_time_factor=case.batch * score.seconds / whole,
        peak_mib=peak_bytes() / MIB,
    )


def _render(
    pipeline: Pipeline, case: ChainCase, sampling: Sampling, scratch: str
) -> tuple[tuple[float, ...], Score]:
    """Return the times of start, first step, end of sampling, end of decoding, last file; and the score."""
    score = without_unknown_controls(
        make_score(seconds=case.seconds, bpm=120, chords="Am F C G"), pipeline.config
    )
    steps: list[tuple[float, float]] = []

    def on_step(fraction: float) -> None:
        steps.append((fraction, time.perf_counter()))

    samples, seeds = score.samples(pipeline.rate), range(case.batch)
    noise = torch.randn(2, samples, generator=torch.Generator().manual_seed(0)) * 0.1
    began = time.perf_counter()
    if case.verb == "vary":
        made = pipeline.vary(noise, score, seeds=seeds, strength=1.0, sampling=sampling, on_step=on_step)
    else:
        loop = case.verb == "loop"
        made = pipeline.generate(score, seeds=seeds, sampling=sampling, loop=loop, on_step=on_step)
    decoded = time.perf_counter()
    for number, audio in enumerate(made.cpu().numpy()):
        finished = finish(audio, samples=samples, source_rate=pipeline.rate, rate=pipeline.rate, end="cut")
        write_clip(Path(scratch) / f"{number}.wav", Clip(finished, pipeline.rate))
    written = time.perf_counter()
    sampled = next(at for fraction, at in steps if fraction >= SAMPLING_SHARE - 1e-6)
    return (began, steps[0][1], sampled, decoded, written), score


def peak_bytes() -> float:
    """The process's peak memory."""
    info = psutil.Process().memory_info()
    if hasattr(info, "peak_wset"):  # Windows
        return float(info.peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most if sys.platform == "darwin" else most * 1024)


def _child(folder: str, case: str) -> None:
    retain_freed_pages()
    print(json.dumps(asdict(time_chain(Path(folder), ChainCase(**json.loads(case))))))


if __name__ == "__main__":
    _child(*sys.argv[1:])
