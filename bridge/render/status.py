"""The reply to `/msanii/status`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path

from bridge.messages import Argument
from bridge.render.engine import EngineStatus, learned, sounds_and_parts


def status_pairs(
    engine: EngineStatus,
    unfinished: int,
    model_folders: Sequence[Path],
    sounds_folder: Path | None = None,
) -> tuple[Argument, ...]:
    """Return the status as name-value pairs, so that later versions can add some."""
    sounds, parts = sounds_and_parts(engine.model, model_folders, sounds_folder)
    card = learned(engine.model, model_folders)
    return (
        "version", version(),
        "worker", engine.state,
        "pid", engine.pid,
        "model", engine.model,
        "fingerprint", engine.fingerprint,
        "device", engine.device,
        "dtype", engine.dtype,
        "threads", engine.threads,
        "layout", engine.layout,
        "rendering", engine.job_id,
        "unfinished", unfinished,
        "problem", engine.problem,
        "sounds", sounds,
        "parts", parts,
        "bpm_low", card.bpm_low,
        "bpm_high", card.bpm_high,
        "meters", card.meters,
        "nodes", json.dumps([asdict(node) for node in engine.nodes], separators=(",", ":")),
    )  # fmt: skip


@cache
def version() -> str:
    """Return the installed version of msanii-bridge; `unknown` in a source tree that is not installed."""
    try:
        return metadata.version("msanii-bridge")
    except metadata.PackageNotFoundError:
        return "unknown"
