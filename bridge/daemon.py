"""The daemon: builds its parts, connects them and dispatches messages (see `receive`)."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bridge import messages as m
from bridge.addresses.table import ADDRESSES
from bridge.endless.stage import EndlessStage
from bridge.http.page import Page
from bridge.inputs.intake import Intake
from bridge.inputs.midi import MidiChild
from bridge.inputs.osc import OscServer
from bridge.library.takes import Library
from bridge.listening.file_ears import FileEars
from bridge.listening.hearing import Hearing
from bridge.listening.listen_command import MOST_QUESTIONS, ListenCommand
from bridge.messages import BridgeError, Message
from bridge.messages.stage import Panic
from bridge.meter import METER, METER_PARTS
from bridge.midi.controller import Controller
from bridge.midi.learn import MidiMaps
from bridge.midi_child.hints import MIDI_OFF
from bridge.midi_child.wire import MidiSettings
from bridge.outputs.notify import Notifier
from bridge.outputs.outlet import Outlet
from bridge.pool.choosing import engine_for
from bridge.render.commands import RenderCommands
from bridge.render.engine import (
    follows_chords,
    loudness_of,
    model_sampling,
    parse_notes,
    sounds_and_parts,
    styles,
)
from bridge.render.jobs import render_jobs
from bridge.render.local_engine import LocalEngine
from bridge.render.queue import RenderQueue
from bridge.render.recovery import resume
from bridge.render.status import status_pairs, version
from bridge.requests.chords import understood_chords
from bridge.requests.network_clients import check_permitted, visible
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.requests.session import Session
from bridge.requests.take_commands import TakeCommands
from bridge.settings import Settings, factory_presets_folder
from bridge.stage.overtaking import LAUNCHES, STOPS, calls_off
from bridge.stage.stage import Stage
from bridge.system.disk import make_folder
from bridge.system.inbox import Handlers, Inbox, SideTasks
from bridge.system.supervisor import Supervisor
from bridge.worker.loop import WorkerSettings

INBOX_LIMIT = 20_000
STAGE_INBOX_LIMIT = 5_000
SIDE_TASKS_LIMIT = 1_000


class Daemon:
    """A library, a job queue, a render worker, and the OSC socket in front of them.

    `await run()` serves until `stop` is called. Messages are handled strictly in order of arrival, with five
    exceptions: hello, status, version and help are answered even while a long source file is being read;
    stage messages never wait for the files of a render request; panic waits for nothing, and a stop overtakes
    the stage messages that wait; questions that another process answers keep nobody waiting; and jobs that
    are already queued or rendering are cancelled at once.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises BridgeError `folder` or `disk` if the library cannot be opened, `missing` without Ray."""
        self._settings = settings
        make_folder(settings.exchange_folder)
        models = settings.model_folders
        self._library = Library(settings.library, drop_folder=settings.drop_folder)

        # Front ends: OSC in; replies and events out.
        self._intake = Intake(
            self.receive, self._send, on_refused=lambda refused: self._outlet.deliver(refused)
        )
        self._server = OscServer(settings.host, settings.port, self._intake, settings.allows)
        self._notifier = Notifier(self._send, lasting=settings.notify, lease_seconds=settings.lease_seconds)
        self._outlet = Outlet(self._send)

        self._takes = TakeCommands(settings, self._library, self._outlet)
        self._hearing = Hearing(self._library, models)
        ears = FileEars(settings, self._library, self._hearing)
        self._listen = ListenCommand(ears, self._outlet)

        # Completing requests from the session, presets and defaults.
        presets = Presets(factory_presets_folder(), settings.presets_folder)
        sampling_of = partial(model_sampling, folders=models)
        self._session = Session(presets, sampling_of, settings.user_defaults, self._outlet)
        self._resolver = Resolver(
            settings, self._library, presets, parse_notes, partial(sounds_and_parts, folders=models),
            sampling_of, partial(follows_chords, folders=models), loudness_of,
            self._hearing.hear if settings.hear_sources else None,
        )  # fmt: skip

        # Rendering: requests wait in the queue, and the worker process renders their takes.
        self._supervisor = Supervisor(self._outlet.deliver)
        self._queue = RenderQueue(self._library.journal_path)
        self._worker = LocalEngine(
            self._library,
            model=settings.model or "default",
            model_folders=models,
            grooves_folder=settings.grooves_folder,
            sounds_folder=settings.sounds_folder,
            hear_takes=settings.hear_takes,
            settings=WorkerSettings.of(settings),
        )
        self._engine = engine_for(settings, self._worker)
        self._renders = RenderCommands(
            self._queue, self._engine, self._outlet, self._resolve_played, self._notifier.follow
        )

        self._page = Page(
            settings, self._intake, self._notifier, self._queue, presets, lambda: self._engine.status
        )

        # Playback, in the audio process.
        self._stage = Stage(
            settings, self._library, self._outlet, self._renders.accept, self._queue.state,
            self._renders.cancel, ears, lambda: self._session.value_of("format") == "float",
        )  # fmt: skip
        self._endless = EndlessStage(
            settings, self._stage, self._worker, self._library, self._outlet,
            resolve=self._resolve, put=self._renders.put, cancel=self._renders.cancel,
            played_since=lambda seconds: self._controller.played_since(seconds),
        )  # fmt: skip

        # MIDI controllers. The controller and its process refer to each other, hence the lambda.
        self._midi = MidiChild(
            MidiSettings(api=settings.midi_api), lambda event: self._controller.heard(event)
        )
        self._controller = Controller(
            MidiMaps(factory_presets_folder() / "midi", settings.presets_folder / "midi"),
            self._outlet,
            receive=self.receive,
            send=self._midi.send,
            value_of=self._session.value_of,
            stage_value_of=self._stage.value_of,
            preset_names=presets.names,
            transport=self._stage,
            problem="" if settings.midi else MIDI_OFF,
        )

        # Subscribers to events, clients first.
        for part in (
            self._notifier.deliver, self._page.progress.event, self._stage.event, self._endless.event,
            self._controller.event,
        ):  # fmt: skip
            self._outlet.subscribe(part)

        # A separate inbox, so that stage messages never wait for the files of a render request.
        self._stage_inbox = Inbox(self._stage.handlers, self._outlet.fail, STAGE_INBOX_LIMIT)
        stops = {kind: self._stage.handlers[kind] for kind in STOPS}
        self._stops = Inbox(stops, self._outlet.fail, STAGE_INBOX_LIMIT)
        slow = {**self._stage.slow_handlers, **self._takes.slow_handlers}
        self._beside = SideTasks(slow, self._outlet.fail, SIDE_TASKS_LIMIT)
        self._listening = SideTasks(self._listen.slow_handlers, self._outlet.fail, MOST_QUESTIONS)
        self._inbox = Inbox(self._handlers(), self._outlet.fail, INBOX_LIMIT)
        self._routes = self._message_routes()
        self._stopping = asyncio.Event()

    @property
    def port(self) -> int:
        """The UDP port that the daemon listens on."""
        return self._server.port

    async def run(
        self,
        on_ready: Callable[[], None] = lambda: None,
        on_page: Callable[[str], None] = lambda address: None,  # noqa: ARG005
    ) -> None:
        """Serve until `stop`; call `on_ready` once the daemon receives messages.

        `on_page` is called with the address of the page once that is served. Raises BridgeError if the port
        is taken; without the page's port the daemon goes on.
        """
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._server.start()
            self._stop_on_signals()
            on_ready()
            tasks.append(asyncio.create_task(self._inbox.work(), name="inbox"))
            tasks.append(asyncio.create_task(self._stage_inbox.work(), name="stage"))
            tasks.append(asyncio.create_task(self._stops.work(), name="stops"))
            tasks.append(asyncio.create_task(self._stage.tell_beats(), name="beats"))
            tasks.append(asyncio.create_task(self._stage.follow_actions(), name="follow actions"))
            self._page.open(self.port, on_page)
            resume(self._queue, self._notifier.follow, self._outlet.deliver)
            if self._stage.stream is not None:
                await self._supervisor.watch(self._stage.stream)
            await self._supervisor.watch(self._worker)
            if self._engine is not self._worker:
                await self._supervisor.watch(self._engine)
            self._controller.start()
            self._stage.tell_scenes()
            if self._settings.midi:
                await self._supervisor.watch(self._midi)
            rendering = render_jobs(self._queue, self._library, self._engine, self._outlet.deliver)
            tasks.append(asyncio.create_task(rendering, name="renders"))
            stopping = asyncio.create_task(self._stop_asked(), name="stop")
            tasks.append(stopping)
            # A task that ends by itself has failed: stop with its error rather than hang.
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            await self._close(tasks)

    def stop(self) -> None:
        """End `run` cleanly; a job that is rendering starts again at the next launch."""
        self._stopping.set()

    # --- messages in ------------------------------------------------------------------------------------

    def receive(self, message: Message) -> None:
        """Dispatch a message from an input: answer quick queries at once, queue the others."""
        self._notifier.follow_decks(message)
        try:
            check_permitted(message, may_overwrite=self._settings.network_may_overwrite)
            self._routes[type(message)](message)
        except BridgeError as error:
            self._outlet.fail(message.sender, message.about, error)

    def _handlers(self) -> Handlers:
        """Return the handlers of the messages that wait in the main inbox."""
        return {
            m.Render: self._renders.accept,
            m.Edit: self._renders.accept,
            m.Cancel: self._cancel,
            m.Sync: self._sync,
            m.Notify: self._subscribe,
            **self._takes.handlers,
            m.ListStyles: self._list_styles,
            m.ReadChords: self._read_chords,
            **self._session.handlers,
            m.SetParameter: self._set_parameter,
            m.ResetParameter: self._reset_parameter,
            m.LoadPreset: self._load_preset,
            **self._stage.render_handlers,
            **self._endless.handlers,
            **self._controller.handlers,
        }

    def _message_routes(self) -> Mapping[type[Message], Callable[..., None]]:
        """Return the first receiver of each message: an inbox, or a method that answers at once."""
        return {
            **dict.fromkeys(self._inbox.handlers, self._inbox.put),
            **dict.fromkeys(self._stage_inbox.handlers, self._stage_inbox.put),
            **dict.fromkeys(self._stops.handlers, self._stop_soon),
            **dict.fromkeys(self._beside.handlers, self._beside.put),
            **dict.fromkeys(self._listening.handlers, self._listening.put),
            m.Cancel: self._cancel_early,
            Panic: self._panic,
            m.Hello: self._welcome,
            m.Status: self._tell_status,
            m.Version: self._tell_version,
            m.Help: self._tell_help,
        }

    async def _resolve(self, message: m.Render) -> m.RenderRequest:
        """Complete a request. Raises BridgeError if it cannot be rendered."""
        session = visible(self._session.values, message.sender)
        request = await self._resolver.resolve(message, session)
        self._engine.check(request)
        return request

    async def _list_styles(self, message: m.ListStyles) -> None:
        """Answer in a thread, since the files of grooves are read."""
        names = await asyncio.to_thread(
            styles, message.numerator, message.denominator, self._settings.grooves_folder
        )
        self._outlet.reply(message.sender, "style/list.reply", *names)

    async def _read_chords(self, message: m.ReadChords) -> None:
        """Answer in a thread, since a song's chords take tens of milliseconds."""
        words = await asyncio.to_thread(understood_chords, message.text, message.key, message.meter)
        self._outlet.reply(message.sender, "chords/read.reply", message.text, *words)

    async def _resolve_played(self, message: m.Render | m.Edit) -> m.RenderRequest:
        """Complete a request of a front end, with the notes that were played on the keyboard."""
        if isinstance(message, m.Edit):
            request = await self._resolver.resolve_edit(message)
            self._engine.check(request)
            return request
        return await self._resolve(self._controller.with_played(message))

    def _cancel_early(self, message: m.Cancel) -> None:
        if not self._renders.cancel_early(message):
            self._inbox.put(message)

    def _panic(self, message: Panic) -> None:
        """Silence the stage at once, then drop what was sent before and would start it again."""
        self._stage.handlers[Panic](message)
        for inbox in (self._stage_inbox, self._inbox):
            inbox.call_off(lambda waiting: isinstance(waiting, LAUNCHES))

    def _cancel(self, message: m.Cancel) -> None:
        self._renders.cancel(message.job_id)

    def _stop_soon(self, message: Message) -> None:
        """Queue a stop; one that would have to wait overtakes the queue."""
        if not self._stage_inbox.is_held_up:
            self._stage_inbox.put(message)
            return
        self._stage_inbox.call_off(partial(calls_off, message))
        self._stops.put(message)

    def _sync(self, message: m.Sync) -> None:
        self._outlet.reply(message.sender, "synced", message.id)

    def _subscribe(self, message: m.Notify) -> None:
        to = message.reply_to
        if to is not None:
            seconds = self._notifier.subscribe(to) if message.on else self._notifier.unsubscribe(to)
            self._outlet.reply(to, "notify.reply", int(message.on), seconds)

    async def _set_parameter(self, message: m.SetParameter) -> None:
        self._session.set_parameter(message)
        await self._endless.session_parameter(message.name, message.value, message.sender)
        for name in METER_PARTS if message.name == METER else (message.name,):
            self._controller.parameter_changed(name)

    async def _reset_parameter(self, message: m.ResetParameter) -> None:
        names = self._session.reset(message)
        self._controller.parameter_changed(None)
        for name in names:
            value = self._session.value_of(name)
            if value is not None:
                await self._endless.session_parameter(name, value, message.sender)

    def _load_preset(self, message: m.LoadPreset) -> None:
        self._session.load_preset(message)
        self._controller.parameter_changed(None)

    # --- quick answers ----------------------------------------------------------------------------------

    def _welcome(self, message: m.Hello) -> None:
        folders = str(self._library.takes_folder), str(self._settings.exchange_folder)
        self._outlet.reply(message.reply_to, "welcome", message.nonce, version(), *folders)

    def _tell_status(self, message: m.Status) -> None:
        settings = self._settings
        pairs = status_pairs(
            self._engine.status, len(self._queue), settings.model_folders, settings.sounds_folder
        )
        self._outlet.reply(message.sender, "status.reply", *pairs)

    def _tell_version(self, message: m.Version) -> None:
        self._outlet.reply(message.sender, "version.reply", version())

    def _tell_help(self, message: m.Help) -> None:
        for row in ADDRESSES:
            self._outlet.reply(message.sender, "help.reply", row.path, row.arguments, row.help)

    # --- running ----------------------------------------------------------------------------------------

    def _send(self, peer: m.Peer, address: str, arguments: Sequence[m.Argument] = ()) -> None:
        """Send a message to a client, to its WebSocket if that is where it asks."""
        (self._page.sockets.send if peer.socket else self._server.send)(peer, address, arguments)

    async def _stop_asked(self) -> None:
        await self._stopping.wait()

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # The event loop has no signal handlers on Windows; there Ctrl-C ends `asyncio.run` by itself.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.stop)

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._page.close()
        await self._beside.stop()
        await self._listening.stop()
        await self._stage.stop_work()
        await self._hearing.stop()
        self._endless.close()
        await self._supervisor.stop()
        self._stage.close()
        self._intake.close()
        self._server.close()
        self._queue.close()
        self._library.close()
