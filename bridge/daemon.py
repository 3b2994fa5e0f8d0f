"""The daemon: wires the parts. `handle` says what each message does, `deliver` where each event goes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from importlib import metadata

from bridge import messages as m
from bridge.addresses import ADDRESSES, ROOT
from bridge.disk import make_folder
from bridge.inputs.osc import OscServer
from bridge.local_engine import LocalEngine
from bridge.messages import Argument, BridgeError, Event, Job, Message, Peer
from bridge.outputs.notify import Notifier
from bridge.presets import Presets, load_preset, preset_values, read_parameter, set_parameter
from bridge.render_queue import RenderQueue
from bridge.resolver import Resolver
from bridge.settings import Settings, factory_presets_folder
from bridge.subjects import as_argument, at_port, subject_of
from bridge.supervisor import Supervisor, render_jobs
from bridge.takes import Library

_log = logging.getLogger(__name__)

INBOX_LIMIT = 20_000


class Daemon:
    """One library, one queue, one worker, and the socket they are asked through.

    `await run()` serves until `stop` is called. Messages are handled strictly in the order they came, except
    for hello, status, version and help, which are answered even while a long source file is being read, and
    for the cancelling of jobs that are queued or render already.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises BridgeError `folder` or `disk` when the library cannot be opened."""
        self._settings = settings
        make_folder(settings.exchange_folder)
        self._library = Library(settings.library, drop_folder=settings.drop_folder)
        self._queue = RenderQueue(self._library.journal_path)
        self._presets = Presets(factory_presets_folder(), settings.presets_folder)
        self._resolver = Resolver(settings, self._library, self._presets)
        self._session: dict[str, object] = {}
        self._engine = LocalEngine(
            self._library,
            model=settings.model or "default",
            model_folders=[settings.models_folder] if settings.models_folder else [],
            device=settings.device,
            dtype=settings.dtype,
            threads=settings.threads,
        )
        self._supervisor = Supervisor(self.deliver)
        self._server = OscServer(settings.host, settings.port, self.receive, settings.allows)
        self._notifier = Notifier(self._server.send, lease_seconds=settings.lease_seconds)
        self._inbox: asyncio.Queue[Message] = asyncio.Queue(INBOX_LIMIT)
        self._stopping = asyncio.Event()

    @property
    def port(self) -> int:
        """The UDP port in use."""
        return self._server.port

    async def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`; `on_ready` is called once messages are heard.

        Raises BridgeError when the port is taken.
        """
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._server.start()
            self._stop_on_signals()
            on_ready()
            tasks.append(asyncio.create_task(self._work_inbox(), name="inbox"))
            self._resume()
            await self._supervisor.watch(self._engine)
            rendering = render_jobs(self._queue, self._library, self._engine, self.deliver)
            tasks.append(asyncio.create_task(rendering, name="renders"))
            stopping = asyncio.create_task(self._stop_asked(), name="stop")
            tasks.append(stopping)
            # A task of ours that ends by itself has failed: better to stop with its error than to play dead.
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            await self._close(tasks)

    def stop(self) -> None:
        """End `run` in good order; the job under way is rendered again after the next start."""
        self._stopping.set()

    # --- the story: messages in -------------------------------------------------------------------------

    def receive(self, message: Message) -> None:
        """Take a message from an input: quick questions are answered at once, the rest waits in line."""
        if isinstance(message, m.Hello | m.Status | m.Version | m.Help):
            self._answer_at_once(message)
            return
        try:
            if isinstance(message, m.Cancel) and self._is_cancelled_at_once(message):
                return
            self._inbox.put_nowait(message)
        except asyncio.QueueFull:
            error = BridgeError("busy", f"more than {INBOX_LIMIT} messages wait; send them more slowly")
            self._fail(message.sender, subject_of(message), error)
        except BridgeError as error:
            self._fail(message.sender, subject_of(message), error)

    async def handle(self, message: Message) -> None:
        """Do what a message asks. Raises BridgeError for whatever cannot be done."""
        match message:
            case m.Render():
                await self._accept(message)
            case m.Cancel(job_id):
                self._cancel(job_id)
            case m.Sync(asked, sender):
                self._reply(sender, "synced", asked)
            case m.Notify(on, reply_port, sender):
                self._subscribe(on, at_port(sender, reply_port))
            case m.SetParameter(name, value):
                set_parameter(self._session, name, value)
            case m.ReadParameter(name, sender):
                value = read_parameter(name, self._presets, self._session, self._settings.house)
                self._reply(sender, f"param/{name}", as_argument(value))
            case m.LoadPreset(name, sender):
                load_preset(self._session, self._presets, name)
                self._reply(sender, "preset/load.reply", name)
            case m.SavePreset(name, replace, values, sender):
                self._presets.save(name, preset_values(self._session, values), replace)
                self._reply(sender, "preset/save.reply", name)
            case m.ListPresets(sender):
                self._reply(sender, "preset/list.reply", *self._presets.names())
            case m.StarTake(take, on, sender):
                self._reply(sender, "take/star.reply", self._library.star(take, on).name, int(on))
            case _:
                self._answer_at_once(message)

    async def _accept(self, ask: m.Render) -> None:
        self._queue.admit(ask.job_id)
        request = await self._resolver.resolve(ask, self._session)
        self._engine.check(request)
        job = Job(ask.job_id or self._queue.new_id(), request, ask.sender)
        self._queue.put(job)
        self._notifier.follow(job.job_id, job.sender)
        self.deliver(m.Queued(job.job_id, request.seed))

    def _is_cancelled_at_once(self, ask: m.Cancel) -> bool:
        """Cancels what is in the queue by now, whatever is in line. False leaves the rest for its turn.

        A job that is asked for by a message still in line is cancelled after that, and so is `all`.
        """
        if ask.job_id == "all":
            self._engine.cancel(self._engine.status.job_id)
            return False
        if self._queue.state(ask.job_id) not in ("queued", "running"):
            return False
        self._cancel(ask.job_id)
        return True

    def _cancel(self, job_id: str) -> None:
        found = self._queue.cancel(job_id)
        for waiting in found.queued:
            self.deliver(m.Failed(waiting, "cancelled", "cancelled on request, before it began"))
        # A render answers for itself, at its next step.
        deaf = [running for running in found.running if not self._engine.cancel(running)]
        if deaf:
            raise BridgeError("unknown_job", f"job id: `{', '.join(deaf)}` is not being rendered any more")

    def _subscribe(self, on: bool, to: Peer | None) -> None:
        if to is None:
            return
        seconds = self._notifier.subscribe(to) if on else self._notifier.unsubscribe(to)
        self._reply(to, "notify.reply", int(on), seconds)

    def _answer_at_once(self, message: Message) -> None:
        match message:
            case m.Hello(nonce, reply_port, sender):
                folders = str(self._library.takes_folder), str(self._settings.exchange_folder)
                self._reply(at_port(sender, reply_port), "welcome", nonce, version(), *folders)
            case m.Status(sender):
                self._reply(sender, "status.reply", *self._status())
            case m.Version(sender):
                self._reply(sender, "version.reply", version())
            case m.Help(sender):
                for row in ADDRESSES:
                    self._reply(sender, "help.reply", row.path, row.arguments, row.help)

    def _status(self) -> tuple[Argument, ...]:
        """Pairs of name and value, so that later versions can add some."""
        engine = self._engine.status
        return (
            "version", version(),
            "worker", engine.state,
            "pid", engine.pid,
            "model", engine.model,
            "fingerprint", engine.fingerprint,
            "device", engine.device,
            "dtype", engine.dtype,
            "threads", engine.threads,
            "rendering", engine.job_id,
            "unfinished", len(self._queue),
            "problem", engine.problem,
        )  # fmt: skip

    # --- the story: events out --------------------------------------------------------------------------

    def deliver(self, event: Event) -> None:
        """Tell every subscriber, and for a job's event whoever asked for the job."""
        self._notifier.deliver(event)

    def _reply(self, to: Peer | None, address: str, *arguments: Argument) -> None:
        if to is not None:
            self._server.send(to, ROOT + address, arguments)

    def _fail(self, to: Peer | None, subject: str, error: BridgeError) -> None:
        self._server.fail(to, subject, error.code, error.message)

    # --- running ----------------------------------------------------------------------------------------

    async def _work_inbox(self) -> None:
        while True:
            message = await self._inbox.get()
            try:
                await self.handle(message)
            except BridgeError as error:
                self._fail(message.sender, subject_of(message), error)
            except Exception as error:
                _log.exception("a message could not be handled: %r", message)
                why = f"a fault in the daemon ({type(error).__name__}), which is in its log; it goes on"
                self._fail(message.sender, subject_of(message), BridgeError("internal", why))
            # The socket is read between two messages, however many wait.
            await asyncio.sleep(0)

    def _resume(self) -> None:
        """Jobs that a stopped or killed daemon left go on; their senders hear of them where they were."""
        found = self._queue.recover()
        for job_id, sender in found.unreadable:
            self._notifier.follow(job_id, sender)
            why = "this job was asked of another version of the bridge; ask for it again"
            self.deliver(m.Failed(job_id, "render", why))
        for job in (*found.queued, *found.failed):
            self._notifier.follow(job.job_id, job.sender)
        for job in found.failed:
            why = "the daemon ended twice during this render; ask for it again, perhaps shorter"
            self.deliver(m.Failed(job.job_id, "render", why))
        if found.queued:
            _log.info("%d unfinished jobs from before go on", len(found.queued))

    async def _stop_asked(self) -> None:
        await self._stopping.wait()

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows' loop has no signal handlers: there Ctrl-C ends `asyncio.run` by itself.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.stop)

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._supervisor.stop()
        self._server.close()
        self._queue.close()
        self._library.close()


def serve(settings: Settings, on_ready: Callable[[Daemon], None]) -> None:
    """Run a daemon in this process until it is told to stop.

    Raises BridgeError when its port or its library cannot be had.
    """

    async def main() -> None:
        daemon = Daemon(settings)
        await daemon.run(lambda: on_ready(daemon))

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())


def version() -> str:
    """The installed version of msanii-bridge; `unknown` in a bare source tree."""
    try:
        return metadata.version("msanii-bridge")
    except metadata.PackageNotFoundError:
        return "unknown"
