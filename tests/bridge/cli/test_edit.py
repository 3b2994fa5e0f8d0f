"""`msanii-bridge edit` and /msanii/edit through a daemon: a new take, its recipe, and the take from that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.library.recipes import read_recipe
from bridge.messages import Argument
from tests.bridge.cli.test_verbs import run
from tests.conftest import DaemonUnderTest

QUICK: tuple[Argument, ...] = ("steps", 2, "iterations", 2, "bpm", 480, "bars", 4)
BAR = 22_050


@pytest.fixture(scope="module")
def daemon(tiny_context_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonUnderTest]:
    library = tmp_path_factory.mktemp("edits") / "library"
    running = DaemonUnderTest(library, tiny_context_model.parent)
    try:
        yield running.start()
    finally:
        running.stop()


def ask(daemon: DaemonUnderTest, address: str, *arguments: Argument) -> dict[str, tuple[Argument, ...]]:
    return {answer.address: answer.arguments for answer in daemon.client().ask(address, *arguments)}


def samples(path: Path) -> NDArray[np.int32]:
    audio: NDArray[np.int32] = soundfile.read(path, dtype="int32", always_2d=True)[0]
    return audio


@pytest.fixture(scope="module")
def take(daemon: DaemonUnderTest) -> Path:
    made = ask(daemon, "/msanii/generate", *QUICK, "part", "bass", "chords", "Am F C G", "rate", 48_000)
    return Path(str(made["/msanii/take"][2]))


def test_an_edit_is_a_job_with_a_take_its_notes_and_a_recipe(daemon: DaemonUnderTest, take: Path) -> None:
    before = take.read_bytes()
    answers = ask(daemon, "/msanii/edit", "my-edit", take.name, "chord", "3 Dm", "recompose", "1")
    assert answers["/msanii/queued"][0] == "my-edit"
    assert answers["/msanii/done"] == ("my-edit",)
    new = Path(str(answers["/msanii/take"][2]))
    assert Path(str(answers["/msanii/notes"][2])) == new.with_suffix(".mid")
    bar = BAR * 48_000 // 44_100
    changed = (samples(new) != samples(take)).any(axis=1).reshape(4, bar)
    assert changed.any(axis=1).tolist() == [True, False, True, False]
    assert take.read_bytes() == before
    assert read_recipe(new).request.parent == take.name

    again = run(daemon, "render", new.name, "--library", str(daemon.library))
    assert again.returncode == 0, again.stderr
    other = Path(again.stdout.splitlines()[-1].strip())
    assert other != new
    assert np.array_equal(samples(other), samples(new))
    assert read_recipe(other).notes == read_recipe(new).notes


def test_the_command_edits_and_prints_the_paths(daemon: DaemonUnderTest, take: Path) -> None:
    done = run(daemon, "edit", take.name, "--recompose", "2", "--seed", "9")
    assert done.returncode == 0, done.stderr
    (wav,) = map(Path, done.stdout.splitlines())
    assert wav.with_suffix(".mid").exists()
    assert read_recipe(wav).request.renew_bars == "2"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("TAKE", "recompose"), "`recompose` has no value"),
        (("TAKE", "chord", "3 Dm", "chord", "4 G"), "`chord` is given twice"),
        (("TAKE", "recompse", "3"), "did you mean `recompose`?"),
        (("TAKE", "bars", 8), "`bars`: edit does not take it; it takes chord, recompose, renew"),
        (("TAKE", "recompose", 2.5), "expected bars, as in 3-4,7"),
        (("TAKE", "recompose", "1-99"), "expected bars from 1 to 4"),
        (("TAKE", "recompose", "x" * 5000), "expected at most 4096"),
        (("TAKE",), "nothing changes"),
        (("gone.wav", "recompose", "1"), "there is no such file"),
        ((7.5, "recompose", "1"), "expected a take's path or file name"),
    ],
)
def test_mistakes_are_answered_with_sentences(
    daemon: DaemonUnderTest, take: Path, arguments: tuple[Argument, ...], words: str
) -> None:
    sent = tuple(take.name if argument == "TAKE" else argument for argument in arguments)
    answers = ask(daemon, "/msanii/edit", *sent)
    assert words in str(answers["/msanii/fail"][2])


def test_a_failure_names_the_job(daemon: DaemonUnderTest, take: Path) -> None:
    answers = ask(daemon, "/msanii/edit", "mine", take.name, "recompose", "9")
    assert answers["/msanii/fail"][0] == "mine"


def test_the_missing_part_is_written_to_what_a_take_plays(daemon: DaemonUnderTest, take: Path) -> None:
    answers = ask(
        daemon, "/msanii/complete", "band", "part", "drums", "notes", take.name, "steps", 2, "iterations", 2
    )
    assert answers["/msanii/done"] == ("band",)
    made = Path(str(answers["/msanii/take"][2]))
    recipe = read_recipe(made)
    assert (recipe.request.bpm, recipe.request.bars, recipe.request.part) == (480.0, 4.0, "drums")
    assert recipe.notes["bass"] == read_recipe(take).notes["bass"]
    assert recipe.notes["drums"]
    assert recipe.request.chords
    twice = ask(daemon, "/msanii/complete", "part", "bass", "notes", take.name)
    assert "plays bass already; ask for another part" in str(twice["/msanii/fail"][2])
    bare = ask(daemon, "/msanii/complete", "notes", take.name)
    assert "`part`: got nothing, expected the part to write to it" in str(bare["/msanii/fail"][2])


def test_the_command_completes_from_a_take(daemon: DaemonUnderTest, take: Path) -> None:
    done = run(
        daemon, "complete", "--part", "keys", "--notes", take.name, "--steps", "2", "--iterations", "2"
    )
    assert done.returncode == 0, done.stderr
    (wav,) = map(Path, done.stdout.splitlines())
    assert {"bass", "keys"} == set(read_recipe(wav).notes)
