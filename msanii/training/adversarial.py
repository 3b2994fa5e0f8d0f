"""Adversarial loss of a vocoder, with discriminators that take a step before each of the vocoder's."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed

from msanii.training.discriminators import (
    Discriminators,
    discriminator_loss,
    feature_matching_loss,
    generator_loss,
)
from msanii.training.one_pass_config import DiscriminatorConfig

BETAS = (0.8, 0.99)
CLIP_NORM = 10.0
FULL_SCALE = 0.8


class AdversarialLoss:
    """The discriminators, their optimiser and the number of steps they have seen.

    Letters: N sequences, L samples.
    """

    def __init__(self, config: DiscriminatorConfig) -> None:
        self.config = config
        self.discriminators = Discriminators(
            periods=config.periods, sizes=config.sizes, band_edges=config.band_edges, width=config.width
        )
        self.optimizer = torch.optim.AdamW(
            self.discriminators.parameters(), lr=config.learning_rate, betas=BETAS
        )
        self.step = 0

    def to(self, device: torch.device) -> None:
        """Move the discriminators to a device. Call before the first step or `load_state_dict`."""
        self.discriminators.to(device)

    def loss(self, predicted: Tensor, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Train the discriminators on both waveforms (N, L), then return the generator's loss and its parts.

        Zero until `start_step`.
        """
        self.step += 1
        if self.step <= self.config.start_step:
            return predicted.new_zeros(()), {}
        level = FULL_SCALE / target.abs().amax(dim=1, keepdim=True).clamp(min=1e-3)
        predicted, target = predicted * level, target * level
        learned = self._learn(predicted.detach(), target)
        self.discriminators.requires_grad_(False)  # the gradient passes through, but does not accumulate
        with torch.no_grad():
            real = self.discriminators(target)
        fake = self.discriminators(predicted)
        self.discriminators.requires_grad_(True)
        logits, features = generator_loss(fake), feature_matching_loss(real, fake)
        parts = {"discriminators": learned, "logits": logits.detach(), "features": features.detach()}
        return self.config.weight * logits + self.config.features_weight * features, parts

    def _learn(self, predicted: Tensor, target: Tensor) -> Tensor:
        loss = discriminator_loss(self.discriminators(target), self.discriminators(predicted))
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        _average_gradients(self.discriminators)
        torch.nn.utils.clip_grad_norm_(self.discriminators.parameters(), CLIP_NORM)
        self.optimizer.step()
        return loss.detach()

    def state_dict(self) -> dict[str, Any]:
        """Return everything that a resumed run needs."""
        return {
            "discriminators": self.discriminators.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.discriminators.load_state_dict(state["discriminators"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]


def _average_gradients(discriminators: Discriminators) -> None:
    """Average over all processes, so that each trains the same discriminators."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return
    for parameter in discriminators.parameters():
        if parameter.grad is not None:
            distributed.all_reduce(parameter.grad)
            parameter.grad /= distributed.get_world_size()
