"""Carries out the daemon's commands on mixer, loader and recorder."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.decks.coming import Coming, Launch
from bridge.audio_child.decks.deck import Deck
from bridge.audio_child.decks.endless import Audio, Bars, padded_bar, runs_of_one_length
from bridge.audio_child.decks.voices import LoadedTake
from bridge.audio_child.gain import linear
from bridge.audio_child.loading import Loader, load_bar, load_take, stretch_bars, stretch_take
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.recorder import Recorder
from bridge.audio_child.renderer import Renderer
from bridge.audio_child.retiming import retime
from bridge.audio_child.scene_launch import SceneLaunches
from bridge.messages import BridgeError

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
        self._files: dict[Path, p.TakeFile] = {}  # every take ever requested
        self._coming: dict[int, Coming] = {}  # only for the mixer's thread, so that all keep their order
        self._stretched: dict[int, float] = {}
        self._bars: dict[int, Bars] = {}  # of decks whose last command was to become endless
        self._scenes = SceneLaunches(mixer, loader, self._coming, report)
        self._tempo = (mixer.transport.bpm, time.monotonic())
        self.catch: Callable[[p.Catch], None] = lambda _order: None

    def obey(self, command: object) -> None:
        """Carry out a command, now or once the loader is ready."""
        mixer = self._mixer
        match command:
            case p.LoadDeck(number, take, launch, starts_transport, on_beat):
                launches = launch is not None or on_beat is not None
                coming = Coming(Launch(launch, starts_transport, on_beat) if launches else None)
                self._load(number, take, coming)
            case p.Swap(number, take):
                self._swap(number, take, lambda: load_take(take, mixer.rate))
            case p.Retime(number, take):
                self._files[take.path] = take
                retime(mixer, self._loader, mixer.decks[number], take)
            case p.Resume(number, take, launch_beat):
                self._load(number, take, Coming(rejoin_beat=launch_beat))
            case p.LaunchDeck(number, starts_transport):
                launching = Launch(starts_transport=starts_transport)
                mixer.do(lambda: self._launch(mixer.decks[number], launching))
            case p.LaunchScene():
                self._launch_scene(command)
            case p.StopDeck(number, on_beat):
                mixer.do(lambda: self._stop(mixer.decks[number], on_beat))
            case p.SetDeck(number, name, value):
                mixer.do(lambda: setattr(mixer.decks[number], name, value))
            case p.OpenEndless(number, bar_beats, launch_beat):
                self._open_endless(mixer.decks[number], Bars(bar_beats), launch_beat)
            case p.BarReady():
                self._put_bar(command)
            case p.Catch():
                self.catch(command)
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
            if take is None or take.bpm is None or not deck.stretch or number in self._coming:
                continue
            if not take.fits(bpm) and self._stretched.get(number) != bpm:
                self._stretched[number] = bpm
                # From the file, never from a stretched version.
                file = self._files[take.path]
                self._swap(number, file, partial(stretch_take, file, self._mixer.rate, bpm))

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
                mixer.do(self._stop_transport)
            case p.Locate(place):
                mixer.do(lambda: mixer.locate(place))
            case p.Publish():
                mixer.do(self._renderer.publish)
            case p.Follow():
                mixer.do(lambda: self._follow(command))
            case p.Unfollow():
                mixer.do(mixer.unfollow)
            case p.Panic():
                self._renderer.hush()
                mixer.do(self._panic)
            case p.Undo():
                mixer.do(self._undo)

    def _play(self, beat: float | None, at_seconds: float | None) -> None:
        mixer = self._mixer
        if beat is not None:
            late = 0.0 if at_seconds is None else self._beats_since(at_seconds, mixer.transport.bpm)
            mixer.locate(beat + late)  # decks that are playing jump along
        mixer.play()

    def _follow(self, clock: p.Follow) -> None:
        beat = clock.beat
        if beat is not None:
            beat += self._beats_since(clock.at_seconds, clock.bpm)
        self._mixer.follow(clock.bpm, beat, free_running=clock.free_running)

    def _beats_since(self, at_seconds: float, bpm: float) -> float:
        """Return the beats from a time of time.monotonic until the next mixed frame is heard."""
        return (self._renderer.heard_at(self._mixer.frame) - at_seconds) * bpm / 60

    # --- launches, and what takes them back; in the mixer's thread ---

    def _launch(self, deck: Deck, launching: Launch) -> None:
        """Launch a deck; if it is loading, as soon as that is done."""
        coming = self._coming.get(deck.number)
        self._scenes.deck_launched(deck.number)
        if coming is None:
            self._mixer.launch(deck, launching.quantise, starts_transport=launching.starts_transport)
        else:
            coming.launch = launching
            self._mixer.last_launched = (deck,)

    def _launch_scene(self, scene: p.LaunchScene) -> None:
        for number, file in scene.takes.items():
            self._note_take(number, file)
        self._scenes.load(scene)

    def _stop(self, deck: Deck, on_beat: float | None) -> None:
        if on_beat is not None:
            deck.follow(None, on_beat, self._mixer.frame)
            return
        self._drop_follow(deck.number)
        if deck.number in self._coming:
            self._coming[deck.number].only_load()
        deck.arm_stop(self._mixer.frame)

    def _drop_follow(self, number: int) -> None:
        """Forget the take of a follow action that is on its way."""
        coming = self._coming.get(number)
        if coming is not None and coming.follows:
            self._let_go(number)

    def _let_go(self, number: int) -> None:
        self._coming.pop(number, None)
        self._mixer.report_again(number)
        self._report(r.NotLoaded(number))

    def _stop_transport(self) -> None:
        """Stop the transport; what was launched before waits for it, even if it is still loading."""
        for coming in self._coming.values():
            if coming.launch is not None:
                coming.launch = replace(coming.launch, starts_transport=False)
        self._mixer.stop()

    def _panic(self) -> None:
        for number, coming in [*self._coming.items()]:
            self._drop_follow(number)
            coming.only_load()
        self._scenes.panic()
        self._mixer.panic()
        self._renderer.hush()  # what was mixed meanwhile

    def _undo(self) -> None:
        """Undo the last launch, even of a deck or a scene that is still loading."""
        if self._scenes.takes_back():
            return
        launched = self._mixer.last_launched
        for deck in launched:
            self._drop_follow(deck.number)
        coming = self._coming.get(launched[0].number) if len(launched) == 1 else None
        if coming is not None and coming.launch is not None:
            self._mixer.last_launched = ()
            coming.only_load()
        else:
            self._mixer.undo()

    # --- takes ---

    def _load(self, number: int, file: p.TakeFile, coming: Coming) -> None:
        mixer = self._mixer
        self._note_take(number, file)
        mixer.do(lambda: self._expect(number, coming))

        def task() -> None:
            take = load_take(file, mixer.rate)
            mixer.do(lambda: self._loaded(mixer.decks[number], take, coming))

        def fail(error: BridgeError) -> None:
            mixer.do(lambda: self._not_loaded(number, coming))
            self._failed(number, error)

        self._loader.put(task, fail)

    def _note_take(self, number: int, file: p.TakeFile) -> None:
        """Note what was last requested for a deck."""
        self._files[file.path] = file
        self._stretched.pop(number, None)
        self._bars.pop(number, None)

    def _expect(self, number: int, coming: Coming) -> None:
        before = self._coming.get(number)
        if before is not None and coming.launch is None:
            coming.takes_over(before)
        self._coming[number] = coming

    def _not_loaded(self, number: int, coming: Coming) -> None:
        if self._coming.get(number) is coming:
            del self._coming[number]

    def _loaded(self, deck: Deck, take: LoadedTake, coming: Coming) -> None:
        mixer = self._mixer
        if self._coming.get(deck.number) is not coming:
            return  # something else was requested meanwhile
        del self._coming[deck.number]
        mixer.report_again(deck.number)
        if coming.launch is not None and coming.launch.on_beat is not None:
            if not deck.follow(take, coming.launch.on_beat, mixer.frame):
                self._let_go(deck.number)
        elif coming.launch is not None:
            deck.hold(take)
            self._launch(deck, coming.launch)
        elif coming.rejoin_beat is not None:
            deck.rejoin(take, coming.rejoin_beat, mixer.frame)
        elif deck.change_to(take, mixer.frame):
            mixer.last_launched = (deck,)

    def _swap(self, number: int, file: p.TakeFile, make: Callable[[], LoadedTake]) -> None:
        """Replace a deck's take by another version of it, unless another take is loaded by then."""
        deck, mixer = self._mixer.decks[number], self._mixer
        self._files[file.path] = file
        before = deck.take

        def swap(take: LoadedTake) -> None:
            if deck.take is before and before is not None:
                deck.swap(take, mixer.frame)

        def task() -> None:
            take = make()
            mixer.do(lambda: swap(take))

        self._loader.put(task, partial(self._failed, number))

    def _open_endless(self, deck: Deck, bars: Bars, launch_beat: float | None) -> None:
        self._bars[deck.number] = bars

        def task() -> None:
            deck.hold(bars)
            self._coming.pop(deck.number, None)
            if launch_beat is not None:
                deck.rejoin(bars, launch_beat, self._mixer.frame)
            else:
                self._coming[deck.number] = Coming(bars=bars)  # until its first bar is loaded

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
            coming = self._coming.get(number)
            if coming is not None and coming.bars is bars:
                del self._coming[number]
                if coming.launch is not None:
                    self._launch(self._mixer.decks[number], coming.launch)

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
        self._report(r.DeckFailed(number, error.code, error.message))
