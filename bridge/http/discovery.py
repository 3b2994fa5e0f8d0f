"""Announces the daemon on the network, for OSC and OSCQuery clients that look for one (Bonjour, zeroconf).

Needs the extra `discover` (zeroconf, LGPL 2.1 or later), and is used with `lan` alone.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from bridge.http.oscquery import NAME

OSC, OSCQUERY = "_osc._udp.local.", "_oscjson._tcp.local."
_log = logging.getLogger(__name__)


class Announcement:
    """The two services at an IPv4 address, while they are announced."""

    def __init__(self, address: str, osc_port: int, http_port: int) -> None:
        self._address = address
        self._ports = {OSC: osc_port, OSCQUERY: http_port}
        self._announcing: asyncio.Task[None] | None = None
        self._close: Callable[[], Awaitable[None]] | None = None

    def start(self) -> None:
        """Begin to announce, which takes seconds. If zeroconf or the network does not let it, log why."""
        self._announcing = asyncio.create_task(self._announce(), name="announce")

    async def stop(self) -> None:
        """Take the announcement back."""
        if self._announcing is not None:
            self._announcing.cancel()
            await asyncio.gather(self._announcing, return_exceptions=True)
        if self._close is not None:
            await self._close()

    async def _announce(self) -> None:
        try:
            from zeroconf import IPVersion, ServiceInfo
            from zeroconf.asyncio import AsyncZeroconf
        except ImportError:
            _log.info("not announced on the network; for that, pip install 'msanii-bridge[discover]'")
            return
        try:
            zeroconf = AsyncZeroconf(interfaces=[self._address], ip_version=IPVersion.V4Only)
            self._close = zeroconf.async_close
            for kind, port in self._ports.items():
                name = f"{NAME} on {socket.gethostname()[:40]}"
                service = ServiceInfo(
                    kind, f"{name}.{kind}", addresses=[socket.inet_aton(self._address)], port=port
                )
                await zeroconf.async_register_service(service, allow_name_change=True)
        except Exception as error:
            # Whatever a network does to it, music goes on.
            _log.warning("not announced on the network (%s)", error)
