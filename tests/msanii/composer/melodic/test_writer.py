"""What holds of written keys and leads whatever the network draws: here, one that was never trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msanii.composer.melodic.writer import MANNERS, written
from msanii.composer.plan import Notes, Plan
from msanii.music.chords import Meter, parse_chords
from tests.msanii.composer.melodic.songs import tiny_reader

READER = tiny_reader()
METERS = [(4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (12, 8), (9, 4), (1, 8)]


def compose(plan: Plan, kind: str = "keys", seed: int = 0) -> Notes:
    return written(plan, kind, kind, np.random.default_rng(seed), READER)


def voices_at_once(notes: Notes) -> int:
    starts = [note[0] for note in notes]
    return max((starts.count(start) for start in starts), default=0)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(METERS),
    st.sampled_from(["keys", "lead"]),
    st.sampled_from([0.5, 1, 2, 5]),
    st.sampled_from(["", "C G", "F#m7 B13", "N.C."]),
    st.booleans(),
    st.integers(0, 99),
)
def test_notes_keep_to_range_length_and_voices(
    meter: tuple[int, int], kind: str, bars: float, chords: str, loop: bool, seed: int
) -> None:
    its_meter = Meter(numerator=meter[0], denominator=meter[1])
    parsed = parse_chords(chords, meter=its_meter)
    plan = Plan(bars=bars, parts=(kind,), meter=its_meter, chords=parsed, loop=loop)
    notes = compose(plan, kind, seed)
    manner = MANNERS[kind]
    for start, end, pitch, velocity in notes:
        assert 0 <= start < end <= plan.beats + 1e-9
        assert manner.lowest <= pitch <= manner.highest
        assert 1 <= velocity <= 127
    assert voices_at_once(notes) <= manner.most_at_once
    assert notes == compose(plan, kind, seed)


def test_only_the_bars_to_write_are_written_and_to_the_others() -> None:
    plan = Plan(bars=4, parts=("keys",), chords=parse_chords("C Am F G"))
    before = compose(plan)
    edited = replace(plan, given={"keys": before}, write=frozenset({1}))
    after = [compose(edited, seed=seed) for seed in range(1, 5)]
    assert {int(note[0] // 4) for notes in after for note in notes} == {1}
    raised = tuple((start, end, pitch + 2, velocity) for start, end, pitch, velocity in before)
    other = replace(edited, given={"keys": raised})
    assert after != [compose(other, seed=seed) for seed in range(1, 5)]


def test_a_lead_is_written_to_the_keys() -> None:
    plan = Plan(bars=2, parts=("lead",), chords=parse_chords("C Am"))
    struck = tuple((float(beat), beat + 1.0, 60, 80) for beat in range(8))
    assert compose(plan, "lead") != compose(replace(plan, given={"keys": struck}), "lead")


def test_the_last_bar_of_a_loop_is_written_to_the_first() -> None:
    plan = Plan(bars=3, parts=("keys",), chords=parse_chords("C Am F"), loop=True)
    once = replace(plan, loop=False)
    looped, plain = compose(plan), compose(once)
    assert [note[:3] for note in looped if note[0] < 8] != []
    assert [note for note in looped if note[0] >= 8] != [note for note in plain if note[0] >= 8]


def test_the_first_bar_of_a_loop_is_written_to_a_last_one_that_is_kept() -> None:
    plan = Plan(bars=4, parts=("keys",), chords=parse_chords("C Am F G"), loop=True)
    before = compose(plan)
    edited = replace(plan, given={"keys": before}, write=frozenset({0}))
    raised = tuple(
        (start, end, pitch + 2 * (start >= 12), velocity) for start, end, pitch, velocity in before
    )
    assert compose(edited, seed=1) != compose(replace(edited, loop=False), seed=1)
    assert compose(edited, seed=1) != compose(replace(edited, given={"keys": raised}), seed=1)


def test_long_pieces_are_written_window_by_window() -> None:
    plan = Plan(bars=40, parts=("lead",), chords=parse_chords("C Am F G"))
    notes = compose(plan, "lead")
    assert len({int(start // 4) for start, *_ in notes}) > 30


@pytest.mark.parametrize("kind", ["keys", "lead"])
def test_a_second_part_of_a_kind_is_another(kind: str) -> None:
    plan = Plan(bars=2, parts=(kind, f"{kind}_2"), chords=parse_chords("C Am"))
    first = written(plan, kind, kind, np.random.default_rng(0), READER)
    second = written(plan, f"{kind}_2", kind, np.random.default_rng(1), READER)
    assert first != second
