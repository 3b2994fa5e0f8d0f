"""Making a pack with a renderer that draws: what is kept, tried again, rejected, gone on with, left out."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.library.riff_chunks import read_chunk
from bridge.messages import Argument, BridgeError, HeardTake
from bridge.pack.changes import accept, begin, changes, refusal
from bridge.pack.journal import Journal
from bridge.pack.making import MOST_FAILURES_IN_A_ROW, Making, Progress, left_of
from bridge.pack.planning.plan import Item, plan
from bridge.pack.planning.recipe import PackRecipe
from bridge.pack.renderer import NotRendered, RenderEvent
from msanii.music.note_files import read_notes
from tests.bridge.pack.recipes import RATE, SMALL, Drawn, noise


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "pack") as one:
        yield one


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    return Drawn(tmp_path / "scratch")


def recipe_of(**values: object) -> PackRecipe:
    return PackRecipe.model_validate({**SMALL, **values})


def make(
    journal: Journal, renderer: Drawn, recipe: PackRecipe | None = None, ahead: int = 2
) -> tuple[list[Item], list[Progress]]:
    recipe = recipe or recipe_of()
    told: list[Progress] = []
    items = plan(recipe)
    folder = journal.hidden.parent
    Making(folder, recipe, items, journal, renderer, told.append, ahead).run()
    return items, told


def files(journal: Journal) -> list[str]:
    folder = journal.hidden.parent
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and journal.hidden not in path.parents
    )


def states(journal: Journal) -> Counter[str]:
    return Counter(outcome.state for outcome in journal.outcomes())


def reasons(journal: Journal) -> list[str]:
    return [str(outcome.facts["reason"]) for outcome in journal.outcomes() if outcome.state == "rejected"]


def test_each_loop_is_a_file_with_tail_and_notes_in_the_folder_of_its_part(
    journal: Journal, drawn: Drawn
) -> None:
    items, told = make(journal, drawn)
    assert states(journal) == {"kept": 5}
    found = files(journal)
    audio = [path for path in found if path.endswith(".wav") and not path.endswith("_tail.wav")]
    assert len(found) == 3 * len(audio) == 15
    assert "Loops/keys/Small_keys_240bpm_Cm_i-iv_grand piano_1.wav" in audio
    assert {path.rsplit("/", 1)[0] for path in audio} == {"Loops/drums", "Loops/keys"}
    for outcome in journal.outcomes():
        path = journal.hidden.parent / outcome.path
        assert read_chunk(path, b"acid")
        assert read_chunk(path, b"smpl")
        assert outcome.facts["seconds"] == 1.0
        assert len(str(outcome.facts["waveform"])) == 200
    assert [step.kept for step in told] == sorted(step.kept for step in told)
    assert told[-1].fraction == pytest.approx(1.0)
    assert told[-1].seconds_left == pytest.approx(0.0)
    assert not list(drawn.scratch.glob("*.wav")), "what was filed is not kept twice"
    assert len(items) == 5


class Alike(Drawn):
    """Keys always sound the same, but for the key; drums are other each time."""

    def audio_of(self, asked: Mapping[str, Argument]) -> NDArray[np.float32]:
        return noise(1 if asked["part"] == "keys" else len(self.ordered))


def test_near_duplicates_are_rejected_but_not_what_is_alike_in_another_key(
    journal: Journal, tmp_path: Path
) -> None:
    make(journal, Alike(tmp_path / "scratch"), recipe_of(check={"duplicates": 0.97}))
    assert states(journal) == {"kept": 3, "rejected": 2}
    assert all("it sounds like Loops/keys/" in reason and "(1.000)" in reason for reason in reasons(journal))
    kept = [outcome.facts["key"] for outcome in journal.outcomes() if outcome.state == "kept"]
    assert sorted(map(str, kept)) == ["", "Am", "Cm"]


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (np.zeros((2, RATE), np.float32), "it is silent"),
        (np.clip(noise(1) * 50, -1, 1).astype(np.float32), "it is clipped"),
    ],
)
def test_duds_are_rejected(
    journal: Journal, drawn: Drawn, audio: NDArray[np.float32], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn, "audio_of", lambda _: audio)
    make(journal, drawn)
    assert set(reasons(journal)) == {reason}
    assert files(journal) == []


def test_what_is_not_heard_enough_is_rejected_and_what_nobody_heard_is_kept(
    journal: Journal, drawn: Drawn
) -> None:
    recipe = recipe_of(check={"heard_chords": 0.5, "heard_onsets": 0.5})
    drawn.heard = HeardTake(chords=0.4, onsets=0.9)
    make(journal, drawn, recipe)
    assert set(reasons(journal)) == {"0.40 of its chords are heard, fewer than the recipe's 0.5"}
    drawn.heard = HeardTake(chords=None, onsets=0.6)
    base: Any = SMALL["loops"]
    make(journal, drawn, recipe_of(check={"heard_chords": 0.5}, loops={**base, "seeds": 2}))
    assert states(journal)["kept"] == 5


class Note(Drawn):
    """Plays a decaying tone; a first try has a second attack after 0.2 s."""

    def audio_of(self, asked: Mapping[str, Argument]) -> NDArray[np.float32]:
        at = np.arange(3 * RATE) / RATE
        tone = np.sin(2 * np.pi * 220 * at) * np.exp(-3 * at) * 0.3
        quiet = np.zeros(RATE // 10)
        tone = np.concatenate([quiet, tone])[: len(tone)]
        if int(str(asked["seed"])) < 1_000:
            tone[round(0.3 * RATE) :] += tone[: len(tone) - round(0.3 * RATE)] * 1.5
        return np.asarray(np.stack([tone, tone]), dtype=np.float32)


ONE_SHOTS = {"part": "keys", "sounds": "grand piano", "notes": "A3", "peak_db": -3, "tries": 2}


def test_a_note_is_tried_with_another_seed_until_it_is_alone(journal: Journal, tmp_path: Path) -> None:
    renderer = Note(tmp_path / "scratch")
    _, told = make(journal, renderer, recipe_of(loops=None, one_shots=ONE_SHOTS))
    assert len(renderer.ordered) == 2
    assert any("trying another seed" in step.said for step in told)
    (outcome,) = journal.outcomes()
    path = journal.hidden.parent / outcome.path
    assert outcome.path == "One-Shots/keys/Small_grand piano_A3_100.wav"
    audio, _ = soundfile.read(path)
    assert 20 * np.log10(np.abs(audio).max()) == pytest.approx(-3, abs=0.01)
    assert int(np.argmax(np.abs(audio[:, 0]) > 0.05)) < 0.01 * RATE, "it begins with its attack"
    sampler = read_chunk(path, b"smpl")
    assert sampler is not None
    assert int.from_bytes(sampler[12:16], "little") == 57
    assert read_chunk(path, b"acid") is None
    (note,) = read_notes(path.with_suffix(".mid")).notes
    assert (note[0], note[2], note[3]) == (0.0, 57, 100)


def test_a_note_that_is_never_alone_is_rejected(journal: Journal, tmp_path: Path) -> None:
    make(journal, Note(tmp_path / "scratch"), recipe_of(loops=None, one_shots={**ONE_SHOTS, "tries": 1}))
    assert reasons(journal)[0].startswith("another note begins 0.")


def test_what_the_engine_refuses_is_told_with_the_name_of_the_file(journal: Journal, drawn: Drawn) -> None:
    drawn.failing[1] = NotRendered("", "model", "`notes`: the model has no notes control")
    with pytest.raises(BridgeError) as error:
        make(journal, drawn)
    assert error.value.code == "model"
    assert "Small_keys_240bpm" in error.value.message


def test_a_failed_render_is_left_for_the_next_run_and_many_in_a_row_end_this_one(
    journal: Journal, drawn: Drawn, tmp_path: Path
) -> None:
    drawn.failing[1] = NotRendered("", "render", "the worker died")
    items, told = make(journal, drawn)
    assert any("the next run tries it again" in step.said for step in told)
    assert states(journal) == {"kept": 4}
    assert len(left_of(journal.hidden.parent, journal, items)) == 1
    many = recipe_of(loops={**SMALL["loops"], "seeds": "5 to 20"})  # type: ignore[dict-item]
    broken = Drawn(tmp_path / "broken")
    broken.failing = {number: NotRendered("", "render", "no memory") for number in range(100)}
    with pytest.raises(BridgeError, match="5 renders in a row failed, the last one with: no memory"):
        make(journal, broken, many)
    assert len(broken.ordered) <= MOST_FAILURES_IN_A_ROW + 1


class Ends(Drawn):
    """Is gone after some events."""

    left = 3

    def next_event(self) -> RenderEvent:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().next_event()


def test_a_pack_that_was_stopped_goes_on_and_nothing_is_lost_or_doubled(
    journal: Journal, drawn: Drawn, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(journal, Ends(tmp_path / "first"), ahead=4)
    assert states(journal) == {"kept": 3}
    before = {path: (journal.hidden.parent / path).stat().st_mtime_ns for path in files(journal)}
    make(journal, drawn)
    assert len(drawn.ordered) == 2
    assert states(journal) == {"kept": 5}
    assert len(files(journal)) == 15
    assert all((journal.hidden.parent / path).stat().st_mtime_ns == at for path, at in before.items())
    make(journal, again := Drawn(tmp_path / "again"))
    assert again.ordered == []


def test_files_that_a_killed_run_wrote_and_did_not_note_are_written_again_under_the_same_names(
    journal: Journal, drawn: Drawn, tmp_path: Path
) -> None:
    make(journal, drawn)
    found = files(journal)
    last = list(journal.outcomes())[-1]
    journal.forget(last.key)
    make(journal, Drawn(tmp_path / "again"))
    assert files(journal) == found


def test_a_file_that_somebody_removed_is_made_again(journal: Journal, drawn: Drawn, tmp_path: Path) -> None:
    make(journal, drawn)
    found = files(journal)
    (journal.hidden.parent / next(iter(journal.outcomes())).path).unlink()
    make(journal, again := Drawn(tmp_path / "again"))
    assert len(again.ordered) == 1
    assert files(journal) == found
    assert states(journal) == {"kept": 5}


def test_names_that_are_the_same_are_numbered(journal: Journal, drawn: Drawn) -> None:
    make(journal, drawn, recipe_of(names="<part>"))
    names = sorted(Path(outcome.path).name for outcome in journal.outcomes())
    assert names == ["drums.wav", "keys.wav", "keys_2.wav", "keys_3.wav", "keys_4.wav"]


def test_a_changed_recipe_says_what_is_other_and_goes_on_once_that_is_accepted(
    journal: Journal, drawn: Drawn, tmp_path: Path
) -> None:
    folder, first = journal.hidden.parent, recipe_of()
    begin(journal, first, "aaaa")
    items, _ = make(journal, drawn, first)
    assert changes(journal, first, "aaaa", items) is None
    base: Any = SMALL["loops"]
    second = recipe_of(loops={**base, "keys": ["Cm"], "seeds": [1, 2]}, description="more")
    found = changes(journal, second, "bbbb", plan(second))
    assert found is not None
    assert (found.stay, found.go, found.come) == (3, 2, 3)
    words = refusal(found).message
    assert "description: was '', is 'more'" in words
    assert "loops.keys: now without 'Am'" in words
    assert "loops.seeds: now with 2" in words
    assert "fingerprint was aaaa, is bbbb" in words
    assert "--accept-changes" in words
    accept(journal, folder, second, "bbbb", plan(second))
    assert states(journal) == {"kept": 3, "left out": 2}
    assert len([path for path in files(journal) if path.startswith("left out/Loops/keys/")]) == 6
    make(journal, Drawn(tmp_path / "more"), second)
    assert states(journal) == {"kept": 6, "left out": 2}
    assert changes(journal, second, "bbbb", plan(second)) is None
    accept(journal, folder, first, "aaaa", items)
    assert left_of(folder, journal, items) == [], "what was left out comes back and is not rendered again"
    assert states(journal) == {"kept": 5, "left out": 3}


def test_a_stricter_check_leaves_out_what_is_heard_too_little(
    journal: Journal, drawn: Drawn, tmp_path: Path
) -> None:
    drawn.heard = HeardTake(chords=None, onsets=0.6)
    recipe = recipe_of()
    begin(journal, recipe, "a")
    make(journal, drawn, recipe)
    strict = recipe_of(check={"heard_onsets": 0.7})
    found = changes(journal, strict, "a", plan(strict))
    assert found is not None
    assert (found.stay, found.go) == (0, 5)
    accept(journal, tmp_path / "pack", strict, "a", plan(strict))
    assert states(journal) == {"left out": 5}


def test_a_full_disk_is_told_and_the_pack_goes_on_when_there_is_room(
    small_disk: Path, drawn: Drawn, tmp_path: Path
) -> None:
    with Journal(small_disk / "pack") as journal:
        with pytest.raises(BridgeError) as error:
            make(journal, drawn)
        assert error.value.code == "disk"
        assert "free some space" in error.value.message
        kept = states(journal)["kept"]
        assert kept < 5
        assert not list(small_disk.rglob("*.msanii-part"))
    room = tmp_path / "room"
    (small_disk / "pack").rename(small_disk / "moved")

    shutil.copytree(small_disk / "moved", room)
    with Journal(room) as journal:
        make(journal, again := Drawn(tmp_path / "again"))
        assert states(journal) == {"kept": 5}
        assert len(again.ordered) == 5 - kept
        assert len(files(journal)) == 15


def test_a_folder_with_other_files_is_refused_and_so_is_a_second_run(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "song.als").touch()
    with pytest.raises(BridgeError, match=r"holds other files \(such as `song.als`\) and no pack"):
        Journal(tmp_path / "mine")
    with Journal(tmp_path / "pack"), pytest.raises(BridgeError, match="another msanii-bridge already uses"):
        Journal(tmp_path / "pack")
    (tmp_path / "file").touch()
    with pytest.raises(BridgeError, match="is a file"):
        Journal(tmp_path / "file")
