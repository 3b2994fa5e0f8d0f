"""What is asked of a feel is measured in the notes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msanii.composer.compose import compose
from msanii.composer.feel.register import RANGES
from msanii.composer.feel.writing import with_feel
from msanii.composer.plan import Notes, Plan
from msanii.controls.features import measured_feel
from msanii.metrics.rhythm import measured_swing
from msanii.music.chords import Meter, parse_chords
from msanii.music.score import ANY_FEEL, Feel

PARTS = ("drums", "bass", "keys", "pad", "lead")
METERS = [
    Meter(numerator=numerator, denominator=denominator)
    for numerator, denominator in [(4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (12, 8)]
]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    meter = draw(st.sampled_from(METERS))
    chords = draw(st.sampled_from(["Am F C G", "Cmaj7/E Dm7:2 G7:2", "Bb Eb7 F#m7b5 B7"]))
    return Plan(
        bars=draw(st.sampled_from([4, 8])),
        parts=(draw(st.sampled_from(PARTS)),),
        bpm=draw(st.sampled_from([63.0, 97.3, 128.0, 174.0])),
        meter=meter,
        chords=parse_chords(chords, meter=meter),
        loop=draw(st.booleans()),
    )


def measured(notes: Notes, plan: Plan) -> Feel:
    rows = np.array([(start * 60 / plan.bpm, end * 60 / plan.bpm, pitch, velocity)
                     for start, end, pitch, velocity in notes])  # fmt: skip
    swing = measured_swing(np.unique(rows[:, 0]), plan.bpm)
    return measured_feel(rows, plan.beats, swing, pitched=plan.parts[0] != "drums")


def feel_of(plan: Plan, seed: int, feel: Feel) -> Feel:
    plan = replace(plan, feel=feel)
    return measured(compose(plan, seed)[plan.parts[0]], plan)


SEEDS = st.integers(0, 2**31 - 1)


@settings(max_examples=80, deadline=None)
@given(plans(), SEEDS, st.floats(0.5, 0.7))
def test_swing(plan: Plan, seed: int, swing: float) -> None:
    found = feel_of(plan, seed, Feel(swing=swing)).swing
    assert found is not None
    # Where nothing falls on an off beat, nothing can swing.
    if not math.isnan(found):
        assert found == pytest.approx(swing, abs=0.02)


@settings(max_examples=80, deadline=None)
@given(plans(), SEEDS, st.floats(0.25, 4.0))
def test_density(plan: Plan, seed: int, density: float) -> None:
    found = feel_of(plan, seed, Feel(density=density)).density
    assert found is not None
    assert found * plan.beats == pytest.approx(density * plan.beats, abs=max(0.1 * density * plan.beats, 0.5))


@settings(max_examples=80, deadline=None)
@given(plans(), SEEDS, st.integers(24, 100))
def test_register(plan: Plan, seed: int, register: int) -> None:
    part = plan.parts[0]
    found = feel_of(plan, seed, Feel(register=float(register))).register
    if part == "drums":
        assert found is None
        return
    assert found is not None
    allowed = RANGES[part]
    # Near an end of its range a whole part cannot be spread around it.
    if allowed.low + 8 <= register <= allowed.high - 8:
        assert found == pytest.approx(register, abs=2)
    assert allowed.low <= found <= allowed.high


@settings(max_examples=80, deadline=None)
@given(plans(), SEEDS, st.integers(1, 127))
def test_dynamics(plan: Plan, seed: int, dynamics: int) -> None:
    found = feel_of(plan, seed, Feel(dynamics=float(dynamics))).dynamics
    assert found == pytest.approx(dynamics, abs=1)


@settings(max_examples=80, deadline=None)
@given(plans(), SEEDS, st.floats(0.5, 0.7), st.floats(0.5, 3), st.integers(40, 100))
def test_all_at_once(plan: Plan, seed: int, swing: float, density: float, dynamics: int) -> None:
    allowed = RANGES.get(plan.parts[0])
    register = None if allowed is None else (allowed.low + allowed.high) / 2
    asked = Feel(swing=swing, density=density, register=register, dynamics=float(dynamics))
    found = feel_of(plan, seed, asked)
    assert found.swing is not None
    assert found.density is not None
    assert math.isnan(found.swing) or found.swing == pytest.approx(swing, abs=0.02)
    assert found.density * plan.beats == pytest.approx(
        density * plan.beats, abs=max(0.1 * density * plan.beats, 0.5)
    )
    assert found.dynamics == pytest.approx(dynamics, abs=5)
    assert register is None or found.register == pytest.approx(register, abs=2)


NOTES = st.lists(
    st.tuples(
        st.integers(0, 127).map(lambda step: step / 8),
        st.floats(0.01, 4),
        st.integers(30, 90),
        st.integers(1, 127),
    ),
    min_size=1,
    max_size=60,
).map(
    lambda rows: tuple(
        sorted((start, start + length, pitch, velocity) for start, length, pitch, velocity in rows)
    )
)
FEELS = st.builds(
    Feel,
    swing=st.none() | st.floats(0.5, 0.75),
    density=st.none() | st.floats(0.05, 16),
    register=st.none() | st.floats(24, 100),
    dynamics=st.none() | st.floats(1, 127),
)


@settings(max_examples=200, deadline=None)
@given(NOTES, FEELS, st.sampled_from(PARTS), st.sampled_from([20.0, 120.0, 400.0]))
def test_any_notes_stay_in_order_inside_the_piece_and_in_the_range(
    notes: Notes, feel: Feel, part: str, bpm: float
) -> None:
    plan = Plan(bars=4, parts=(part,), bpm=bpm, chords=parse_chords("Am F C G"), feel=feel)
    played = with_feel(plan, part, notes)
    assert played == tuple(sorted(played))
    assert (
        len({(start, pitch) for start, _, pitch, _ in played}) == len(played)
        or feel == ANY_FEEL
        or (len({(start, pitch) for start, _, pitch, _ in notes}) < len(notes))
    )
    for start, end, pitch, velocity in played:
        assert 0 <= start < min(end, plan.beats)
        assert 1 <= velocity <= 127
        if feel.register is not None and part != "drums":
            assert RANGES[part].low <= pitch <= RANGES[part].high
    assert with_feel(replace(plan, feel=ANY_FEEL), part, notes) == notes


def test_bars_composed_anew_have_the_feel_themselves() -> None:
    plan = Plan(bars=8, parts=("keys",), chords=parse_chords("Am F C G"))
    before = compose(plan, 1)
    asked = Feel(density=2.0, register=70, dynamics=50)
    again = replace(plan, given=before, write=frozenset({2, 5}), feel=asked)
    keys = compose(again, 2)["keys"]
    new = tuple(note for note in keys if again.writes(note[0]))
    found = measured(new, replace(again, bars=2))
    assert found.density == pytest.approx(2.0, rel=0.1)
    assert found.register == pytest.approx(70, abs=2)
    assert found.dynamics == pytest.approx(50, abs=1)
    assert [note for note in keys if not again.writes(note[0])] == [
        note for note in before["keys"] if not again.writes(note[0])
    ]


def test_swing_is_found_again_in_what_swings_already() -> None:
    plan = Plan(bars=8, parts=("drums",), bpm=100, style="shuffle")
    once = compose(replace(plan, feel=Feel(swing=0.6)), 3)["drums"]
    again = with_feel(replace(plan, feel=Feel(swing=0.6)), "drums", once)
    assert [note[0] for note in again] == pytest.approx([note[0] for note in once], abs=0.011)


def test_the_weak_strokes_go_first() -> None:
    plan = Plan(bars=8, parts=("drums",), bpm=120, style="straight_rock", feel=Feel(density=1.0))
    drums = compose(plan, 1)["drums"]
    kicks_and_snares = sum(note[2] in (36, 38) for note in drums)
    assert kicks_and_snares > 0.4 * len(drums)


def test_a_silent_part_stays_silent() -> None:
    plan = Plan(bars=4, parts=("bass",), chords=parse_chords("N.C."), feel=Feel(density=2))
    assert compose(plan, 1)["bass"] == ()
