"""Between the stage and its audio child: commands out, reports in, and all of it again for a fresh child."""

from __future__ import annotations

from collections.abc import Callable

from bridge.audio_child import protocol as p
from bridge.messages import Argument, BridgeError, Event
from bridge.messages import stage as s
from bridge.outputs.stream import AudioStream, ChildLost, ChildUp
from bridge.settings import Settings
from bridge.stage.decks import DeckState, Master


class StageLink:
    """Holds what was asked of the child, so that it can be asked of the next one; tells the rest as events.

    `on_report` may be set by who feeds endless decks: it hears `BarReport`, `BehindReport` and `DeckReport`.
    """

    def __init__(self, settings: Settings, deliver: Callable[[Event], None]) -> None:
        self._deliver = deliver
        self._is_up = False
        self._hurt = (0, 0)
        self.on_report: Callable[[object], None] = lambda _report: None
        self.decks = {number: DeckState(number) for number in range(1, settings.decks + 1)}
        self.master = Master()
        self.stream = AudioStream(stream_settings(settings), self._heard) if settings.stream else None

    def tell(self, command: object) -> None:
        """Gives the child a command; one that is not up yet is told everything once it is."""
        stream = self.require()
        if self._is_up:
            stream.send(command)

    def require(self) -> AudioStream:
        """The stream. Raises BridgeError `missing` when the daemon was started without."""
        if self.stream is None:
            raise BridgeError(
                "missing", "there is no stream: start the daemon with `msanii-bridge serve --stream`"
            )
        return self.stream

    def desk(self, deck: int) -> DeckState:
        """A deck by its number. Raises BridgeError `value` when there is none."""
        if deck not in self.decks:
            raise BridgeError(
                "value",
                f"deck {deck}: there are {len(self.decks)}; choose one, or set `decks` in the settings",
            )
        return self.decks[deck]

    def status(self) -> tuple[Argument, ...]:
        """Pairs of name and value: the stream, its counts, the transport."""
        if self.stream is None:
            return ("state", "off")
        state, counts, now = self.stream.state, self.stream.counts(), self.stream.snapshot()
        return (
            "state", state.state, "device", state.device, "rate", state.rate, "channels", state.channels,
            "note", state.note, "pid", self.stream.pid,
            "underruns", counts.underruns, "starved", counts.starved, "callbacks", counts.callbacks,
            "worst_callback_ms", counts.worst_callback_ns / 1e6,
            "worst_block_ms", counts.worst_block_ns / 1e6,
            "playing", int(now.playing) if now else 0, "bpm", now.bpm if now else self.master.bpm,
            "beat", now.beat if now else 0.0,
        )  # fmt: skip

    def watch_hurt(self) -> None:
        """Says it when sound was missing since the last time."""
        if self.stream is None:
            return
        counts = self.stream.counts()
        hurt = (counts.starved, counts.underruns)
        if hurt != self._hurt and hurt != (0, 0):
            self._deliver(s.StreamHurt(*hurt))
        self._hurt = hurt

    def _heard(self, report: object) -> None:
        """In the loop: one report of the child, or of what became of it."""
        match report:
            case ChildUp():
                self._tell_all()
            case ChildLost():
                self._lost(report)
            case p.StreamOpened(device, _rate, _channels, note):
                self._deliver(s.StreamChanged("playing", device, note))
            case p.NoDevice(_code, reason):
                self._deliver(s.StreamChanged("no device", "", reason))
            case p.DeckReport():
                self._deck_changed(report)
                self.on_report(report)
            case p.DeckFailed(deck, code, message):
                desk = self.decks[deck]
                desk.give_back()
                self._deliver(s.DeckFailed(deck, code, message))
                self._deliver(s.DeckChanged(deck, desk.activity, desk.take))
            case p.BehindReport(deck, bar):
                self._deliver(s.DeckBehind(deck, bar))
                self.on_report(report)
            case p.BarReport():
                self.on_report(report)
            case p.RecordingReport(deck, path, seconds, trouble):
                self._recorded(deck, str(path), seconds, trouble)
        self.watch_hurt()

    def _lost(self, loss: ChildLost) -> None:
        self._is_up = False
        self.master.last = loss.last
        device = self.stream.state.device if self.stream else ""
        if loss.on_purpose:
            self._deliver(s.StreamChanged("starting", device, "the device is changed"))
        else:
            self._deliver(s.StreamChanged("lost", device, loss.reason))

    def _deck_changed(self, report: p.DeckReport) -> None:
        desk = self.decks[report.deck]
        if report.activity == "empty" and (desk.file is not None or desk.endless):
            return  # a fresh child, before it has what it is told of
        desk.activity, desk.launch_beat, desk.fits = report.activity, report.launch_beat, report.fits
        self._deliver(s.DeckChanged(report.deck, report.activity, desk.take))

    def _recorded(self, deck: int, path: str, seconds: float, trouble: str) -> None:
        if not trouble:
            self._deliver(s.Recorded(deck, path, seconds))
            return
        message = f"the recording ended after {seconds:.1f} s ({trouble}); what was written is in {path}"
        self._deliver(s.DeckFailed(deck, "disk", message))

    def _tell_all(self) -> None:
        """A fresh child: makes it what the last one was."""
        self._is_up = True
        if self.stream is None:
            return
        clock_runs = self.master.last is not None and self.master.last.playing
        for command in self.master.restore_commands():
            self.stream.send(command)
        for desk in self.decks.values():
            for command in desk.restore_commands(clock_runs):
                self.stream.send(command)


def stream_settings(settings: Settings) -> p.StreamSettings:
    """What the user's settings say of the stream."""
    return p.StreamSettings(
        device=settings.audio_device,
        rate=settings.audio_rate,
        channels=settings.audio_channels,
        latency_seconds=settings.latency_ms / 1000,
        decks=settings.decks,
        crossfade_seconds=settings.crossfade_ms / 1000,
        counters="",
        snapshots="",
    )
