"""What this machine computes fastest with: device, type, memory layout and threads, each by time."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from msanii.devices import Placement, choose_placement, processor_name
from msanii.diffusion.blocks import Block
from msanii.errors import MsaniiError
from msanii.memory_layout import CHANNELS_LAST, CONTIGUOUS, MemoryLayout, parse_layout

# 16 and 95 seconds of the default model, whose width these are; guidance computes two of each.
SHORT_FRAMES, LONG_FRAMES = 704, 4096
# Half of the long piece, 48 seconds: there the times of the two layouts lie between.
_LONG_FROM_FRAMES = LONG_FRAMES // 2
_BRANCHES, _WIDTH, _HIDDEN_FACTOR, _HEADS, _D_TIMESTEP = 2, 320, 2, 8, 256
# What is not clearly faster than the usual choice is noise, and another choice would change a take's bits.
_CLEARLY = 0.9
_FEWEST_ROUNDS = 2
_SECONDS = {"device and type": 0.4, "layout, short": 0.2, "layout, long": 0.6, "threads": 0.3}

Clock = Callable[[], float]
Work = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """What was chosen, and the seconds that each candidate took; `machine` is what it was measured on.

    `layout` is as `MemoryLayout` writes it. `seconds` has, for each question, each candidate's time for one
    block of layers.
    """

    machine: str
    device: str
    dtype: str
    layout: str
    threads: int
    seconds: Mapping[str, Mapping[str, float]]

    @property
    def placement(self) -> Placement:
        """The choice as a placement. Raises MsaniiError if this machine lacks it, as after a wrong edit."""
        return choose_placement(self.device, self.dtype, parse_layout(self.layout))

    def to_json(self) -> dict[str, object]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Probe:
        """Read a remembered probe. Raises MsaniiError for anything else."""
        try:
            probe = cls(**value)  # type: ignore[arg-type]
            known = isinstance(probe.threads, int) and probe.threads >= 1
            if not known or not isinstance(probe.machine, str) or not isinstance(probe.seconds, dict):
                raise MsaniiError("probe: it is damaged")
            probe.placement  # noqa: B018  raises if it cannot be had here
        except TypeError as error:
            raise MsaniiError("probe: it is damaged") from error
        return probe


def machine(device: str = "auto", dtype: str = "auto", threads: int = 0) -> str:
    """Say what a probe depends on: the processors, PyTorch, and what the user chose."""
    caps = os.environ.get("ONEDNN_MAX_CPU_ISA", "")
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    cpu = f"{_cpu_model()} {processor_name('cpu')} {caps}".strip()
    parts = (cpu, f"{os.cpu_count()} cores", gpu, f"torch {torch.__version__}", device, dtype, str(threads))
    return ", ".join(part for part in parts if part)


def probe(
    device: str = "auto", dtype: str = "auto", threads: int = 0, clock: Clock = time.perf_counter
) -> Probe:
    """Time what the user left to `auto` (0 threads); takes 1 to 2 seconds on an idle machine.

    Leaves PyTorch with the number of threads that it chose. Raises MsaniiError for a missing device.
    """
    timings = Timings(clock)
    usual = threads or threads_beside_a_daw(torch.get_num_threads())
    torch.set_num_threads(usual)
    places = {f"{place.device_name} {place.dtype_name}": place for place in _placements(device, dtype)}
    place = places[timings.fastest("device and type", {name: _work(one) for name, one in places.items()})]
    layout = _layout(timings, place)
    counts = [usual] if threads or place.device_name != "cpu" else _thread_counts(usual)
    work = _work(place, SHORT_FRAMES, layout)
    count = int(timings.fastest("threads", {str(one): _with_threads(one, work) for one in counts}))
    torch.set_num_threads(count)
    asked = machine(device, dtype, threads)
    return Probe(asked, place.device_name, place.dtype_name, str(layout), count, timings.seconds)


def threads_beside_a_daw(threads: int) -> int:
    """Leave one of PyTorch's threads free for a DAW, if there are more than two."""
    return threads - 1 if threads > 2 else threads


class Timings:
    """Answers questions by time, and remembers the seconds of all candidates."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds: dict[str, dict[str, float]] = {}

    def fastest(self, question: str, works: Mapping[str, Work]) -> str:
        """Return the usual candidate, the first, unless another is clearly faster."""
        usual = next(iter(works))
        if len(works) == 1:
            return usual
        taken = self.seconds[question] = self._least(works, _SECONDS[question])
        best = min(taken, key=taken.__getitem__)
        return best if taken[best] < _CLEARLY * taken[usual] else usual

    def _least(self, works: Mapping[str, Work], for_seconds: float) -> dict[str, float]:
        """The least time of each, taken in turns, so that other programs slow down all alike."""
        for work in works.values():
            work()  # kernels are chosen, memory is fetched
        taken = dict.fromkeys(works, math.inf)
        began, rounds = self._clock(), 0
        while rounds < _FEWEST_ROUNDS or self._clock() - began < for_seconds:
            for name, work in works.items():
                start = self._clock()
                work()
                taken[name] = min(taken[name], self._clock() - start)
            rounds += 1
        return taken


def _placements(device: str, dtype: str) -> list[Placement]:
    """The candidates: what the rules choose first, then what else there is."""
    usual = choose_placement(device, dtype)
    found = [usual]
    if device == "auto" and usual.device_name != "cpu":
        found.append(choose_placement("cpu", dtype))
    if dtype == "auto":
        found += [replace(place, dtype=torch.float32) for place in list(found) if place.is_fast]
    return found


def _layout(timings: Timings, place: Placement) -> MemoryLayout:
    """Channels last where it is clearly faster: for all music, for long music alone, or never."""

    def is_faster(length: str, frames: int) -> bool:
        works = {str(layout): _work(place, frames, layout) for layout in (CONTIGUOUS, CHANNELS_LAST)}
        return timings.fastest(f"layout, {length}", works) == str(CHANNELS_LAST)

    if not is_faster("long", LONG_FRAMES):
        return CONTIGUOUS
    return CHANNELS_LAST if is_faster("short", SHORT_FRAMES) else MemoryLayout(_LONG_FROM_FRAMES)


def _thread_counts(usual: int) -> list[int]:
    """All cores, or half of them: the fast ones, where a processor has slow ones too."""
    return [usual, -(-usual // 2)] if usual > 2 else [usual]


def _work(place: Placement, frames: int = SHORT_FRAMES, layout: MemoryLayout = CONTIGUOUS) -> Work:
    """One block of the default model's layers on so many frames."""
    with torch.device("meta"):
        block = Block(
            _WIDTH,
            _WIDTH,
            _HIDDEN_FACTOR,
            dilation=1,
            d_timestep=_D_TIMESTEP,
            n_heads=_HEADS,
            has_attention=True,
            across_channels=False,
        )
    block.to_empty(device=place.device).eval().requires_grad_(False)
    for parameter in block.parameters():
        parameter.fill_(1 / _WIDTH)  # not drawn: the global generator is not ours
    place.place(block)
    x = torch.linspace(-1, 1, _BRANCHES * _WIDTH * frames, device=place.device).reshape(
        _BRANCHES, _WIDTH, 1, frames
    )
    embedding = torch.ones(_BRANCHES, _D_TIMESTEP, 1, 1, device=place.device)

    def work() -> None:
        with torch.inference_mode(), place.autocast():
            block(layout.applied(x.to(place.dtype)), embedding)
        place.wait()

    return work


def _with_threads(count: int, work: Work) -> Work:
    def in_threads() -> None:
        torch.set_num_threads(count)
        work()

    return in_threads


def _cpu_model() -> str:
    """The processor's name; Linux has it in a file, and `platform` does not read it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
