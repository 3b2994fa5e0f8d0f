"""What holds of every composition, whoever writes its parts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msanii.composer.compose import compose
from msanii.composer.plan import Plan
from msanii.music.chords import Meter, parse_chords

METERS = [
    Meter(numerator=numerator, denominator=denominator)
    for numerator, denominator in [
        (4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (12, 8), (1, 32), (13, 16), (2, 1)
    ]
]  # fmt: skip
PARTS = ["keys", "pad", "lead", "bass", "drums"]
SOME_PARTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4, unique=True)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    meter = draw(st.sampled_from(METERS))
    chords = draw(st.sampled_from(["", "Am F C G", "Cmaj7/E", "N.C.", "C13 F#dim Bsus4 Eb/G"]))
    return Plan(
        bars=draw(st.sampled_from([0.25, 1, 2, 4, 5.5, 8])),
        parts=tuple(draw(SOME_PARTS)),
        bpm=draw(st.sampled_from([10.0, 60.0, 97.3, 174.0, 999.0])),
        meter=meter,
        chords=parse_chords(chords, meter=meter),
        loop=draw(st.booleans()),
    )


@settings(max_examples=25, deadline=None)
@given(plans(), st.integers(0, 2**31 - 1))
def test_notes_are_inside_the_piece_in_order_and_the_same_for_a_seed(plan: Plan, seed: int) -> None:
    composed = compose(plan, seed)
    assert tuple(composed) == plan.parts
    for notes in composed.values():
        assert notes == tuple(sorted(notes))
        for start, end, pitch, velocity in notes:
            assert 0 <= start < min(end, plan.beats)
            assert 0 <= pitch <= 127
            assert 1 <= velocity <= 127
    assert composed == compose(plan, seed)


@settings(max_examples=30, deadline=None)
@given(plans(), st.integers(0, 2**31 - 1), st.integers(0, 7))
def test_bars_that_are_not_to_be_written_keep_their_notes(plan: Plan, seed: int, bar: int) -> None:
    before = compose(plan, seed)
    after = compose(replace(plan, given=before, write=frozenset({bar})), seed + 1)
    for part, notes in before.items():
        assert [note for note in notes if int(note[0] / plan.bar_beats + 1e-9) != bar] == [
            note for note in after[part] if int(note[0] / plan.bar_beats + 1e-9) != bar
        ]


@pytest.mark.parametrize("part", ["keys", "lead"])
def test_a_part_with_chords_to_play_is_never_silent(part: str) -> None:
    plan = Plan(bars=1, parts=(part,), bpm=240.0, chords=parse_chords("Am"))
    assert all(compose(plan, seed)[part] for seed in range(12))
    assert compose(replace(plan, chords=parse_chords("N.C.")), 0).keys() == {part}
