"""Loads the takes of a scene, and launches its decks together once the last one is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.decks.coming import Coming, Launch
from bridge.audio_child.decks.voices import LoadedTake
from bridge.audio_child.loading import Loader, load_take
from bridge.audio_child.mixer import Mixer
from bridge.messages import BridgeError


@dataclass(slots=True, eq=False)
class _Scene:
    """A scene whose takes are on their way: `takes` those that are there, `stops` the decks to stop."""

    comings: dict[int, Coming]
    stops: set[int]
    tempo: tuple[float, int] | None
    takes: dict[int, LoadedTake] = field(default_factory=dict)


class SceneLaunches:
    """Only for the mixer's thread, except `load`. `coming` is what is on its way to each deck."""

    def __init__(
        self, mixer: Mixer, loader: Loader, coming: dict[int, Coming], report: Callable[[object], None]
    ) -> None:
        self._mixer = mixer
        self._loader = loader
        self._coming = coming
        self._report = report
        self._loading: list[_Scene] = []
        self._last: _Scene | None = None

    def load(self, scene: p.LaunchScene) -> None:
        """Load the takes of a scene, then launch it; the deck of a take that fails is left out."""
        launch = Launch(starts_transport=scene.starts_transport)
        tempo = None if scene.bpm is None else (scene.bpm, scene.tempo_count)
        mine = _Scene({number: Coming(launch) for number in scene.takes}, set(scene.stops), tempo)
        self._mixer.do(lambda: self._expect(mine))
        for number, file in scene.takes.items():

            def task(number: int = number, file: p.TakeFile = file) -> None:
                mine.takes[number] = load_take(file, self._mixer.rate)

            self._loader.put(task, partial(self._failed, mine, number))
        self._loader.put(lambda: self._mixer.do(lambda: self._launch(mine)), self._never)

    def takes_back(self) -> bool:
        """Drop the scene that was launched last, if it is still loading. Return whether it was."""
        scene = self._last
        if scene is None or scene not in self._loading:
            return False
        self._loading.remove(scene)
        for number, coming in scene.comings.items():
            if self._coming.get(number) is coming:
                del self._coming[number]
                self._mixer.report_again(number)
                self._report(r.NotLoaded(number))
        return True

    def deck_launched(self, number: int) -> None:
        """Note that a deck is launched by itself: undo is for that now, and no scene on its way stops it."""
        self._last = None
        for scene in self._loading:
            scene.stops.discard(number)

    def panic(self) -> None:
        """Stop nothing and change no tempo for scenes on their way; their takes are only loaded."""
        self._last = None
        for scene in self._loading:
            scene.stops.clear()
            scene.tempo = None

    def _expect(self, scene: _Scene) -> None:
        self._coming.update(scene.comings)
        self._loading.append(scene)
        self._last = scene
        self._mixer.last_launched = ()

    def _launch(self, scene: _Scene) -> None:
        if scene not in self._loading:
            return  # it was undone
        self._loading.remove(scene)
        mixer = self._mixer
        takes, starts = {}, False
        for number, coming in scene.comings.items():
            if self._coming.get(number) is not coming or number not in scene.takes:
                continue  # something else was requested meanwhile
            del self._coming[number]
            mixer.report_again(number)
            deck, take = mixer.decks[number], scene.takes[number]
            if coming.launch is not None:
                takes[deck] = take
                starts = starts or coming.launch.starts_transport
            elif deck.change_to(take, mixer.frame):
                mixer.last_launched = (deck,)
        stops = [mixer.decks[number] for number in sorted(scene.stops)]
        mixer.launch_scene(takes, stops, starts_transport=starts, tempo=scene.tempo)

    def _failed(self, scene: _Scene, number: int, error: BridgeError) -> None:
        self._mixer.do(lambda: self._not_loaded(scene, number))
        self._report(r.DeckFailed(number, error.code, error.message))

    def _not_loaded(self, scene: _Scene, number: int) -> None:
        if self._coming.get(number) is scene.comings[number]:
            del self._coming[number]

    def _never(self, error: BridgeError) -> None:
        """Nothing in this task can fail."""
