"""Carries out the daemon's commands on mixer, loader and recorder."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bridge.audio_child import protocol as p
from bridge.audio_child.deck import Deck, linear
from bridge.audio_child.endless import Audio, Bars, padded_bar, runs_of_one_length
from bridge.audio_child.loading import Loader, load_bar, load_take, stretch_bars, stretch_take
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.recorder import Recorder
from bridge.audio_child.renderer import Renderer
from bridge.audio_child.voices import LoadedTake
from bridge.messages import BridgeError
from bridge.messages.stage import Quantise

# Takes are stretched only to a tempo that has been stable for this long: a fader sweeps through many.
_TEMPO_RESTS_SECONDS = 0.4


class Orders:
    """Carries out commands; `report` sends the daemon the errors of those that run in the loader."""

    def __init__(
        self,
        mixer: Mixer,
        renderer: Renderer,
        loader: Loader,
        recorder: Recorder,
        report: Callable[[object], None],
    ) -> None:
        self._mixer = mixer
        self._renderer = renderer
        self._loader = loader
        self._recorder = recorder
        self._report = report
        self._asked: dict[int, p.TakeFile] = {}  # the last take requested for each deck
        self._files: dict[Path, p.TakeFile] = {}  # every take ever requested
        self._loading: dict[int, bool] = {}  # decks that are loading, and whether to launch them afterwards
        self._stretched: dict[int, float] = {}
        self._bars: dict[int, Bars] = {}  # of decks whose last command was to become endless
        self._tempo = (mixer.transport.bpm, time.monotonic())

    def obey(self, command: object) -> None:
        """Carry out a command, now or once the loader is ready."""
        mixer = self._mixer
        match command:
            case p.LoadDeck(number, take, launch):
                self._load(number, take, partial(self._loaded, launch=launch))
            case p.Swap(number, take):
                self._load(number, take, self._swapped)
            case p.Resume(number, take, launch_beat):
                self._load(number, take, partial(self._resumed, launch_beat=launch_beat))
            case p.LaunchDeck(number, starts_transport):
                mixer.do(lambda: self._launch(mixer.decks[number], starts_transport))
            case p.StopDeck(number):
                mixer.do(lambda: self._stop(mixer.decks[number]))
            case p.SetDeck(number, name, value):
                mixer.do(lambda: setattr(mixer.decks[number], name, value))
            case p.OpenEndless(number, bar_beats, launch_beat):
                self._open_endless(mixer.decks[number], Bars(bar_beats), launch_beat)
            case p.BarReady():
                self._put_bar(command)
            case p.Record(number, path):
                if path is None:
                    self._recorder.end(number)
                else:
                    self._recorder.begin(number, path)
            case _:
                self._steer(command)

    def look_after_tempo(self) -> None:
        """Once the tempo is stable, stretch takes and bars to it on decks with `stretch` on."""
        bpm, since = self._tempo
        now = self._mixer.transport.nominal_bpm
        if bpm != now:
            self._tempo = (now, time.monotonic())
            return
        if time.monotonic() - since < _TEMPO_RESTS_SECONDS:
            return
        for number, deck in self._mixer.decks.items():
            self._stretch_bars(deck, bpm)
            take = deck.take
            if take is None or take.bpm is None or not deck.stretch or number in self._loading:
                continue
            if not take.fits(bpm) and self._stretched.get(number) != bpm:
                self._stretched[number] = bpm
                # From the file, never from a stretched version.
                file = self._files[take.path]
                self._put(number, file, partial(stretch_take, file, self._mixer.rate, bpm), self._swapped)

    def _steer(self, command: object) -> None:
        """Carry out a command for the whole stage."""
        mixer = self._mixer
        match command:
            case p.SetStage("gain", decibels):
                mixer.do(lambda: mixer.set_gain(linear(decibels)))
            case p.SetStage("nudge_ms", milliseconds):
                mixer.do(lambda: setattr(mixer, "nudge_seconds", milliseconds / 1000))
            case p.SetStage("tempo", bpm):
                mixer.do(lambda: mixer.set_tempo(bpm))
            case p.SetMeter(bar_beats):
                mixer.do(lambda: mixer.transport.set_bar(bar_beats, mixer.frame))
            case p.PlayTransport(beat, at_seconds):
                mixer.do(lambda: self._play(beat, at_seconds))
            case p.StopTransport():
                mixer.do(mixer.stop)
            case p.Locate(place):
                mixer.do(lambda: mixer.locate(place))
            case p.Publish():
                mixer.do(self._renderer.publish)
            case p.Follow(bpm, beat, at_seconds):
                mixer.do(lambda: self._follow(bpm, beat, at_seconds))
            case p.Panic():
                mixer.do(mixer.panic)
            case p.Undo():
                mixer.do(mixer.undo)

    def _play(self, beat: float | None, at_seconds: float | None) -> None:
        mixer = self._mixer
        if beat is not None:
            late = 0.0 if at_seconds is None else self._beats_since(at_seconds, mixer.transport.bpm)
            mixer.locate(beat + late)  # decks that are playing jump along
        mixer.play()

    def _follow(self, bpm: float, beat: float | None, at_seconds: float) -> None:
        self._mixer.follow(bpm, None if beat is None else beat + self._beats_since(at_seconds, bpm))

    def _beats_since(self, at_seconds: float, bpm: float) -> float:
        """Return the beats from a time of time.monotonic until the next mixed frame is heard."""
        return (self._renderer.heard_at(self._mixer.frame) - at_seconds) * bpm / 60

    def _launch(self, deck: Deck, starts_transport: bool) -> None:
        """Launch a deck; if it is loading, as soon as that is done."""
        if deck.number in self._loading:
            self._loading[deck.number] = True
        else:
            self._mixer.launch(deck, starts_transport=starts_transport)

    def _stop(self, deck: Deck) -> None:
        if deck.number in self._loading:
            self._loading[deck.number] = False
        deck.arm_stop(self._mixer.frame)

    # --- takes ---

    def _load(self, number: int, file: p.TakeFile, then: Callable[[Deck, LoadedTake], None]) -> None:
        self._files[file.path] = file
        self._loading[number] = False
        self._stretched.pop(number, None)
        self._bars.pop(number, None)
        self._put(number, file, lambda: load_take(file, self._mixer.rate), then)

    def _put(
        self,
        number: int,
        file: p.TakeFile,
        make: Callable[[], LoadedTake],
        then: Callable[[Deck, LoadedTake], None],
    ) -> None:
        self._asked[number] = file

        def task() -> None:
            take = make()
            if self._asked.get(number) is file:  # no other take was requested meanwhile
                self._mixer.do(lambda: then(self._mixer.decks[number], take))

        def fail(error: BridgeError) -> None:
            if self._asked.get(number) is file:
                self._loading.pop(number, None)
            self._failed(number, error)

        self._loader.put(task, fail)

    def _loaded(self, deck: Deck, take: LoadedTake, *, launch: Quantise | None) -> None:
        is_busy = deck.state().activity in ("playing", "armed")
        is_asked = self._loading.pop(deck.number, False)
        deck.hold(take)
        if launch is not None or is_busy or is_asked:
            self._mixer.launch(deck, launch)

    def _swapped(self, deck: Deck, take: LoadedTake) -> None:
        self._loading.pop(deck.number, None)
        beat = deck.state().launch_beat
        if beat is None:
            deck.hold(take)
        else:
            deck.arm_at(take, beat, self._mixer.frame)

    def _resumed(self, deck: Deck, take: LoadedTake, *, launch_beat: float) -> None:
        self._loading.pop(deck.number, None)
        deck.hold(take)
        deck.arm_at(take, launch_beat, self._mixer.frame)

    def _open_endless(self, deck: Deck, bars: Bars, launch_beat: float | None) -> None:
        self._bars[deck.number] = bars
        self._asked.pop(deck.number, None)
        self._loading.pop(deck.number, None)
        if launch_beat is None:
            self._loading[deck.number] = False  # until its first bar is loaded

        def task() -> None:
            deck.hold_bars(bars)
            if launch_beat is not None:
                deck.arm_at(None, launch_beat, self._mixer.frame)

        self._mixer.do(task)

    def _put_bar(self, ready: p.BarReady) -> None:
        """Load a bar for the current session; ignore it if the deck is no longer in that session by then."""
        number, bars = ready.deck, self._bars.get(ready.deck)

        def load() -> None:
            padded = padded_bar(load_bar(ready.path, ready.rate, self._mixer.rate))
            self._mixer.do(lambda: put(padded))

        def put(padded: Audio) -> None:
            if bars is None or self._bars.get(number) is not bars:
                return
            bars.put(ready.bar, padded)
            if self._loading.pop(number, False):
                self._mixer.launch(self._mixer.decks[number])

        def fail(error: BridgeError) -> None:
            if self._bars.get(number) is bars:
                self._failed(number, error)

        self._loader.put(load, fail)

    def _stretch_bars(self, deck: Deck, bpm: float) -> None:
        """Stretch the coming bars to the current tempo, consecutive ones of the same length together."""
        bars = deck.bars
        if bars is None or not deck.stretch:
            return
        slot = round(bars.bar_beats * self._mixer.rate * 60 / bpm)
        for run in runs_of_one_length(bars.to_stretch(slot)):

            def task(run: dict[int, Audio] = run) -> None:
                made = stretch_bars(list(run.values()), self._mixer.rate, slot)
                for bar, audio in zip(run, made, strict=True):
                    self._mixer.do(partial(bars.put_stretched, bar, padded_bar(audio)))

            self._loader.put(task, partial(self._failed, deck.number))

    def _failed(self, number: int, error: BridgeError) -> None:
        self._report(p.DeckFailed(number, error.code, error.message))
