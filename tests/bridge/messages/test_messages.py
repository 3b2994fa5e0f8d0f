"""The vocabulary holds what it promises: frozen, picklable, and strict about what comes from disk."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import pytest
from pydantic import ValidationError

from bridge.messages import BridgeError, Job, Peer, Progress, RenderRequest, SourceAudio
from bridge.parameters import PARAMETERS, check_request, defaults, seconds_of
from bridge.render.engine import model_sampling


def complete(**changes: Any) -> RenderRequest:
    """A complete generate request, from the table's own defaults."""
    values: dict[str, Any] = {**dict.fromkeys(PARAMETERS), **defaults(), **model_sampling("default")}
    return RenderRequest(**(values | {"verb": "generate", "seconds": 8.0, "seed": 7} | changes))


def test_an_error_reads_as_its_sentence_and_survives_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(BridgeError("busy", "the queue is full")))  # noqa: S301 - our own bytes
    assert (error.code, error.message, str(error)) == ("busy", "the queue is full", "the queue is full")


def test_messages_and_requests_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Peer("127.0.0.1", 1).port = 2  # type: ignore[misc]
    with pytest.raises(ValidationError):
        complete().bpm = 99.0  # type: ignore[misc]


def test_a_job_survives_a_pickle_to_the_worker() -> None:
    job = Job("j", complete(source=SourceAudio(sha256="a" * 64, name="x.wav")), Peer("127.0.0.1", 5))
    assert pickle.loads(pickle.dumps(job)) == job  # noqa: S301 - our own bytes
    assert pickle.loads(pickle.dumps(Progress("j", 0.5))) == Progress("j", 0.5)  # noqa: S301


def test_a_request_returns_from_json_as_it_was() -> None:
    request = complete(bpm=97.3, chords="Am F C♯ G♭")
    assert RenderRequest.model_validate_json(request.model_dump_json()) == request


@pytest.mark.parametrize(
    "changes",
    [{"bpm": float("nan")}, {"bpm": float("inf")}, {"unknown": 1}, {"end": "loop"}, {"verb": "delete"},
     {"source": {"sha256": "../../etc/passwd", "name": "x"}}, {"source": {"sha256": "a" * 63, "name": "x"}}],
)  # fmt: skip
def test_a_request_from_disk_is_held_to_its_types(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        complete(**changes)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("bpm", {"bpm": 5.0}),
        ("steps", {"steps": 0}),
        ("rate", {"rate": 22050}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": 2**31 - 1, "count": 2}),
        ("bars", {"bars": 400.0, "seconds": 800.0}),
        ("bars", {"bars": 4.0, "seconds": 9.0}),
        ("seconds", {"bars": None, "seconds": 601.0}),
        ("seconds", {"bars": None, "seconds": 0.0}),
        ("source", {"verb": "vary"}),
        ("name_template", {"name_template": "../<n>"}),
        ("name_template", {"name_template": "<user>_<n>"}),
        ("model", {"model": "../../model"}),
    ],
)
def test_a_request_from_disk_is_held_to_the_table(field: str, changes: dict[str, Any]) -> None:
    check_request(complete())
    with pytest.raises(BridgeError, match=f"^`{field}`"):
        check_request(complete(**changes))


def test_a_region_must_end_after_it_begins() -> None:
    source = SourceAudio(sha256="0" * 64, name="a.wav")
    region = {"verb": "inpaint", "source": source, "bars": None, "seconds": 0.0, "to_seconds": 2.0}
    check_request(complete(**region, from_seconds=1.9))
    with pytest.raises(BridgeError, match="from_seconds"):
        check_request(complete(**region, from_seconds=2.0))


def test_a_tempo_counts_quarter_notes_in_every_meter() -> None:
    assert seconds_of(4, 4, 4, 120) == 8
    assert seconds_of(2, 6, 8, 90) == 4
