"""Scenes on the stage: stores what the decks do, and launches it again on all of them at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from bridge.addresses.events import scene_words
from bridge.audio_child import protocol as p
from bridge.library.takes import Library
from bridge.messages import Argument, BridgeError, Event, Message, Peer
from bridge.messages import scenes as sc
from bridge.messages import stage as s
from bridge.outputs.outlet import Outlet
from bridge.settings import Settings
from bridge.stage.child_link import StageLink
from bridge.stage.deck_ears import DeckEars
from bridge.stage.decks import DeckState
from bridge.stage.find_take import TakeFinder
from bridge.stage.orders import StageOrders
from bridge.stage.scenes.activity import DeckActivities
from bridge.stage.scenes.scene import EMPTY, KeptDeck, Scene, read_scenes, write_scenes
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.inbox import Handlers

_WRITE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Scenes:
    """The scenes of a library. Use it only in the event loop.

    `starts_transport` tells whether a launch starts a stopped transport, `clock_leads` whether an external
    clock has the tempo; `set_tempo` changes it at once.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        outlet: Outlet,
        *,
        link: StageLink,
        orders: StageOrders,
        finder: TakeFinder,
        ears: DeckEars | None,
        starts_transport: Callable[[], bool],
        clock_leads: Callable[[], bool],
        set_tempo: Callable[[float], None],
    ) -> None:
        self._network_may_overwrite = settings.network_may_overwrite
        self._library = library
        self._outlet = outlet
        self._link = link
        self._orders = orders
        self._finder = finder
        self._ears = ears
        self._starts_transport = starts_transport
        self._clock_leads = clock_leads
        self._set_tempo = set_tempo
        self._scenes: dict[int, Scene] = {}
        self._damage: BridgeError | None = None
        self._decks = DeckActivities()
        self._launched = 0
        self._told: dict[int, sc.SceneActivity] = {}
        self._writing = asyncio.Lock()
        self._writes: set[asyncio.Task[None]] = set()
        self.handlers: Handlers = {
            sc.LaunchScene: self._launch,
            sc.StoreScene: self._store,
            sc.SetSceneDeck: self._set_deck,
            sc.SetSceneTempo: self._set_scene_tempo,
            sc.NameScene: self._name,
            sc.ReadScene: self._read,
            sc.ClearScene: self._clear,
            sc.ListScenes: self._list,
        }
        try:
            self._scenes = read_scenes(library.scenes_path)
        except BridgeError as error:
            self._damage = error
            _log.error("%s", error)

    def event(self, event: Event) -> None:
        """Handle an event: what a deck does may begin or end a scene."""
        if isinstance(event, s.DeckChanged):
            self._decks.hear(event)
            for number in self._scenes:
                self._tell_activity(number)

    def tell(self) -> None:
        """Tell everybody which scenes there are, as the daemon starts."""
        for number in self._scenes:
            self._told[number] = self._activity(number)
            self._outlet.deliver(sc.SceneActive(number, self._told[number]))

    def column(self, deck: int) -> list[tuple[int, KeptDeck]]:
        """Return the takes that the scenes have for a deck, with their scenes' numbers, in order."""
        kept = ((number, self._scenes[number].decks.get(deck)) for number in sorted(self._scenes))
        return [(number, one) for number, one in kept if one is not None and one.action == "take"]

    async def find(self, kept: KeptDeck) -> p.TakeFile:
        """Return the file of a deck's take, with its tempo. Raises BridgeError if it is gone."""
        file = await self._finder.find(kept.take, kept.bpm, None)
        return file if self._ears is None or file.bpm is not None else await self._ears.known(file)

    async def close(self) -> None:
        """Wait until all is written."""
        await asyncio.gather(*self._writes, return_exceptions=True)

    # --- launching --------------------------------------------------------------------------------------

    async def _launch(self, message: sc.LaunchScene) -> None:
        scene = self._stored(message.scene)
        panics, transport_stops = self._orders.panics, self._orders.transport_stops
        stops = dict(self._orders.stops)
        kept = {deck: one for deck, one in scene.decks.items() if deck in self._link.decks}
        found = await self._found({deck: one for deck, one in kept.items() if one.action == "take"}, message)
        if self._orders.panics != panics:
            raise BridgeError("cancelled", "panic came before its takes were found; send it again to start")
        takes = {deck: file for deck, file in found.items() if self._orders.stops[deck] == stops.get(deck, 0)}
        stopped = frozenset(deck for deck, one in kept.items() if one.action == "stop")
        bpm = None if self._clock_leads() else scene.bpm
        self._launched = message.scene
        self._orders.launch_scene(takes, stopped)
        starts = self._starts_transport() and self._orders.transport_stops == transport_stops
        count = self._link.master.tempo_count
        is_up = self._link.tell(p.LaunchScene(takes, stopped, bpm, count, starts))
        if bpm is not None and (not is_up or not (takes or stopped)):
            self._set_tempo(bpm)  # there is nobody who would change it on a line
        for deck, file in takes.items():
            self._outlet.deliver(s.DeckChanged(deck, "loading", file.path.name))
            if self._ears is not None and file.bpm is None:
                self._ears.listen(deck, file)
        self._reply(message, "launch", scene.name, bpm or 0.0)

    async def _found(self, kept: Mapping[int, KeptDeck], message: sc.LaunchScene) -> dict[int, p.TakeFile]:
        """Return the files that are there, by deck; whoever asks is told of each that is not."""
        results = await asyncio.gather(*map(self.find, kept.values()), return_exceptions=True)
        found = {}
        for deck, result in zip(kept, results, strict=True):
            if isinstance(result, p.TakeFile):
                found[deck] = result
            elif isinstance(result, BridgeError):
                why = f"scene {message.scene}, deck {deck}: {result.message}; the deck is left as it is"
                self._outlet.fail(message.sender, message.about, BridgeError("missing", why))
            else:
                raise result
        return found

    # --- what is kept -----------------------------------------------------------------------------------

    def _store(self, message: sc.StoreScene) -> None:
        decks = {deck: self._now_on(desk) for deck, desk in self._link.decks.items()}
        kept = {deck: one for deck, one in decks.items() if one is not None}
        before = self._scenes.get(message.scene, EMPTY)
        self._keep(message, message.scene, Scene(name=before.name, bpm=before.bpm, decks=kept))
        self._reply(message, "store", *scene_words(self._told_as(message.scene))[1:])

    def _now_on(self, desk: DeckState) -> KeptDeck | None:
        """Return what a deck does, as a scene keeps it; None for endless music, which it leaves alone."""
        if desk.endless:
            return None
        file = desk.launched_file
        return KeptDeck(action="stop") if file is None else self._kept(file)

    def _kept(self, file: p.TakeFile) -> KeptDeck:
        is_in_library = file.path.parent in (self._library.takes_folder, self._library.folder)
        take = file.path.name if is_in_library else str(file.path)
        return KeptDeck(action="take", take=take, bpm=file.bpm if file.is_given else None)

    async def _set_deck(self, message: sc.SetSceneDeck) -> None:
        self._link.desk(message.deck)
        file = None
        if message.action == "take":
            file = await self._finder.find(message.take, message.bpm, message.sender)
        before = self._scenes.get(message.scene, EMPTY)
        decks = dict(before.decks)
        decks.pop(message.deck, None)
        if file is not None:
            decks[message.deck] = self._kept(file)
        elif message.action == "stop":
            decks[message.deck] = KeptDeck(action="stop")
        self._keep(message, message.scene, before.model_copy(update={"decks": dict(sorted(decks.items()))}))
        take = "" if file is None else file.path.name
        self._reply(message, "deck", message.deck, message.action, take, message.bpm or 0.0)

    def _set_scene_tempo(self, message: sc.SetSceneTempo) -> None:
        before = self._scenes.get(message.scene, EMPTY)
        self._keep(message, message.scene, before.model_copy(update={"bpm": message.bpm}))
        self._reply(message, "tempo", message.bpm or 0.0)

    def _name(self, message: sc.NameScene) -> None:
        before = self._scenes.get(message.scene, EMPTY)
        self._keep(message, message.scene, before.model_copy(update={"name": message.name}))
        self._reply(message, "name", message.name)

    def _clear(self, message: sc.ClearScene) -> None:
        if message.scene in self._scenes:
            self._keep(message, message.scene, EMPTY)
        self._reply(message, "clear")

    def _keep(self, message: Message, number: int, scene: Scene) -> None:
        """Keep a scene, tell everybody, and write the file. Raises BridgeError `forbidden`."""
        if number in self._scenes and not self._may_replace(message.sender):
            what = f"scene {number} is not empty, and a client on the network may not replace it"
            raise BridgeError("forbidden", f"{what}; set `network_may_overwrite` in the daemon's settings")
        if scene.is_empty:
            self._scenes.pop(number, None)
        else:
            self._scenes[number] = scene
        self._told[number] = self._activity(number)
        self._outlet.deliver(self._told_as(number))
        task = asyncio.create_task(self._write(message.sender, message.about), name="scenes")
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    def _may_replace(self, sender: Peer | None) -> bool:
        return self._network_may_overwrite or sender is None or sender.is_on_this_machine

    async def _write(self, sender: Peer | None, about: str) -> None:
        async with self._writing:
            scenes, is_damaged = dict(self._scenes), self._damage is not None
            path = self._library.scenes_path
            try:
                wrote = await run_abandonable(lambda: _wrote(path, scenes, is_damaged), _WRITE_SECONDS)
                if wrote is None:
                    raise BridgeError(
                        "disk", "the scenes were not written: the library's disk does not answer"
                    )
                self._damage = None
            except BridgeError as error:
                why = f"{error.message} (the scene counts until the daemon ends)"
                self._outlet.fail(sender, about, BridgeError(error.code, why))

    # --- what is told -----------------------------------------------------------------------------------

    def _stored(self, number: int) -> Scene:
        scene = self._scenes.get(number)
        if scene is not None and (scene.decks or scene.bpm is not None):
            return scene
        if self._damage is not None:
            raise self._damage
        why = f"scene {number} is empty: store one first (`/msanii/scene/{number}/store`)"
        raise BridgeError("missing", why)

    def _read(self, message: sc.ReadScene) -> None:
        scene = self._scenes.get(message.scene, EMPTY)
        value: Argument = scene.name if message.what == "name" else scene.bpm or 0.0
        self._reply(message, message.what, value)

    def _list(self, message: sc.ListScenes) -> None:
        if self._damage is not None:
            raise self._damage
        for number in sorted(self._scenes):
            self._outlet.reply(message.sender, "scene/list.reply", *scene_words(self._told_as(number)))
        self._outlet.reply(message.sender, "scene/list/end.reply", len(self._scenes))

    def _activity(self, number: int) -> sc.SceneActivity:
        return self._decks.of(self._scenes.get(number, EMPTY), is_launched=number == self._launched)

    def _tell_activity(self, number: int) -> None:
        activity = self._activity(number)
        if self._told.get(number, "stopped") != activity:
            self._told[number] = activity
            self._outlet.deliver(sc.SceneActive(number, activity))

    def _told_as(self, number: int) -> sc.SceneChanged:
        scene = self._scenes.get(number, EMPTY)
        decks = tuple(
            sc.SceneDeck(deck, one.action, Path(one.take).name, one.bpm)
            for deck, one in sorted(scene.decks.items())
        )
        return sc.SceneChanged(number, self._activity(number), scene.name, scene.bpm, decks)

    def _reply(self, message: Message, what: str, *words: Argument) -> None:
        scene = getattr(message, "scene", 0)
        self._outlet.reply(message.sender, f"scene/{scene}/{what}.reply", *words)


def _wrote(path: Path, scenes: Mapping[int, Scene], is_damaged: bool) -> bool:
    write_scenes(path, scenes, is_damaged=is_damaged)
    return True
