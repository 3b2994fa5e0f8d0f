"""A listener that is small and knows nothing, but runs the real path."""

from __future__ import annotations

from pathlib import Path

import torch

from msanii.listening.network import ListenerNetwork
from msanii.listening.weights import save_listener
from tests.msanii.listening.played import TINY


def save_tiny_listener(models: Path) -> Path:
    """Write an untrained listener where the daemon looks for one in a folder of models; return its folder."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network = ListenerNetwork(TINY).eval()
    save_listener(models / "listener", network)
    return models / "listener"
