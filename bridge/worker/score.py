"""The score and the sampling of a request. Importing it loads no torch: the daemon checks scores."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from bridge.messages import RenderRequest
from msanii.music.score import Score
from msanii.music.score_request import ScoreRequest

if TYPE_CHECKING:
    from msanii.rendering.job import Sampling


def request_score(request: RenderRequest, seconds: float | None = None) -> Score:
    """The score of a request, `seconds` long where given. Raises MsaniiError."""
    asked = ScoreRequest(**{field.name: getattr(request, field.name) for field in fields(ScoreRequest)})
    if seconds is None and request.bars is not None:
        return asked.score(bars=request.bars)
    return asked.score(seconds=request.seconds if seconds is None else seconds)


def request_sampling(request: RenderRequest) -> Sampling:
    """The sampling of a request, whose fields have the same names. Raises MsaniiError."""
    from msanii.rendering.job import Sampling

    return Sampling(**{field.name: getattr(request, field.name) for field in fields(Sampling)})
