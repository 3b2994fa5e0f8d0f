"""Files are read as YAML 1.2, and what is written is read back the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge.messages import BridgeError
from bridge.system.yaml_files import dump_yaml, parse_yaml, read_yaml, set_in_yaml


def value_of(text: str) -> object:
    return parse_yaml(f"value: {text}\n".encode(), name="a.yaml", code="value")["value"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10), ("0o10", 8), ("0x1F", 31), ("+12", 12), ("-1", -1), ("1_20", "1_20"), ("1:30", "1:30"),
        ("yes", "yes"), ("on", "on"), ("n", "n"), ("true", True), ("FALSE", False), ("~", None), ("", None),
        ("1e3", 1000.0), ("1e-4", 1e-4), (".5", 0.5), ("12.", 12.0), ("-.inf", float("-inf")), ("=", "="),
        ("2026-01-01", "2026-01-01"), ("<<", "<<"), ("0b11", "0b11"), ('"010"', "010"),
    ],
)  # fmt: skip
def test_plain_values_follow_the_core_schema(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


TEXT = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], include_characters="\t\n"))
PLAIN = st.one_of(
    TEXT,
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False),
    st.booleans(),
    st.sampled_from(["yes", "010", "1e5", "0o17", "1:30", "null", "~", "2026-01-01", "=", "<<", "1_0"]),
)


@given(st.dictionaries(TEXT, PLAIN, max_size=4))
def test_what_is_written_is_read_back_the_same(content: dict[str, object]) -> None:
    text = dump_yaml(content)
    assert parse_yaml(text.encode(), name="a.yaml", code="value") == content
    # A reader of YAML 1.1 agrees, so that older versions read what this one writes.
    assert (yaml.safe_load(text) or {}) == content


def test_the_readers_of_other_programs_keep_their_schema() -> None:
    assert yaml.safe_load("a: yes") == {"a": True}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(BridgeError, match="not a regular file"):
        read_yaml(tmp_path / "pipe.yaml", code="preset")


def test_one_name_is_set_and_all_other_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "settings.yaml"
    set_in_yaml(path, "round_trip_ms", 21.33333, code="value")
    assert path.read_text() == "round_trip_ms: 21.33333\n"
    path.write_text("# mine\nround_trip_ms: 5 # old\ninput: Box")
    set_in_yaml(path, "round_trip_ms", 10.5, code="value")
    set_in_yaml(path, "decks", 2, code="value")
    assert path.read_text() == "# mine\nround_trip_ms: 10.5\ninput: Box\ndecks: 2\n"
    path.write_text("{round_trip_ms: 5}\n")
    with pytest.raises(BridgeError, match=r"write `round_trip_ms: 10\.5`"):
        set_in_yaml(path, "round_trip_ms", 10.5, code="value")
