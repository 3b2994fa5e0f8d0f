"""The judges' side of an adversarial training: they learn a step of their own before the vocoder does."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed

from msanii.training.discriminators import Judges, features_loss, judges_loss, logits_loss
from msanii.training.one_pass_config import AdversaryConfig

BETAS = (0.8, 0.99)
CLIP_NORM = 10.0
FULL_SCALE = 0.8


class Adversary:
    """Judges, their optimiser, and how many steps they have taken.

    Letters: N sequences, L samples.
    """

    def __init__(self, config: AdversaryConfig) -> None:
        self.config = config
        self.judges = Judges(
            periods=config.periods, sizes=config.sizes, band_edges=config.band_edges, width=config.width
        )
        self.optimizer = torch.optim.AdamW(self.judges.parameters(), lr=config.learning_rate, betas=BETAS)
        self.step = 0

    def to(self, device: torch.device) -> None:
        """Move the judges; the optimiser has no state yet, or gets it back on their device."""
        self.judges.to(device)

    def loss(self, predicted: Tensor, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """What (N, L) should lower, after the judges have learnt from both; zero before their first step."""
        self.step += 1
        if self.step <= self.config.start_step:
            return predicted.new_zeros(()), {}
        level = FULL_SCALE / target.abs().amax(dim=1, keepdim=True).clamp(min=1e-3)
        predicted, target = predicted * level, target * level
        judged = self._learn(predicted.detach(), target)
        self.judges.requires_grad_(False)  # the gradient goes through them, not into them
        with torch.no_grad():
            real = self.judges(target)
        made = self.judges(predicted)
        self.judges.requires_grad_(True)
        logits, features = logits_loss(made), features_loss(real, made)
        parts = {"judges": judged, "logits": logits.detach(), "features": features.detach()}
        return self.config.weight * logits + self.config.features_weight * features, parts

    def _learn(self, predicted: Tensor, target: Tensor) -> Tensor:
        loss = judges_loss(self.judges(target), self.judges(predicted))
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        _average_gradients(self.judges)
        torch.nn.utils.clip_grad_norm_(self.judges.parameters(), CLIP_NORM)
        self.optimizer.step()
        return loss.detach()

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {
            "judges": self.judges.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.judges.load_state_dict(state["judges"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]


def _average_gradients(judges: Judges) -> None:
    """Over all processes of the run: every one of them keeps the same judges."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return
    for parameter in judges.parameters():
        if parameter.grad is not None:
            distributed.all_reduce(parameter.grad)
            parameter.grad /= distributed.get_world_size()
