"""Training of a taught sound: low-rank updates and a control column, within a given time.

Letters: B batch, C audio channels, M mels, T frames, K control rows, D layer width, R rank.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from msanii.config import ModelConfig
from msanii.diffusion.low_rank import (
    TaughtSound,
    Update,
    adapted_layers,
    sharing_copy,
    sound_row,
    update_shapes,
)
from msanii.diffusion.schedule import NoiseSchedule
from msanii.diffusion.unet import UNet
from msanii.teaching.clips import Clips, LessonClips

OnStep = Callable[[int, float, float], None]
"""Called with the number of steps done, the seconds since the start and the loss."""

# Timesteps of the comparisons, as shares of the schedule: where there is most noise, the sound decides most.
_COMPARED_AT = (0.5, 0.7, 0.9)
_COMPARED_CLIPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingSettings:
    """How a sound is taught; halving or doubling the learning rate changed little.

    `frames` is a clip's length and must be a multiple of the U-Net's. The learning rate falls to nothing over
    the last `falling_share` of the time. `steps` ends a training before its time, for tests.
    """

    rank: int = 12
    learning_rate: float = 2e-3
    column_rate: float = 1e-2
    batch_size: int = 4
    frames: int = 256
    minutes: float = 15.0
    steps: int | None = None
    warmup_steps: int = 20
    falling_share: float = 0.5
    averaging: float = 0.98
    seed: int = 0

    def share_done(self, step: int, seconds: float) -> float:
        """How much of the training is done, 0 to 1, by time or by steps."""
        return max(seconds / (self.minutes * 60), step / self.steps if self.steps is not None else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A taught sound, the built-in sound `like` that it started from, and how its training went.

    `loss_before` and `loss_after` are denoising errors on clips that were not trained on, with the built-in
    sound and with the taught one.
    """

    sound: TaughtSound
    like: str
    steps: int
    seconds: float
    loss_before: float
    loss_after: float


class Teacher:
    """Teaches a sound to a U-Net, whose own weights stay as they are."""

    def __init__(
        self, unet: UNet, config: ModelConfig, clips: LessonClips, settings: TeachingSettings
    ) -> None:
        self._config = config
        self._clips = clips
        self._settings = settings
        self._schedule = NoiseSchedule(config.schedule)
        self._unet = sharing_copy(unet).requires_grad_(False)
        # Faster by half on the processors that were tried.
        self._unet.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def nearest(self, names: Sequence[str]) -> str:
        """The built-in sound under which the U-Net denoises the recording best."""
        return min(names, key=lambda name: self.loss(self._clips.held_out(_COMPARED_CLIPS, name)))

    @torch.no_grad()
    def loss(self, clips: Clips) -> float:
        """The mean denoising error of clips, with the same noise at every call."""
        generator = torch.Generator().manual_seed(0)
        losses = []
        for share in _COMPARED_AT:
            noise = torch.randn(clips.mel.shape, generator=generator)
            timestep = torch.full((len(clips.mel),), int(share * self._config.schedule.num_train_timesteps))
            losses.append(float(self._loss(clips, noise, timestep)))
        return sum(losses) / len(losses)

    def teach(self, like: str, index: int, on_step: OnStep | None = None) -> Taught:
        """Train for the settings' time, or until Ctrl-C; `index` is that of `like` among the sounds."""
        settings, row = self._settings, sound_row(self._config.unet, index)
        before = self.loss(self._clips.held_out(_COMPARED_CLIPS, like))
        weights = _fresh(self._unet, settings)
        optimizer = torch.optim.Adam(
            [
                {"params": [weights.column], "lr": settings.column_rate},
                {"params": weights.updates(), "lr": settings.learning_rate},
            ],
            betas=(0.9, 0.99),
        )
        rates = [group["lr"] for group in optimizer.param_groups]
        averaged = [weight.detach().clone() for weight in weights.all()]
        step, began = 0, time.monotonic()
        with _attached(self._unet, weights, row):
            try:
                while (share := settings.share_done(step, time.monotonic() - began)) < 1:
                    factor = min(
                        1.0, (step + 1) / settings.warmup_steps, (1 - share) / settings.falling_share
                    )
                    for group, rate in zip(optimizer.param_groups, rates, strict=True):
                        group["lr"] = rate * factor
                    loss = self._step(step, like, optimizer, weights.all())
                    step += 1
                    decay = min(settings.averaging, step / (step + 10))
                    for average, weight in zip(averaged, weights.all(), strict=True):
                        average.lerp_(weight.detach(), 1 - decay)
                    if on_step is not None:
                        on_step(step, time.monotonic() - began, loss)
            except KeyboardInterrupt:
                pass
            seconds = time.monotonic() - began
            for average, weight in zip(averaged, weights.all(), strict=True):
                weight.data.copy_(average)
            after = self.loss(self._clips.held_out(_COMPARED_CLIPS, like))
        return Taught(
            sound=weights.taught(self._unet, row),
            like=like,
            steps=step,
            seconds=seconds,
            loss_before=before,
            loss_after=after,
        )

    def _step(
        self, step: int, like: str, optimizer: torch.optim.Optimizer, weights: Sequence[Tensor]
    ) -> float:
        settings = self._settings
        clips = self._clips.batch(step, settings.batch_size, like)
        generator = torch.Generator().manual_seed((settings.seed << 40) + step)
        noise = torch.randn(clips.mel.shape, generator=generator)
        count = len(clips.mel)
        spread = (torch.rand((), generator=generator) + torch.arange(count) / count) % 1.0
        timestep = (spread * self._config.schedule.num_train_timesteps).long()
        loss = self._loss(clips, noise, timestep)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        return float(loss.detach())

    def _loss(self, clips: Clips, noise: Tensor, timestep: Tensor) -> Tensor:
        noised = self._schedule.add_noise(clips.mel, noise, timestep)
        target = self._schedule.target(clips.mel, noise, timestep)
        context = None
        if self._config.unet.context:
            mask = clips.kept[:, None, None, :]
            context = torch.cat((clips.mel * mask, mask.expand(-1, clips.mel.shape[1], -1, -1)), dim=2)
        predicted = self._unet(noised, timestep, clips.controls, context)
        return functional.mse_loss(predicted, target)


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """What is trained: the change of the control column (D,), and `down` and `up` of each layer."""

    column: Tensor
    down: Mapping[str, Tensor]
    up: Mapping[str, Tensor]

    def updates(self) -> list[Tensor]:
        return [*self.down.values(), *self.up.values()]

    def all(self) -> list[Tensor]:
        return [self.column, *self.updates()]

    def taught(self, unet: UNet, row: int) -> TaughtSound:
        own = unet.control_fn.mix.weight[:, row, 0]  # type: ignore[union-attr]
        updates = {
            name: Update(self.down[name].detach().clone(), self.up[name].detach().clone())
            for name in self.down
        }
        return TaughtSound((own + self.column).detach().clone(), updates)


def _fresh(unet: UNet, settings: TeachingSettings) -> _Weights:
    generator = torch.Generator().manual_seed(settings.seed)
    down, up = {}, {}
    for name, (down_shape, up_shape) in update_shapes(unet, settings.rank).items():
        spread = down_shape[1] ** -0.5
        down[name] = (torch.randn(down_shape, generator=generator) * spread).requires_grad_()
        up[name] = torch.zeros(up_shape).requires_grad_()
    column = torch.zeros(unet.config.d_base).requires_grad_()
    return _Weights(column, down, up)


@contextmanager
def _attached(unet: UNet, weights: _Weights, row: int) -> Iterator[None]:
    """Run the updates beside their layers, which costs less than changed weights whose gradient is full."""
    handles = []
    for name, layer in adapted_layers(unet).items():
        hook = partial(_add_update, down=weights.down[name], up=weights.up[name])
        handles.append(layer.register_forward_hook(hook))
    mix = unet.control_fn.mix  # type: ignore[union-attr]

    def add_column(_layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        return output + weights.column[:, None] * inputs[0][:, row : row + 1]

    handles.append(mix.register_forward_hook(add_column))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _add_update(
    layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor, *, down: Tensor, up: Tensor
) -> Tensor:
    assert isinstance(layer, nn.Conv1d | nn.Conv2d)  # noqa: S101 (chosen by `adapted_layers`)
    run = functional.conv1d if isinstance(layer, nn.Conv1d) else functional.conv2d
    rank, shape = down.shape[0], layer.weight.shape[1:]
    inner = run(inputs[0], down.reshape(rank, *shape), None, layer.stride, layer.padding, layer.dilation)
    ones = (1,) * (layer.weight.ndim - 2)
    return output + run(inner, up.reshape(*up.shape, *ones))
