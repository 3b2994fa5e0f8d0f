"""The route of WebSockets: reads frames into `bridge.http.sockets`, and writes what waits there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

from bridge.http.sockets import Socket, Sockets
from bridge.inputs.osc_packets import MAX_PACKET_BYTES

# A phone that is gone is noticed within half a minute; browsers answer by themselves.
HEARTBEAT_SECONDS = 20.0
_CLOSE_SECONDS = 1.0
_TURN_SECONDS = 0.003  # of a client that sends without pause, before others have their turn


def socket_route(
    sockets: Sockets, *, listens: bool = False
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler of WebSockets; those of OSCQuery hear only what they listen to."""

    async def handle(request: web.Request) -> web.StreamResponse:
        peername = request.transport.get_extra_info("peername") if request.transport else None
        host, port = peername[:2] if peername else (request.remote or "", 0)
        socket = sockets.open(host, port, listens=listens)
        connection = web.WebSocketResponse(
            timeout=_CLOSE_SECONDS,
            heartbeat=HEARTBEAT_SECONDS,
            max_msg_size=MAX_PACKET_BYTES,
            compress=False,  # a few kB may unpack to any size
        )
        writing: asyncio.Task[None] | None = None
        try:
            await connection.prepare(request)
            if request.transport is not None:
                socket.drop = request.transport.abort
            writing = asyncio.create_task(_write(socket, connection), name="socket")
            await _read(socket, connection, sockets)
        finally:
            sockets.close(socket)
            if writing is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
        return connection

    return handle


async def _read(socket: Socket, connection: web.WebSocketResponse, sockets: Sockets) -> None:
    turn_ends = time.monotonic() + _TURN_SECONDS
    async for frame in connection:
        if frame.type is WSMsgType.TEXT:
            sockets.take_text(socket, frame.data)
        elif frame.type is WSMsgType.BINARY:
            sockets.take_binary(socket, frame.data)
        if time.monotonic() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.monotonic() + _TURN_SECONDS


async def _write(socket: Socket, connection: web.WebSocketResponse) -> None:
    """Send what waits, at the client's pace."""
    with contextlib.suppress(ConnectionError):
        while True:
            frame = await socket.next()
            if isinstance(frame, str):
                await connection.send_str(frame)
            else:
                await connection.send_bytes(frame)
