"""The OSC table's rows for scenes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, get_args

from bridge.addresses import arguments as read
from bridge.addresses.row import CHANGES_OTHERS_COST, Address, on_press
from bridge.addresses.stage import TEMPO, read_number
from bridge.deck_values import Number
from bridge.messages import BridgeError
from bridge.messages import scenes as sc
from bridge.messages.stage import MAX_DECKS
from bridge.values import check_label, name_of, shown

if TYPE_CHECKING:
    from bridge.addresses.arguments import Arguments
    from bridge.messages import Message

SCENE = "<n>"

_DECK = "a deck's number, and then take and a take's name, stop or leave"
_NUMBER = Number("a deck's number", 1, MAX_DECKS, is_whole=True)
_NO_TEMPO = 0.0


def scene_rows(scene: int) -> tuple[Address, ...]:
    """Return the rows of one scene, with `<n>` in their paths without the root."""
    row, at = Address, f"scene/{SCENE}/"
    held = "name bpm deck action take bpm ..."
    return (
        row(at + "launch", "[1]",
            "starts the takes of scene n and stops the decks that it stops, all on one launch boundary",
            "scene/n/launch.reply name bpm; to subscribers scene n activity",
            on_press(partial(sc.LaunchScene, scene)), cost=8),
        row(at + "store", "[1]",
            "keeps what the decks play, or are armed with, as scene n; all others stop with it",
            f"scene/n/store.reply activity {held}", on_press(partial(sc.StoreScene, scene)),
            cost=CHANGES_OTHERS_COST),
        row(at + "deck", "deck take name [bpm], deck stop or deck leave",
            "sets what scene n does with a deck: start a take, stop it, or leave it alone",
            "scene/n/deck.reply deck action take bpm", partial(_deck, scene), cost=CHANGES_OTHERS_COST),
        row(at + "tempo", "[bpm or 0]",
            "sets the tempo that scene n changes to as it starts; 0 keeps the stage's",
            "scene/n/tempo.reply bpm", partial(_tempo, scene), True, cost=CHANGES_OTHERS_COST),
        row(at + "name", "[text]", "names scene n; an empty text takes its name away",
            "scene/n/name.reply name", partial(_name, scene), True, cost=CHANGES_OTHERS_COST),
        row(at + "clear", "[1]", "empties scene n", "scene/n/clear.reply",
            on_press(partial(sc.ClearScene, scene)), cost=CHANGES_OTHERS_COST),
    )  # fmt: skip


def rows() -> tuple[Address, ...]:
    """Return the row of all scenes, its path without the root."""
    return (
        Address("scene/list", "", "lists the scenes that are not empty: tempos are 0 where none is given",
                "scene/list.reply n activity name bpm deck action take bpm ..., "
                "then scene/list/end.reply count",
                on_press(sc.ListScenes), True, cost=4),
    )  # fmt: skip


def _deck(scene: int, address: str, arguments: Arguments) -> sc.SetSceneDeck:
    read.expect(address, arguments, 2, 4, _DECK)
    deck = int(read_number(address, arguments[0], _NUMBER))
    action = arguments[1]
    if action == "take":
        read.expect(address, arguments, 3, 4, _DECK)
        take = read.take(address, arguments[2], _DECK)
        bpm = read_number(address, arguments[3], TEMPO) if len(arguments) > 3 else None
        return sc.SetSceneDeck(scene, deck, "take", take, bpm)
    if action not in ("stop", "leave"):
        words = "expected one of " + ", ".join(get_args(sc.SceneAction))
        raise BridgeError("value", f"{address}: got {shown(action)}, {words}; send one of these.")
    read.expect(address, arguments, 2, 2, _DECK)
    return sc.SetSceneDeck(scene, deck, "stop" if action == "stop" else "leave")


def _tempo(scene: int, address: str, arguments: Arguments) -> Message:
    read.expect(address, arguments, 0, 1, "a tempo, 0 for none, or nothing to read it")
    if not arguments:
        return sc.ReadScene(scene, "tempo")
    is_none = not isinstance(arguments[0], bool) and arguments[0] == _NO_TEMPO
    return sc.SetSceneTempo(scene, None if is_none else read_number(address, arguments[0], TEMPO))


def _name(scene: int, address: str, arguments: Arguments) -> Message:
    expected = "a name in one string, or nothing to read it"
    read.expect(address, arguments, 0, 1, expected)
    if not arguments:
        return sc.ReadScene(scene, "name")
    name = name_of(arguments[0])
    if not isinstance(name, str):
        raise BridgeError("type", f"{address}: got {shown(name)}, expected {expected}; send an OSC string.")
    return sc.NameScene(scene, check_label(name))
