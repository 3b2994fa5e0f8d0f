"""The score and the sampling of a request: every field reaches them, and the length is the right one."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from bridge.worker.score import request_sampling, request_score
from msanii.choices import Edition
from msanii.music.score_request import ScoreRequest
from tests.bridge.render_requests import make_request


@pytest.mark.parametrize(
    ("values", "given", "seconds"),
    [
        ({"bars": 2.0, "bpm": 120.0}, None, 4.0),
        ({"bars": None, "seconds": 3.25}, None, 3.25),
        ({"verb": "vary", "bars": None, "seconds": 0.0}, 3.5, 3.5),
    ],
)
def test_a_score_lasts_its_bars_its_seconds_or_its_source(
    values: dict[str, Any], given: float | None, seconds: float
) -> None:
    assert request_score(make_request(**values), given).seconds == seconds


def test_every_musical_value_of_a_request_reaches_the_score() -> None:
    values: dict[str, Any] = {
        "bpm": 97.3, "numerator": 6, "denominator": 8, "chords": "i iv", "key": "Am", "sound": "organ,choir",
        "notes": ((0.0, 1.0, 60, 90),), "part": "pad", "swing": 0.6, "density": 2.0, "register_pitch": 55.0,
        "dynamics": 80.0,
    }  # fmt: skip
    assert request_score(make_request(**values, bars=2.0)) == ScoreRequest(**values).score(bars=2.0)


def test_every_value_of_the_sampling_is_the_requests() -> None:
    values: dict[str, Any] = {
        "steps": 7, "scheduler": "ddim", "guidance": 1.5, "iterations": 9, "phase": "griffin-lim",
        "guidance_of": "chords 3", "guidance_rule": "plain", "edition": 1,
    }  # fmt: skip
    sampling = request_sampling(make_request(**values))
    assert {name: getattr(sampling, name) for name in values} == values


@pytest.mark.parametrize("edition", get_args(Edition))
def test_recipes_of_before_edition_5_show_the_model_any_drum(edition: Edition) -> None:
    assert request_score(make_request(edition=edition)).shows_any_drum is (edition < 5)
