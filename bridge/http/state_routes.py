"""Routes of what the page shows when it opens: the queue, the presets, and what works on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from bridge.http.progress import JobProgress
from bridge.inputs.without_folders import text_without_folders
from bridge.messages.base import is_loopback
from bridge.render.engine import EngineStatus
from bridge.render.queue import RenderQueue
from bridge.requests.preset_files import Preset
from bridge.requests.preset_folders import Presets
from bridge.settings import Settings
from bridge.system.machine_checks import Check, check_machine

_KEPT_SECONDS = 60.0  # the checks start processes that load PyTorch and drivers


class StateRoutes:
    """Answers with the state of the daemon's parts; `status` is the render engine's."""

    def __init__(
        self,
        settings: Settings,
        queue: RenderQueue,
        progress: JobProgress,
        presets: Presets,
        status: Callable[[], EngineStatus],
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._progress = progress
        self._presets = presets
        self._status = status
        self._checking = asyncio.Lock()
        self._checked: tuple[float, list[Check]] | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/queue", self._tell_queue),
            web.get("/presets", self._tell_presets),
            web.get("/doctor", self._tell_checks),
        ]

    async def _tell_queue(self, _request: web.Request) -> web.Response:
        jobs = [
            {
                "job_id": job.job_id,
                "state": "rendering" if is_running else "waiting",
                "fraction": self._progress.of(job.job_id),
                "verb": job.request.verb,
                "seed": job.request.seed,
                "count": job.request.count,
                "preset": job.request.preset if job.request.preset_chosen else "",
                "chords": job.request.chords,
                "bars": job.request.bars,
                "sound": job.request.sound,
                "part": job.request.part,
            }
            for job, is_running in self._queue.open_jobs()
        ]
        return web.json_response(jobs)

    async def _tell_presets(self, _request: web.Request) -> web.Response:
        found = [self._presets.read(file) for file in self._presets.files()]
        presets = [
            {
                "name": preset.name,
                "description": preset.description,
                "factory": preset.is_factory,
                "values": preset.values,
            }
            for preset in found
            if isinstance(preset, Preset)
        ]
        return web.json_response(presets)

    async def _tell_checks(self, request: web.Request) -> web.Response:
        async with self._checking:
            if self._checked is None or time.monotonic() - self._checked[0] > _KEPT_SECONDS:
                checks = await asyncio.to_thread(check_machine, self._settings.library)
                self._checked = time.monotonic(), checks
        rows = [asdict(check) for check in (self._model(), *self._checked[1])]
        if not is_loopback(request.remote or ""):
            rows = [row | {"detail": text_without_folders(row["detail"])} for row in rows]
        return web.json_response(rows)

    def _model(self) -> Check:
        status = self._status()
        works = status.state in ("ready", "rendering")
        detail = (
            f"{status.model} on {status.device}, {status.dtype}" if works else status.problem or status.state
        )
        return Check(
            "model", works, detail, "" if works else "choose another model, or wait until it is loaded"
        )
