"""The daemon: wires the parts. `handle` says what each message does, `deliver` where each event goes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from functools import partial

from bridge import messages as m
from bridge.addresses import ROOT
from bridge.addresses.table import ADDRESSES
from bridge.endless.stage import EndlessStage
from bridge.inputs.midi import MidiChild
from bridge.inputs.osc import OscServer
from bridge.library.takes import Library
from bridge.messages import Argument, BridgeError, Event, Job, Message, Peer
from bridge.messages.endless import EndlessMessage
from bridge.messages.midi import MidiMessage
from bridge.messages.stage import AwaitJob, RenderToDeck, StageMessage
from bridge.midi.controller import Controller
from bridge.midi.learn import MidiMaps
from bridge.midi_child.wire import MidiSettings
from bridge.outputs.notify import Notifier
from bridge.render.engine import follows_chords, model_sampling, parse_notes, sounds_and_parts
from bridge.render.jobs import render_jobs
from bridge.render.local_engine import LocalEngine
from bridge.render.queue import RenderQueue
from bridge.render.recovery import resume
from bridge.render.status import status_pairs, version
from bridge.requests.presets import Presets
from bridge.requests.resolver import Resolver
from bridge.requests.session import Session, SessionMessage
from bridge.settings import Settings, factory_presets_folder
from bridge.stage.stage import Stage
from bridge.system.disk import make_folder
from bridge.system.supervisor import Supervisor

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
        presets = Presets(factory_presets_folder(), settings.presets_folder)
        folders = [settings.models_folder] if settings.models_folder else []
        sampling_of = partial(model_sampling, folders=folders)
        self._session = Session(presets, sampling_of, settings.user_defaults, self._reply)
        plays = partial(sounds_and_parts, folders=folders)
        follows = partial(follows_chords, folders=folders)
        self._resolver = Resolver(settings, self._library, presets, parse_notes, plays, sampling_of, follows)
        self._engine = LocalEngine(
            self._library,
            model=settings.model or "default",
            model_folders=folders,
            device=settings.device,
            dtype=settings.dtype,
            threads=settings.threads,
        )
        self._supervisor = Supervisor(self.deliver)
        self._server = OscServer(settings.host, settings.port, self.receive, settings.allows)
        self._notifier = Notifier(self._server.send, lease_seconds=settings.lease_seconds)
        self._stage = Stage(
            settings, self._library, self.deliver, self._reply, self._fail, self._accept, self._queue.state
        )
        self._midi = MidiChild(
            MidiSettings(api=settings.midi_api), lambda event: self._controller.heard(event)
        )
        self._controller = Controller(
            MidiMaps(factory_presets_folder() / "midi", settings.presets_folder / "midi"),
            receive=self.receive,
            deliver=self.deliver,
            reply=self._reply,
            send=self._midi.send,
            value_of=self._session.value_of,
            preset_names=presets.names,
            schedule=lambda seconds, action: asyncio.get_running_loop().call_later(seconds, action),
            transport=self._stage,
        )
        self._endless = EndlessStage(
            settings, self._stage, self._engine, self._library,
            resolve=lambda ask: self._resolver.resolve(ask, self._session.values),
            deliver=self.deliver, reply=self._reply, put=self._put, cancel=self._cancel,
        )  # fmt: skip
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
            tasks.append(asyncio.create_task(self._stage.work(), name="stage"))
            resume(self._queue, self._notifier.follow, self.deliver)
            if self._stage.stream is not None:
                await self._supervisor.watch(self._stage.stream)
            await self._supervisor.watch(self._engine)
            self._controller.start()
            if self._settings.midi:
                await self._supervisor.watch(self._midi)
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
            if isinstance(message, StageMessage) and not isinstance(message, AwaitJob | RenderToDeck):
                self._stage.put(message)  # a launch waits for no file that a render's message names
                return
            if isinstance(message, m.Cancel) and self._is_cancelled_at_once(message):
                return
            self._inbox.put_nowait(message)
        except asyncio.QueueFull:
            error = BridgeError("busy", f"more than {INBOX_LIMIT} messages wait; send them more slowly")
            self._fail(message.sender, message.about, error)
        except BridgeError as error:
            self._fail(message.sender, message.about, error)

    async def handle(self, message: Message) -> None:
        """Do what a message asks. Raises BridgeError for whatever cannot be done."""
        match message:
            case m.Render():
                await self._accept(message)
            case AwaitJob() | RenderToDeck():
                await self._stage.handle(message)
            case _ if isinstance(message, EndlessMessage):
                await self._endless.handle(message)
            case m.Cancel(job_id):
                self._cancel(job_id)
            case m.Sync(asked):
                self._reply(message.sender, "synced", asked)
            case m.Notify(on):
                self._subscribe(on, message.reply_to)
            case _ if isinstance(message, SessionMessage):
                self._session.handle(message)
                await self._tell_of(message)
            case m.StarTake(take, on):
                self._reply(message.sender, "take/star.reply", self._library.star(take, on).name, int(on))
            case _ if isinstance(message, MidiMessage):
                await self._controller.handle(message)
            case _:
                self._answer_at_once(message)

    async def _tell_of(self, message: SessionMessage) -> None:
        """What sounds without end and what has lamps follows the session's values."""
        if isinstance(message, m.SetParameter):
            await self._endless.session_parameter(message.name, message.value, message.sender)
            self._controller.parameter_changed(message.name)
        elif isinstance(message, m.LoadPreset):
            self._controller.parameter_changed(None)

    async def _accept(self, ask: m.Render) -> str:
        self._queue.admit(ask.job_id)
        request = await self._resolver.resolve(self._controller.with_played(ask), self._session.values)
        self._engine.check(request)
        job = Job(ask.job_id or self._queue.new_id(), request, ask.sender)
        self._queue.put(job)
        self._notifier.follow(job.job_id, job.sender)
        self.deliver(m.Queued(job.job_id, request.seed))
        return job.job_id

    def _put(self, request: m.RenderRequest) -> Job:
        """Queues a render that no message asked for."""
        job = Job(self._queue.new_id(), request, None)
        self._queue.put(job)
        self.deliver(m.Queued(job.job_id, request.seed))
        return job

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
            case m.Hello(nonce):
                folders = str(self._library.takes_folder), str(self._settings.exchange_folder)
                self._reply(message.reply_to, "welcome", nonce, version(), *folders)
            case m.Status():
                models = self._settings.models_folder
                pairs = status_pairs(self._engine.status, len(self._queue), [models] if models else [])
                self._reply(message.sender, "status.reply", *pairs)
            case m.Version():
                self._reply(message.sender, "version.reply", version())
            case m.Help():
                for row in ADDRESSES:
                    self._reply(message.sender, "help.reply", row.path, row.arguments, row.help)

    # --- the story: events out --------------------------------------------------------------------------

    def deliver(self, event: Event) -> None:
        """Tell every subscriber, and for a job's event whoever asked for the job."""
        self._notifier.deliver(event)
        self._stage.event(event)
        self._endless.event(event)
        self._controller.event(event)

    def _reply(self, to: Peer | None, address: str, *arguments: Argument) -> None:
        if to is not None:
            self._server.send(to, ROOT + address, arguments)

    def _fail(self, to: Peer | None, subject: str, error: BridgeError) -> None:
        if to is None:  # a pad or a key asked: whoever listens hears of it
            self.deliver(m.Failed(subject, error.code, error.message))
        self._server.fail(to, subject, error.code, error.message)

    # --- running ----------------------------------------------------------------------------------------

    async def _work_inbox(self) -> None:
        while True:
            message = await self._inbox.get()
            try:
                await self.handle(message)
            except BridgeError as error:
                self._fail(message.sender, message.about, error)
            except Exception as error:
                _log.exception("a message could not be handled: %r", message)
                why = f"a fault in the daemon ({type(error).__name__}), which is in its log; it goes on"
                self._fail(message.sender, message.about, BridgeError("internal", why))
            # The socket is read between two messages, however many wait.
            await asyncio.sleep(0)

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
        self._endless.close()
        await self._supervisor.stop()
        self._stage.close()
        self._server.close()
        self._queue.close()
        self._library.close()
