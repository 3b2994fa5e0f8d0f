"""The parameter table: every row can check its own default, and refuses what is not its own."""

from __future__ import annotations

import json
import math
import struct
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.messages import ERROR_CODES, BridgeError, RenderRequest
from bridge.parameters import PARAMETERS, Parameter
from bridge.values import as_typed, check_name
from msanii import limits

NUMERIC = [row for row in PARAMETERS.values() if row.kind in ("int", "float")]
ANY_VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers())
)


def test_the_table_and_the_request_name_the_same_fields() -> None:
    # What was not asked: the verb by its address, what somebody named, the parts that come with notes, and
    # what an edit knows of its take, the files of taught sounds, and what was heard.
    others = {
        "verb",
        "knows_tempo",
        "preset_chosen",
        "note_parts",
        "renew_bars",
        "parent",
        "groove_seed",
        "source_notes",
        "taught",
        "heard_values",
        "follows",
    }
    assert {*others, *PARAMETERS} == set(get_type_hints(RenderRequest)) - {"model_config"}


@pytest.mark.parametrize("row", PARAMETERS.values(), ids=lambda row: row.name)
def test_a_default_passes_its_own_check(row: Parameter) -> None:
    if row.default is not None:
        assert row.check(row.default) == row.default
        assert type(row.check(row.default)) is type(row.default)
    assert row.help
    assert row.expected()
    assert row.verbs


@pytest.mark.parametrize("row", NUMERIC, ids=lambda row: row.name)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 10**400, -(10**400), 1e30, -5e9])
def test_no_number_out_of_range_passes(row: Parameter, bad: float) -> None:
    with pytest.raises(BridgeError, match=rf"`{row.name}`: got .*expected .*; ") as raised:
        row.check(bad)
    assert raised.value.code == "value"


@pytest.mark.parametrize("row", NUMERIC, ids=lambda row: row.name)
def test_both_ends_of_a_range_pass_as_int_or_float(row: Parameter) -> None:
    assert row.low is not None
    assert row.high is not None
    for end in (row.low, row.high):
        assert row.check(float(end)) == end
    whole = int(row.high)
    if whole >= row.low:  # a swing lies between two whole numbers
        assert type(row.check(whole)) is (int if row.kind == "int" else float)


@given(value=ANY_VALUE)
@pytest.mark.parametrize("row", PARAMETERS.values(), ids=lambda row: row.name)
def test_whatever_is_sent_is_a_value_or_a_clear_error(row: Parameter, value: object) -> None:
    outcome: object
    try:
        outcome = row.check(value)
    except BridgeError as error:
        outcome = error
    if isinstance(outcome, BridgeError):
        assert outcome.code in ERROR_CODES
        assert row.name in outcome.message
        assert len(outcome.message) < 600
    else:
        assert isinstance(outcome, int | float | str)
        json.dumps(outcome, allow_nan=False)


@pytest.mark.parametrize("value", [True, "twelve", b"12", [12], (1, 2, 3, 4)])
def test_only_numbers_are_numbers(value: object) -> None:
    with pytest.raises(BridgeError, match=r"`steps`: got .* expected a whole number from 1") as raised:
        PARAMETERS["steps"].check(value)
    assert raised.value.code == "type"


@given(st.floats(min_value=20, max_value=999).map(lambda number: round(number, 3)))
def test_a_typed_tempo_survives_the_32_bit_floats_of_osc(bpm: float) -> None:
    (sent,) = struct.unpack(">f", struct.pack(">f", bpm))
    assert PARAMETERS["bpm"].check(sent) == bpm


def test_a_double_stays_as_it_is() -> None:
    assert as_typed(97.300001) == 97.300001
    assert as_typed(math.pi) == math.pi


@pytest.mark.parametrize("name", ["piano_loop", "Ärger 2", "a", "9", "v1.2", "ピアノ"])
def test_names_may_be_in_any_language(name: str) -> None:
    assert check_name("preset", name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "C:x", " a", "a ", "a.", "x" * 65, "CON", "nul.yaml", "a\nb"],
)
def test_a_name_never_reaches_another_folder(name: str) -> None:
    with pytest.raises(BridgeError, match=r"^`preset`: got"):
        check_name("preset", name)


@pytest.mark.parametrize(
    ("name", "widest"),
    [
        ("bars", limits.BARS),
        ("seconds", limits.SECONDS),
        ("bpm", limits.BPM),
        ("numerator", limits.NUMERATOR),
        ("guidance", limits.GUIDANCE),
        ("iterations", limits.ITERATIONS),
        ("swing", limits.SWING),
        ("density", limits.DENSITY),
        ("register_pitch", limits.REGISTER),
        ("dynamics", limits.DYNAMICS),
    ],
)
def test_no_request_goes_beyond_what_the_model_can_render(name: str, widest: limits.Range) -> None:
    row = PARAMETERS[name]
    assert row.low is not None
    assert row.high is not None
    assert widest.low <= row.low < row.high <= widest.high
