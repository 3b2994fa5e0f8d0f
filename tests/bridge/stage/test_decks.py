"""What the daemon knows of its decks: takes by their recipes, and all that a fresh child is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.gain import linear
from bridge.library.recipes import read_recipe
from bridge.messages import SourceAudio
from bridge.stage.decks import DeckState, take_file
from tests.bridge.files import drop_take
from tests.bridge.render_requests import make_recipe, make_request


def test_a_takes_tempo_and_length_come_from_its_recipe(tmp_path: Path) -> None:
    recipe = make_recipe(
        0, verb="generate", bars=2.0, seconds=6 * 60 / 97.3, bpm=97.3, numerator=3, denominator=4
    )
    (tmp_path / "a.json").write_text(recipe.readable(), encoding="utf-8")
    assert read_recipe(tmp_path / "a.json") == recipe
    file = take_file(tmp_path / "a.wav")
    assert (file.bpm, file.beats) == (97.3, 6.0)
    assert take_file(tmp_path / "b.wav").bpm is None
    assert take_file(tmp_path / "b.wav", 90.0).bpm == 90.0
    # A take of a source whose tempo nobody knows has none, though its recipe has the default one.
    unknown = make_recipe(verb="vary", bars=None, seconds=0.0, knows_tempo=False)
    (tmp_path / "a.json").write_text(unknown.readable(), encoding="utf-8")
    assert take_file(tmp_path / "a.wav") == p.TakeFile(tmp_path / "a.wav")
    # Edited by hand to what would hang or end the mixer, it is like somebody's own audio.
    for values in ({"bpm": 0.0}, {"bars": -2.0}, {"denominator": 0}):
        edited = recipe.model_copy(update={"request": recipe.request.model_copy(update=values)})
        (tmp_path / "a.json").write_text(edited.readable(), encoding="utf-8")
        assert take_file(tmp_path / "a.wav") == p.TakeFile(tmp_path / "a.wav")


SONG = SourceAudio(sha256="a" * 64, name="song.wav")


@pytest.mark.parametrize(
    ("values", "first_beat"),
    [
        ({"beat_seconds": "0.35"}, 0.35),
        ({"beat_seconds": "2.35"}, 0.35),
        (
            {"beat_seconds": "-3.65", "verb": "outpaint", "side": "after", "seconds": 4.0, "source": SONG},
            0.35,
        ),
        ({"beat_seconds": ""}, 0.0),
    ],
)
def test_a_take_that_follows_a_recording_starts_with_its_first_bar_line(
    values: dict[str, object], first_beat: float, tmp_path: Path
) -> None:
    request = make_request(**{"bpm": 120.0, "bars": None, "seconds": 8.0} | values)
    recipe = make_recipe().model_copy(update={"request": request, "seconds": 8.0})
    drop_take(tmp_path / "a.wav", recipe)
    file = take_file(tmp_path / "a.wav")
    assert (file.bpm, file.beats) == (120.0, 16.0)
    assert file.first_beat_seconds == pytest.approx(first_beat)


def test_a_take_that_follows_a_drifting_recording_has_no_tempo(tmp_path: Path) -> None:
    request = make_request(bpm=120.0, bars=None, seconds=8.0, beat_seconds="0.1 0.6 1.2 1.9")
    drop_take(tmp_path / "a.wav", make_recipe().model_copy(update={"request": request}))
    assert take_file(tmp_path / "a.wav") == p.TakeFile(tmp_path / "a.wav")


def test_a_fresh_child_is_told_of_an_endless_deck_as_it_was_opened() -> None:
    desk = DeckState(2)
    desk.hold_bars(3.5)
    bars = [p.BarReady(2, bar, Path(f"{bar}.npy"), 44_100) for bar in range(30)]
    for ready in bars:
        desk.keep_bar(ready)
    desk.activity = "armed"
    told = [one for one in desk.restore_commands() if not isinstance(one, p.SetDeck)]
    assert told == [p.OpenEndless(2, 3.5), *bars[-24:], p.LaunchDeck(2, starts_transport=False)]
    desk.activity, desk.launch_beat = "playing", 7.0
    told = [one for one in desk.restore_commands() if not isinstance(one, p.SetDeck)]
    assert told == [p.OpenEndless(2, 3.5, 7.0), *bars[-24:]]
    desk.hold(p.TakeFile(Path("a.wav")))
    assert not any(isinstance(one, p.OpenEndless | p.BarReady) for one in desk.restore_commands())


def test_the_quietest_gain_is_silence() -> None:
    assert (linear(-60.0), linear(0.0)) == (0.0, 1.0)


def test_a_fresh_child_follows_the_last_order_to_a_deck() -> None:
    desk = DeckState(1)
    file = p.TakeFile(Path("a.wav"), 120.0, 4.0)
    desk.hold(file)
    desk.reported(r.DeckReport(1, "playing", file.path, 4.0, True, file.path, None))

    def told() -> list[object]:
        return [one for one in desk.restore_commands() if not isinstance(one, p.SetDeck)]

    assert told() == [p.Resume(1, file, 4.0)]
    desk.reported(r.DeckReport(1, "playing", file.path, 4.0, True, file.path, None))
    desk.ordered = "stop"
    assert told() == [p.LoadDeck(1, file)]
    desk.ordered = "panic"
    assert told() == [p.LoadDeck(1, file)]
    desk.ordered = "launch"
    assert told() == [p.LoadDeck(1, file), p.LaunchDeck(1, starts_transport=False)]
    desk.ordered = ""
    desk.hold(other := p.TakeFile(Path("b.wav"), 120.0, 4.0))
    assert told() == [p.LoadDeck(1, other), p.LaunchDeck(1, starts_transport=False)]
