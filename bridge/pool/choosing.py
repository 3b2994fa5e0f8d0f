"""Chooses the engine that renders jobs. Nothing of a pool is imported where the settings name none."""

from __future__ import annotations

from dataclasses import replace

from bridge.messages import BridgeError
from bridge.render.engine import Engine, find_model
from bridge.render.local_engine import LocalEngine
from bridge.settings import Settings
from bridge.worker.loop import WorkerSettings


def engine_for(settings: Settings, worker: LocalEngine) -> Engine:
    """Return the worker of this machine, or a pool. Raises BridgeError `missing` for a pool without Ray."""
    address = settings.pool_address
    if address is None:
        return worker
    from bridge.pool.engine import PoolEngine, check_installed
    from bridge.pool.messages import PoolPlan

    check_installed()
    try:
        first_model = find_model(settings.model or "default", settings.model_folders)
    except BridgeError:
        first_model = None  # a request may name another model, or this one be installed later
    # Renderers of one kind must make the same samples, which no probe of each promises.
    layout = "contiguous" if settings.layout == "auto" else settings.layout
    own = replace(WorkerSettings.of(settings), layout=layout, probe_path=None)
    return PoolEngine(PoolPlan(address, own, first_model), worker)
