"""Renderers of a pool without a model, which nodes of a test's cluster import. See `fake_worker`."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

import bridge.pool.actor
from bridge.messages import BridgeError, Progress
from bridge.worker.loop import Emit, ModelReady, Order, Renderer, StopIfCancelled, WorkerSettings
from tests.bridge.fake_worker import FakeRenderer

STEP_SECONDS = 0.02


class FakePoolRenderer(FakeRenderer):
    """Does what the request's preset says: that of `FakeRenderer`, or one of its own.

    `held` renders until a file `go` lies beside the model; `greedy` has memory for one take at a time;
    `sourced` copies its source; `die once` kills its process the first time.
    """

    def load(self, model_folder: Path) -> ModelReady:
        if not (model_folder / "config.json").is_file():
            raise BridgeError("model", "this node has no model")
        return super().load(model_folder)

    def render(self, order: Order, emit: Emit, stop_if_cancelled: StopIfCancelled) -> None:
        preset = order.request.preset
        flags = Path(os.environ["POOL_TEST_FLAGS"])
        if preset == "greedy" and len(order.takes) > 1:
            raise MemoryError
        if preset == "die once" and not (flags / order.job_id).exists():
            (flags / order.job_id).write_text(str(os.getpid()))
            os._exit(9)
        if preset == "always dies":
            os._exit(9)
        if preset == "held":
            (flags / f"{order.job_id} {order.takes.start} {os.getpid()}").touch()
            while not (flags / f"go {order.job_id}").exists():
                stop_if_cancelled()
                emit(Progress(order.job_id, 0.25))
                time.sleep(STEP_SECONDS)
        if preset == "sourced" and not all(
            np.frombuffer(path.read_bytes(), np.uint8).size for path in order.sources
        ):
            raise BridgeError("source", "no source arrived")
        for index in order.takes:
            stop_if_cancelled()
            emit(self._take(order, index, order.paths[index]))


def fake_renderer(_settings: WorkerSettings) -> Renderer:
    """Make a renderer."""
    return FakePoolRenderer()


def fake_renderer_of_old_version(settings: WorkerSettings) -> Renderer:
    """Make a renderer on a node with an old msanii-bridge."""
    vars(bridge.pool.actor)["versions"] = lambda: {"msanii-bridge": "0.0.1"}
    return fake_renderer(settings)
