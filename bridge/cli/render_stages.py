"""Renders one take for a benchmark, in a process of its own, and returns the times of its stages."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from bridge.library.takes import Library
from bridge.messages import BridgeError, PartialRequest, Render, RenderRequest
from bridge.render.engine import find_model, model_sampling, parse_notes, sounds_and_parts
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.settings import Settings, factory_presets_folder
from bridge.worker.listener_folder import find_listener
from bridge.worker.loop import Order, WorkerSettings
from bridge.worker.stage_times import StageTimes, time_order

_WARM_UP_SECONDS = 2.0


def stage_times(
    settings: Settings, values: PartialRequest, *, warm: bool = True, by_processor: bool = False
) -> StageTimes:
    """Render a take of `values` as the render process of these settings would, also hearing it.

    It is the second render of its process, or without `warm` the first. Raises BridgeError.
    """
    with tempfile.TemporaryDirectory(prefix="msanii-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        order = partial(_order, settings, folder)
        short: PartialRequest = {**values, "seconds": _WARM_UP_SECONDS}
        short.pop("bars", None)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            return process.submit(
                time_order,
                order("take", values),
                WorkerSettings.of(settings),
                order("warm", short) if warm else None,
                by_processor=by_processor,
            ).result()


def _order(settings: Settings, folder: Path, name: str, values: PartialRequest) -> Order:
    request = asyncio.run(_complete(settings, folder, values))
    listener: Path | None = None
    if settings.hear_takes:
        # Without one nobody hears the takes, as in the daemon.
        with contextlib.suppress(BridgeError):
            listener = find_listener(settings.model_folders)
    model = find_model(request.model, settings.model_folders)
    return Order(name, request, model, (), (folder / f"{name}.wav",), listener_folder=listener)


async def _complete(settings: Settings, folder: Path, values: PartialRequest) -> RenderRequest:
    library = Library(folder / "library")
    folders = settings.model_folders
    try:
        resolver = Resolver(
            settings,
            library,
            Presets(factory_presets_folder(), settings.presets_folder),
            parse_notes,
            partial(sounds_and_parts, folders=folders),
            partial(model_sampling, folders=folders),
        )
        if settings.model:
            values = {**values, "model": settings.model}
        return await resolver.resolve(Render("generate", None, values), {})
    finally:
        library.close()
