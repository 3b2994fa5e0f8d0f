"""Audio from elsewhere on decks: loaded at once, heard beside, and given its tempo where it cannot jump."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.audio_child import protocol as p
from bridge.library.takes import Library
from bridge.messages import BridgeError, HeardAudio
from bridge.messages import stage as s
from tests.bridge.fake_worker import save_model_without_weights
from tests.bridge.stage.simulated_stage import SimulatedStage, write_takes

# The takes of a simulated stage last a bar at 120.
BEATS = (0.35, 0.85, 1.35, 1.85)
HEARD = HeardAudio(120.0, 4, 4, 2_800, "", "", 0.9, BEATS, 1.0)
TIMED = (120.0, 4.0, 0.35)


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SimulatedStage]:
    folder = tmp_path / "library"
    library = Library(folder)
    write_takes(folder)
    one = SimulatedStage(library, save_model_without_weights(tmp_path / "m" / "default"))
    yield one
    one.close()
    library.close()


def load(sim: SimulatedStage, deck: int, take: str, bpm: float | None = None) -> None:
    sim.run(sim.send(s.LoadDeck(deck, take, bpm)))


def until(sim: SimulatedStage, condition: Callable[[], object]) -> None:
    for _ in range(500):
        if condition():
            return
        sim.run(asyncio.sleep(0.01))
    raise AssertionError("it has not happened")


def timed(sim: SimulatedStage) -> bool:
    """Whether a file has got its tempo; the child works on."""
    if sim.child is not None:
        load_files(sim)
    return bool(heard_on(sim))


def heard_on(sim: SimulatedStage) -> list[s.DeckHeard]:
    return [event for event in sim.events if isinstance(event, s.DeckHeard)]


def load_files(sim: SimulatedStage) -> None:
    """Let the audio child do all that it was told."""
    assert sim.child is not None
    for _ in range(4):
        sim.run(_play(sim))
        sim.child.loader.work()
    sim.run(_play(sim))


async def _play(sim: SimulatedStage) -> None:
    await sim.play(2)


def held(sim: SimulatedStage, deck: int) -> tuple[str, float | None, float | None, bool]:
    assert sim.child is not None
    take = sim.child.mixer.decks[deck].take
    assert take is not None
    return take.path.name, take.bpm, take.beats, take.begins_inside


def test_a_file_is_loaded_at_once_and_timed_as_soon_as_it_was_heard(sim: SimulatedStage) -> None:
    load(sim, 1, "a.wav")
    load_files(sim)
    assert held(sim, 1) == ("a.wav", None, None, False)
    assert not heard_on(sim)
    sim.ears.asked["a.wav"].set_result(HEARD)
    until(sim, lambda: not sim.stage._ears._tasks)
    assert not heard_on(sim), "a launch would not have it yet"
    until(sim, lambda: timed(sim))
    assert held(sim, 1) == ("a.wav", 120.0, 4.0, True)
    assert heard_on(sim) == [s.DeckHeard(1, "a.wav", *TIMED)]


def test_what_is_known_waits_for_no_other_file(sim: SimulatedStage) -> None:
    sim.ears.heard["b.wav"] = HEARD
    load(sim, 1, "a.wav")
    load(sim, 2, "b.wav")
    until(sim, lambda: timed(sim))
    assert heard_on(sim) == [s.DeckHeard(2, "b.wav", *TIMED)]
    assert [*sim.ears.asked] == ["a.wav"]


def test_of_files_that_follow_each_other_on_a_deck_only_the_last_is_heard(sim: SimulatedStage) -> None:
    load(sim, 2, "c.wav")
    for take in ("a.wav", "b.wav", "a.wav", "b.wav"):
        load(sim, 1, take)
    assert [*sim.ears.asked] == ["c.wav"]
    sim.ears.asked.pop("c.wav").set_result(HEARD)
    until(sim, lambda: "b.wav" in sim.ears.asked)
    load(sim, 1, "c.wav", 125.0)
    sim.ears.asked["b.wav"].set_result(HEARD)
    until(sim, lambda: not sim.stage._ears._tasks)
    load_files(sim)
    load_files(sim)
    assert [event.deck for event in heard_on(sim)] == [2]
    assert "a.wav" not in sim.ears.asked
    assert held(sim, 1)[:2] == ("c.wav", 125.0)


@pytest.mark.parametrize("bpm", [120.0, 97.3])
def test_a_file_whose_tempo_is_said_is_not_heard(sim: SimulatedStage, bpm: float) -> None:
    load(sim, 1, "a.wav", bpm)
    load_files(sim)
    assert not sim.ears.looked_up
    assert held(sim, 1)[:2] == ("a.wav", bpm)


@pytest.mark.parametrize(
    "trouble",
    [
        BridgeError("model", "no listener is installed"),
        BridgeError("source", "source `a.wav`: lasts 2000 seconds, expected at most 1800"),
        OSError("the disk is gone"),
        ValueError("a fault"),
    ],
)
def test_a_file_that_cannot_be_heard_plays_without_a_tempo(
    sim: SimulatedStage, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    load(sim, 1, "a.wav")
    sim.ears.asked["a.wav"].set_exception(trouble)
    until(sim, lambda: not sim.stage._ears._tasks)
    sim.run(sim.send(s.LaunchDeck(1)))
    load_files(sim)
    assert sim.stage.decks[1].activity == "playing"
    assert not [event for event in sim.events if isinstance(event, s.DeckFailed | s.DeckHeard)]
    assert "deck 1: `a.wav`" in caplog.text


def test_a_tempo_that_changes_is_none(sim: SimulatedStage) -> None:
    load(sim, 1, "a.wav")
    sim.ears.asked["a.wav"].set_result(HeardAudio(119.9, 4, 4, 2_800, "", "", 0.6, BEATS, 0.7))
    until(sim, lambda: not sim.stage._ears._tasks)
    load_files(sim)
    assert held(sim, 1) == ("a.wav", None, None, False)
    assert not heard_on(sim)


def test_a_fresh_child_is_told_the_tempo_with_the_take(sim: SimulatedStage) -> None:
    load(sim, 1, "a.wav")
    load_files(sim)
    sim.stream.dies()
    sim.ears.asked["a.wav"].set_result(HEARD)
    until(sim, lambda: timed(sim))
    file = sim.stage.decks[1].file
    assert file == p.TakeFile(sim.library.folder / "a.wav", *TIMED)
    assert p.LoadDeck(1, file) in sim.stage.decks[1].restore_commands()
    sim.stream.is_born()
    load_files(sim)
    assert held(sim, 1) == ("a.wav", 120.0, 4.0, True)


def test_a_child_that_dies_before_it_has_the_tempo_leaves_that_to_the_next(sim: SimulatedStage) -> None:
    load(sim, 1, "a.wav")
    load_files(sim)
    sim.ears.asked["a.wav"].set_result(HEARD)
    until(sim, lambda: not sim.stage._ears._tasks)
    sim.stream.dies()
    assert not heard_on(sim)
    sim.stream.is_born()
    assert heard_on(sim) == [s.DeckHeard(1, "a.wav", *TIMED)]
    load_files(sim)
    assert held(sim, 1) == ("a.wav", 120.0, 4.0, True)
    assert len(heard_on(sim)) == 1


def test_after_an_undo_the_deck_holds_what_its_child_says(sim: SimulatedStage) -> None:
    sim.run(sim.send(s.SetStage("quantise", "off")))
    load(sim, 1, "b.wav", 120.0)
    sim.run(sim.send(s.LaunchDeck(1)))
    load_files(sim)
    load(sim, 1, "a.wav")
    load_files(sim)
    sim.ears.asked["a.wav"].set_result(HEARD)
    until(sim, lambda: timed(sim))
    load_files(sim)
    assert sim.stage.decks[1].take == "a.wav"
    sim.run(sim.send(s.Undo()))
    load_files(sim)
    file = sim.stage.decks[1].file
    assert file is not None
    assert (file.path.name, held(sim, 1)[0], sim.stage.decks[1].take) == ("b.wav", "b.wav", "b.wav")


def test_the_state_of_a_deck_tells_the_tempo_of_its_take(sim: SimulatedStage) -> None:
    def told() -> object:
        sim.outlet.replies.clear()
        sim.run(sim.send(s.ReadDeck(1, "state")))
        words = sim.outlet.replies[0]
        return words[words.index("bpm") + 1]

    assert told() == 0.0
    load(sim, 1, "a.wav")
    assert told() == 0.0
    sim.ears.asked["a.wav"].set_result(HEARD)
    until(sim, lambda: timed(sim))
    assert told() == 120.0


def test_nothing_is_heard_any_more_once_the_stage_stops(sim: SimulatedStage) -> None:
    load(sim, 1, "a.wav")
    load(sim, 2, "b.wav")
    sim.run(sim.stage.stop_work())
    assert sim.ears.asked["a.wav"].cancelled()
    assert [*sim.ears.asked] == ["a.wav"]
