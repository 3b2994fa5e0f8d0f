"""Benchmark of each part of a model on this machine, in every available type."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from msanii.checkpoint.folder import load_model
from msanii.devices import Placement, bfloat16_is_fast, choose_placement
from msanii.errors import MsaniiError
from msanii.malloc import retain_freed_pages
from msanii.music.score import make_score
from msanii.pipelines import Pipeline
from msanii.rendering.job import gives_phase
from msanii.rendering.resynthesis import Resynthesis
from msanii.rendering.score_batch import without_unknown_controls
from msanii.signal.griffin_lim import griffin_lim

# AVX2 is in nearly every PC since 2013; oneDNN then does not use AVX-512 and AMX.
OLDER_PROCESSOR = {"ONEDNN_MAX_CPU_ISA": "AVX2"}
CHILD_TIMEOUT_SECONDS = 1800
WARM_UPS, REPEATS = 1, 3


@dataclass(frozen=True)
class Timing:
    """The least seconds of a part, and how many times faster than real time that is."""

    setting: str
    part: str
    seconds: float
    real_time_factor: float


def bench(
    folder: Path, *, seconds: float = 12.0, device: str | None = None, older: bool = True
) -> list[Timing]:
    """Time the parts and the whole on `seconds` of stereo: in float32, in bfloat16, and with AVX2 only.

    Raises MsaniiError for a model that cannot be loaded or a device that is not available.
    """
    chosen = choose_placement(device).device
    timings = bench_type(folder, "float32", seconds=seconds, device=device)
    # Skip emulated bfloat16: it is ten times slower, and never used.
    if bfloat16_is_fast(chosen):
        timings += bench_type(folder, "bfloat16", seconds=seconds, device=device)
    if older and chosen.type == "cpu":
        timings += _bench_older(folder, seconds)
    return timings


def bench_type(folder: Path, dtype: str, *, seconds: float, device: str | None = None) -> list[Timing]:
    """Time every part in one type (auto: the best) with this process's processor settings."""
    placement = choose_placement(device, dtype)
    parts = {**_parts(folder, placement, seconds), "whole chain": _chain(folder, placement, seconds)}
    setting = f"{placement.device_name} {placement.dtype_name}"
    times = {part: _least_seconds(work, placement) for part, work in parts.items()}
    return [Timing(setting, part, taken, seconds / taken) for part, taken in times.items()]


def ratios(timings: Iterable[Timing], reference: str) -> dict[tuple[str, str], float]:
    """(setting, part) -> the speed relative to the same part in the `reference` setting."""
    items = list(timings)
    base = {item.part: item.seconds for item in items if item.setting == reference}
    return {(item.setting, item.part): base[item.part] / item.seconds for item in items if item.part in base}


def _parts(folder: Path, placement: Placement, seconds: float) -> dict[str, Callable[[], object]]:
    """Each part as the pipeline runs it, on `seconds` of stereo noise."""
    model = load_model(folder)
    config, device = model.config, placement.device
    unet, transforms = placement.place(model.unet), model.transforms.to(placement.signal_device)
    own = gives_phase(config)
    decoder = Resynthesis(model, placement, iterations=None if own else config.sampling.iterations)
    multiple = config.unet.frame_multiple
    frames = (
        math.ceil(seconds * config.transforms.sample_rate / config.transforms.hop_length / multiple)
        * multiple
    )
    generator = torch.Generator().manual_seed(0)
    samples = (frames - 1) * config.transforms.hop_length
    waveform = (torch.randn(1, 2, samples, generator=generator) * 0.1).to(placement.signal_device)
    mel = torch.randn(1, 2, config.transforms.n_mels, frames, generator=generator).to(device)
    controls = torch.zeros(1, config.unet.n_controls, frames, device=device) if config.unet.controls else None
    timestep = torch.tensor([500], device=device)
    magnitude = transforms.magnitude(waveform)
    iterations = config.sampling.iterations

    def network() -> object:
        with placement.autocast():
            return unet(mel, timestep, controls)

    def phase() -> object:
        sizes = config.transforms.n_fft, config.transforms.hop_length
        return griffin_lim(magnitude, n_fft=sizes[0], hop=sizes[1], iterations=iterations)

    log_mel = transforms.log_mel(waveform)
    return {
        "encode": lambda: transforms.scale(transforms.log_mel(waveform)),
        "U-Net, one call": network,
        "vocoder": lambda: decoder.decode(log_mel) if own else decoder.magnitude(log_mel),
        f"Griffin-Lim, {iterations} iterations": phase,
    }


def _chain(folder: Path, placement: Placement, seconds: float) -> Callable[[], object]:
    pipeline = Pipeline.load(folder, device=placement.device_name, dtype=placement.dtype_name)
    score = without_unknown_controls(make_score(seconds=seconds, bpm=120, chords="Am F C G"), pipeline.config)
    return lambda: pipeline.generate(score, seeds=[0])


def _least_seconds(work: Callable[[], object], placement: Placement) -> float:
    taken = []
    for turn in range(WARM_UPS + REPEATS):
        started = time.perf_counter()
        with torch.inference_mode():
            work()
        placement.wait()
        if turn >= WARM_UPS:
            taken.append(time.perf_counter() - started)
    return min(taken)


def _bench_older(folder: Path, seconds: float) -> list[Timing]:
    """Time the parts in another process: oneDNN reads its cap at first use only."""
    command = [sys.executable, "-m", "msanii.bench.parts", str(folder), str(seconds)]
    result = subprocess.run(  # noqa: S603  our own interpreter and module
        command,
        env={**os.environ, **OLDER_PROCESSOR},
        capture_output=True,
        text=True,
        timeout=CHILD_TIMEOUT_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise MsaniiError(f"bench: the run with AVX2 alone failed ({last})")
    timings = [Timing(**values) for values in json.loads(result.stdout.splitlines()[-1])]
    return [replace(item, setting=f"{item.setting} AVX2") for item in timings]


def _child(folder: str, seconds: str) -> None:
    retain_freed_pages()
    timings = bench_type(Path(folder), "auto", seconds=float(seconds), device="cpu")
    print(json.dumps([asdict(timing) for timing in timings]))


if __name__ == "__main__":
    _child(*sys.argv[1:])
