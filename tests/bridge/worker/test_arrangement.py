"""Several parts in one job: a take for each and one for their mix, made again from its recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from bridge.cli.client import Client
from bridge.cli.render import rerender
from bridge.library.recipes import read_recipe
from bridge.messages import BridgeError
from bridge.requests.parts import with_parts
from bridge.settings import Settings
from bridge.worker.loop import Answer, Order, WorkerSettings
from bridge.worker.process import PipelineRenderer
from tests.bridge.render_requests import make_request
from tests.conftest import DaemonUnderTest, fail_of
from tests.patient_client import PatientClient

QUICK = {"steps": 2, "iterations": 2, "bpm": 240.0, "bars": 1.0, "seconds": 1.0, "model": "tiny"}


def test_an_arrangement_has_a_take_for_each_part_and_the_mix() -> None:
    assert with_parts(make_request(parts="keys,bass,drums")).count == 4
    request = with_parts(make_request(parts="keys,keys"))
    assert [request.part_of(take) for take in request.takes] == ["keys", "keys", "mix"]
    plain = make_request(count=3)
    assert with_parts(plain) == plain


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"parts": ",".join(["keys"] * 9)}, "got 9"),
        ({"parts": "keys,bass", "end": "ring"}, "`end`: got ring"),
        ({"parts": "keys,bass", "part": "lead"}, "`part`"),
        ({"parts": "keys,kazoo"}, "kazoo"),
        ({"parts": "keys,bass", "level_db": "lead 2"}, "level_db: no part here is called lead"),
        ({"parts": "keys,bass", "level_db": "bass loud"}, "level_db: got `bass loud`"),
        ({"level_db": "bass 2"}, "`level_db`: got 'bass 2' without `parts`"),
    ],
)
def test_what_no_arrangement_can_have_is_refused(values: dict[str, str], words: str) -> None:
    with pytest.raises(BridgeError, match=words):
        with_parts(make_request(**values))


def test_a_part_that_nobody_plays_is_told(tiny_model: Path, tmp_path: Path) -> None:
    request = make_request(**QUICK, parts="keys,kazoo", count=3)
    paths = tuple(tmp_path / f"{index}.wav" for index in range(request.count))
    order = Order("a", request, tiny_model, (), paths)
    events: list[Answer] = []
    with pytest.raises(BridgeError, match="kazoo"):
        PipelineRenderer(WorkerSettings(device="cpu")).render(order, events.append, lambda: None)
    assert not list(tmp_path.iterdir())


def test_levels_that_a_preset_lends_count_for_parts_that_play() -> None:
    def lent(parts: str, level_db: str) -> str:
        return with_parts(make_request(parts=parts, level_db=level_db), asks_levels=False).level_db

    assert lent("keys,bass", "lead -3, bass 2") == "bass 2"
    assert lent("", "bass 2") == ""
    with pytest.raises(BridgeError, match="kazoo"):
        lent("keys,bass", "kazoo 2")


ASK = (
    "model", "tiny", "chords", "Am", "bpm", 240.0, "bars", 1.0, "steps", 2, "iterations", 2,
)  # fmt: skip


def test_a_recipe_holds_the_levels(client: Client) -> None:
    job = "levels-in-the-recipe"
    answers = client.ask("/msanii/generate", job, *ASK, "parts", "keys,bass", "level_db", "bass 2, keys -3")
    paths = [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]
    assert len(paths) == 3
    assert {read_recipe(path).request.level_db for path in paths} == {"bass 2, keys -3"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("parts", "keys,bass", "level_db", "drums 2"), "no part here is called drums"),
        (("parts", "keys,bass", "level_db", "bass x"), "got `bass x`"),
        (("parts", "keys,bass", "level_db", 3), "`level_db`: got 3"),
        (("part", "bass", "level_db", "bass 3"), "without `parts`"),
    ],
)
def test_levels_that_cannot_be_followed_are_refused_at_once(
    client: Client, more: tuple[str | int, ...], words: str
) -> None:
    answers = list(client.ask("/msanii/generate", *ASK, *more))
    assert "/msanii/queued" not in [answer.address for answer in answers]
    assert words in fail_of(answers)[2]


def test_levels_of_the_session_count_where_their_parts_play(session: Client) -> None:
    session.send("/msanii/param/level_db", "lead -3, bass 2")
    for parts, levels in (("keys,bass", "bass 2"), ("", "")):
        answers = list(session.ask("/msanii/generate", *ASK, "parts", parts))
        path = next(Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take")
        assert read_recipe(path).request.level_db == levels


def test_takes_add_up_and_come_again_from_their_recipe(tiny_model: Path, tmp_path: Path) -> None:
    request = with_parts(
        make_request(**QUICK, parts="keys,bass", sound="grand piano,synth bass", format="float")
    )
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    lines = []
    for name in ("a", "b"):
        paths = tuple(tmp_path / f"{name}_{index}.wav" for index in range(request.count))
        events: list[Answer] = []
        renderer.render(Order(name, request, tiny_model, (), paths), events.append, lambda: None)
        lines.append([soundfile.read(path, dtype="float32")[0] for path in paths])
        request = read_recipe(paths[2]).request
    keys, bass, mix = lines[0]
    np.testing.assert_allclose(keys + bass, mix, atol=1e-6)
    assert len(mix) == 44_100
    assert not np.allclose(keys, bass)
    for one, again in zip(*lines, strict=True):
        np.testing.assert_array_equal(one, again)


def test_an_arrangement_is_finished_by_the_edition_it_asks_for(tiny_model: Path, tmp_path: Path) -> None:
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    for edition, starts_at_nothing in ((1, False), (2, True), (3, True)):
        request = with_parts(make_request(**QUICK, parts="keys,bass", edition=edition))
        paths = tuple(tmp_path / f"{edition}_{index}.wav" for index in range(request.count))
        events: list[Answer] = []
        renderer.render(Order(str(edition), request, tiny_model, (), paths), events.append, lambda: None)
        assert read_recipe(paths[2]).request.edition == edition
        assert (not soundfile.read(paths[2])[0][0].any()) == starts_at_nothing


def test_an_arrangement_comes_again_from_its_recipe_with_all_its_notes(
    daemon: DaemonUnderTest, tmp_path: Path
) -> None:
    with PatientClient(daemon.port) as client:
        asked = ("parts", "pad,bass,pad", "bars", 1, "bpm", 240, "steps", 2, "iterations", 2)
        answers = list(client.ask("/msanii/generate", *asked))
    takes = [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]
    notes = [answer.arguments[1:] for answer in answers if answer.address == "/msanii/notes"]
    assert notes == [(index, str(take.with_suffix(".mid"))) for index, take in enumerate(takes)]
    recipe = read_recipe(takes[0])
    assert sorted(recipe.notes) == ["bass", "pad", "pad_2"]
    settings = Settings(port=daemon.port, library=daemon.library, models_folder=daemon.models, model="tiny")
    again = rerender(recipe, settings, Console(quiet=True))
    for take, new in zip(takes, again, strict=True):
        assert np.array_equal(soundfile.read(take)[0], soundfile.read(new)[0])
        assert read_recipe(new).notes == recipe.notes
        assert take.with_suffix(".mid").read_bytes() == new.with_suffix(".mid").read_bytes()
