"""The daemon's side of the live stage: carries out messages for decks and transport on the audio child."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from bridge.audio_child import protocol as p
from bridge.audio_child.shared_memory.snapshot import Snapshot
from bridge.library.takes import Library
from bridge.messages import Argument, BridgeError, Event, Message, Peer, Render, ValueChanged
from bridge.messages import stage as s
from bridge.outputs.outlet import Outlet
from bridge.outputs.stream import AudioStream, probe_devices
from bridge.settings import Settings
from bridge.stage.answers import StageAnswers
from bridge.stage.beats import tell_beats
from bridge.stage.catching import Catching
from bridge.stage.child_link import StageLink
from bridge.stage.deck_ears import DeckEars, Ears
from bridge.stage.decks import DeckState, Master, OffTempoDeck, take_file
from bridge.stage.find_take import TakeFinder
from bridge.stage.orders import StageOrders
from bridge.stage.pending import PendingDecks
from bridge.stage.scenes.follow_actions import FollowActions
from bridge.stage.scenes.scenes import Scenes
from bridge.stage.values import StageValues
from bridge.system.inbox import Handler, Handlers
from bridge.system.kept_answer import KeptAnswer

_DEVICES_SECONDS = 2.0  # how long a list of the devices is kept for others who ask

Accept = Callable[[Render], Awaitable[str]]


class Stage:
    """Decks, transport and stream as the daemon sees them. Use it only in the event loop.

    `accept` queues a render and returns its job id, `cancel` cancels that job, `job_state` returns a job's
    state in the queue, `ears` hear the tempo of audio from elsewhere, `catches_float` says whether caught
    bars are kept as 32-bit floats.
    `render_handlers` are for messages that must stay in order with renders, `slow_handlers` for those that
    wait for another process and so must not stand in a queue, `handlers` for all others.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        outlet: Outlet,
        accept: Accept,
        job_state: Callable[[str], str | None],
        cancel: Callable[[str], None],
        ears: Ears,
        catches_float: Callable[[], bool] = lambda: False,
    ) -> None:
        self._library = library
        self._outlet = outlet
        self._accept = accept
        self._finder = TakeFinder(settings, library)
        self._link = StageLink(settings, outlet.deliver)
        self._ears = DeckEars(ears, self._link)
        self._hears = settings.hear_sources
        self._values = StageValues(self._link, outlet)
        self._pending = PendingDecks(library, job_state, self._hold_made)
        self._orders = StageOrders(self._link, outlet.deliver, cancel)
        self._follows = ""
        self._answers = StageAnswers(self._link, outlet)
        self._scenes = Scenes(
            settings, library, outlet, link=self._link, orders=self._orders, finder=self._finder,
            ears=self._ears if self._hears else None, clock_leads=lambda: bool(self._follows),
            starts_transport=lambda: self._launch_starts_transport,
            set_tempo=lambda bpm: self._set_stage(s.SetStage("tempo", bpm)),
        )  # fmt: skip
        self._following = FollowActions(
            self._link, self._scenes, library, outlet, snapshot=self.snapshot,
            choice=random.Random(),  # noqa: S311  (music, not secrets)
        )  # fmt: skip
        self._catching = Catching(self._link, library, outlet, catches_float, self._hold_caught)
        self.handlers: Handlers = {
            s.StreamStatus: self._tell_status,
            **self._on_stream({
                s.LoadDeck: self._load,
                s.LaunchDeck: self._press,
                s.ReleaseDeck: self._let_go,
                s.StopDeck: lambda message: self.stop(message.deck),
                s.SetDeck: self._set_deck,
                s.ReadDeck: self._read_deck,
                s.Record: self._record,
                s.SetStage: self._set_stage,
                s.ReadStage: self._read_stage,
                s.SetMeter: self._set_meter,
                s.PlayTransport: self._play,
                s.StopTransport: self._stop_transport,
                s.Locate: self._locate,
                s.Panic: self.panic,
                s.Undo: lambda _message: self._orders.undo(),
                s.ChooseDevice: self._choose_device,
                s.ReadLevels: self._tell_levels,
                **self._scenes.handlers,
                s.ChooseInput: self._catching.choose,
                s.ReadInputLevel: self._catching.tell_level,
            }),
        }  # fmt: skip
        self._devices = KeptAnswer(probe_devices, _DEVICES_SECONDS)
        self.slow_handlers: Handlers = {
            s.ListDevices: self._list_devices,
            s.Catch: self._catching.catch,
        }
        self.render_handlers = self._on_stream({s.AwaitJob: self._await_job, s.RenderToDeck: self._render})

    @property
    def stream(self) -> AudioStream | None:
        """The audio child, which the supervisor watches; None without `--stream`."""
        return self._link.stream

    @property
    def decks(self) -> Mapping[int, DeckState]:
        """Every deck by its number."""
        return self._link.decks

    @property
    def master(self) -> Master:
        """Tempo, bar length, gain and nudge, as clients know them."""
        return self._link.master

    def on_report(self, listener: Callable[[object], None]) -> None:
        """Set the listener for the child's `BarReport`, `BehindReport` and `DeckReport`."""
        self._link.on_report = listener

    @property
    def snapshot_name(self) -> str:
        """The name of the shared memory with the snapshots, for other children; empty without a stream."""
        return self.stream.snapshot_name if self.stream else ""

    def snapshot(self) -> Snapshot | None:
        """Return the transport's position; None without a stream, or before the first snapshot."""
        return self.stream.snapshot() if self.stream else None

    @property
    def rate(self) -> int:
        """The stream's rate in hertz; 0 before it is known."""
        return self.stream.state.rate if self.stream else 0

    def follow(self, source: str, bpm: float, beat: float | None, at_monotonic_seconds: float) -> None:
        """Follow an external clock: its tempo and, if known, its beat at a time of time.monotonic."""
        self._follows = source
        self._propose(p.Follow(bpm, beat, at_monotonic_seconds, free_running=source == "link"))
        if self._link.master.moves_to(bpm):
            self._outlet.deliver(ValueChanged("transport/tempo", bpm))
            self._say_transport()

    def unfollow(self) -> None:
        """Stop following an external clock: the tempo stays, and launches start the transport again."""
        self._follows = ""
        self._propose(p.Unfollow())

    def transport_start(self, beat: float | None = None, at_monotonic_seconds: float | None = None) -> None:
        """Start the transport; with both arguments, such that `beat` is heard at that time."""
        self._propose(p.PlayTransport(beat, at_monotonic_seconds))

    def transport_stop(self) -> None:
        """Stop the transport and the playing decks."""
        self._propose(p.StopTransport())

    def locate(self, beats: float) -> None:
        """Jump to a beat."""
        self._propose(p.Locate(beats))

    def value_of(self, path: str) -> s.Setting | None:
        """Return the value at an address without its root, such as `deck/1/gain`; None if it has none."""
        return self._values.value_of(path)

    def misfits(self) -> tuple[OffTempoDeck, ...]:
        """Return the decks whose take does not fit the current tempo."""
        bpm = self._link.master.bpm
        return tuple(
            OffTempoDeck(desk.number, desk.file.path, bpm)
            for desk in self.decks.values()
            if desk.file is not None and not desk.fits and desk.ordered != "panic"
        )

    def swap(self, deck: int, path: Path) -> None:
        """At the next bar line, switch to another take of the same music, at the same position."""
        desk = self._link.desk(deck)
        file = take_file(path)
        desk.hold(file)
        self._link.tell(p.Swap(deck, file))

    def launch(self, deck: int) -> None:
        """Launch a deck, quantised. Raises BridgeError `missing` if it is empty, or without a stream."""
        desk = self._link.desk(deck)
        if desk.file is None and not desk.endless:
            why = f"deck {deck} is empty: load a take first (`/msanii/deck/{deck}/load`)"
            raise BridgeError("missing", why)
        self._orders.launch(desk)
        self._link.tell(p.LaunchDeck(deck, starts_transport=self._launch_starts_transport))

    def stop(self, deck: int) -> None:
        """Stop a deck, quantised. Raises BridgeError `missing` without a stream."""
        desk = self._link.desk(deck)
        self._orders.stop(desk)
        self._link.tell(p.StopDeck(deck))

    def open_endless(self, deck: int) -> None:
        """Turn a deck into an endless deck; launch it once its first bars are rendered."""
        desk, bar_beats = self._link.desk(deck), self.master.bar_beats
        self._orders.ask_for_music(desk)
        self._link.tell(p.OpenEndless(deck, bar_beats))
        desk.hold_bars(bar_beats)

    def bar_ready(self, ready: p.BarReady) -> None:
        """Send a rendered bar to its endless deck."""
        self._link.desk(ready.deck).keep_bar(ready)
        self._link.tell(ready)

    async def tell_beats(self) -> None:
        """Deliver every beat when it is heard, for ever."""
        await tell_beats(self.snapshot, lambda: self.master.beats_per_bar, self._outlet.deliver)

    async def find_take(self, take: str, sender: Peer | None) -> p.TakeFile:
        """Return a take by name, with its tempo or that which was heard in it. Raises BridgeError."""
        file = await self._finder.find(take, None, sender)
        return file if file.bpm is not None or not self._hears else await self._ears.known(file)

    async def follow_actions(self) -> None:
        """Carry out the decks' follow actions, for ever."""
        await self._following.follow()

    def event(self, event: Event) -> None:
        """Handle any event: load and launch a take that a deck waits for, tell whether scenes play."""
        self._pending.event(event)
        self._scenes.event(event)

    def tell_scenes(self) -> None:
        """Tell everybody which scenes there are, as the daemon starts."""
        self._scenes.tell()

    def status(self) -> tuple[Argument, ...]:
        """Return name-value pairs: the stream, its counters, the transport."""
        return (*self._link.status(), *(self._catching.status() if self.stream else ()))

    async def stop_work(self) -> None:
        """Stop hearing what decks hold, and finish writing the scenes."""
        await self._ears.stop()
        await self._scenes.close()

    def close(self) -> None:
        """Free the shared memory. The child must have ended."""
        if self.stream is not None:
            self.stream.close()

    @property
    def _launch_starts_transport(self) -> bool:
        """Not while MIDI clock leads: its sequencer says start. With Link a launch joins the beat."""
        return self._follows != "midi"

    def _propose(self, command: object) -> None:
        """Send an external clock's command; ignored without a stream, since the clock may run without one."""
        if self.stream is not None:
            self._link.tell(command)

    def _say_transport(self, playing: bool | None = None, beat: float | None = None) -> None:
        now, master = self.snapshot(), self._link.master
        is_playing = master.told_playing if playing is None else playing
        at = now.beat_at(time.monotonic()) if now and beat is None else beat or 0.0
        master.told_playing = is_playing
        self._outlet.deliver(s.TransportChanged(is_playing, master.bpm, at, master.bar_beats))

    # --- messages from OSC and MIDI ---------------------------------------------------------------------

    def _on_stream(self, handlers: Handlers) -> Handlers:
        """Wrap handlers so that each raises BridgeError `missing` if there is no stream."""

        def checked(handler: Handler, message: Message) -> Awaitable[object] | None:
            self._link.require()
            return self._answers.answered(handler, message)

        return {kind: partial(checked, handler) for kind, handler in handlers.items()}

    def _tell_status(self, message: s.StreamStatus) -> None:
        self._outlet.reply(message.sender, "stream/status.reply", *self.status())

    def _tell_levels(self, message: s.ReadLevels) -> None:
        self._outlet.reply(message.sender, "stream/levels.reply", *self._link.require().levels())

    async def _list_devices(self, message: s.ListDevices) -> None:
        devices = await self._devices.get()
        for found in devices:
            row = (
                found.index, found.name, found.host, found.channels, found.rate, int(found.is_default),
                found.inputs, int(found.is_default_input),
            )  # fmt: skip
            self._outlet.reply(message.sender, "stream/devices.reply", *row)
        self._outlet.reply(message.sender, "stream/devices/end.reply", len(devices))

    async def _load(self, message: s.LoadDeck) -> None:
        self._link.desk(message.deck)
        file = await self._finder.find(message.take, message.bpm, message.sender)
        self._hold(message.deck, file)
        if file.bpm is None and self._hears:
            self._ears.listen(message.deck, file)

    def _press(self, message: s.LaunchDeck) -> None:
        desk, now = self._link.desk(message.deck), self.snapshot()
        is_toggle = desk.values["launch_mode"] == "toggle"
        # On a stage that stands nothing sounds that a press could stop.
        if is_toggle and desk.is_launched and (now is None or now.playing):
            self.stop(desk.number)
        else:
            self.launch(desk.number)

    def _let_go(self, message: s.ReleaseDeck) -> None:
        desk = self._link.desk(message.deck)
        if desk.values["launch_mode"] == "gate" and desk.ordered != "panic":
            self.stop(desk.number)

    def _set_deck(self, message: s.SetDeck) -> None:
        self._values.set_deck(self._link.desk(message.deck), message.name, message.value, message.sender)

    def _read_deck(self, message: s.ReadDeck) -> None:
        self._values.read_deck(self._link.desk(message.deck), message.name, message)

    def _await_job(self, message: s.AwaitJob) -> None:
        self._pending.wait(self._link.desk(message.deck).number, message.job_id)
        self._orders.ask_for_music(self._link.desk(message.deck))

    async def _render(self, message: s.RenderToDeck) -> None:
        desk, panics = self._link.desk(message.deck), self._orders.panics
        job_id = await self._accept(replace(message.render, sender=message.sender))
        if self._orders.panics != panics:
            self._orders.cancel(job_id)
            return
        self._pending.wait(desk.number, job_id, is_for_deck=True)
        self._orders.ask_for_music(desk)

    def _record(self, message: s.Record) -> None:
        number = self._link.desk(message.deck).number if message.deck is not None else 0
        recordings = self._link.recordings
        path = recordings.begin(number) if message.on else recordings.end(number)
        self._answers.recording(message, path)

    def _set_stage(self, message: s.SetStage) -> None:
        self._values.set_stage(message.name, message.value, message.sender)
        if message.name == "tempo":
            self._say_transport()

    def _read_stage(self, message: s.ReadStage) -> None:
        self._values.read_stage(message.name, message)

    def _set_meter(self, message: s.SetMeter) -> None:
        self._values.set_meter(message.numerator, message.denominator, message.sender)
        self._say_transport()

    def _play(self, _message: s.PlayTransport) -> None:
        self._link.tell(p.PlayTransport())
        self._say_transport(playing=True)

    def _stop_transport(self, _message: s.StopTransport) -> None:
        self._orders.transport_stops += 1
        self._link.tell(p.StopTransport())
        self._say_transport(playing=False)

    def _locate(self, message: s.Locate) -> None:
        self._link.tell(p.Locate(message.beat))
        self._say_transport(beat=message.beat)

    def panic(self, _message: s.Panic) -> None:
        """Silence every deck, and cancel what is on its way to one. Raises BridgeError without a stream."""
        self._link.require()
        self._orders.panic(self._pending)

    def _choose_device(self, message: s.ChooseDevice) -> None:
        self._link.require().choose(message.device)

    # --- takes ------------------------------------------------------------------------------------------

    def _hold(self, deck: int, file: p.TakeFile, launch: s.Quantise | None = None) -> None:
        desk = self._link.desk(deck)
        desk.hold(file)
        if launch is not None:
            self._orders.launch(desk)
        self._link.tell(p.LoadDeck(deck, file, launch, starts_transport=self._launch_starts_transport))
        self._outlet.deliver(s.DeckChanged(deck, "loading", file.path.name))

    def _hold_caught(self, deck: int, path: Path) -> None:
        launch = self._link.desk(deck).values["quantise"]
        self._hold(deck, take_file(path), launch=cast(s.Quantise, launch))

    def _hold_made(self, deck: int, path: Path) -> None:
        self._hold(deck, take_file(path), launch="1")
