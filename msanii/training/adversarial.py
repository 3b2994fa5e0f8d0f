"""The judges' side of an adversarial training: they learn a step of their own before the vocoder does."""

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
    """Discriminators, their optimiser, and how many steps they have taken.

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
        """Move the judges; the optimiser has no state yet, or gets it back on their device."""
        self.discriminators.to(device)

    def loss(self, predicted: Tensor, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """What (N, L) should lower, after the judges have learnt from both; zero before their first step."""
        self.step += 1
        if self.step <= self.config.start_step:
            return predicted.new_zeros(()), {}
        level = FULL_SCALE / target.abs().amax(dim=1, keepdim=True).clamp(min=1e-3)
        predicted, target = predicted * level, target * level
        learned = self._learn(predicted.detach(), target)
        self.discriminators.requires_grad_(False)  # the gradient goes through them, not into them
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
        """All that a resumed run needs."""
        return {
            "discriminators": self.discriminators.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.discriminators.load_state_dict(state["discriminators"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]


def _average_gradients(discriminators: Discriminators) -> None:
    """Over all processes of the run: every one of them keeps the same discriminators."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return
    for parameter in discriminators.parameters():
        if parameter.grad is not None:
            distributed.all_reduce(parameter.grad)
            parameter.grad /= distributed.get_world_size()
