"""The edition of the rules that a take was rendered by."""

from __future__ import annotations

from typing import get_args

import pytest

from bridge.library.recipes import Recipe
from bridge.messages import requests as render_request
from bridge.parameters import PARAMETERS, check_request
from msanii import config
from tests.bridge.render_requests import make_recipe, make_request


def test_both_packages_know_the_same_editions() -> None:
    assert get_args(render_request.Edition) == get_args(config.Edition)
    assert PARAMETERS["edition"].default == config.LATEST_EDITION == get_args(config.Edition)[-1]
    assert get_args(render_request.GuidanceRule) == get_args(config.GuidanceRule)


def test_a_request_of_before_editions_is_of_the_first() -> None:
    values = make_request().model_dump()
    del values["edition"]
    assert render_request.RenderRequest(**values).edition == 1


@pytest.mark.parametrize("edition", get_args(config.Edition))
def test_recipes_of_every_edition_are_read(edition: config.Edition) -> None:
    again = Recipe.model_validate_json(make_recipe(edition=edition).model_dump_json())
    assert check_request(again.request).edition == edition
