"""The script's own OSC is everybody's, and it needs nothing that Live's Python lacks."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from tests.max_for_live.other_daws.live_rig import FOLDER

SOURCES = sorted((FOLDER / "Msanii").glob("*.py"))

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_ARGUMENTS = st.lists(
    st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.floats(width=32, allow_nan=False) | _TEXT
)


def _codec() -> Any:
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("Msanii.osc")
    finally:
        sys.path.remove(str(FOLDER))


@given(_ARGUMENTS)
def test_python_osc_reads_what_the_script_sends(arguments: list[Any]) -> None:
    packet = _codec().encode("/msanii/x", *arguments)
    message = OscMessage(packet)
    assert (message.address, list(message.params)) == ("/msanii/x", arguments)


@given(_ARGUMENTS)
def test_the_script_reads_what_python_osc_sends(arguments: list[Any]) -> None:
    builder = OscMessageBuilder(address="/msanii/x")
    for argument in arguments:
        builder.add_arg(argument)
    assert _codec().decode(builder.build().dgram) == [("/msanii/x", arguments)]


@given(st.binary(max_size=64) | st.binary(max_size=48).map(lambda data: b"#bundle\0" + bytes(8) + data))
def test_packets_that_are_no_osc_are_refused_and_nothing_else_happens(packet: bytes) -> None:
    try:
        found = _codec().decode(packet)
    except ValueError:
        return
    assert all(address.startswith("/") for address, _ in found)


def test_a_value_that_osc_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="expected text, a number or a bool"):
        _codec().encode("/msanii/x", None)


# --- Live's Python --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_script_needs_nothing_but_lives_own_python(path: Path) -> None:
    # Live 11 has Python 3.7, Live 12 3.11.
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).split(".")[0])
    assert names <= sys.stdlib_module_names | {"Live", "_Framework"}
