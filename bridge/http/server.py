"""The page's server: listens, routes, guards its door. Started by the daemon in its own event loop."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
from pathlib import Path
from typing import cast

from aiohttp import web

import bridge
from bridge.http.discovery import Announcement
from bridge.http.oscquery_route import OscQueryRoutes
from bridge.http.page_files import Packed, PageFiles
from bridge.http.safety import TOKEN, Guard, lan_address, read_token
from bridge.http.socket_route import socket_route
from bridge.http.sockets import Sockets
from bridge.http.state_routes import StateRoutes
from bridge.http.takes import TakeRoutes
from bridge.http.uploads import Uploads
from bridge.http.vocabulary import vocabulary
from bridge.library.folders import INNER
from bridge.library.shelf import Shelf
from bridge.messages import BridgeError
from bridge.messages.base import is_loopback
from bridge.settings import LOOPBACK, Settings

# The page's files: ES modules, CSS, pictures.
PAGE_FOLDER = Path(bridge.__file__).parent / "page"
# Each takes a file descriptor, of which takes and children need some too.
MAX_CONNECTIONS = 256
MAX_NETWORK_CONNECTIONS = 128
_KEEP_ALIVE_SECONDS = 30.0
_STOP_SECONDS = 1.0
_log = logging.getLogger(__name__)


class HttpServer:
    """Serves the page, its WebSockets and the takes at the settings' HTTP port."""

    def __init__(
        self,
        settings: Settings,
        sockets: Sockets,
        state: StateRoutes,
        *,
        osc_port: int,
        page_folder: Path = PAGE_FOLDER,
    ) -> None:
        self._settings = settings
        self._sockets = sockets
        self._state = state
        self._osc_port = osc_port
        self._files = PageFiles(page_folder)
        self._announcement: Announcement | None = None
        self._vocabulary = Packed.of(json.dumps(vocabulary(settings)).encode(), "application/json")
        self._token = ""
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; return the address of the page, with the token if there is one.

        Raises BridgeError `busy` if the port is taken, `folder` or `disk` if the token cannot be kept.
        """
        if self._settings.lan:
            self._token = read_token(self._settings.library / INNER / "page_token")
        guard = Guard(self._token)
        application = web.Application(middlewares=[guard.middleware])
        application.on_response_prepare.append(guard.prepare)
        application.add_routes(self._routes())
        self._runner = web.AppRunner(
            application,
            access_log=None,
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
            shutdown_timeout=_STOP_SECONDS,
        )
        await self._runner.setup()
        door = _Door(cast("web.Server", self._runner.server), self._settings)
        host, port = self._settings.host, self._settings.http_port
        try:
            self._server = await asyncio.get_running_loop().create_server(door.protocol, host, port)
        except OSError as error:
            await self.stop()
            raise _no_port(error, port) from error
        port = self._server.sockets[0].getsockname()[1]
        if not self._token:
            return f"http://{LOOPBACK}:{port}"
        address = lan_address()
        self._announcement = Announcement(address, self._osc_port, port)
        self._announcement.start()
        return f"http://{address}:{port}/?{TOKEN}={self._token}"

    async def stop(self) -> None:
        """Stop listening, and end all connections."""
        if self._announcement is not None:
            await self._announcement.stop()
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.get("/ws", socket_route(self._sockets)),
            web.get("/vocabulary", self._tell_vocabulary),
            web.get("/page/{file:.*}", self._page_file),
            *TakeRoutes(Shelf(self._settings.library, self._settings.drop_folder)).routes(),
            web.post("/sources", Uploads(self._settings.uploads_folder).take),
            *self._state.routes(),
            *OscQueryRoutes(self._settings, self._sockets, self._osc_port, self._root).routes(),
        ]

    async def _root(self, request: web.Request) -> web.StreamResponse:
        return self._files.index(request)

    async def _page_file(self, request: web.Request) -> web.StreamResponse:
        return self._files.file(request, request.match_info["file"])

    async def _tell_vocabulary(self, request: web.Request) -> web.Response:
        return self._vocabulary.response(request)


class _Door:
    """Lets connections in while there is room, and none of hosts that may not ask."""

    def __init__(self, server: web.Server, settings: Settings) -> None:
        self._server = server
        self._settings = settings

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol for a connection whose host is not known yet."""
        return _Knock(self)

    def opens_to(self, host: str) -> bool:
        """Whether a connection from a host is let in."""
        if not self._settings.allows(host):
            return False
        inside = [connection.transport for connection in self._server.connections]
        if is_loopback(host):
            return len(inside) < MAX_CONNECTIONS
        hosts = [transport.get_extra_info("peername") for transport in inside if transport is not None]
        from_network = sum(address is None or not is_loopback(address[0]) for address in hosts)
        return from_network < MAX_NETWORK_CONNECTIONS and len(inside) < MAX_CONNECTIONS

    def enter(self) -> asyncio.Protocol:
        """Return the protocol of a connection that was let in."""
        return self._server()


class _Knock(asyncio.Protocol):
    """A new connection: it is let in once its host is known, or closed."""

    def __init__(self, door: _Door) -> None:
        self._door = door

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast("asyncio.Transport", transport)
        name = stream.get_extra_info("peername")
        if name is None or not self._door.opens_to(name[0]):
            stream.abort()
            return
        inside = self._door.enter()
        stream.set_protocol(inside)
        inside.connection_made(stream)


def _no_port(error: OSError, port: int) -> BridgeError:
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return BridgeError(
            "busy",
            f"no page in the browser: port {port} is taken, perhaps by another msanii-bridge; all else "
            "works. Stop the other program, or choose another port with --http-port",
        )
    return BridgeError("address", f"no page in the browser: cannot listen on port {port} ({error.strerror})")
