"""Loops through the bridge: exact files, tails beside them, errors, and the way over OSC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Client
from bridge.library.recipes import read_recipe
from bridge.library.shelf import Shelf
from bridge.library.take_files import TakeFiles
from bridge.messages import (
    BridgeError,
    PartialRequest,
    Peer,
    Render,
    RenderRequest,
    SourceAudio,
    TakeReady,
    partial_request,
)
from bridge.outputs.drop import discard_unfinished
from bridge.outputs.notify import Notifier
from bridge.parameters import check_request
from bridge.render.engine import model_sampling
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import resolve
from bridge.worker.loop import Answer, Order, WorkerSettings
from bridge.worker.process import PipelineRenderer
from tests.bridge.files import drop_take
from tests.bridge.render_requests import make_recipe, make_request
from tests.conftest import DaemonUnderTest, fail_of

QUICK: Mapping[str, Any] = {"steps": 2, "iterations": 2, "bpm": 240.0, "model": "tiny", "loop": 1}


@pytest.fixture(scope="module")
def renderer() -> PipelineRenderer:
    return PipelineRenderer(WorkerSettings(device="cpu"))


def render(
    renderer: PipelineRenderer, model: Path, folder: Path, *, sources: tuple[Path, ...] = (), **values: Any
) -> list[TakeReady]:
    request = make_request(**{**QUICK, "seconds": 1.0, **values})
    suffix = {"flac": ".flac", "aiff": ".aiff"}.get(request.format, ".wav")
    paths = tuple(folder / f"loop_{index}{suffix}" for index in range(request.count))
    events: list[Answer] = []
    renderer.render(Order("a", request, model, sources, paths), events.append, lambda: None)
    return [event for event in events if isinstance(event, TakeReady)]


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("format", ["wav", "flac"])
def test_a_loop_with_its_tail_is_two_files_and_one_take(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path, rate: int, format: str
) -> None:
    (take,) = render(renderer, tiny_model, tmp_path, rate=rate, format=format, end="ring", bpm=197.3)
    assert soundfile.info(take.path).frames == round(240 / 197.3 * rate)
    tail = TakeFiles(take.path).tail
    assert (take.tail, read_recipe(take.path).tail) == (tail, tail.name)
    assert soundfile.info(tail).samplerate == rate
    assert soundfile.info(tail).frames > 100
    # Rendering it again finds both.
    assert render(renderer, tiny_model, tmp_path, rate=rate, format=format, end="ring", bpm=197.3) == [take]


def test_without_ring_there_is_no_tail(renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path) -> None:
    takes = render(renderer, tiny_model, tmp_path, count=2)
    assert [take.tail for take in takes] == [None, None]
    assert read_recipe(takes[0].path).tail == ""
    assert len(list(tmp_path.glob("*.wav"))) == 2


@pytest.mark.parametrize(("source_rate", "rate"), [(44_100, 48_000), (48_000, 48_000), (48_000, 44_100)])
def test_a_varied_loop_is_as_long_as_its_source(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path, source_rate: int, rate: int
) -> None:
    samples = round(0.7013 * source_rate)
    turns = np.sin(2 * np.pi * 200 * np.arange(samples) / samples) * 0.2
    source = tmp_path / "source.wav"
    soundfile.write(source, np.stack([turns, turns], axis=1), source_rate, subtype="PCM_24")
    (take,) = render(
        renderer, tiny_model, tmp_path, sources=(source,), verb="vary", strength=0.2, rate=rate, bars=None
    )
    assert soundfile.info(take.path).frames == round(samples * rate / source_rate)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"end": "fade"}, "`end`: got fade, expected cut or ring for a loop made by generate"),
        ({"verb": "vary", "end": "ring"}, "`end`: got ring, expected cut for a loop made by vary"),
        ({"loop": 2}, "`loop`: got 2, expected one of 0, 1"),
    ],
)
def test_what_a_loop_cannot_be_is_said(values: dict[str, Any], sentence: str) -> None:
    source = SourceAudio(sha256="0" * 64, name="a.wav")
    with pytest.raises(BridgeError, match=sentence):
        check_request(make_request(**{"loop": 1, "source": source, **values}))


def test_a_sticky_loop_leaves_other_verbs_alone(tmp_path: Path) -> None:
    (tmp_path / "piano_loop.yaml").write_text("loop: 1\n", encoding="utf-8")
    presets = Presets(tmp_path, tmp_path / "user")

    def request(verb: Any, session: PartialRequest, **values: object) -> RenderRequest:
        ask = Render(verb, None, partial_request(values))
        return resolve(
            ask, presets, session, lambda _: pytest.fail("no source"), model_sampling, choose_seed=lambda: 1
        )

    assert request("generate", {}).loop == 1
    assert request("generate", {"loop": 0}).loop == 0
    assert request("generate", {"loop": 0}, loop=1).loop == 1
    source = SourceAudio(sha256="0" * 64, name="a.wav")
    ask = Render("outpaint", None, {"source": "a.wav", "bars": 1.0})
    assert (
        resolve(ask, presets, {"loop": 1}, lambda _: source, model_sampling, choose_seed=lambda: 1).loop == 0
    )


def test_recipes_and_journals_from_before_loops_still_load(tmp_path: Path) -> None:
    old = make_recipe().model_dump(mode="json")
    del old["request"]["loop"], old["tail"]
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    recipe = read_recipe(tmp_path / "old.json")
    assert (recipe.request.loop, recipe.tail) == (0, "")
    assert recipe.request == make_request()


def test_a_tail_goes_with_its_take_and_is_none_itself(tmp_path: Path) -> None:
    moved: list[str] = []

    def trash(path: str) -> None:
        moved.append(Path(path).name)
        Path(path).unlink()

    shelf = Shelf(tmp_path, trash=trash)
    path = drop_take(tmp_path / "a_1.wav")
    soundfile.write(TakeFiles(path).tail, np.zeros((100, 2)), 44_100)
    assert [take.name for take in shelf.takes()] == ["a_1.wav"]
    shelf.prune(shelf.prune_candidates())
    assert sorted(moved) == ["a_1.json", "a_1.wav", "a_1_tail.wav"]


def test_what_a_killed_render_left_of_a_tail_is_removed(tmp_path: Path) -> None:
    done, half = tmp_path / "done.wav", tmp_path / "half.wav"
    for path in (done, TakeFiles(done).tail, TakeFiles(half).tail):
        path.write_bytes(b"x")
    discard_unfinished([done, half])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["done.wav", "done_tail.wav"]


def test_the_tail_is_told_just_before_its_take() -> None:
    sent: list[tuple[str, tuple[object, ...]]] = []
    notifier = Notifier(lambda _, address, arguments: sent.append((address, tuple(arguments))))
    notifier.follow("j", Peer("127.0.0.1", 9))
    notifier.deliver(TakeReady("j", 0, Path("a.wav"), 8, 120, Path("a_tail.wav")))
    assert sent == [
        ("/msanii/tail", ("j", 0, "a_tail.wav")),
        ("/msanii/take", ("j", 0, "a.wav", 8.0, 120.0)),
    ]


@pytest.mark.timeout(600)
def test_a_loop_and_its_tail_over_osc(daemon: DaemonUnderTest, client: Client) -> None:
    # The worker gives way to everybody else: on a busy machine its first model takes minutes to come.
    daemon.status()
    asked = ("bars", 1, "bpm", 240, "steps", 2, "iterations", 2, "rate", 48_000, "loop", 1.0, "end", "ring")
    answers = list(client.ask("/msanii/generate", *asked))
    (take,) = [answer.arguments for answer in answers if answer.address == "/msanii/take"]
    (tail,) = [answer.arguments for answer in answers if answer.address == "/msanii/tail"]
    assert tail[:2] == take[:2]
    assert soundfile.info(str(take[2])).frames == 48_000
    assert Path(str(tail[2])).name == Path(str(take[2])).stem + "_tail.wav"
    assert soundfile.info(str(tail[2])).frames > 100
    assert take[3] == pytest.approx(1.0)


def test_verbs_that_cannot_loop_say_so_over_osc(daemon: DaemonUnderTest, client: Client) -> None:
    _, code, sentence = fail_of(list(client.ask("/msanii/outpaint", "loop", 1)))
    assert (code, sentence.split(";")[0]) == ("value", "`loop`: outpaint does not take it")
    _, code, sentence = fail_of(list(client.ask("/msanii/generate", "loop", 1, "end", "fade")))
    assert code == "value"
    assert "expected cut or ring for a loop" in sentence
    client.send("/msanii/param/loop", 1)
    assert list(client.ask("/msanii/param/loop"))[-1].arguments == (1,)
    client.send("/msanii/param/loop", 0)
    _, code, _ = fail_of(list(client.ask("/msanii/param/loop", 3)))
    assert code == "value"
