"""What nobody says of how a model is sampled is the model's own, wherever it is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge import messages as m
from bridge.addresses.arguments import pairs
from bridge.cli.render import request_arguments
from bridge.library.recipes import Recipe
from bridge.messages import BridgeError, Peer, Render, RenderRequest
from bridge.parameters import OF_MODEL, VERBS
from bridge.render.engine import model_sampling
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import preset_pairs, resolve
from bridge.requests.session import Session
from bridge.settings import factory_presets_folder
from bridge.system.inbox import handle
from msanii.config import ModelConfig, SamplingDefaults
from tests.bridge.files import write_model
from tests.bridge.outlets import RecordingOutlet
from tests.bridge.render_requests import make_recipe
from tests.conftest import ROOT, DaemonUnderTest, fail_of

ME = Peer("127.0.0.1", 9)
THEIRS = {"steps": 30, "scheduler": "ddim", "guidance": 1.5, "iterations": 60}
Fill = Callable[..., RenderRequest]


@pytest.fixture
def presets(tmp_path: Path) -> Presets:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "theirs.yaml").write_text("model: theirs\nguidance: 6\n", encoding="utf-8")
    write_model(tmp_path / "models" / "theirs", **THEIRS)
    write_model(tmp_path / "models" / "silent")
    return Presets(factory_presets_folder(), tmp_path / "presets")


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], Any]:
    return partial(model_sampling, folders=[tmp_path / "models"])


@pytest.fixture
def filled(presets: Presets, own: Callable[[str], Any]) -> Fill:
    def fill(session: m.PartialRequest | None = None, **values: object) -> RenderRequest:
        source = m.SourceAudio(sha256="a" * 64, name="a.wav")
        verb = values.pop("verb", "generate")
        ask = Render(verb, None, m.partial_request(values))  # type: ignore[arg-type]
        return resolve(ask, presets, session or {}, lambda _: source, own)

    return fill


def of_model(request: RenderRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in OF_MODEL}


def test_the_bridge_asks_all_that_a_model_says() -> None:
    """A new field of SamplingDefaults needs a row with `of_model` in bridge/parameters.py."""
    assert set(OF_MODEL) == {field.name for field in fields(SamplingDefaults)}


def test_the_shipped_models_own_is_what_its_card_is_measured_with(filled: Fill) -> None:
    config = json.loads((ROOT / "msanii/pretrained/default/config.json").read_text(encoding="utf-8"))
    assert of_model(filled()) == ModelConfig.from_dict(config).sampling.to_dict()


@pytest.mark.parametrize("verb", VERBS)
def test_a_models_own_for_every_verb(filled: Fill, verb: str) -> None:
    sources = {"generate": {}, "interpolate": {"source": "/a.wav", "source_b": "/b.wav"}}
    given: dict[str, object] = {**sources.get(verb, {"source": "/a.wav"}), "verb": verb, "model": "theirs"}
    request = of_model(filled(**given))
    assert {name: request[name] for name in THEIRS} == THEIRS


def test_a_model_that_says_nothing_is_sampled_as_the_paper_is(filled: Fill) -> None:
    assert of_model(filled(model="silent")) == SamplingDefaults().to_dict()


def test_presets_session_and_request_stand_above_it(filled: Fill) -> None:
    assert filled(model="theirs").guidance == 1.5
    assert filled(preset="theirs").guidance == 6
    assert filled({"preset": "theirs", "guidance": 7.0}).guidance == 7
    assert filled({"preset": "theirs", "guidance": 7.0}, guidance=8.0).guidance == 8
    assert filled({"preset": "theirs"}).steps == 30
    # `paper` and `sketch` say their own for a reason.
    assert (filled(preset="paper", model="theirs").steps, filled(preset="sketch").steps) == (200, 6)


def test_a_read_tells_the_models_own(presets: Presets, own: Callable[[str], Any]) -> None:
    outlet = RecordingOutlet()
    session = Session(presets, own, {"model": "theirs"}, outlet)

    def answer(message: m.Message) -> tuple[object, ...]:
        outlet.replies.clear()
        asyncio.run(handle(message, session.handlers))
        return outlet.replies[0][1:]

    for name, value in THEIRS.items():
        assert answer(m.ReadParameter(name, sender=ME)) == (f"param/{name}", value)
    session.set_parameter(m.SetParameter("steps", 9, sender=ME))
    assert answer(m.ReadParameter("steps", sender=ME)) == ("param/steps", 9)
    words = answer(m.ReadPreset("piano_loop", sender=ME))[2:]
    told = dict(zip(words[::2], words[1::2], strict=True))
    assert {name: told[name] for name in THEIRS} == THEIRS


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder: (folder / "config.json").unlink(), id="gone"),
        pytest.param(lambda folder: (folder / "config.json").write_text("{"), id="cut off"),
        pytest.param(lambda folder: write_model(folder, steps="many"), id="a wrong type"),
        pytest.param(lambda folder: write_model(folder, steps=0), id="out of range"),
    ],
)
def test_a_model_that_cannot_be_read_is_told_and_hides_nothing_else(
    tmp_path: Path, presets: Presets, own: Callable[[str], Any], filled: Fill, spoil: Callable[[Path], object]
) -> None:
    spoil(tmp_path / "models" / "theirs")
    session = Session(presets, own, {"model": "theirs"}, RecordingOutlet())

    def read() -> None:
        asyncio.run(handle(m.ReadParameter("steps", sender=ME), session.handlers))

    for ask in (lambda: filled(model="theirs"), read):
        with pytest.raises(BridgeError, match="theirs") as raised:
            ask()
        assert raised.value.code == "model"
    assert session.value_of("steps") is None
    assert session.value_of("chords") == "Am F C G"
    told = preset_pairs("theirs", presets, own)
    assert "steps" not in told
    assert told[told.index("guidance") + 1] == 6.0


def test_a_recipe_from_before_renders_as_it_did(filled: Fill) -> None:
    """It holds numbers of its own, and all of them are asked again."""
    recipe: Recipe = make_recipe(model="theirs", steps=12, guidance=2.5, scheduler="ddim", iterations=32)
    again = pairs(request_arguments(recipe, "piano_loop"), "generate")
    assert filled({"steps": 99, "guidance": 9.0}, **again) == recipe.request


def test_a_daemon_plays_what_its_model_says(daemon: DaemonUnderTest) -> None:
    """The tiny model's config.json: 4 steps, guidance 2, 4 iterations."""
    daemon.status()
    client = daemon.client()
    for name, value in (("steps", 4), ("guidance", 2.0), ("scheduler", "dpmsolver++"), ("iterations", 4)):
        (answer,) = [a for a in client.ask(f"/msanii/param/{name}") if a.address == f"/msanii/param/{name}"]
        assert answer.arguments == (value,)
    answers = list(client.ask("/msanii/generate", "bars", 1, "bpm", 240.0, "seed", 5))
    (take,) = [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]
    request = Recipe.model_validate_json(take.with_suffix(".json").read_text(encoding="utf-8")).request
    assert (request.steps, request.guidance, request.iterations) == (4, 2.0, 4)
    failed = list(client.ask("/msanii/generate", "model", "nowhere"))
    assert fail_of(failed)[1] == "model"
