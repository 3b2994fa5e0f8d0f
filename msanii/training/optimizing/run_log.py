"""What a run writes while it trains: `loss.jsonl`, TensorBoard scalars and the progress bar."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
from accelerate import Accelerator
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from torch import Tensor

from msanii.training.config import RunConfig
from msanii.training.optimizing.progress import Progress


class RunLog:
    """Takes every step's scalars and writes them every `log_every` steps, so that nobody waits for a GPU.

    One line of `loss.jsonl` is one step. Only the main process writes.
    """

    def __init__(self, path: Path, config: RunConfig, progress: Progress, accelerator: Accelerator) -> None:
        self._config, self._progress, self._accelerator = config, progress, accelerator
        self._waiting: list[tuple[int, int, dict[str, float | Tensor]]] = []
        self._flushed_seconds = time.perf_counter()
        main = accelerator.is_main_process
        if main:
            _truncate(path, progress.step)
        self._file = path.open("a", encoding="utf-8") if main else None
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}  {task.fields[speed]:.2f} clips/s"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, disable=not main)
        total = config.steps if config.minutes is None else round(60 * config.minutes)
        self._task = self._bar.add_task(config.task, total=total, loss=float("nan"), speed=0.0)

    def __enter__(self) -> RunLog:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.flush()
        self._bar.stop()
        if self._file is not None:
            self._file.close()

    def add(self, clips: int, scalars: dict[str, float | Tensor]) -> None:
        """Take the scalars of the step just done, in which all processes together saw so many clips."""
        self._waiting.append((self._progress.step, clips, scalars))
        if len(self._waiting) >= self._config.log_every:
            self.flush()

    def flush(self) -> None:
        """Write what waits. The speed is the mean since the last time."""
        if not self._waiting:
            return
        values = _as_floats([scalars for _, _, scalars in self._waiting])
        now = time.perf_counter()
        speed = sum(clips for _, clips, _ in self._waiting) / (now - self._flushed_seconds)
        self._flushed_seconds = now
        for (step, _, _), scalars in zip(self._waiting, values, strict=True):
            scalars["clips_per_second"] = speed
            self._accelerator.log(scalars, step=step)
            if self._file is not None:
                self._file.write(json.dumps({"step": step, **scalars}) + "\n")
        if self._file is not None:
            self._file.flush()
        self._waiting.clear()
        done = self._progress.step if self._config.minutes is None else round(self._progress.seconds)
        self._bar.update(self._task, completed=done, loss=values[-1]["loss"], speed=speed)


def _as_floats(steps: list[dict[str, Any]]) -> list[dict[str, float]]:
    """The same with numbers for tensors, copied from their device all at once."""
    tensors = [value for scalars in steps for value in scalars.values() if isinstance(value, Tensor)]
    numbers = iter(torch.stack([tensor.detach().float() for tensor in tensors]).tolist() if tensors else [])
    return [
        {
            name: next(numbers) if isinstance(value, Tensor) else float(value)
            for name, value in scalars.items()
        }
        for scalars in steps
    ]


def _truncate(path: Path, step: int) -> None:
    """Cut the log back to the checkpoint: a resumed run repeats the steps after it."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with suppress(json.JSONDecodeError):  # a kill may leave half a line
            kept += [line + "\n"] if json.loads(line)["step"] <= step else []
    path.write_text("".join(kept), encoding="utf-8")
