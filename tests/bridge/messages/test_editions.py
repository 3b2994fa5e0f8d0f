"""The edition of the rules that a take was rendered by."""

from __future__ import annotations

from typing import get_args

import pytest

from bridge.library.recipes import Recipe
from bridge.messages import RenderRequest
from bridge.parameters import PARAMETERS, check_request
from msanii.choices import LATEST_EDITION, Edition
from tests.bridge.render_requests import make_recipe, make_request


def test_new_requests_are_of_the_latest_edition() -> None:
    assert PARAMETERS["edition"].default == LATEST_EDITION == get_args(Edition)[-1]


def test_a_request_of_before_editions_is_of_the_first() -> None:
    values = make_request().model_dump()
    del values["edition"]
    assert RenderRequest(**values).edition == 1


@pytest.mark.parametrize("edition", get_args(Edition))
def test_recipes_of_every_edition_are_read(edition: Edition) -> None:
    again = Recipe.model_validate_json(make_recipe(edition=edition).model_dump_json())
    assert check_request(again.request).edition == edition
