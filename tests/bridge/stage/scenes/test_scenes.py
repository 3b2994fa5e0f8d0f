"""Scenes on the whole stage in simulated time: stored, launched, told, undone, and kept over a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.messages import BridgeError, Message
from bridge.messages import scenes as sc
from bridge.messages import stage as s
from bridge.stage.stage import Stage
from bridge.system.disk import write_whole
from tests.bridge.stage.scenes.performer import ME, TABLET, Performer
from tests.bridge.stage.simulated_stage import LEVELS


@pytest.fixture
def performer(tmp_path: Path) -> Iterator[Performer]:
    one = Performer(tmp_path)
    one.send("/msanii/quantise", "beat")
    yield one
    one.close()


def saved(performer: Performer) -> Any:
    return json.loads(performer.library.scenes_path.read_text())


def settle(performer: Performer) -> None:
    """Wait until the file is written."""

    async def close() -> None:
        await performer.sim.stage.stop_work()

    performer.sim.run(close())


def test_a_scene_holds_what_plays_and_stops_the_rest_and_comes_back(performer: Performer) -> None:
    performer.launch(1, "a.wav")
    performer.send("/msanii/scene/1/store")
    performer.launch(1, "b.wav")
    performer.launch(2, "c.wav")
    performer.play(10)
    assert performer.activities() == [("playing", "b.wav"), ("playing", "c.wav")]
    performer.send("/msanii/scene/1/launch", 1)
    performer.load()
    performer.play(10)
    assert performer.activities() == [("playing", "a.wav"), ("stopped", "c.wav")]
    settle(performer)
    assert saved(performer) == {
        "scenes": {
            "1": {"decks": {"1": {"action": "take", "take": "a.wav", "bpm": 120.0}, "2": {"action": "stop"}}}
        }
    }
    assert performer.replies("scene/1/store.reply") == [
        ["playing", "", 0.0, 1, "take", "a.wav", 120.0, 2, "stop", "", 0.0]
    ]


def test_a_button_that_is_let_go_does_nothing(performer: Performer) -> None:
    performer.launch(1, "a.wav")
    performer.send("/msanii/scene/1/store", 0)
    performer.send("/msanii/scene/1/launch", 0)
    performer.send("/msanii/scene/1/clear", 0)
    assert not performer.told(sc.SceneChanged)
    performer.send("/msanii/scene/1/store", 1)
    performer.send("/msanii/scene/1/clear", 0)
    assert [event.activity for event in performer.told(sc.SceneChanged)] == ["playing"]


def test_a_scene_is_told_as_armed_until_its_line_and_playing_until_a_deck_does_something_else(
    performer: Performer,
) -> None:
    performer.send("/msanii/quantise", "1")
    performer.launch(1, "b.wav")
    for words in ((1, "take", "a.wav", 120.0), (2, "take", "c.wav", 120.0)):
        performer.send("/msanii/scene/5/deck", *words)
    performer.play(5)
    performer.send("/msanii/scene/5/launch")
    performer.load()
    assert performer.told(sc.SceneActive)[-1] == sc.SceneActive(5, "armed")
    performer.play(40)
    assert performer.told(sc.SceneActive)[-1] == sc.SceneActive(5, "playing")
    performer.send("/msanii/deck/2/stop")
    performer.play(40)
    assert performer.told(sc.SceneActive)[-1] == sc.SceneActive(5, "stopped")
    performer.send("/msanii/scene/5/clear")
    assert performer.told(sc.SceneChanged)[-1] == sc.SceneChanged(5, "empty", "", None, ())


def test_undo_takes_back_the_whole_scene_also_for_a_restarted_child(performer: Performer) -> None:
    performer.send("/msanii/scene/1/deck", 1, "take", "a.wav", 120.0)
    performer.send("/msanii/scene/1/deck", 2, "stop")
    performer.launch(1, "b.wav")
    performer.launch(2, "c.wav")
    performer.play(20)
    performer.send("/msanii/scene/1/launch")
    performer.load()
    performer.play(20)
    assert performer.activities() == [("playing", "a.wav"), ("stopped", "c.wav")]
    performer.send("/msanii/undo")
    performer.play(20)
    assert performer.activities() == [("playing", "b.wav"), ("playing", "c.wav")]
    performer.sim.stream.dies()
    performer.sim.stream.is_born()
    performer.load()
    performer.play(50)
    assert performer.activities() == [("playing", "b.wav"), ("playing", "c.wav")]


def test_undo_of_a_scene_that_loads_leaves_the_decks_what_they_held(performer: Performer) -> None:
    performer.send("/msanii/scene/1/deck", 1, "take", "a.wav", 120.0)
    performer.launch(1, "b.wav")
    performer.send("/msanii/scene/1/launch")
    performer.play(1)
    performer.send("/msanii/undo")
    performer.load()
    performer.play(20)
    assert performer.activities()[0] == ("playing", "b.wav")
    file = performer.sim.stage.decks[1].file
    assert file is not None
    assert file.path.name == "b.wav"


def test_the_tempo_of_a_scene_is_told_once_its_line_comes(performer: Performer) -> None:
    performer.send("/msanii/quantise", "1")
    performer.launch(1, "b.wav")
    performer.send("/msanii/scene/2/deck", 1, "take", "a.wav", 120.0)
    performer.send("/msanii/scene/2/tempo", 97.3)
    performer.send("/msanii/scene/2/launch")
    performer.load()
    performer.play(5)
    assert performer.sim.stage.master.bpm == 120
    performer.play(60)
    assert performer.sim.stage.master.bpm == 97.3
    assert performer.told(s.TransportChanged)[-1].bpm == 97.3
    performer.send("/msanii/transport/tempo", 100)
    performer.send("/msanii/scene/2/tempo", 0)
    performer.send("/msanii/scene/2/tempo")
    assert performer.replies("scene/2/tempo.reply") == [[97.3], [0.0], [0.0]]


def test_a_take_that_is_gone_leaves_its_deck_and_whoever_asks_is_told_which(performer: Performer) -> None:
    performer.launch(1, "b.wav")
    performer.send("/msanii/scene/1/deck", 1, "take", "c.wav", 120.0)
    performer.send("/msanii/scene/1/deck", 2, "take", "a.wav", 120.0)
    (performer.library.folder / "c.wav").unlink()
    performer.send("/msanii/scene/1/launch")
    performer.load()
    performer.play(20)
    assert performer.activities() == [("playing", "b.wav"), ("playing", "a.wav")]
    ((_, code, words),) = performer.refused("/msanii/scene/1/launch")
    assert code == "missing"
    assert "scene 1, deck 1" in words
    assert "c.wav" in words
    assert "left as it is" in words


def test_scenes_are_there_again_after_a_restart_and_told_to_lamps(tmp_path: Path) -> None:
    first = Performer(tmp_path)
    first.send("/msanii/scene/3/deck", 2, "take", "a.wav", 120.0)
    first.send("/msanii/scene/3/name", "Chorus")
    first.send("/msanii/scene/64/deck", 1, "stop")
    settle(first)
    first.close()
    second = Performer(tmp_path)
    second.sim.stage.tell_scenes()
    assert second.told(sc.SceneActive) == [sc.SceneActive(3, "stopped"), sc.SceneActive(64, "stopped")]
    second.send("/msanii/scene/list")
    assert second.replies("scene/list.reply") == [
        [3, "stopped", "Chorus", 0.0, 2, "take", "a.wav", 120.0],
        [64, "stopped", "", 0.0, 1, "stop", "", 0.0],
    ]
    assert second.replies("scene/list/end.reply") == [[2]]
    second.send("/msanii/scene/3/launch")
    second.load()
    second.play(5)
    assert second.activities()[1] == ("playing", "a.wav")
    second.close()


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"nonsense", b"\xff\xfe", b"[]", b"[" * 100_000, b'{"scenes": {"0": {}}}',
        b'{"scenes": {"65": {}}}',
        b'{"scenes": {"1": {"decks": {"17": {"action": "stop"}}}}}', b'{"scenes": {"1": {"bpm": NaN}}}',
        b'{"scenes": {"1": {"bpm": 5}}}', b'{"scenes": {"1": {"name": "' + b"x" * 65 + b'"}}}',
        b'{"scenes": {"1": {"decks": {"1": {"action": "take"}}}}}', b'{"scenes": {"1": {"colour": "red"}}}',
        b'{"scenes": {"1": {"decks": {"1": {"action": "take", "take": "a\\nb"}}}}}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_said_and_kept_until_the_next_scene(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "library" / ".msanii" / "scenes.json"
    write_whole(path, damage)
    performer = Performer(tmp_path)
    for address in ("/msanii/scene/list", "/msanii/scene/1/launch"):
        with pytest.raises(BridgeError) as raised:
            performer.send(address)
        assert raised.value.code == "value"
        assert "scenes.json" in raised.value.message
        assert "damaged" in raised.value.message
    assert path.read_bytes() == damage
    performer.send("/msanii/scene/1/deck", 1, "stop")
    settle(performer)
    assert saved(performer) == {"scenes": {"1": {"decks": {"1": {"action": "stop"}}}}}
    (aside,) = path.parent.glob("scenes.json.damaged-*")
    assert aside.read_bytes() == damage
    performer.send("/msanii/scene/list")
    performer.close()


def test_a_file_that_cannot_be_written_is_told_and_the_scene_counts(
    performer: Performer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise BridgeError("disk", "the disk is full")

    monkeypatch.setattr("bridge.stage.scenes.scene.write_whole", full)
    performer.send("/msanii/scene/1/deck", 1, "stop")
    settle(performer)
    ((_, code, words),) = performer.refused("/msanii/scene/1/deck")
    assert code == "disk"
    assert "counts until the daemon ends" in words
    assert performer.told(sc.SceneChanged)[-1].decks == (sc.SceneDeck(1, "stop"),)


def test_a_client_on_the_network_fills_empty_scenes_and_replaces_none(performer: Performer) -> None:
    performer.send("/msanii/scene/1/deck", 1, "stop", sender=TABLET)
    for address, *words in (
        ("/msanii/scene/1/store",), ("/msanii/scene/1/clear",), ("/msanii/scene/1/name", "mine"),
        ("/msanii/scene/1/tempo", 90), ("/msanii/scene/1/deck", 1, "leave"),
    ):  # fmt: skip
        with pytest.raises(BridgeError) as raised:
            performer.send(address, *words, sender=TABLET)
        assert raised.value.code == "forbidden"
    with pytest.raises(BridgeError) as raised:
        performer.send("/msanii/scene/2/deck", 1, "take", "/etc/hostname", sender=TABLET)
    assert raised.value.code == "forbidden"
    performer.send("/msanii/scene/1/clear")


def test_panic_while_takes_are_looked_for_calls_the_scene_off(
    performer: Performer, monkeypatch: pytest.MonkeyPatch
) -> None:
    performer.send("/msanii/scene/1/deck", 1, "take", "a.wav", 120.0)
    stage: Stage = performer.sim.stage
    find = stage._finder.find

    async def interrupted(*words: Any) -> Any:
        file = await find(*words)
        stage.panic(s.Panic())
        return file

    monkeypatch.setattr(stage._finder, "find", interrupted)
    with pytest.raises(BridgeError) as raised:
        performer.send("/msanii/scene/1/launch")
    assert raised.value.code == "cancelled"
    assert performer.activities()[0][0] == "empty"


def test_a_stop_while_takes_are_looked_for_keeps_its_deck_silent(
    performer: Performer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for deck, take in ((1, "a.wav"), (2, "b.wav")):
        performer.send("/msanii/scene/1/deck", deck, "take", take, 120.0)
    stage: Stage = performer.sim.stage
    find = stage._finder.find

    async def interrupted(*words: Any) -> Any:
        file = await find(*words)
        if words[0] == "a.wav":
            stage.stop(1)
        return file

    monkeypatch.setattr(stage._finder, "find", interrupted)
    performer.send("/msanii/scene/1/launch")
    performer.load()
    performer.play(5)
    assert performer.activities() == [("empty", ""), ("playing", "b.wav")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("/msanii/scene/1/launch",), "scene 1 is empty: store one first"),
        (("/msanii/scene/65/launch",), "no such address"),
        (("/msanii/scene/0/store",), "no such address"),
        (("/msanii/scene/1/deck", 1), "expected a deck's number"),
        (("/msanii/scene/1/deck", 17, "stop"), "from 1 to 16"),
        (("/msanii/scene/1/deck", 1.5, "stop"), "send a whole number"),
        (("/msanii/scene/1/deck", float("nan"), "stop"), "from 1 to 16"),
        (("/msanii/scene/1/deck", 3, "stop"), "deck 3: there are 2"),
        (("/msanii/scene/1/deck", 1, "play"), "expected one of take, stop, leave"),
        (("/msanii/scene/1/deck", 1, "take"), "expected a deck's number"),
        (("/msanii/scene/1/deck", 1, "take", "gone.wav"), "gone.wav"),
        (("/msanii/scene/1/deck", 1, "take", "a.wav", 5), "from 20 to 999"),
        (("/msanii/scene/1/deck", 1, "stop", "a.wav"), "send only that"),
        (("/msanii/scene/1/tempo", 5), "from 20 to 999"),
        (("/msanii/scene/1/tempo", "fast"), "send an OSC int or float"),
        (("/msanii/scene/1/tempo", float("nan")), "from 20 to 999"),
        (("/msanii/scene/1/name", "x" * 65), "at most 64 printable characters"),
        (("/msanii/scene/1/name", None), "send an OSC string"),
    ],
)  # fmt: skip
def test_a_bad_message_is_told_what_was_wrong(
    performer: Performer, words: tuple[Any, ...], expected: str
) -> None:
    with pytest.raises(BridgeError) as raised:
        performer.send(*words)
    assert expected in raised.value.message


def test_every_take_of_the_simulation_can_be_in_a_scene(performer: Performer) -> None:
    for number, take in enumerate(sorted(LEVELS), start=1):
        performer.send(f"/msanii/scene/{number}/deck", 1, "take", take)
    message: Message = sc.ListScenes(sender=ME)
    performer.sim.run(performer.sim.send(message))
    assert performer.replies("scene/list/end.reply") == [[3]]
