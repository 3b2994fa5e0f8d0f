"""The page's server behind a real socket of this process, with a stand-in for the daemon, and its clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bridge import messages as m
from bridge.http.progress import JobProgress
from bridge.http.server import HttpServer
from bridge.http.sockets import Sockets
from bridge.http.state_routes import StateRoutes
from bridge.inputs.intake import Intake
from bridge.inputs.rate_limit import BURST, TOKENS_PER_SECOND
from bridge.messages import Argument, BridgeError, Message, Peer, ValueChanged
from bridge.messages import stage as s
from bridge.outputs.notify import Notifier
from bridge.outputs.outlet import Outlet
from bridge.render.engine import EngineStatus
from bridge.render.queue import RenderQueue
from bridge.requests.preset_folders import Presets
from bridge.settings import Settings, factory_presets_folder

OSC_PORT = 9800
PAGE = {"index.html": "<!doctype html><title>page</title>", "app.js": "export {};\n", "make/chords.js": "\n"}


@dataclass(frozen=True)
class Answer:
    """A whole answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    content_type: str
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A server, what was sent to it, and a session of a client. `values` are what parameters are read as."""

    settings: Settings
    address: str
    sockets: Sockets
    notifier: Notifier
    intake: Intake
    queue: RenderQueue
    progress: JobProgress
    client: aiohttp.ClientSession
    seen: list[Message] = field(default_factory=list)
    values: dict[str, Argument] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(urlsplit(self.address).port or 0)

    @property
    def here(self) -> str:
        """The server's address on this machine."""
        return f"http://127.0.0.1:{self.port}"

    async def get(self, path: str, **options: Any) -> Answer:
        """Ask on this machine."""
        async with self.client.get(f"{self.here}{path}", **options) as answer:
            return Answer(answer.status, answer.headers, answer.content_type, await answer.read())

    def socket(self, path: str = "/ws", **options: Any) -> Any:
        return self.client.ws_connect(f"{self.here}{path}", max_msg_size=0, **options)

    def changed(self, path: str, value: Argument, by: Peer | None = None) -> None:
        """A value changes, as a knob would change it."""
        self.notifier.deliver(ValueChanged(path, value, by))

    async def raw(self, request: bytes) -> bytes:
        """Send bytes as they are, and return the answer up to its end or a second's silence."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        answer = b""
        try:
            async with asyncio.timeout(5):
                while chunk := await reader.read(65_536):
                    answer += chunk
        finally:
            writer.close()
        return answer


@asynccontextmanager
async def served(
    folder: Path, *, burst: float = BURST, per_second: float = TOKENS_PER_SECOND, **values: Any
) -> AsyncIterator[Served]:
    """Serve the library in `folder`; `burst` and `per_second` limit its clients, `values` are settings."""
    page = folder / "page"
    for name, text in PAGE.items():
        (page / name).parent.mkdir(parents=True, exist_ok=True)
        (page / name).write_text(text)
    options = {"library": folder / "library", "presets_folder": folder / "presets", "http_port": 0}
    settings = Settings.model_validate(options | values)
    (settings.library / ".msanii").mkdir(parents=True, exist_ok=True)
    queue = RenderQueue(folder / "journal.sqlite")
    holder: list[Served] = []

    def send(peer: Peer, address: str, arguments: Any = ()) -> None:
        if peer.socket:
            sockets.send(peer, address, arguments)

    outlet = Outlet(send)
    notifier = Notifier(send)

    def take(message: Message) -> None:
        kept = holder[0]
        kept.seen.append(message)
        match message:
            case m.Hello():
                outlet.reply(message.reply_to, "welcome", message.nonce)
            case m.Notify(on=on) if message.sender is not None:
                _ = notifier.subscribe(message.sender) if on else notifier.unsubscribe(message.sender)
            case m.Sync():
                outlet.reply(message.sender, "synced", message.id)
            case m.ReadParameter(name=name) if name in kept.values:
                outlet.value_read(message, f"param/{name}", kept.values[name])
            case m.ReadParameter() | s.ReadDeck() | s.ReadStage():
                raise BridgeError("model", "it has no value.")
            case m.SetParameter(name=name, value=value) if isinstance(value, str | int | float):
                kept.values[name] = value
                notifier.deliver(ValueChanged(f"param/{name}", value, message.sender))

    intake = Intake(take, send, on_refused=notifier.deliver, burst=burst, per_second=per_second)
    sockets = Sockets(intake, notifier)
    progress = JobProgress()
    presets = Presets(factory_presets_folder(), settings.presets_folder)
    state = StateRoutes(settings, queue, progress, presets, EngineStatus)
    server = HttpServer(settings, sockets, state, osc_port=OSC_PORT, page_folder=page)
    many = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=many, cookie_jar=aiohttp.DummyCookieJar()) as client:
        address = await server.start()
        kept = Served(settings, address, sockets, notifier, intake, queue, progress, client)
        holder.append(kept)
        try:
            yield kept
        finally:
            await server.stop()
            intake.close()
            queue.close()


def served_test(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test that takes pytest's `tmp_path`, and others if it names them."""

    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*arguments, **named), 120))

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    run.__wrapped__ = test  # type: ignore[attr-defined]
    return run


def text(address: str, *arguments: object) -> str:
    """A message as a text frame."""
    return json.dumps({"address": address, "args": arguments})


async def heard(socket: Any) -> tuple[str, list[Any]]:
    """The next message of a socket that is sent JSON."""
    content = await socket.receive_json(timeout=120)
    return content["address"], content["args"]


async def answer_to(socket: Any, address: str) -> list[Any]:
    """The arguments of the next message at an address; what comes before it is passed over."""
    while True:
        came, arguments = await heard(socket)
        if came == address:
            return arguments
