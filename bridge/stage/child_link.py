"""The stage's link to its audio child: sends commands, handles reports, restores a restarted child."""

from __future__ import annotations

import time
from collections.abc import Callable

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.messages import Argument, BridgeError, Event, ValueChanged
from bridge.messages import stage as s
from bridge.outputs.stream import AudioStream, ChildLost, ChildUp
from bridge.settings import Settings
from bridge.stage.decks import DeckState, Master
from bridge.stage.recordings import Recordings


class StageLink:
    """Keeps the state of decks and master for a restarted child; delivers the child's reports as events.

    `on_report` is called with each `BarReport`, `BehindReport` and `DeckReport`; endless mode needs these.
    `on_input` is called with what the child reports of the input, and when the child is lost.
    """

    def __init__(self, settings: Settings, deliver: Callable[[Event], None]) -> None:
        self._deliver = deliver
        self._is_up = False
        self._hurt = (0, 0)
        self.on_report: Callable[[object], None] = lambda _report: None
        self.on_input: Callable[[object], None] = lambda _report: None
        self.decks = {number: DeckState(number) for number in range(1, settings.decks + 1)}
        self.master = Master()
        self._retiming: dict[int, p.TakeFile] = {}
        self.recordings = Recordings(settings.library / "recordings", self.tell, deliver)
        self.stream = AudioStream(stream_settings(settings), self._heard) if settings.stream else None

    def tell(self, command: object) -> bool:
        """Send the child a command, if it is up. Else return False: it gets the whole state once it is."""
        stream = self.require()
        self.master.note(command)
        if self._is_up:
            return stream.send(command)
        if isinstance(command, p.Locate):
            self.master.move(beat=command.beat)
        return False

    def retime(self, deck: int, take: p.TakeFile) -> None:
        """Give a deck's take the tempo that was heard in it. Subscribers hear of it once a launch has it."""
        self.desk(deck).retime(take)
        if self.tell(p.Retime(deck, take)):
            self._retiming[deck] = take
        else:
            self._tell_heard(deck, take)

    def require(self) -> AudioStream:
        """Return the stream. Raises BridgeError `missing` if the daemon runs without one."""
        if self.stream is None:
            raise BridgeError(
                "missing", "there is no stream: start the daemon with `msanii-bridge serve --stream`"
            )
        return self.stream

    def desk(self, deck: int) -> DeckState:
        """Return a deck by its number. Raises BridgeError `value` if there is no such deck."""
        if deck not in self.decks:
            raise BridgeError(
                "value",
                f"deck {deck}: there are {len(self.decks)}; choose one, or set `decks` in the settings",
            )
        return self.decks[deck]

    def status(self) -> tuple[Argument, ...]:
        """Return name-value pairs: the stream, its counters, the transport."""
        if self.stream is None:
            return ("state", "off")
        state, counts, now = self.stream.state, self.stream.counts(), self.stream.snapshot()
        return (
            "state", state.state, "device", state.device, "rate", state.rate, "channels", state.channels,
            "note", state.note, "pid", self.stream.pid, "recording", str(self.recordings),
            "underruns", counts.underruns, "starved", counts.starved, "callbacks", counts.callbacks,
            "worst_callback_ms", counts.worst_callback_ns / 1e6,
            "worst_block_ms", counts.worst_block_ns / 1e6,
            "playing", int(now.playing) if now else 0, "bpm", now.bpm if now else self.master.bpm,
            "beat", now.beat_at(time.monotonic()) if now else 0.0,
        )  # fmt: skip

    def watch_hurt(self) -> None:
        """Deliver `StreamHurt` if there were dropouts since the last call."""
        if self.stream is None:
            return
        counts = self.stream.counts()
        hurt = (counts.starved, counts.underruns)
        if hurt != self._hurt and hurt != (0, 0):
            self._deliver(s.StreamHurt(*hurt))
        self._hurt = hurt

    def _heard(self, report: object) -> None:
        """Handle a report from the child, or about its process. Runs in the event loop."""
        match report:
            case ChildUp():
                self._tell_all()
            case ChildLost():
                self._lost(report)
                self.on_input(report)
            case r.InputReport() | r.Caught() | r.CatchFailed():
                self.on_input(report)
            case r.StreamOpened(device, _rate, _channels, note):
                self._deliver(s.StreamChanged("playing", device, note))
            case r.NoDevice(_code, reason):
                self._deliver(s.StreamChanged("no device", "", reason))
            case r.DeckReport():
                self._deck_changed(report)
                self.on_report(report)
            case r.RetimedReport(deck, take):
                self._retiming.pop(deck, None)
                self._tell_heard(deck, take)
            case r.DeckFailed(deck, code, message):
                desk = self.decks[deck]
                desk.give_back()
                self._deliver(s.DeckFailed(deck, code, message))
                self._deliver(s.DeckChanged(deck, desk.activity, desk.take, desk.line))
            case r.NotLoaded(deck):
                desk = self.decks[deck]
                desk.give_back()
                self._deliver(s.DeckChanged(deck, desk.activity, desk.take, desk.line))
            case r.TempoReport(bpm, count):
                self._tempo_changed(bpm, count)
            case r.TransportReport(playing, beat):
                self._transport_changed(playing, beat)
            case r.BehindReport(deck, bar):
                self._deliver(s.DeckBehind(deck, bar))
                self.on_report(report)
            case r.BarReport():
                self.on_report(report)
            case r.RecordingBegun():
                self.recordings.begun(report)
            case r.RecordingReport():
                self.recordings.ended(report)
        self.watch_hurt()

    def _lost(self, loss: ChildLost) -> None:
        self._is_up = False
        self.master.last = loss.last
        self.recordings.child_is_lost()
        device = self.stream.state.device if self.stream else ""
        if loss.on_purpose:
            self._deliver(s.StreamChanged("starting", device, "the device is changed"))
        else:
            self._deliver(s.StreamChanged("lost", device, loss.reason))

    def _deck_changed(self, report: r.DeckReport) -> None:
        desk = self.decks[report.deck]
        if report.activity == "empty" and (desk.file is not None or desk.endless):
            return  # a restarted child that has not loaded anything yet
        desk.reported(report)
        self._deliver(s.DeckChanged(report.deck, desk.activity, desk.take, desk.line))

    def _tell_heard(self, deck: int, take: p.TakeFile) -> None:
        bpm, beats = take.bpm or 0.0, take.beats or 0.0
        self._deliver(s.DeckHeard(deck, take.path.name, bpm, beats, take.first_beat_seconds))

    def _tempo_changed(self, bpm: float, count: int) -> None:
        """Tell the tempo of a scene, unless a client has set another since the scene was launched."""
        master = self.master
        if count != master.tempo_count:
            return
        master.bpm = bpm
        now = self.stream.snapshot() if self.stream else None
        beat = now.beat_at(time.monotonic()) if now else 0.0
        self._deliver(ValueChanged("transport/tempo", bpm))
        self._deliver(s.TransportChanged(master.told_playing, bpm, beat, master.bar_beats))

    def _transport_changed(self, playing: bool, beat: float) -> None:
        """Tell what a launch or another clock has done; what a client did is told already."""
        master = self.master
        master.runs = playing
        if playing != master.told_playing:
            master.told_playing = playing
            self._deliver(s.TransportChanged(playing, master.bpm, beat, master.bar_beats))

    def _tell_all(self) -> None:
        """Restore the state of the last child in a restarted one."""
        self._is_up = True
        if self.stream is None:
            return
        if self.master.runs != (self.master.last is not None and self.master.last.playing):
            self.master.move(playing=self.master.runs)
        for command in self.master.restore_commands():
            self.stream.send(command)
        for desk in self.decks.values():
            for command in desk.restore_commands():
                self.stream.send(command)
        # What the last child was to retime, the new one has loaded with its tempo.
        for deck, take in self._retiming.items():
            if self.decks[deck].file == take:
                self._tell_heard(deck, take)
        self._retiming.clear()
        self.recordings.child_is_up()


def stream_settings(settings: Settings) -> p.StreamSettings:
    """Return the stream's part of the user's settings; the stream fills in the shared memory's names."""
    return p.StreamSettings(
        device=settings.audio_device,
        rate=settings.audio_rate,
        channels=settings.audio_channels,
        latency_seconds=settings.latency_ms / 1000,
        decks=settings.decks,
        crossfade_seconds=settings.crossfade_ms / 1000,
        counters="",
        snapshots="",
        levels="",
        input=settings.input,
        input_channels=settings.input_channels,
        input_first_channel=settings.input_first_channel,
        round_trip_seconds=None if settings.round_trip_ms is None else settings.round_trip_ms / 1000,
    )
