"""Where and how a run computes: device, precision and memory layout, the quickest by trial on a CPU."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from torch import nn
from torch.utils.data import default_collate

from msanii.training.config import RunConfig

if TYPE_CHECKING:
    from msanii.training.loop import Task

# Enough to tell the ways apart; a whole batch would take minutes where one is hopeless.
_CLIPS, _TRIALS = 2, 2
# A way whose first trial takes so many times as long as the best so far is not tried again.
_HOPELESS = 3.0

Precision = Literal["no", "fp16", "bf16"]


@dataclass(frozen=True, slots=True)
class Way:
    """A precision, as accelerate names it, and a memory layout."""

    precision: Precision
    channels_last: bool

    def __str__(self) -> str:
        kind = {"no": "float32", "bf16": "bfloat16", "fp16": "float16"}[self.precision]
        return f"{'channels_last' if self.channels_last else 'contiguous'}, {kind}"

    def apply_to(self, module: nn.Module) -> None:
        """Lay out the module's weights."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        module.to(memory_format=layout)  # type: ignore[call-overload]


_GPU_WAY, _OTHER_WAY = Way("bf16", channels_last=True), Way("no", channels_last=False)
CPU_WAYS = tuple(Way(precision, last) for precision in ("no", "bf16") for last in (True, False))


def choose_precision(task: Task, config: RunConfig) -> Precision:
    """The precision of a run, as set; for auto also lay out the module, and say what was chosen and why."""
    if config.precision != "auto":
        return config.precision
    state = PartialState()
    if state.device.type == "cuda":
        chosen = _GPU_WAY
    elif state.device.type != "cpu":
        chosen = _OTHER_WAY
    else:
        clips, frames = config.clips_at(0.0)
        clips = min(clips, _CLIPS)
        keys = [index if frames is None else (index, frames) for index in range(clips)]
        speeds = probe(task, default_collate([task.dataset[key] for key in keys]), clips)
        for way, speed in speeds.items():
            state.print(f"{way}: {speed:.2f} clips/s forward and backward")
        # One for all processes.
        chosen = broadcast_object_list([next(iter(speeds))])[0]
    state.print(f"this training computes in {chosen}")
    chosen.apply_to(task.module)
    return chosen.precision


def probe(
    task: Task, batch: Any, clips: int, clock: Callable[[], float] = time.perf_counter
) -> dict[Way, float]:
    """Clips per second of a forward and backward pass on this CPU in each way, the quickest first.

    The task is left as it was, but for the layout of its module.
    """
    state = copy.deepcopy(task.state_dict())
    seconds: dict[Way, float] = {}
    for way in CPU_WAYS:
        way.apply_to(task.module)
        taken = _pass_seconds(task, way, batch, clock)
        for _ in range(_TRIALS):
            if taken > _HOPELESS * min(seconds.values(), default=taken):
                break
            taken = min(taken, _pass_seconds(task, way, batch, clock))
        seconds[way] = taken
    task.load_state_dict(state)
    task.module.zero_grad(set_to_none=True)
    return {way: clips / taken for way, taken in sorted(seconds.items(), key=lambda item: item[1])}


def _pass_seconds(task: Task, way: Way, batch: Any, clock: Callable[[], float]) -> float:
    autocast = torch.autocast("cpu", torch.bfloat16) if way.precision == "bf16" else nullcontext()
    started = clock()
    with autocast:
        loss, _ = task.loss(task.module, batch, torch.Generator().manual_seed(0))
    torch.autograd.backward(loss)
    return clock() - started
