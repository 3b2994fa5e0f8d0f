"""Faders: every value as a position from 0 to 1, there and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import messages as m
from bridge.addresses.faders import SCALES, Scale
from bridge.addresses.table import BY_PATH, parse
from bridge.messages import BridgeError
from bridge.messages import stage as s
from bridge.parameters import PARAMETERS


@pytest.mark.parametrize(
    ("fader", "position", "message"),
    [
        ("deck/1/gain", 0, s.SetDeck(1, "gain", -60.0)),
        ("deck/1/gain", 1.0, s.SetDeck(1, "gain", 12.0)),
        ("deck/16/pan", 0.5, s.SetDeck(16, "pan", 0.0)),
        ("deck/2/mute", True, s.SetDeck(2, "mute", True)),
        ("deck/2/mute", 0.4, s.SetDeck(2, "mute", False)),
        ("deck/2/quantise", 0.2, s.SetDeck(2, "quantise", "beat")),
        ("quantise", 1, s.SetStage("quantise", "8")),
        ("master/gain", "0.5", s.SetStage("gain", -24.0)),
        ("transport/tempo", 0, s.SetStage("tempo", 20.0)),
        ("transport/tempo", 0.5, s.SetStage("tempo", 141.3506)),
        ("stream/nudge_ms", 0.5, s.SetStage("nudge_ms", 0.0)),
        ("param/guidance", 0.10000000149011612, m.SetParameter("guidance", 2.0)),
        ("param/steps", 1, m.SetParameter("steps", 1000)),
        ("param/end", 0.5, m.SetParameter("end", "fade")),
        ("param/loop", True, m.SetParameter("loop", 1)),
    ],
)
def test_a_position_sets_the_value(fader: str, position: object, message: m.Message) -> None:
    assert parse(f"/msanii/fader/{fader}", (position,), None) == message


def test_a_fader_without_a_position_reads_the_value() -> None:
    assert parse("/msanii/fader/param/steps", (), None) == m.ReadParameter("steps")
    assert parse("/msanii/fader/deck/3/gain", (), None) == s.ReadDeck(3, "gain")
    assert parse("/msanii/fader/master/gain", (), None) == s.ReadStage("gain")


@pytest.mark.parametrize("position", [-0.01, 1.01, math.nan, "0,5", "loud", None, True, [0.5]])
def test_what_is_no_position_is_refused(position: object) -> None:
    with pytest.raises(BridgeError, match="expected a position from 0 to 1"):
        parse("/msanii/fader/deck/1/gain", (position,), None)


@pytest.mark.parametrize("scale", {str(scale): scale for scale in SCALES.values()}.values(), ids=str)
@given(position=st.floats(0, 1))
def test_a_value_lies_where_its_fader_stood(scale: Scale, position: float) -> None:
    value = scale.value_at(position)
    back = scale.position_of(value)
    assert back is not None
    assert 0 <= back <= 1
    again = scale.value_at(back)
    assert again == value or math.isclose(float(again), float(value), rel_tol=1e-3, abs_tol=1e-4)


def test_both_ends_are_reached() -> None:
    for scale in SCALES.values():
        assert scale.position_of(scale.value_at(0.0)) == 0.0
        assert scale.position_of(scale.value_at(1.0)) == 1.0


def test_every_number_switch_and_choice_has_a_fader() -> None:
    for name, row in PARAMETERS.items():
        assert (f"/msanii/fader/param/{name}" in BY_PATH) == (row.kind in ("int", "float", "choice"))
