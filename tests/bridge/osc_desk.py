"""A real OSC server on a free port, with a handler that keeps what it is handed, and a foreign client."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from bridge import messages as m
from bridge.inputs.intake import Intake
from bridge.inputs.osc import OscServer
from bridge.inputs.osc_packets import read_message, write_message
from bridge.messages import Argument, Message

NTP_OFFSET_SECONDS = 2_208_988_800
Answer = tuple[str, tuple[object, ...]]


class Client(asyncio.DatagramProtocol):
    """A foreign program: one socket, and everything that came back to it."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[Answer] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        self.answers.put_nowait(read_message(data))

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    def send(self, address: str, *arguments: Argument) -> None:
        self.transport.sendto(write_message(address, arguments))

    async def answer(self) -> Answer:
        return await asyncio.wait_for(self.answers.get(), 5)

    async def ask(self, address: str, argument: Argument, answer: str) -> list[Answer]:
        """Ask until `answer` comes with the same argument; returns what came before it.

        Asked again, as any client of UDP must: a full buffer loses questions and answers alike.
        """
        before: list[Answer] = []
        for _ in range(50):
            self.send(address, argument)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    while (got := await self.answer()) != (answer, (argument,)):
                        before.append(got)
                    return before
        pytest.fail(f"the desk does not answer {address}")

    async def failure(self) -> tuple[str, str, str]:
        address, (about, code, message) = await self.answer()
        assert address == "/msanii/fail"
        return str(about), str(code), str(message)


class Desk:
    """A server whose handler keeps what it is handed, and answers hello and sync as the daemon does."""

    def __init__(self, **options: Any) -> None:
        self.seen: list[Message] = []
        self._syncs = 0
        allow = {"allow": options.pop("allow")} if "allow" in options else {}
        intake = Intake(self.take, lambda *answer: self.server.send(*answer), **options)
        self.server = OscServer("127.0.0.1", 0, intake, **allow)

    def take(self, message: Message) -> None:
        self.seen.append(message)
        if isinstance(message, m.Sync) and message.sender:
            self.server.send(message.sender, "/msanii/synced", (message.id,))
        if isinstance(message, m.Hello) and message.sender:
            self.server.send(message.sender, "/msanii/welcome", (message.nonce,))

    async def all_sent_by(self, client: Client) -> list[Message]:
        """What arrived, once all that was sent before has; the desk must be alive for that."""
        self._syncs += 1
        await client.ask("/msanii/sync", self._syncs, "/msanii/synced")
        return [message for message in self.seen if not isinstance(message, m.Sync)]


@asynccontextmanager
async def desk(**options: Any) -> AsyncIterator[tuple[Desk, Client]]:
    opened = Desk(**options)
    await opened.server.start()
    where = ("127.0.0.1", opened.server.port)
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(Client, remote_addr=where)
    try:
        yield opened, client
    finally:
        transport.close()
        opened.server.close()
        await asyncio.sleep(0)


def socket_test(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **named), 30))

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    run.__wrapped__ = test  # type: ignore[attr-defined]
    return run


def jump(seconds: float) -> None:
    """Move the clock of the running loop ahead, so that what is scheduled within that time is due now."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds  # type: ignore[method-assign]


def bundle(*elements: bytes, at: float | None = None) -> bytes:
    seconds, fraction = (0, 1) if at is None else (int(at) + NTP_OFFSET_SECONDS, int(at % 1 * 2**32))
    sized = b"".join(struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\x00" + struct.pack(">II", seconds, fraction) + sized
