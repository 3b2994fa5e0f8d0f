"""Taught sounds in requests: found in their folder, named by hash in recipes, and played by the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.library.recipes import read_recipe
from bridge.messages import BridgeError, RenderRequest
from bridge.render.engine import check_renderable, sounds_and_parts
from bridge.worker.score import request_score
from msanii.music.taught.asked import TaughtRef
from msanii.music.taught.folder import taught_in
from tests.bridge.render_requests import make_request
from tests.conftest import DaemonUnderTest, fail_of
from tests.msanii.teaching.instrument import write_sound

QUICK = ("bars", 1, "bpm", 120, "steps", 2, "iterations", 2, "compose", "off", "seed", 4)


def test_a_request_carries_what_its_recipe_needs_through_json() -> None:
    request = make_request(sound="my juno:0.5", taught={"my juno": TaughtRef("a" * 64, "organ")})
    again = RenderRequest.model_validate_json(request.model_dump_json())
    assert again == request
    score = request_score(again)
    assert score.sounds == ("organ",)
    assert score.mixes[0][0].sha256 == "a" * 64


def test_recipes_of_earlier_versions_know_no_taught_sounds() -> None:
    values = make_request(sound="organ").model_dump()
    del values["taught"]
    assert RenderRequest.model_validate(values).taught == {}


def test_a_request_whose_file_is_gone_is_refused_before_it_waits(tiny_model: Path, tmp_path: Path) -> None:
    request = make_request(
        model="tiny", sound="my juno", taught={"my juno": TaughtRef("a" * 64, "organ")}, source=None
    )
    with pytest.raises(
        BridgeError, match="the file of `my juno` with the hash aaaaaaaaaaaa is not in the folder"
    ):
        check_renderable(request, None, [tiny_model.parent], None, tmp_path)  # type: ignore[arg-type]


def test_the_listing_ends_with_the_taught_sounds(tiny_model: Path, tmp_path: Path) -> None:
    write_sound(tmp_path, tiny_model)
    (tmp_path / "broken.safetensors").write_bytes(b"no sound")
    sounds, _ = sounds_and_parts("tiny", [tiny_model.parent], tmp_path)
    assert sounds.endswith("electronic kit,my juno")


def test_an_edited_take_keeps_its_file_and_a_new_request_takes_the_one_that_is_there(
    tiny_model: Path, tmp_path: Path
) -> None:
    old = write_sound(tmp_path, tiny_model, seed=1).ref
    new = write_sound(tmp_path, tiny_model, seed=2, replace=True).ref
    assert taught_in("my juno", tmp_path) == {"my juno": new}
    assert taught_in("my juno:0.5", tmp_path, {"my juno": old}) == {"my juno": old}
    assert taught_in(f"my juno@{old.sha256[:12]}:0.5", tmp_path) == {"my juno": old}


@pytest.fixture(scope="module")
def taught(daemon: DaemonUnderTest, tiny_model: Path) -> Any:
    """The shared daemon's folder with two sounds, taken away again."""
    folder = daemon.library.parent / "sounds"
    files = [
        write_sound(folder, tiny_model, "my juno", like="warm pad", seed=1),
        write_sound(folder, tiny_model, "dx keys", like="organ", seed=2),
    ]
    yield files
    for file in files:
        file.path.unlink(missing_ok=True)


def _take(daemon: DaemonUnderTest, *values: Any) -> Path:
    client = daemon.client()
    answers = list(client.ask("/msanii/generate", *values))
    taken = [answer for answer in answers if answer.address == "/msanii/take"]
    assert taken, answers
    return Path(str(taken[0].arguments[2]))


def test_the_daemon_plays_a_taught_sound_and_its_recipe_names_the_file(
    daemon: DaemonUnderTest, taught: Any
) -> None:
    first = _take(daemon, "sound", "My Juno:0.7", *QUICK)
    recipe = read_recipe(first)
    assert recipe.request.sound == "My Juno:0.7"
    assert recipe.request.taught == {"my juno": taught[0].ref}
    plain = _take(daemon, "sound", "warm pad", *QUICK)
    mix = _take(daemon, "sound", "my juno:0.6 + dx keys:0.4", *QUICK)
    audio = [soundfile.read(path)[0] for path in (first, plain, mix)]
    assert not (audio[0] == audio[1]).all()
    assert not (audio[0] == audio[2]).all()
    pinned = f"my juno@{taught[0].sha256[:12]}:0.7"
    again = soundfile.read(_take(daemon, "sound", pinned, *QUICK))[0]
    assert (again == audio[0]).all()


def test_a_built_in_sound_is_the_same_after_a_taught_one(daemon: DaemonUnderTest, taught: Any) -> None:
    before = soundfile.read(_take(daemon, "sound", "organ", *QUICK))[0]
    _take(daemon, "sound", "dx keys", *QUICK)
    assert (soundfile.read(_take(daemon, "sound", "organ", *QUICK))[0] == before).all()


@pytest.mark.parametrize(
    ("sound", "sentence"),
    [
        ("my jun", "did you mean `my juno`?"),
        ("my juno:3", "expected a strength above 0 and up to 1"),
        ("my juno@0123456789ab", "with the hash 0123456789ab is not in the folder of taught sounds"),
    ],
)
def test_mistakes_are_told_at_once(daemon: DaemonUnderTest, taught: Any, sound: str, sentence: str) -> None:
    answers = list(daemon.client().ask("/msanii/generate", "sound", sound, *QUICK))
    _, code, said = fail_of(answers)
    assert code == "value"
    assert sentence in said


def test_the_status_lists_taught_sounds(daemon: DaemonUnderTest, taught: Any) -> None:
    assert str(daemon.status()["sounds"]).endswith("dx keys,my juno")
