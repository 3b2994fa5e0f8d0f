"""Playing becomes chords and notes: strums, chords built up, legato, lengths, undo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.midi.capture import Captured

AM, F, C = [57, 60, 64], [53, 57, 60], [48, 52, 55]


class Pianist:
    """Plays into a `Captured`, the time going on as told."""

    def __init__(self) -> None:
        self.captured = Captured()
        self.now = 10.0

    def down(self, *keys: int, strum: float = 0.0) -> None:
        for key in keys:
            self.captured.press("piano", 1, key, 90, self.now)
            self.now += strum

    def up(self, *keys: int) -> None:
        for key in keys:
            self.captured.release("piano", 1, key, self.now)

    def play(self, keys: list[int], seconds: float, strum: float = 0.0) -> None:
        began = self.now
        self.down(*keys, strum=strum)
        self.now = began + seconds
        self.up(*keys)

    def free(self) -> tuple[str, float]:
        return self.captured.progression("free", 120, 4)


def test_one_chord_after_another_is_a_progression_of_a_bar_each() -> None:
    pianist = Pianist()
    for chord in (AM, F, C):
        pianist.play(chord, 0.7, strum=0.03)
    assert pianist.free() == ("Am F C", 3.0)


def test_legato_carries_common_notes_and_no_others() -> None:
    pianist = Pianist()
    pianist.down(*AM)
    pianist.now += 1
    pianist.up(64)
    pianist.down(53)
    pianist.now += 1
    pianist.up(53, 57, 60)
    assert pianist.free() == ("Am F", 2.0)


def test_an_overlap_of_fingers_belongs_to_the_chord_before() -> None:
    pianist = Pianist()
    pianist.down(*AM)
    pianist.now += 1
    pianist.down(*[key + 2 for key in AM])
    pianist.now += 0.1
    pianist.up(*AM)
    pianist.now += 1
    pianist.up(*[key + 2 for key in AM])
    assert pianist.free() == ("Am Bm", 2.0)


def test_a_chord_may_be_built_up_slowly() -> None:
    pianist = Pianist()
    for key in C:
        pianist.down(key)
        pianist.now += 0.4
    pianist.up(*C)
    assert pianist.free() == ("C", 1.0)


def test_the_chord_that_sounds_counts_already() -> None:
    pianist = Pianist()
    pianist.down(*AM)
    assert pianist.free() == ("Am", 1.0)
    chord = pianist.captured.held_chord()
    assert chord is not None
    assert chord.name == "Am"


def test_on_the_bar_each_chord_lasts_as_it_was_played() -> None:
    pianist = Pianist()
    for chord, beats in ((AM, 4), (F, 2), (C, 2)):
        pianist.play(chord, beats * 0.5 + 0.03, strum=0.01)
    assert pianist.captured.progression("bar", 120, 4) == ("Am:4 F:2 C:2", 2.0)


def test_notes_are_in_beats_from_the_first_on() -> None:
    pianist = Pianist()
    pianist.play([60], 0.5)
    pianist.play([64], 1.0)
    notes = pianist.captured.notes(120)
    assert notes == ((0.0, 1.0, 60, 90), (1.0, 3.0, 64, 90))
    assert pianist.captured.bars(notes, 4) == 1.0


def test_undo_takes_the_last_chord_and_clear_takes_all() -> None:
    pianist = Pianist()
    pianist.play(AM, 1)
    pianist.play(F, 1)
    pianist.captured.undo("chords")
    assert pianist.free() == ("Am", 1.0)
    assert len(pianist.captured.notes(120)) == 3
    pianist.captured.undo("notes")
    assert len(pianist.captured.notes(120)) == 2
    pianist.captured.clear()
    assert pianist.free() == ("", 0.0)
    pianist.captured.undo("chords")
    pianist.captured.undo("notes")


_STEPS = st.lists(st.tuples(st.booleans(), st.integers(50, 62), st.floats(0, 2)), max_size=60)


@given(_STEPS)
def test_whatever_is_played_can_be_asked_for(steps: list[tuple[bool, int, float]]) -> None:
    pianist = Pianist()
    for down, key, seconds in steps:
        (pianist.down if down else pianist.up)(key)
        pianist.now += seconds
    pianist.captured.let_go(pianist.now)
    assert not pianist.captured.held
    for timing in ("free", "bar"):
        text, bars = pianist.captured.progression(timing, 97.3, 3.0)
        assert bars == pytest.approx(round(bars))
        assert bool(text) == (bars >= 1)
    for onset, end, _, velocity in pianist.captured.notes(97.3):
        assert 0 <= onset < end
        assert velocity == 90
