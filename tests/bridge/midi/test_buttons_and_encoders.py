"""Endless encoders, buttons that toggle or are held, shift, and maps in layers."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge import messages as m
from bridge.messages import midi as mm
from bridge.messages.stage import LaunchDeck, ReleaseDeck, SetDeck, StopDeck
from bridge.midi.encoders import ENCODERS, Encoder, clicks_of, encoders_like
from bridge.midi.knobs import HOLD_SECONDS
from bridge.midi_child.wire import Ports
from tests.bridge.midi.controller_table import PAD, Table

_ONE_CLICK = {"twos_complement": (1, 127), "binary_offset": (65, 63), "signed_bit": (1, 65)}
LAUNCH, STOP = LaunchDeck(1), StopDeck(1)


def table_with(folder: Path, *controls: dict[str, object], **rest: object) -> Table:
    """A table whose pad has a map of these controls."""
    folder.mkdir(exist_ok=True)
    content = {"ports": [PAD], "controls": list(controls), **rest}
    (folder / "mine.yaml").write_text(yaml.safe_dump(content))
    table = Table(folder)
    assert "mine" not in str(table.said("problem"))
    return table


# --- endless encoders ---


@given(st.sampled_from(ENCODERS), st.integers(0, 127))
def test_each_coding_counts_clicks_both_ways(encoder: Encoder, value: int) -> None:
    right, left = _ONE_CLICK[encoder]
    assert (clicks_of(encoder, right), clicks_of(encoder, left)) == (1, -1)
    assert abs(clicks_of(encoder, value)) <= 64


@given(st.lists(st.integers(0, 127), min_size=3, unique=True))
def test_a_knob_that_never_repeats_itself_is_no_encoder(values: list[int]) -> None:
    assert encoders_like(values) == []


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_encoder_turns_its_parameter_from_where_it_is(tmp_path: Path, encoder: str) -> None:
    row = {"cc": 1, "parameter": "bpm", "low": 60, "high": 156, "encoder": encoder}
    table = table_with(tmp_path, row)
    table.values["bpm"] = 120.0
    right, left = _ONE_CLICK[encoder]
    table.turn(PAD, 1, *[right] * 3)
    table.wait()
    assert table.received == [m.SetParameter("bpm", pytest.approx(123.0))]
    table.values["bpm"] = 100.0  # somebody else
    table.turn(PAD, 1, left)
    table.wait()
    assert table.values["bpm"] == pytest.approx(99.0)
    table.turn(PAD, 1, *[left] * 500)
    table.wait()
    assert table.values["bpm"] == 60.0


def test_clicks_add_up_where_one_is_less_than_a_whole_number(tmp_path: Path) -> None:
    table = table_with(
        tmp_path, {"cc": 1, "parameter": "bars", "low": 1, "high": 9, "encoder": "twos_complement"}
    )
    table.values["bars"] = 1
    for _ in range(12):  # 96 clicks lead through 8 bars
        table.turn(PAD, 1, 1)
        table.wait()
    assert table.values["bars"] == 2


def test_an_encoder_steps_through_choices_by_the_click(tmp_path: Path) -> None:
    table = table_with(
        tmp_path, {"cc": 1, "parameter": "bars", "values": [1, 2, 4], "encoder": "binary_offset"}
    )
    table.values["bars"] = 2
    heard = []
    for value in (65, 65, 63, 63, 63, 65):
        table.turn(PAD, 1, value)
        table.wait()
        heard.append(table.values["bars"])
    assert heard == [4, 4, 2, 1, 1, 2]


def test_an_encoder_on_an_address_without_a_value_says_so(tmp_path: Path) -> None:
    row = {"cc": 1, "address": "deck/9/gain", "arguments": ["$value"], "encoder": "twos_complement"}
    table = table_with(tmp_path, row)
    table.turn(PAD, 1, 1)
    assert table.received == []
    assert "`/msanii/deck/9/gain` has no value" in str(table.said("problem")[-1])


def test_a_knob_on_an_address_picks_up_its_value(tmp_path: Path) -> None:
    row = {"cc": 1, "address": "deck/1/gain", "arguments": ["$value"], "low": -60, "high": 12}
    table = table_with(tmp_path, row)
    table.stage_values["deck/1/gain"] = 0.0
    table.turn(PAD, 1, 20)
    table.wait()
    assert table.received == []
    table.turn(PAD, 1, 120)
    table.wait()
    assert table.stage_values["deck/1/gain"] == pytest.approx(-60 + 72 * 120 / 127)


# --- buttons ---


def test_a_button_toggles_what_holds(tmp_path: Path) -> None:
    table = table_with(
        tmp_path,
        {"note": 1, "address": "deck/1/mute", "arguments": ["$value"], "toggle": True},
        {"cc": 2, "parameter": "bars", "values": [2, 8], "toggle": True},
    )
    table.stage_values["deck/1/mute"] = False
    table.values["bars"] = 4
    for _ in range(3):
        table.move(PAD, ("note", 1, 90), ("note", 1, 0))
    assert table.received == [SetDeck(1, "mute", on) for on in (True, False, True)]
    table.received.clear()
    table.turn(PAD, 2, 127, 0, 127, 0)
    assert table.received == [m.SetParameter("bars", 8), m.SetParameter("bars", 2)]


def test_a_pad_with_a_hold_is_sent_as_it_is_let_go_or_held(tmp_path: Path) -> None:
    hold = {"address": "deck/1/stop", "arguments": [1]}
    table = table_with(tmp_path, {"note": 1, "address": "deck/1/launch", "arguments": [1], "hold": hold})
    table.move(PAD, ("note", 1, 90))
    assert table.received == []
    table.move(PAD, ("note", 1, 0))
    assert table.received == [LAUNCH]
    table.wait(HOLD_SECONDS)
    assert table.received == [LAUNCH]
    table.move(PAD, ("note", 1, 90))
    table.wait(HOLD_SECONDS)
    table.move(PAD, ("note", 1, 0))
    assert table.received == [LAUNCH, STOP]


def test_a_held_pad_is_forgotten_with_its_port(tmp_path: Path) -> None:
    hold = {"address": "deck/1/stop", "arguments": [1]}
    table = table_with(tmp_path, {"note": 1, "address": "deck/1/launch", "arguments": [1], "hold": hold})
    table.move(PAD, ("note", 1, 90))
    table.hands.heard(Ports((), (), "control"))
    table.wait(HOLD_SECONDS)
    assert table.received == []


def test_a_momentary_pad_is_told_as_it_is_let_go_and_with_its_port(tmp_path: Path) -> None:
    table = table_with(
        tmp_path,
        {"note": 1, "address": "deck/1/launch", "arguments": ["$held"]},
        {"cc": 2, "address": "deck/2/mute", "arguments": ["$held"]},
    )
    table.move(PAD, ("note", 1, 90), ("note", 1, 0), ("cc", 2, 127), ("cc", 2, 120), ("cc", 2, 0))
    assert table.received == [LAUNCH, ReleaseDeck(1), SetDeck(2, "mute", True), SetDeck(2, "mute", False)]
    table.move(PAD, ("note", 1, 90))
    table.hands.heard(Ports((), (), "control"))
    assert table.received[-1] == ReleaseDeck(1)


# --- shift and layers ---


def test_shift_turns_a_page_while_it_is_held_and_knobs_pick_up_again(tmp_path: Path) -> None:
    table = table_with(
        tmp_path,
        {"note": 9, "shift": True},
        {"note": 1, "address": "deck/1/launch", "arguments": [1]},
        {"note": 1, "address": "deck/1/stop", "arguments": [1], "shifted": True},
        {"cc": 1, "parameter": "bpm", "low": 20, "high": 147},
        {"cc": 1, "parameter": "steps", "low": 1, "high": 128, "shifted": True},
        {"note": 2, "address": "panic"},
    )
    table.values.update(bpm=84.0, steps=31)
    table.move(PAD, ("cc", 1, 63), ("cc", 1, 66))
    table.wait()
    assert table.values["bpm"] == pytest.approx(86.0)
    table.move(
        PAD, ("note", 9, 100), ("note", 1, 90), ("note", 1, 0), ("note", 2, 90), ("cc", 1, 31), ("cc", 1, 20)
    )
    table.wait()
    table.move(PAD, ("note", 9, 0), ("cc", 1, 21), ("note", 1, 90))
    table.wait()
    assert table.values["steps"] == 21
    assert table.values["bpm"] == pytest.approx(86.0)
    pressed = [message for message in table.received if not isinstance(message, m.SetParameter)]
    assert [type(message).__name__ for message in pressed] == ["StopDeck", "Panic", "LaunchDeck"]


def test_a_shift_button_of_any_kind_is_let_go_even_while_something_is_learned(tmp_path: Path) -> None:
    table = table_with(
        tmp_path,
        {"cc": 9, "shift": True},
        {"cc": 9, "address": "panic", "shifted": True},
        {"note": 1, "address": "deck/1/launch", "arguments": [1]},
        {"note": 1, "address": "deck/1/stop", "arguments": [1], "shifted": True},
    )
    table.turn(PAD, 9, 127)
    table.move(PAD, ("note", 1, 90))
    table.ask(mm.Learn("bpm", ()))
    table.turn(PAD, 9, 0)
    table.ask(mm.CancelLearn())
    table.move(PAD, ("note", 1, 90))
    assert table.received == [STOP, LAUNCH]


def test_a_pad_that_is_held_over_shift_does_what_it_was_pressed_for(tmp_path: Path) -> None:
    hold = {"address": "deck/1/stop", "arguments": [1]}
    table = table_with(
        tmp_path,
        {"note": 9, "shift": True},
        {"note": 1, "address": "deck/1/launch", "arguments": [1], "hold": hold},
        {"note": 1, "address": "panic", "shifted": True},
    )
    table.move(PAD, ("note", 1, 90), ("note", 9, 90), ("note", 1, 0))
    assert table.received == [LAUNCH]


def test_a_layer_does_what_the_map_above_leaves_out(tmp_path: Path) -> None:
    tmp_path.joinpath("under.yaml").write_text(
        yaml.safe_dump({
            "layers": ["mine"],  # round in a circle, which must not hang
            "controls": [
                {"note": 1, "address": "panic"}, {"note": 2, "address": "deck/1/stop", "arguments": [1]},
            ],
        })
    )  # fmt: skip
    table = table_with(tmp_path, {"note": 1, "address": "deck/1/launch", "arguments": [1]}, layers=["under"])
    table.move(PAD, ("note", 1, 90), ("note", 2, 90), ("note", 3, 90))
    assert table.received == [LAUNCH, STOP]


def test_a_layer_that_is_missing_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"ports": [PAD], "layers": ["grib"]}))
    (problem,) = [words for _, words in Table(tmp_path).said("problem") if "grib" in str(words)]
    assert problem == (
        "MIDI map `mine`: `layers`: there is no map 'grib', expected some of grid, keyboard, pads, mine."
    )


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (
            {"note": 1, "parameter": "bpm", "encoder": "signed_bit"},
            "an endless encoder sends `cc`, not `note`",
        ),
        ({"cc": 1, "parameter": "bpm", "encoder": "ableton"}, "`encoder`"),
        (
            {"cc": 1, "address": "generate", "encoder": "signed_bit"},
            "`encoder`: expected `arguments: [$value]`",
        ),
        ({"cc": 1, "parameter": "bars", "values": [1, 2, 4], "toggle": True}, "got 3 `values`, expected two"),
        ({"note": 1, "address": "generate", "toggle": True}, "`toggle`: expected `arguments: [$value]`"),
        ({"cc": 1, "parameter": "bpm", "toggle": True, "encoder": "signed_bit"}, "leave one out"),
        ({"program": 1, "address": "panic", "hold": {"address": "panic"}}, "need a key or a button"),
        ({"note": 1, "address": "panic", "hold": {"address": "panik"}}, "no such address"),
        ({"program": 1, "address": "deck/1/launch", "arguments": ["$held"]}, "`$held` needs a key"),
        ({"note": 1, "shift": True, "address": "panic"}, "or `shift: true` alone"),
        ({"cc": 1, "shift": True, "encoder": "signed_bit"}, "`shift: true` does nothing else"),
        ({"cc": 1, "parameter": "bpm", "hold": {"address": "panic"}}, "`hold` is for keys and buttons"),
        ({"note": 1}, "expected either `parameter` or `address`"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, row: dict[str, object], complaint: str) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"controls": [row]}))
    (problem,) = [words for words in Table(tmp_path).said("problem") if "mine.yaml" in str(words)]
    assert complaint in str(problem)
