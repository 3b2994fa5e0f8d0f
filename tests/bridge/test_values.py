"""Mistakes that pydantic finds are named in words."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from bridge.values import first_problem


class Tempo(BaseModel):
    bpm: float
    beats: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _is_slow(self) -> Tempo:
        if self.bpm > 300:
            raise ValueError("too fast")
        return self


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "bpm: Field required"),
        (
            {"bpm": 90, "beats": [1, "x"]},
            "beats.1: Input should be a valid integer, unable to parse string as an integer",
        ),
        ({"bpm": 301}, "the whole: too fast"),
    ],
)
def test_the_first_mistake_is_named_with_its_place(values: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Tempo.model_validate(values)
    assert first_problem(raised.value) == problem
