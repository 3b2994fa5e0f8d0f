"""Requests have the parameters of the table, and know their takes, seeds, parts and sources."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from bridge.messages import PartialRequest, SourceAudio
from bridge.messages.requests import without
from bridge.parameters import PARAMETERS, Parameter, check_values, defaults
from tests.bridge.render_requests import make_request

TYPES: dict[str, type] = {"int": int, "float": float, "text": str, "path": str}


def test_a_partial_request_has_the_parameters_of_the_table() -> None:
    assert set(get_type_hints(PartialRequest)) == set(PARAMETERS)


@pytest.mark.parametrize("row", PARAMETERS.values(), ids=lambda row: row.name)
def test_a_value_of_a_request_has_its_parameters_type(row: Parameter) -> None:
    hint = get_type_hints(PartialRequest)[row.name]
    if row.kind != "choice":
        assert hint is TYPES[row.kind]
    elif get_args(hint):
        assert get_args(hint) == row.choices
    else:
        assert {hint} == set(map(type, row.choices))


def test_defaults_are_values_that_the_table_takes() -> None:
    assert check_values(defaults()) == defaults()
    assert "seconds" not in defaults()
    assert without({"bars": 4.0, "key": "Am"}, ("bars", "seconds")) == {"key": "Am"}


def test_each_take_has_the_next_seed() -> None:
    request = make_request(seed=7, count=3)
    assert [request.seed_of(take) for take in request.takes] == [7, 8, 9]


def test_candidates_have_the_next_seeds() -> None:
    request = make_request(seed=7, count=2, candidates=3)
    assert (request.renders, request.chooses) == (6, True)
    assert [request.seed_of(take) for take in request.takes] == [7, 10]
    kept = request.model_copy(update={"keep": 2})
    assert [kept.seed_of(take) for take in kept.takes] == [9, 12]
    assert not kept.chooses
    band = make_request(seed=7, parts="keys,bass", count=3, candidates=3, keep=2)
    assert band.renders == 6
    assert band.chosen_together == [range(3)]
    assert [band.seed_of(take) for take in (0, 1)] == [11, 12]


def test_the_last_take_of_an_arrangement_is_the_mix() -> None:
    request = make_request(parts=" keys, bass,keys,", count=4)
    assert request.arrangement == ("keys", "bass", "keys")
    assert [request.part_of(take) for take in request.takes] == ["keys", "bass", "keys", "mix"]
    assert make_request(part="lead").part_of(0) == "lead"
    assert make_request(verb="vary", parts="keys,bass").arrangement == ()


def test_a_request_lists_its_sources_and_gives_its_values() -> None:
    first, second = (SourceAudio(sha256=letter * 64, name=f"{letter}.wav") for letter in "ab")
    assert make_request().sources == ()
    assert make_request(source=first).sources == (first,)
    assert make_request(source=first, source_b=second).sources == (first, second)
    assert make_request(bpm=97.3, key="Am").partial(("key", "bpm", "swing")) == {"key": "Am", "bpm": 97.3}
    assert make_request(numerator=7, denominator=8).meter.bar_beats == 3.5
