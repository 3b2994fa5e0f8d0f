"""The edition of the rules that a take was rendered by."""

from __future__ import annotations

from typing import get_args

from bridge.messages import RenderRequest
from bridge.parameters import PARAMETERS
from msanii.choices import LATEST_EDITION, Edition
from tests.bridge.render_requests import make_request


def test_new_requests_are_of_the_latest_edition() -> None:
    assert PARAMETERS["edition"].default == LATEST_EDITION == get_args(Edition)[-1]


def test_a_request_of_before_editions_is_of_the_first() -> None:
    values = make_request().model_dump()
    del values["edition"]
    assert RenderRequest(**values).edition == 1
