"""The routes of OSCQuery, and of the page at the root that they share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bridge.addresses import ROOT
from bridge.http.oscquery import Tree, host_info
from bridge.http.safety import TOKEN
from bridge.http.socket_route import socket_route
from bridge.http.sockets import Sockets
from bridge.messages import BridgeError
from bridge.messages.base import is_loopback
from bridge.settings import LOOPBACK, Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OscQueryRoutes:
    """Answers questions about the OSC table; `page` sends the page to browsers that ask for the root."""

    def __init__(self, settings: Settings, sockets: Sockets, osc_port: int, page: Handler) -> None:
        self._settings = settings
        self._sockets = sockets
        self._osc_port = osc_port
        self._page = page
        self._listen = socket_route(sockets, listens=True)
        self._tree = Tree(settings.decks)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get("/", self._root), web.get(ROOT.rstrip("/") + "{rest:(/.*)?}", self._answer)]

    async def _root(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._listen(request)
        asked = _asked(request)
        if asked == "HTML" or (not asked and "text/html" in request.headers.get("Accept", "")):
            return await self._page(request)
        return await self._answer(request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = _asked(request)
        if asked == "HOST_INFO":
            return web.json_response(self._host_info(request))
        values = {}
        if asked in ("", "VALUE", "CONTENTS"):
            wanted = self._tree.addresses_with_values(request.path)
            values = await self._sockets.ask(request.remote or "", wanted)
        if asked:
            found = self._tree.attribute(request.path, asked, values)
            return web.Response(status=204) if found is None else web.json_response(found)
        node = self._tree.node(request.path, values)
        if node is None:
            raise BridgeError("missing", f"{request.path[:120]}: no such address; ask for {ROOT.rstrip('/')}")
        return web.json_response(node)

    def _host_info(self, request: web.Request) -> dict[str, object]:
        ours = request.transport.get_extra_info("sockname") if request.transport else None
        http_port = ours[1] if ours else self._settings.http_port
        local = LOOPBACK if is_loopback(request.remote or "") else None
        return host_info(local, self._osc_port, http_port)


def _asked(request: web.Request) -> str:
    """The attribute that is asked for, as in `?VALUE`; empty if the whole node is."""
    return next((name for name in request.query if name != TOKEN), "")
