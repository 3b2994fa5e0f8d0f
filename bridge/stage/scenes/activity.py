"""Whether a scene plays, or waits for its line, by what its decks do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bridge.messages.scenes import SceneActivity
from bridge.messages.stage import DeckChanged
from bridge.stage.scenes.scene import Scene

_SILENT = ("stopped", "empty")


class DeckActivities:
    """What subscribers were last told of each deck."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[str, str]] = {}

    def hear(self, event: DeckChanged) -> None:
        """Note what a deck does."""
        self._told[event.deck] = event.activity, event.take

    def of(self, scene: Scene, *, is_launched: bool) -> SceneActivity:
        """Return the activity of a scene.

        It plays while all of its takes do, and the decks that it stops are silent. It is armed while one of
        its takes waits, if it `is_launched` as the last one.
        """
        takes = {deck: Path(one.take).name for deck, one in scene.decks.items() if one.action == "take"}
        stops = [deck for deck, kept in scene.decks.items() if kept.action == "stop"]
        if scene.is_empty:
            return "empty"
        if takes and self._play(takes) and all(self._activity(deck) in _SILENT for deck in stops):
            return "playing"
        waits = any(self._told.get(deck) in _waiting(take) for deck, take in takes.items())
        return "armed" if is_launched and waits else "stopped"

    def _play(self, takes: Mapping[int, str]) -> bool:
        return all(self._told.get(deck) == ("playing", take) for deck, take in takes.items())

    def _activity(self, deck: int) -> str:
        return self._told.get(deck, ("empty", ""))[0]


def _waiting(take: str) -> tuple[tuple[str, str], ...]:
    return ("armed", take), ("loading", take)
