"""The training loop of all networks: accelerate, averages, exact resumption."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration, broadcast
from diffusers.training_utils import EMAModel
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from msanii.errors import ConfigError
from msanii.training.config import RunConfig
from msanii.training.optimizing.optimizers import make_optimizers
from msanii.training.optimizing.placement_probe import choose_precision
from msanii.training.optimizing.power_averages import PowerAverages, forget_after
from msanii.training.optimizing.progress import ClipBatches, Progress
from msanii.training.optimizing.run_log import RunLog
from msanii.training.optimizing.same_run import check_same_run

Batch = Any  # a collated batch of the task's dataset; only the task looks inside


class ClipDataset(Protocol):
    """A dataset with a clip at any index from 0. `signature` changes with the files behind it."""

    @property
    def signature(self) -> str: ...

    def __getitem__(self, index: Any) -> Batch: ...


class Task(Protocol):
    """The part of a training that depends on the network: data, loss, previews and saving."""

    module: nn.Module

    start: str | None
    """The fingerprint of the model that a new run starts from, if any."""

    @property
    def dataset(self) -> ClipDataset: ...

    def loss(
        self, module: nn.Module, batch: Batch, generator: torch.Generator
    ) -> tuple[Tensor, Mapping[str, float | Tensor]]:
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


class Run:
    """A training run in a folder: `checkpoint/` to resume from, `model/` to use, `log/` and `preview/`."""

    def __init__(self, task: Task, config: RunConfig, folder: Path) -> None:
        self.task, self.config, self.folder = task, config, folder
        self.progress = Progress(config)
        precision = choose_precision(task, config)
        places = ProjectConfiguration(project_dir=str(folder), logging_dir=str(folder / "log"))
        try:
            self.accelerator = Accelerator(
                mixed_precision=precision, log_with="tensorboard", project_config=places
            )
        except ValueError as error:
            raise ConfigError(
                f"precision: {precision} does not work here ({error}); try auto or no"
            ) from error
        device = self.accelerator.device
        task.to(device)
        task.module.to(device)
        optimizers = make_optimizers(config, task.module, precision)
        self.module, *prepared = self.accelerator.prepare(task.module, *(one for one, _ in optimizers))
        self.optimizers = [(one, rate) for one, (_, rate) in zip(prepared, optimizers, strict=True)]
        self.averages: EMAModel | PowerAverages
        if config.averages is None:
            self.averages = EMAModel(task.module.parameters(), decay=config.ema.decay)
            self.averages.to(device)
        else:
            self.averages = PowerAverages(task.module.parameters(), config.averages.sigma_rel)
        # For training steps only: a preview has another length, and would be compiled again.
        self.trained: nn.Module = (
            cast(nn.Module, torch.compile(self.module)) if _compiles(config, device) else self.module
        )
        self.accelerator.register_for_checkpointing(self.progress, self.averages, task)
        self.share = 0.0

    @property
    def checkpoint_path(self) -> Path:
        return self.folder / "checkpoint"

    @property
    def averages_path(self) -> Path:
        return self.folder / "averages"

    def resume(self) -> None:
        """Continue from the folder's checkpoint, if there is one."""
        for path in (self.checkpoint_path, self.folder / "checkpoint.old"):
            if path.is_dir():
                self.accelerator.load_state(str(path))
                if isinstance(self.averages, EMAModel):
                    self.averages.to(self.accelerator.device)  # accelerate restores it on the CPU
                break
        if self.accelerator.is_main_process:
            forget_after(self.averages_path, self.progress.step)
        self.look_at_clock()

    def look_at_clock(self) -> None:
        """Take the share of the run that is over, the same in every process."""
        self.share = self.progress.share
        if self.config.minutes is not None and self.accelerator.num_processes > 1:
            share = torch.tensor(self.share, device=self.accelerator.device)
            self.share = float(broadcast(share))

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
            self._write_snapshot()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Swap in the averaged weights while in this context, once averaging has begun."""
        parameters = list(self.task.module.parameters())
        if isinstance(self.averages, EMAModel):
            shown = self.averages.shadow_params if self.progress.step > self.config.ema.start_step else None
        else:
            shown = self.averages.averages[0] if self.averages.updates else None
        if shown is None:
            yield
            return
        own = [parameter.detach().clone() for parameter in parameters]
        _assign(parameters, shown)
        try:
            yield
        finally:
            _assign(parameters, own)

    def batches(self) -> DataLoader[Batch]:
        """Yield this process's batches from the current step on; an index always gives the same clip."""
        accelerator, workers = self.accelerator, self.config.workers
        on_gpu = accelerator.device.type == "cuda"
        if workers is None:
            workers = max(1, (os.cpu_count() or 1) // accelerator.num_processes - 1) if on_gpu else 1
        return DataLoader(
            cast(Dataset[Batch], self.task.dataset),
            batch_sampler=ClipBatches(
                self.config, self.progress, accelerator.num_processes, accelerator.process_index
            ),
            num_workers=workers,
            pin_memory=on_gpu,
        )

    def train_step(self, batch: Batch) -> dict[str, float | Tensor]:
        """Take one optimiser step. Every random draw follows from the seed, the step and the process."""
        step, config = self.progress.step, self.config
        generator = torch.Generator().manual_seed(
            (config.seed << 40) + step * self.accelerator.num_processes + self.accelerator.process_index
        )
        factor = config.learning_rate_factor(step, self.share)
        for optimizer, rate in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
        batch = _to_device(batch, self.accelerator.device)
        with self.accelerator.autocast():
            loss, scalars = self.task.loss(self.trained, batch, generator)
        self.accelerator.backward(loss)
        norm = self.accelerator.clip_grad_norm_(self.module.parameters(), config.clip_norm)
        for optimizer, _ in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.progress.step += 1
        self._average()
        self.look_at_clock()
        value = self.accelerator.gather(loss.detach()).mean()
        rate = config.learning_rate * factor
        return {
            "loss": value,
            "gradient_norm": 0.0 if norm is None else norm,
            "learning_rate": rate,
            **scalars,
        }

    def _average(self) -> None:
        step, config = self.progress.step, self.config
        if isinstance(self.averages, EMAModel):
            if step >= config.ema.start_step and step % config.ema.every == 0:
                self.averages.step(self.task.module.parameters())
        elif config.averages is not None and step % config.averages.every == 0:
            self.averages.update(self.task.module.parameters())

    def _write_snapshot(self) -> None:
        """Write the averages as they are, for `msanii average`."""
        if isinstance(self.averages, PowerAverages) and self.averages.updates:
            names = [name for name, _ in self.task.module.named_parameters()]
            self.averages.write(self.averages_path, self.progress.step, names)


def fit(task: Task, config: RunConfig, folder: Path) -> None:
    """Train up to `config.steps` or for `config.minutes`, resuming the run in the folder if there is one.

    Writes TensorBoard scalars to `log/` and one line per step to `loss.jsonl`. Raises ConfigError if the
    folder holds a run with other settings that decide a clip or a draw.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(task, config, folder)
    if run.accelerator.is_main_process:
        origin = {"data": task.dataset.signature, "start": task.start}
        check_same_run(folder, config, {**origin, "processes": run.accelerator.num_processes})
    run.accelerator.wait_for_everyone()
    run.resume()
    run.accelerator.init_trackers("training")
    with RunLog(folder / "loss.jsonl", config, run.progress, run.accelerator) as log:
        if run.share >= 1:
            run.save()  # the finished run's model may take over parts from a new `start`
        else:
            _train(run, log)
    run.accelerator.end_training()


def _train(run: Run, log: RunLog) -> None:
    for batch in run.batches():
        before = run.share
        scalars = run.train_step(batch)
        log.add(_clips(batch) * run.accelerator.num_processes, scalars)
        _at_intervals(run, log, before)
        if run.share >= 1:
            return


def _at_intervals(run: Run, log: RunLog, before: float) -> None:
    step, config, last = run.progress.step, run.config, run.share >= 1
    due = config.saves is not None and int(before * config.saves) < int(run.share * config.saves)
    by_steps = config.saves is None
    if last or due or (by_steps and step % config.checkpoint_every == 0):
        log.flush()
        run.save()
    if run.accelerator.is_main_process and (last or due or (by_steps and step % config.preview_every == 0)):
        with run.averaged():
            run.task.preview(run.folder / "preview", step)


def _compiles(config: RunConfig, device: torch.device) -> bool:
    if config.compile == "auto":
        return device.type == "cuda" and any(map(shutil.which, ("cc", "gcc", "clang")))
    return config.compile


def _assign(parameters: list[nn.Parameter], values: Any) -> None:
    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)


def _clips(batch: Batch) -> int:
    return len(next(iter(batch.values())) if isinstance(batch, dict) else batch)


def _to_device(batch: Batch, device: torch.device) -> Batch:
    if isinstance(batch, dict):
        return {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}
    return batch.to(device, non_blocking=True)
