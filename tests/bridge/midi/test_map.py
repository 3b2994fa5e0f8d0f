"""Maps: what they may say, what they are told when they say something else, positions and values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.messages import BridgeError, Render, SetParameter
from bridge.midi.control import Control
from bridge.midi.map import check_map, load_map
from bridge.midi_child.wire import ControlId
from bridge.parameters import PARAMETERS
from bridge.settings import factory_presets_folder

FACTORY = sorted((factory_presets_folder() / "midi").glob("*.yaml"))


def control(**values: Any) -> Control:
    return check_map({"controls": [values]}, "test").controls[0]


def complaint(content: object) -> str:
    with pytest.raises(BridgeError) as raised:
        check_map(content, "mine.yaml")
    assert raised.value.code == "value"
    return raised.value.message


@pytest.mark.parametrize("path", FACTORY, ids=lambda path: path.stem)
def test_factory_maps_are_right(path: Path) -> None:
    found = load_map(path)
    assert found.description
    assert found.ports
    assert found.controls


def test_there_is_a_map_for_pads_keys_and_grids() -> None:
    assert [path.stem for path in FACTORY] == ["grid", "keyboard", "pads"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = complaint(
        {
            "colour": "red",
            "controls": [
                {"cc": 1, "address": "generat"},
                {"cc": 2, "nrpn": 3, "parameter": "bpm"},
                {"cc": 3, "parameter": "tempo"},
                {"note": 4, "address": "generate", "arguments": ["chrods", "Am"]},
                {"cc": 200, "parameter": "bpm"},
                {"cc": 5, "parameter": "bpm", "high": 5000},
                {"cc": 6, "parameter": "guidance", "curve": "exponential"},
                {"cc": 7},
                {"cc": 8, "parameter": "steps", "knob": 1},
                {"cc": 9, "parameter": "chords"},
            ],
        }
    )
    for words in (
        "`colour`: no such key", "control 1: '/msanii/generat': no such address", "got `cc` and `nrpn`",
        "'tempo': no parameter that a knob can turn", "'chrods': no such parameter", "control 5, `cc`",
        "`bpm`: got 5000", "exponential", "either `parameter` or `address`", "control 9, `knob`: no such key",
        "'chords': no parameter",
    ):  # fmt: skip
        assert words in said


def test_two_knobs_on_one_parameter_are_refused_by_name() -> None:
    said = complaint({"controls": [{"cc": 1, "parameter": "bpm"}, {"cc": 2, "parameter": "bpm"}]})
    assert "two knobs turn `bpm`; keep one of them" in said
    # Two pads may well set one parameter to two values.
    pads = [{"note": n, "address": "param/steps", "arguments": [n]} for n in (1, 2)]
    assert len(check_map({"controls": pads}, "x").controls) == 2


@pytest.mark.parametrize("content", [[1], 5, {"controls": 3}, {"controls": [None]}, {"ports": "pad"}])
def test_other_shapes_are_told_so(content: object) -> None:
    assert complaint(content)


@pytest.mark.parametrize("data", [b"controls: [", b"a: &x [1]\nb: *x", b"\xff\xfe", b"x" * 70_000])
def test_a_broken_file_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(data)
    with pytest.raises(BridgeError, match=r"mine\.yaml"):
        load_map(path)


def test_curves() -> None:
    linear = control(cc=1, parameter="guidance", low=1, high=5)
    assert [linear.value_at(at) for at in (0, 0.5, 1)] == [1, 3, 5]
    falling = control(cc=1, parameter="guidance", low=5, high=1)
    assert [falling.value_at(at) for at in (0, 1)] == [5, 1]
    exponential = control(cc=1, parameter="bpm", low=50, high=200, curve="exponential")
    assert exponential.value_at(0.5) == pytest.approx(100)
    stepped = control(cc=1, parameter="steps", low=4, high=12, curve="stepped", steps=3)
    assert [stepped.value_at(at) for at in (0, 0.4, 0.99)] == [4, 8, 12]
    listed = control(cc=1, parameter="bars", values=[1, 2, 4, 8])
    assert [listed.value_at(at) for at in (0, 0.3, 0.6, 1)] == [1, 2, 4, 8]
    choice = control(cc=1, parameter="end")
    assert {choice.value_at(at / 127) for at in range(128)} == set(PARAMETERS["end"].choices)


@given(st.sampled_from([row.name for row in PARAMETERS.values() if row.kind in ("int", "float", "choice")]),
       st.floats(0, 1))  # fmt: skip
def test_every_position_of_a_knob_is_a_value_of_its_parameter_and_leads_back(name: str, at: float) -> None:
    knob = control(cc14=1, parameter=name)
    value = knob.value_at(at)
    assert PARAMETERS[name].check(value) == value
    back = knob.position_of(value)
    assert back is not None
    assert (
        knob.value_at(min(1.0, max(0.0, back))) == pytest.approx(value)
        if not isinstance(value, str)
        else True
    )


def test_messages_are_filled_in() -> None:
    pad = control(note=36, address="generate", arguments=["bars", 2, "seed", "$velocity"])
    assert pad.message(1.0, 77, 36, "") == Render("generate", None, {"bars": 2.0, "seed": 77})
    knob = control(cc=1, address="param/steps", arguments=["$value"], low=1, high=9, values=[1, 9])
    assert knob.is_continuous
    assert knob.message(9, 0, 0, "") == SetParameter("steps", 9)
    program = control(program="any", address="preset/load", arguments=["$preset"])
    assert program.fits(ControlId("program", 4, 0), 99)
    assert not control(program=3, address="status").fits(ControlId("program", 4, 0), 99)


def test_channels() -> None:
    assert control(cc=1, parameter="bpm").fits(ControlId("cc", 16, 1), 0)
    assert not control(cc=1, channel=2, parameter="bpm").fits(ControlId("cc", 16, 1), 0)


@pytest.mark.parametrize("lamp", [{}, {"deck": 1, "scene": 1}, {"scene": 65}, {"deck": 17}])
def test_a_lamp_shows_one_deck_or_one_scene(lamp: dict[str, int]) -> None:
    said = complaint({"controls": [{"note": 1, "address": "panic", "lamp": lamp}]})
    assert "either `deck` or `scene`" in said or "less than or equal" in said
