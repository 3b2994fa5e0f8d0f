"""The page as a part of the daemon: its sockets from the start, its server once that is loaded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from bridge.http.progress import JobProgress
from bridge.http.sockets import Sockets
from bridge.inputs.intake import Intake
from bridge.messages import BridgeError
from bridge.outputs.notify import Notifier
from bridge.render.engine import EngineStatus
from bridge.render.queue import RenderQueue
from bridge.requests.preset_folders import Presets
from bridge.settings import Settings

if TYPE_CHECKING:
    from bridge.http.server import HttpServer

_log = logging.getLogger(__name__)


class Page:
    """The page of a daemon with these parts; `status` is the render engine's."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        notifier: Notifier,
        queue: RenderQueue,
        presets: Presets,
        status: Callable[[], EngineStatus],
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._presets = presets
        self._status = status
        self.sockets = Sockets(intake, notifier)
        self.progress = JobProgress()
        self._opening: asyncio.Task[None] | None = None
        self._server: HttpServer | None = None

    def open(self, osc_port: int, on_page: Callable[[str], None]) -> None:
        """Begin to serve, unless the settings leave the page out; `on_page` is called with its address then.

        If the page cannot be served, the log says why, and the daemon goes on.
        """
        if self._settings.http:
            self._opening = asyncio.create_task(self._open(osc_port, on_page), name="page")

    async def close(self) -> None:
        """Stop serving."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._server is not None:
            await self._server.stop()

    async def _open(self, osc_port: int, on_page: Callable[[str], None]) -> None:
        try:
            # aiohttp takes half a second to load: clients over UDP are answered meanwhile.
            await asyncio.to_thread(import_module, "bridge.http.server")
            from bridge.http.server import HttpServer
            from bridge.http.state_routes import StateRoutes

            state = StateRoutes(self._settings, self._queue, self.progress, self._presets, self._status)
            self._server = HttpServer(self._settings, self.sockets, state, osc_port=osc_port)
            on_page(await self._server.start())
        except BridgeError as error:
            _log.warning("%s", error)
        except Exception:
            _log.exception("no page in the browser; all else works")
