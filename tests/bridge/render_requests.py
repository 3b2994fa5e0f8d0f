"""Complete requests and jobs for tests: defaults, the shipped model's own, what a test overrides."""

from __future__ import annotations

from typing import Any

from bridge.library.recipes import Recipe
from bridge.messages import Job, Peer, RenderRequest
from bridge.parameters import PARAMETERS, defaults
from bridge.render.engine import model_sampling


def make_request(**values: Any) -> RenderRequest:
    """A one-bar `generate` of one take with seed 7."""
    start: dict[str, Any] = {**dict.fromkeys(PARAMETERS), **defaults(), **model_sampling("default")}
    start.update(verb="generate", seed=7, bars=1.0, seconds=2.0, source=None, source_b=None)
    return RenderRequest(**(start | values))


def make_job(job_id: str = "a", *, sender: Peer | None = None, attempts: int = 0, **values: Any) -> Job:
    """A job around `make_request(**values)`."""
    return Job(job_id, make_request(**values), sender, attempts)


def make_recipe(index: int = 0, **values: Any) -> Recipe:
    """A recipe around `make_request(**values)`."""
    request = make_request(**values)
    return Recipe(
        request=request,
        index=index,
        seed=request.seed_of(index),
        seconds=2.0,
        model_name="tiny",
        model_fingerprint="0" * 64,
        versions={"torch": "2.12.1"},
        device="cpu",
        dtype="float32",
        threads=2,
        created=f"2026-11-22T14:00:{index:02d}Z",
    )
