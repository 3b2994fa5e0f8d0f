"""The stage in the daemon: what each message asks of the audio child, and what the child says, as events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bridge.addresses.stage import subject
from bridge.audio_child import protocol as p
from bridge.audio_child.snapshot import Snapshot
from bridge.library.sources import open_named
from bridge.library.takes import Library
from bridge.messages import Argument, BridgeError, Event, Peer, Render
from bridge.messages import stage as s
from bridge.outputs.stream import AudioStream, probe_devices
from bridge.settings import Settings
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState, Master, OffTempoDeck, new_recording, take_file
from bridge.stage.pending import PendingDecks
from bridge.stage.values import StageValues
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import make_folder

_log = logging.getLogger(__name__)

_INBOX_LIMIT = 5_000
_FIND_SECONDS = 5.0

Reply = Callable[..., None]
Accept = Callable[[Render], Awaitable[str]]


class Stage:
    """Decks, transport and stream as the daemon sees them. Used in the event loop alone.

    `deliver` takes events, `reply` and `fail` answer whoever asked, `accept` queues a render and returns its
    job id, `job_state` is the queue's word for a job.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        deliver: Callable[[Event], None],
        reply: Reply,
        fail: Callable[[Peer | None, str, BridgeError], None],
        accept: Accept,
        job_state: Callable[[str], str | None],
    ) -> None:
        self._settings = settings
        self._library = library
        self._deliver = deliver
        self._reply = reply
        self._fail = fail
        self._accept = accept
        self._inbox: asyncio.Queue[s.StageMessage] = asyncio.Queue(_INBOX_LIMIT)
        self._link = StageLink(settings, deliver)
        self._values = StageValues(self._link)
        self._pending = PendingDecks(library, job_state, self._hold_made)
        self._follows = ""
        self.on_report(lambda _report: None)

    @property
    def stream(self) -> AudioStream | None:
        """The child for the supervisor to watch; None without `--stream`."""
        return self._link.stream

    @property
    def decks(self) -> Mapping[int, DeckState]:
        """Every deck by its number."""
        return self._link.decks

    @property
    def master(self) -> Master:
        """The tempo and the meter that everybody was told, among others."""
        return self._link.master

    def on_report(self, listener: Callable[[object], None]) -> None:
        """Has `protocol.BarReport`, `BehindReport` and `DeckReport` heard by who feeds the decks."""

        def hear(report: object) -> None:
            if isinstance(report, p.DeckReport):
                self.decks[report.deck].holds(report.path)
            listener(report)

        self._link.on_report = hear

    @property
    def snapshot_name(self) -> str:
        """What other children open the snapshots by; empty without a stream."""
        return self.stream.snapshot_name if self.stream else ""

    def snapshot(self) -> Snapshot | None:
        """Where the music is; None without a stream, or before it began."""
        return self.stream.snapshot() if self.stream else None

    @property
    def rate(self) -> int:
        """The stream's rate in hertz; 0 before it is known."""
        return self.stream.state.rate if self.stream else 0

    def follow(self, source: str, bpm: float, beat: float | None, at_monotonic_seconds: float) -> None:
        """Another clock proposes its tempo and, where known, its beat at a moment of time.monotonic."""
        self._follows = source
        self._propose(p.Follow(bpm, beat, at_monotonic_seconds))
        if self._link.master.moves_to(bpm):
            self._say_transport()

    def unfollow(self) -> None:
        """No other clock leads any more: the tempo stays, and launches start the transport again."""
        self._follows = ""

    def transport_start(self, beat: float | None = None, at_monotonic_seconds: float | None = None) -> None:
        """Starts the transport; with both arguments so that `beat` is heard at that moment."""
        self._propose(p.PlayTransport(beat, at_monotonic_seconds))

    def transport_stop(self) -> None:
        """Stops the transport and what plays."""
        self._propose(p.StopTransport())

    def locate(self, beats: float) -> None:
        """Goes to a beat."""
        self._propose(p.Locate(beats))

    def misfits(self) -> tuple[OffTempoDeck, ...]:
        """The decks whose take could be made anew for the present tempo."""
        bpm = self._link.master.bpm
        return tuple(
            OffTempoDeck(desk.number, desk.file.path, bpm)
            for desk in self.decks.values()
            if desk.file is not None and not desk.fits
        )

    def swap(self, deck: int, path: Path) -> None:
        """At the next bar line goes on with another take of the same music, at the same place in it."""
        desk = self._link.desk(deck)
        file = take_file(path)
        desk.hold(file)
        self._link.tell(p.Swap(deck, file))

    def open_endless(self, deck: int) -> None:
        """Makes a deck one that plays rendered bars; launch it when the first are there."""
        desk, bar_beats = self._link.desk(deck), self.master.bar_beats
        self._link.tell(p.OpenEndless(deck, bar_beats))
        desk.hold_bars(bar_beats)

    def bar_ready(self, ready: p.BarReady) -> None:
        """Hands a rendered bar to an endless deck."""
        self._link.desk(ready.deck).keep_bar(ready)
        self._link.tell(ready)

    def event(self, event: Event) -> None:
        """Hears the events of jobs: a take that a deck waits for is loaded and launched."""
        self._pending.event(event)

    def status(self) -> tuple[Argument, ...]:
        """Pairs of name and value: the stream, its counts, the transport."""
        return self._link.status()

    def close(self) -> None:
        """Takes the shared memory away; the child must have ended."""
        if self.stream is not None:
            self.stream.close()

    def _propose(self, command: object) -> None:
        """Another clock may run without a stream that could follow it."""
        if self.stream is not None:
            self._link.tell(command)

    def _say_transport(self, playing: bool | None = None, beat: float | None = None) -> None:
        now, master = self.snapshot(), self._link.master
        is_playing = now.playing if now and playing is None else bool(playing)
        at = now.beat if now and beat is None else beat or 0.0
        self._deliver(s.TransportChanged(is_playing, master.bpm, at, master.bar_beats))

    def put(self, message: s.StageMessage) -> None:
        """Has a message handled in its turn. Raises asyncio.QueueFull."""
        self._inbox.put_nowait(message)

    async def work(self) -> None:
        """Handles what is `put`, strictly in its order, for ever; failures go to whoever asked."""
        while True:
            message = await self._inbox.get()
            try:
                await self.handle(message)
            except BridgeError as error:
                self._fail(message.sender, subject(message), error)
            except Exception as error:
                _log.exception("the stage could not handle %r", message)
                why = f"a fault in the daemon ({type(error).__name__}), which is in its log; it goes on"
                self._fail(message.sender, subject(message), BridgeError("internal", why))

    async def handle(self, message: s.StageMessage) -> None:
        """Do what a message asks. Raises BridgeError for whatever cannot be done."""
        if isinstance(message, s.StreamStatus):
            self._reply(message.sender, "stream/status.reply", *self.status())
            return
        if isinstance(message, s.ListDevices):
            await self._list_devices(message.sender)
            return
        self._link.require()
        match message:
            case s.LoadDeck(deck, take, bpm, sender):
                self._link.desk(deck)
                self._hold(deck, await self._found(take, bpm, sender))
            case s.LaunchDeck(deck):
                self._launch(self._link.desk(deck))
            case s.StopDeck(deck):
                self._link.desk(deck)
                self._link.tell(p.StopDeck(deck))
            case s.SetDeck(deck, name, value):
                self._values.set_deck(self._link.desk(deck), name, value)
            case s.ReadDeck(deck, name, sender):
                where, words = self._values.read_deck(self._link.desk(deck), name)
                self._reply(sender, where, *words)
            case s.AwaitJob(deck, job_id):
                self._pending.wait(self._link.desk(deck).number, job_id)
            case s.RenderToDeck(deck, render):
                number = self._link.desk(deck).number
                self._pending.wait(number, await self._accept(render))
            case s.Record(on, deck):
                self._record(on, deck)
            case _:
                self._steer(message)

    def _steer(self, message: s.StageMessage) -> None:
        match message:
            case s.SetStage(name, value):
                self._values.set_stage(name, value)
                if name == "tempo":
                    self._say_transport()
            case s.ReadStage(name, sender):
                self._reply(sender, *self._values.read_stage(name))
            case s.SetMeter(numerator, denominator):
                self._link.master.bar_beats = 4 * numerator / denominator
                self._link.tell(p.SetMeter(self._link.master.bar_beats))
                self._say_transport()
            case s.PlayTransport():
                self._link.tell(p.PlayTransport())
                self._say_transport(playing=True)
            case s.StopTransport():
                self._link.tell(p.StopTransport())
                self._say_transport(playing=False)
            case s.Locate(beat):
                self._link.tell(p.Locate(beat))
                self._say_transport(beat=beat)
            case s.Panic():
                self._pending.forget()
                self._link.tell(p.Panic())
            case s.Undo():
                self._link.tell(p.Undo())
            case s.ChooseDevice(device):
                self._link.require().choose(device)

    async def _found(self, take: str, bpm: float | None, sender: Peer | None) -> p.TakeFile:
        """A named take with its tempo, read beside the loop: a network drive may hang."""
        file = await run_abandonable(lambda: take_file(self._find(take, sender), bpm), _FIND_SECONDS)
        if file is None:
            raise BridgeError("source", f"`{Path(take).name}`: its disk does not answer; choose another take")
        return file

    def _find(self, take: str, sender: Peer | None) -> Path:
        """The file that a client named, if it may name it."""
        allowed = self._settings.folders_for(sender.host) if sender else None
        folders = [self._library.takes_folder, self._library.folder]
        if allowed is not None:
            allowed = (*allowed, *folders)
        with open_named(take, allowed_folders=allowed, bases=folders) as file:
            return Path(file.name)

    def _hold(self, deck: int, file: p.TakeFile, launch: s.Quantise | None = None) -> None:
        desk = self._link.desk(deck)
        desk.hold(file)
        self._link.tell(p.LoadDeck(deck, file, launch))
        self._deliver(s.DeckChanged(deck, "loading", desk.take))

    def _hold_made(self, deck: int, path: Path) -> None:
        self._hold(deck, take_file(path), launch="1")

    def _launch(self, desk: DeckState) -> None:
        if desk.file is None and not desk.endless:
            raise BridgeError(
                "missing",
                f"deck {desk.number} is empty: load a take first (`/msanii/deck/{desk.number}/load`)",
            )
        self._link.tell(p.LaunchDeck(desk.number, starts_transport=not self._follows))

    def _record(self, on: bool, deck: int | None) -> None:
        number = self._link.desk(deck).number if deck is not None else 0
        if not on:
            self._link.tell(p.Record(number, None))
            return
        folder = self._library.folder / "recordings"
        make_folder(folder)
        self._link.tell(p.Record(number, new_recording(folder, number)))

    async def _list_devices(self, sender: Peer | None) -> None:
        for found in await probe_devices():
            row = (found.index, found.name, found.host, found.channels, found.rate, int(found.is_default))
            self._reply(sender, "stream/devices.reply", *row)
