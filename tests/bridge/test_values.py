"""Mistakes that pydantic finds are named in words."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from bridge.messages import BridgeError
from bridge.values import check_template, first_problem


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


@pytest.mark.parametrize(
    ("template", "remedy"),
    [
        ('Äö "x" <n>', 'leave out " , which file names cannot have'),
        ("a<b:c", "leave out < : , which file names cannot have"),
        ("<foo>_<n>", "'<foo>' stands for nothing; choose from <preset>, <bpm>, <meter>"),
        ("loops/<n>", "leave out folders"),
        ("..\\<n>", "leave out folders"),
        ("a\tb", "leave out control characters"),
        (" . ", "write at least one letter"),
        (".hidden_<n>", "begin with something other than a dot"),
    ],
)
def test_a_wrong_file_name_template_is_told_what_is_wrong(template: str, remedy: str) -> None:
    with pytest.raises(BridgeError) as caught:
        check_template(template)
    assert caught.value.code == "value"
    assert remedy in caught.value.message


def test_every_placeholder_may_stand_in_a_template() -> None:
    template = "Größe <meter> <chords>_<sound>_<n>"
    assert check_template(template) == template
