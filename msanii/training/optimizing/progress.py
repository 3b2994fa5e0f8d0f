"""How far a run has come, by steps or by minutes, and which clips are next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from torch.utils.data import Sampler

from msanii.training.config import RunConfig

Key = int | tuple[int, int]
"""A clip's index; with a crop schedule, and its frames."""


class Progress:
    """Steps and seconds done, in a form that accelerate can checkpoint. The clock runs from construction."""

    def __init__(self, config: RunConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self.step = 0
        self._config, self._clock = config, clock
        self._started, self._earlier_seconds = clock(), 0.0

    @property
    def seconds(self) -> float:
        """Seconds of this call and of those before it, up to the checkpoint that it resumed."""
        return self._earlier_seconds + self._clock() - self._started

    @property
    def share(self) -> float:
        """The share of the run that is over, 0 to 1: of its minutes if it has any, else of its steps."""
        return self.share_at(self.step)

    def share_at(self, step: int) -> float:
        """The share that is over at a step; in a run by minutes, that which is over now."""
        minutes = self._config.minutes
        return min(1.0, step / self._config.steps if minutes is None else self.seconds / 60 / minutes)

    def state_dict(self) -> dict[str, float]:
        return {"step": self.step, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.step = int(state["step"])
        self._earlier_seconds = state.get("seconds", 0.0)


class ClipBatches(Sampler[list[Key]]):
    """The keys of a process's batches from the current step on. No index is used twice in a run."""

    def __init__(self, config: RunConfig, progress: Progress, processes: int, process: int) -> None:
        self._config, self._progress = config, progress
        self._processes, self._process = processes, process

    def __iter__(self) -> Iterator[list[Key]]:
        config, step = self._config, self._progress.step
        while config.minutes is not None or step < config.steps:
            clips, frames = config.clips_at(self._progress.share_at(step))
            first = (step * self._processes + self._process) * config.most_clips
            indices = range(first, first + clips)
            yield list(indices) if frames is None else [(index, frames) for index in indices]
            step += 1
