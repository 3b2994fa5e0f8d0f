"""MIDI learn without a device: what is taught is kept, and nothing else is lost by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge import messages as m
from bridge.messages import BridgeError
from bridge.messages import midi as mm
from bridge.messages.stage import SetDeck
from bridge.midi.learn import MOST_CHOSEN
from bridge.midi.learning import ENCODER_WINDOW_SECONDS, LEARN_WINDOW_SECONDS
from bridge.midi_child.wire import Ports
from tests.bridge.midi.controller_table import KEYS, PAD, Table


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "maps")


def learned(table: Table, folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((folder / "maps" / "learned.yaml").read_text())["controls"]
    return rows


def test_what_was_learned_is_not_written_over_while_it_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    file = folder / "learned.yaml"
    file.write_text("controls: [{cc: 1, parameter: guidance")
    table = Table(folder)
    table.ask(mm.Learn("/msanii/generate", ()))
    table.move(PAD, ("note", 40, 90))
    assert "learned.yaml" in str(table.said("problem")[-1])
    assert table.said("unarmed") == [("/msanii/generate", "not learned")]
    assert file.read_text() == "controls: [{cc: 1, parameter: guidance"
    file.unlink()
    table.ask(mm.ReloadMaps())
    table.ask(mm.Learn("/msanii/generate", ()))
    table.move(PAD, ("note", 40, 90))
    assert [row["note"] for row in learned(table, tmp_path)] == [40]


def test_arming_twice_teaches_the_second_and_says_so_of_the_first(table: Table) -> None:
    table.ask(mm.Learn("/msanii/generate", ()))
    table.ask(mm.Learn("/msanii/cancel", ("all",)))
    assert table.said("unarmed") == [("/msanii/generate", "something else is armed")]
    table.move(PAD, ("note", 40, 90))
    assert [words[0] for words in table.said("learned")] == ["/msanii/cancel"]


def test_a_key_that_was_held_when_learning_began_comes_up(table: Table) -> None:
    table.move(KEYS, ("note", 60, 90), ("note", 64, 90), ("note", 67, 90))
    table.ask(mm.Learn("guidance", ()))
    table.move(KEYS, ("note", 60, 0), ("note", 64, 0), ("note", 67, 0))
    assert table.said("progression")[-1][0] == "C"


def test_the_widest_control_that_moved_is_learned(table: Table, tmp_path: Path) -> None:
    table.ask(mm.Learn("bpm", ()))
    table.move(PAD, ("cc", 4, 1), ("cc", 36, 1), ("cc14", 4, 129))
    _later(table, LEARN_WINDOW_SECONDS)
    assert table.said("learned") == [("bpm", "cc14", 1, 4, PAD, "")]
    assert learned(table, tmp_path) == [{"cc14": 4, "channel": 1, "port": PAD, "parameter": "bpm"}]


@pytest.mark.parametrize(
    ("values", "encoder"),
    [
        ((1, 1, 2, 127, 126), "twos_complement"),
        ((65, 65, 63, 62, 63), "binary_offset"),
        ((1, 2, 2, 65, 66), "signed_bit"),
        ((60, 61, 62, 63, 64), ""),
        ((1, 2, 3, 4), ""),
        ((127, 126, 125), ""),
    ],
)
def test_an_endless_encoder_is_known_by_a_turn_both_ways(
    table: Table, tmp_path: Path, values: tuple[int, ...], encoder: str
) -> None:
    table.ask(mm.Learn("bpm", ()))
    table.turn(PAD, 9, *values)
    _later(table, LEARN_WINDOW_SECONDS)
    assert table.said("learned") == [("bpm", "cc", 1, 9, PAD, encoder)]
    assert learned(table, tmp_path)[0].get("encoder", "") == encoder


def test_an_encoder_that_was_turned_one_way_is_waited_for(table: Table) -> None:
    table.ask(mm.Learn("bpm", ()))
    table.turn(PAD, 9, 65, 65, 65, 65)
    _later(table, LEARN_WINDOW_SECONDS)
    assert table.said("learned") == []
    table.turn(PAD, 9, 2, 2)
    assert table.said("learned") == [("bpm", "cc", 1, 9, PAD, "signed_bit")]
    table.ask(mm.Learn("guidance", ()))
    table.turn(PAD, 10, 1, 1, 1, 1)
    _later(table, ENCODER_WINDOW_SECONDS)
    assert table.said("learned")[-1] == ("guidance", "cc", 1, 10, PAD, "twos_complement")


def test_a_learned_encoder_turns_a_fader_from_its_value_and_a_choice_by_the_click(table: Table) -> None:
    table.stage_values.update({"deck/1/gain": 0.0, "deck/1/loop": True})
    for number, name in ((9, "/msanii/fader/deck/1/gain"), (10, "/msanii/fader/deck/1/loop")):
        table.ask(mm.Learn(name, ("$value",)))
        table.turn(PAD, number, 1, 1, 127)
        _later(table, LEARN_WINDOW_SECONDS)
    table.turn(PAD, 9, 127)
    table.wait()
    assert table.stage_values["deck/1/gain"] == pytest.approx(-72 / 96, abs=1e-3)
    table.turn(PAD, 10, 126)
    table.wait()
    assert table.received[1:] == [SetDeck(1, "loop", False)]


def _later(table: Table, seconds: float) -> None:
    """Let the time of learning go on; it ends by the clock, which a test need not wait for."""
    learning = table.hands._learning
    assert learning is not None
    assert learning.began_seconds is not None
    learning.began_seconds -= 1.05 * seconds
    table.wait(1.1 * seconds)


def test_learning_again_moves_what_was_learned_and_forgetting_ends_it(table: Table, tmp_path: Path) -> None:
    for note in (1, 2):
        table.ask(mm.Learn("/msanii/preset/load", ("sketch",)))
        table.move(PAD, ("note", note, 0), ("note", note, 9))
    assert [row["note"] for row in learned(table, tmp_path)] == [2]
    table.ask(mm.Learn("/msanii/generate", ()))
    table.move(PAD, ("note", 2, 9))
    assert [row["address"] for row in learned(table, tmp_path)] == ["/msanii/generate"]
    again = Table(tmp_path / "maps")
    again.move(PAD, ("note", 2, 9))
    assert again.received == [m.Render("generate", None, {})]
    again.ask(mm.Forget("generate"))
    assert again.said("forgotten") == [("generate", 1)]
    with pytest.raises(BridgeError, match="nothing was learned for it"):
        again.ask(mm.Forget("generate"))


def test_learning_is_cancelled_or_given_up_and_refuses_what_cannot_be(table: Table) -> None:
    table.ask(mm.Learn("bpm", ()))
    table.ask(mm.CancelLearn())
    table.ask(mm.Learn("bpm", ()))
    table.wait(60)
    assert table.said("unarmed") == [("bpm", "cancelled"), ("bpm", "nothing moved")]
    for name, arguments in (("tempo", ()), ("/msanii/nothing", ()), ("/msanii/generate", ("chrods", "x"))):
        with pytest.raises(BridgeError):
            table.ask(mm.Learn(name, arguments))


def test_a_map_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("a file where the folder should be")
    table = Table(tmp_path / "maps")
    table.ask(mm.Learn("/msanii/status", ()))
    table.move(PAD, ("note", 2, 9))
    assert table.said("problem")[-1][0] == "folder"
    assert table.said("unarmed") == [("/msanii/status", "not learned")]


def test_a_port_with_brackets_is_learned_as_itself(table: Table) -> None:
    table.hands.heard(Ports(("Pad [2]*", "Pad 2"), (), "control"))
    table.ask(mm.Learn("/msanii/status", ()))
    table.move("Pad [2]*", ("note", 2, 9))
    table.move("Pad 2", ("note", 2, 9))
    table.move("Pad [2]*", ("note", 2, 9))
    assert table.received == [m.Status()]


def test_the_choice_of_maps_is_bounded_and_the_last_one_counts(table: Table) -> None:
    maps = table.maps
    for _ in range(10_000):
        maps.use("pads", "Port A*")
    maps.use("grid", "port a*")
    assert maps.map_for("Port A 1").name == "grid"
    for number in range(MOST_CHOSEN - 1):
        maps.use("keyboard", f"other {number}")
    with pytest.raises(BridgeError, match=r"64 ports already; choose one for `\*`") as raised:
        maps.use("pads", "one too many")
    assert raised.value.code == "busy"
    maps.use("pads", "PORT A*")  # a pattern that is known takes no room
    assert maps.map_for("Port A 1").name == "pads"
    maps.use("grid", "*")
    assert maps.map_for("Port A 1").name == "grid"
    maps.use("keyboard", "one too many")
    assert maps.map_for("One Too Many").name == "keyboard"


def test_a_reload_reads_what_was_edited(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "maps"
    folder.mkdir(exist_ok=True)
    for number in (40, 41):
        text = f"ports: ['edited*']\ncontrols: [{{note: {number}, address: generate}}]\n"
        (folder / "mine.yaml").write_text(text, encoding="utf-8")
        table.ask(mm.ReloadMaps())
        assert [control.number for control in table.maps.map_for("edited").map.controls] == [number]
