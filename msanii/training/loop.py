"""The training loop of all networks: accelerate, EMA, exact resumption, progress and scalars."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration
from diffusers.training_utils import EMAModel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from msanii.errors import ConfigError
from msanii.training.config import RunConfig

Batch = Any  # a collated batch of the task's dataset; only the task looks inside


class ClipDataset(Protocol):
    """A dataset with a clip at any index from 0. `signature` changes with the files behind it."""

    @property
    def signature(self) -> str: ...

    def __getitem__(self, index: int) -> Batch: ...


class Task(Protocol):
    """The part of a training that depends on the network: data, loss, previews and saving."""

    module: nn.Module

    @property
    def dataset(self) -> ClipDataset: ...

    def loss(
        self, module: nn.Module, batch: Batch, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Return a scalar loss and the scalars to log."""

    def preview(self, folder: Path, step: int) -> None:
        """Write samples and spectrogram pictures with the averaged weights."""

    def save(self, folder: Path) -> None:
        """Write a model folder with the averaged weights."""

    def to(self, device: torch.device) -> None:
        """Move everything outside the module (such as scalers) to the run's device."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state outside the module that changes in training (such as scalers)."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""


class StepCounter:
    """The number of steps done, in a form that accelerate can checkpoint."""

    def __init__(self) -> None:
        self.step = 0

    def state_dict(self) -> dict[str, int]:
        return {"step": self.step}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.step = state["step"]


class Run:
    """A training run in a folder: `checkpoint/` to resume from, `model/` to use, `log/` and `preview/`."""

    def __init__(self, task: Task, config: RunConfig, folder: Path) -> None:
        self.task, self.config, self.folder = task, config, folder
        places = ProjectConfiguration(project_dir=str(folder), logging_dir=str(folder / "log"))
        try:
            self.accelerator = Accelerator(
                mixed_precision=config.precision, log_with="tensorboard", project_config=places
            )
        except ValueError as error:
            raise ConfigError(
                f"precision: {config.precision} does not work here ({error}); try bf16 or no"
            ) from error
        task.to(self.accelerator.device)
        optimizer_type = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
        optimizer = optimizer_type(
            task.module.parameters(),
            lr=config.learning_rate,
            betas=config.betas,
            weight_decay=config.weight_decay,
        )
        self.ema = EMAModel(task.module.parameters(), decay=config.ema.decay)
        self.ema.to(self.accelerator.device)
        self.module, self.optimizer = self.accelerator.prepare(task.module, optimizer)
        # For training steps only: a preview has another length, and would be compiled again.
        self.trained: nn.Module = (
            cast(nn.Module, torch.compile(self.module)) if config.compile else self.module
        )
        self.progress = StepCounter()
        self.accelerator.register_for_checkpointing(self.progress, self.ema, task)

    @property
    def checkpoint_path(self) -> Path:
        return self.folder / "checkpoint"

    def resume(self) -> None:
        """Continue from the folder's checkpoint, if there is one."""
        for path in (self.checkpoint_path, self.folder / "checkpoint.old"):
            if path.is_dir():
                self.accelerator.load_state(str(path))
                self.ema.to(self.accelerator.device)  # accelerate restores it on the CPU
                return

    def save(self) -> None:
        """Write a checkpoint and a model folder. A kill at any moment leaves one whole checkpoint."""
        part, old = self.folder / "checkpoint.part", self.folder / "checkpoint.old"
        if self.accelerator.is_main_process:
            shutil.rmtree(part, ignore_errors=True)
        self.accelerator.wait_for_everyone()
        self.accelerator.save_state(str(part))
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            shutil.rmtree(old, ignore_errors=True)
            if self.checkpoint_path.exists():
                self.checkpoint_path.rename(old)
            part.rename(self.checkpoint_path)
            shutil.rmtree(old, ignore_errors=True)
            with self.averaged():
                self.task.save(self.folder / "model")

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Swap in the EMA weights while in this context, once averaging has begun."""
        if self.progress.step <= self.config.ema.start_step:
            yield
            return
        self.ema.store(self.task.module.parameters())
        self.ema.copy_to(self.task.module.parameters())
        try:
            yield
        finally:
            self.ema.restore(self.task.module.parameters())

    def batches(self) -> DataLoader[Batch]:
        """Yield this process's batches from the current step on; an index always gives the same clip."""
        config, world, rank = self.config, self.accelerator.num_processes, self.accelerator.process_index
        clips = [
            (step * world + rank) * config.batch_size + item
            for step in range(self.progress.step, config.steps)
            for item in range(config.batch_size)
        ]
        return DataLoader(
            cast(Dataset[Batch], self.task.dataset),
            config.batch_size,
            sampler=clips,
            num_workers=config.workers,
        )

    def train_step(self, batch: Batch) -> dict[str, float]:
        """Take one optimiser step. Every random draw follows from the seed, the step and the process."""
        step, config = self.progress.step, self.config
        generator = torch.Generator().manual_seed(
            (config.seed << 40) + step * self.accelerator.num_processes + self.accelerator.process_index
        )
        rate = config.learning_rate * config.learning_rate_factor(step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        batch = _to_device(batch, self.accelerator.device)
        with self.accelerator.autocast():
            loss, scalars = self.task.loss(self.trained, batch, generator)
        self.accelerator.backward(loss)
        norm = self.accelerator.clip_grad_norm_(self.module.parameters(), config.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.progress.step += 1
        if self.progress.step >= config.ema.start_step and self.progress.step % config.ema.every == 0:
            self.ema.step(self.task.module.parameters())
        value = self.accelerator.gather(loss.detach()).mean().item()
        return {"loss": value, "gradient_norm": float(norm or 0.0), "learning_rate": rate, **scalars}


def fit(task: Task, config: RunConfig, folder: Path) -> None:
    """Train up to `config.steps`, resuming the run in the folder if there is one.

    Writes TensorBoard scalars to `log/` and one line per step to `loss.jsonl`. Raises ConfigError if the
    folder holds a run with other settings (only those in `MAY_CHANGE` may differ).
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(task, config, folder)
    if run.accelerator.is_main_process:
        _check_same_run(run)
    run.accelerator.wait_for_everyone()
    run.resume()
    if run.accelerator.is_main_process:
        _truncate_log(folder / "loss.jsonl", run.progress.step)
    if run.progress.step >= config.steps:
        run.save()  # the finished run's model may take over parts from a new `start`
    run.accelerator.init_trackers("training")
    with _bar(run) as advance, (folder / "loss.jsonl").open("a", encoding="utf-8") as log:
        started = time.perf_counter()
        for batch in run.batches():
            scalars = run.train_step(batch)
            clips = config.batch_size * run.accelerator.num_processes
            scalars["clips_per_second"] = clips / (time.perf_counter() - started)
            started = time.perf_counter()
            advance(scalars)
            run.accelerator.log(scalars, step=run.progress.step)
            if run.accelerator.is_main_process:
                log.write(json.dumps({"step": run.progress.step, **scalars}) + "\n")
                log.flush()
            _at_intervals(run)
    run.accelerator.end_training()


def _at_intervals(run: Run) -> None:
    step, config = run.progress.step, run.config
    if step % config.checkpoint_every == 0 or step == config.steps:
        run.save()
    if run.accelerator.is_main_process and (step % config.preview_every == 0 or step == config.steps):
        with run.averaged():
            run.task.preview(run.folder / "preview", step)


def _to_device(batch: Batch, device: torch.device) -> Batch:
    if isinstance(batch, dict):
        return {name: tensor.to(device) for name, tensor in batch.items()}
    return batch.to(device)


MAY_CHANGE = ("steps", "decay_steps", "checkpoint_every", "preview_every", "workers", "compile")


def _check_same_run(run: Run) -> None:
    """Raise ConfigError unless all that decides a clip or a draw is the same: settings, songs, processes."""
    path = run.folder / "training.json"
    wanted = {
        **run.config.to_dict(),
        "data": run.task.dataset.signature,
        "processes": run.accelerator.num_processes,
    }
    if path.exists():
        before = _with_defaults(json.loads(path.read_text(encoding="utf-8")), type(run.config))
        changed = [name for name in wanted if name not in MAY_CHANGE and before.get(name) != wanted[name]]
        if changed:
            raise ConfigError(
                f"{run.folder.name}: holds a run with other {', '.join(changed)}; give a new folder"
            )
    path.write_text(json.dumps(wanted, indent=1), encoding="utf-8")


def _with_defaults(stored: dict[str, Any], kind: type[RunConfig]) -> dict[str, Any]:
    """A stored run's settings as this version would write them, with the defaults of settings added since."""
    names = {field.name for field in dataclasses.fields(kind)}
    with suppress(ConfigError, TypeError):
        settings = {name: value for name, value in stored.items() if name in names}
        return {**stored, **kind.from_dict(settings).to_dict()}
    return stored


def _truncate_log(path: Path, step: int) -> None:
    """Cut the log back to the checkpoint: a resumed run repeats the steps after it."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with suppress(json.JSONDecodeError):  # a kill may leave half a line
            kept += [line + "\n"] if json.loads(line)["step"] <= step else []
    path.write_text("".join(kept), encoding="utf-8")


@contextmanager
def _bar(run: Run) -> Iterator[Any]:
    """Show a progress bar with the loss and the speed, in the main process only."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}  {task.fields[speed]:.2f} clips/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, disable=not run.accelerator.is_main_process) as progress:
        bar = progress.add_task(
            run.config.task, total=run.config.steps, completed=run.progress.step, loss=float("nan"), speed=0.0
        )

        def advance(scalars: dict[str, float]) -> None:
            progress.update(bar, advance=1, loss=scalars["loss"], speed=scalars["clips_per_second"])

        yield advance
