"""Bytes become controls: 14-bit pairs, NRPN, bend, notes; and no bytes at all are too much."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.midi_child.parser import ControlParser
from bridge.midi_child.wire import LARGEST, ControlId, Moved


def fed(*messages: list[int]) -> list[tuple[str, int, int, int]]:
    parser = ControlParser()
    return [row(moved) for message in messages for moved in parser.feed(bytes(message))]


def row(moved: Moved) -> tuple[str, int, int, int]:
    control = moved.control
    return control.kind, control.channel, control.number, moved.value


def test_a_note_and_its_end_of_either_kind() -> None:
    assert fed([0x92, 60, 90], [0x92, 60, 0], [0x82, 61, 64]) == [
        ("note", 3, 60, 90), ("note", 3, 60, 0), ("note", 3, 61, 0),
    ]  # fmt: skip


def test_program_and_bend() -> None:
    assert fed([0xC0, 5], [0xEF, 0, 64], [0xE0, 127, 127]) == [
        ("program", 1, 0, 5), ("bend", 16, 0, 8192), ("bend", 1, 0, 16383),
    ]  # fmt: skip


def test_a_pair_is_one_value_of_14_bits_and_its_high_half_a_knob_of_7() -> None:
    assert fed([0xB0, 1, 100], [0xB0, 33, 5]) == [
        ("cc", 1, 1, 100), ("cc", 1, 33, 5), ("cc14", 1, 1, 100 * 128 + 5),
    ]  # fmt: skip


def test_a_low_half_alone_is_a_knob_of_7_bits() -> None:
    assert fed([0xB0, 33, 5]) == [("cc", 1, 33, 5)]


def test_channels_do_not_mix_their_halves() -> None:
    assert ("cc14", 2, 1, 5) not in fed([0xB0, 1, 0], [0xB1, 33, 5])


def test_nrpn_high_low_up_down_and_none() -> None:
    choose = [[0xB0, 99, 2], [0xB0, 98, 3]]
    number = 2 * 128 + 3
    assert fed(*choose, [0xB0, 6, 1], [0xB0, 38, 7], [0xB0, 96, 0], [0xB0, 97, 0], [0xB0, 97, 0]) == [
        ("nrpn", 1, number, value) for value in (128, 135, 136, 135, 134)
    ]
    # 127/127 chooses none: 6 is a knob like any other again.
    assert fed(*choose, [0xB0, 99, 127], [0xB0, 98, 127], [0xB0, 6, 9]) == [("cc", 1, 6, 9)]
    assert fed([0xB0, 6, 9]) == [("cc", 1, 6, 9)]


def test_steps_stop_at_both_ends() -> None:
    choose = [[0xB0, 99, 0], [0xB0, 98, 0]]
    assert fed(*choose, [0xB0, 97, 0]) == [("nrpn", 1, 0, 0)]
    assert fed(*choose, [0xB0, 6, 127], [0xB0, 38, 127], [0xB0, 96, 0])[-1] == ("nrpn", 1, 0, 16383)


def test_a_registered_parameter_moves_nothing_of_ours() -> None:
    assert fed([0xB0, 101, 0], [0xB0, 100, 0], [0xB0, 6, 2], [0xB0, 38, 0]) == []


def test_all_notes_off_and_a_lost_port_let_go_of_what_sounds() -> None:
    assert fed([0x90, 60, 1], [0x90, 64, 1], [0x91, 60, 1], [0xB0, 123, 0])[3:] == [
        ("note", 1, 60, 0), ("note", 1, 64, 0),
    ]  # fmt: skip
    parser = ControlParser()
    parser.feed(bytes([0x91, 60, 1]))
    assert parser.release_all() == [Moved(ControlId("note", 2, 60), 0)]
    assert parser.release_all() == []


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=5), max_size=40))
def test_any_bytes_move_nothing_or_something_in_range(messages: list[bytes]) -> None:
    parser = ControlParser()
    for message in messages:
        for moved in parser.feed(message):
            assert 1 <= moved.control.channel <= 16
            assert 0 <= moved.control.number <= 16_383
            assert 0 <= moved.value <= LARGEST[moved.control.kind]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0x80, 0xEF), st.integers(0, 127), st.integers(0, 127)), max_size=60))
def test_every_note_that_begins_can_be_ended(messages: list[tuple[int, int, int]]) -> None:
    parser = ControlParser()
    sounding: set[ControlId] = set()
    moves = [moved for message in messages for moved in parser.feed(bytes(message))]
    for moved in [*moves, *parser.release_all()]:
        if moved.control.kind == "note":
            (sounding.add if moved.value else sounding.discard)(moved.control)
    assert not sounding
