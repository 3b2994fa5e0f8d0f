"""Bytes and messages: whatever arrives is read or refused, and what is written is read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.inputs.osc_packets import OscItem, UnreadableError, read_message, read_packet, write_message
from bridge.messages import Argument


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for packet in (data, b"#bundle\x00" + data, b"/msanii/x\x00\x00\x00," + data):
        try:
            items = read_packet(packet)
        except UnreadableError:
            continue
        assert all(isinstance(item, OscItem | UnreadableError) for item in items)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
NUMBER = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(width=32, allow_nan=False))


@given(st.lists(st.one_of(TEXT, NUMBER, st.booleans(), st.none()), max_size=12))
def test_what_is_written_is_read_back(arguments: list[Argument]) -> None:
    assert read_message(write_message("/msanii/x", arguments)) == ("/msanii/x", tuple(arguments))


def test_file_names_that_are_no_text_are_still_sent() -> None:
    written = write_message("/t", ["caf\udce9.wav", "a\x00b", 1e300])
    assert read_message(written) == ("/t", ("caf?.wav", "a?b", 1e300))


def test_symbols_and_impulses_of_other_programs_are_understood() -> None:
    assert read_message(b"/a\x00\x00,SI\x00Am\x00\x00") == ("/a", ("Am", True))
