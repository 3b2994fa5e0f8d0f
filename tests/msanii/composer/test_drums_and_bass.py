"""Drums and bass: form, time and touch, and the bass with the kick on the chords."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msanii.composer.bass_pitch import HIGHEST, LOWEST
from msanii.composer.compose import compose, with_form
from msanii.composer.grooves.groove import DRUMS, KICKS
from msanii.composer.grooves.library import shipped_grooves
from msanii.composer.plan import Notes, Plan
from msanii.errors import GrooveError
from msanii.music.chords import Meter, parse_chords
from msanii.music.score import ANY_FEEL, Feel

GROOVES = shipped_grooves()
NAMES = st.sampled_from(sorted(GROOVES.by_name))
SEEDS = st.integers(0, 2**31 - 1)
CHORDS = ["Am F C G", "C/E F/A G7/B C", "Cm7 Fm7:1 Bb7:3 Ebmaj7", "C N.C. F#m7b5 B7"]


def plan_of(name: str, chords: str = "Am F C G", **values: object) -> Plan:
    groove = GROOVES.by_name[name]
    bpm = (groove.bpm.low + groove.bpm.high) / 2
    plan = Plan(
        bars=8,
        parts=("drums", "bass"),
        bpm=bpm,
        meter=groove.meter,
        chords=parse_chords(chords, meter=groove.meter),
        style=name,
    )
    return replace(plan, **values)  # type: ignore[arg-type]


def bar_of(notes: Notes, plan: Plan, bar: int) -> list[tuple[int, float]]:
    """The drums of a bar and their places in it, in beats."""
    start = bar * plan.bar_beats
    inside = (note for note in notes if start - 1e-9 <= note[0] < start + plan.bar_beats - 1e-9)
    return sorted((note[2], note[0] - start) for note in inside)


def together(first: list[tuple[int, float]], second: list[tuple[int, float]]) -> float:
    """The share of strokes that both bars have, but for a player's time."""
    here = there = common = 0
    while here < len(first) and there < len(second):
        (drum, place), (other, other_place) = first[here], second[there]
        if drum == other and abs(place - other_place) < 0.12:
            common, here, there = common + 1, here + 1, there + 1
        elif (drum, place) < (other, other_place):
            here += 1
        else:
            there += 1
    return common / max(len(first), len(second))


@settings(max_examples=40, deadline=None)
@given(NAMES, SEEDS)
def test_a_phrase_comes_back(name: str, seed: int) -> None:
    plan = plan_of(name, bars=20)
    drums = compose(plan, seed)["drums"]
    for bar in (1, 2, 5, 6):
        assert together(bar_of(drums, plan, bar), bar_of(drums, plan, bar + 8)) == 1
    assert together(bar_of(drums, plan, 1), bar_of(drums, plan, 5)) > 0.75


@settings(max_examples=40, deadline=None)
@given(NAMES, SEEDS)
def test_the_last_bar_of_a_phrase_is_a_fill(name: str, seed: int) -> None:
    plan = plan_of(name)
    form = with_form(plan, seed, GROOVES).form
    assert form is not None
    drums = compose(plan, seed)["drums"]
    assert form.role(7) == "fill"
    assert together(bar_of(drums, plan, 7), bar_of(drums, plan, 5)) < 1


@settings(max_examples=40, deadline=None)
@given(NAMES, SEEDS)
def test_a_longer_piece_begins_as_a_shorter_one(name: str, seed: int) -> None:
    plan = plan_of(name)
    longer = replace(plan, bars=24)
    end = 7 * plan.bar_beats
    before = [note for note in compose(plan, seed)["drums"] if note[0] < end]
    assert before == [note for note in compose(longer, seed)["drums"] if note[0] < end]


def test_a_crash_follows_the_fill_of_a_phrase_and_the_seam_of_a_loop() -> None:
    def crashes(plan: Plan) -> list[int]:
        return [round(note[0]) for note in compose(plan, 1)["drums"] if note[2] == DRUMS["crash"]]

    assert crashes(plan_of("straight_rock", bars=16)) == [32]
    assert crashes(plan_of("straight_rock", bars=16, loop=True)) == [0, 32]
    assert crashes(plan_of("sleepy_lo_fi", bars=16, loop=True)) == []


def test_time_and_touch_are_a_players() -> None:
    plan = plan_of("late_boom_bap", bars=16)
    snares = [note for note in compose(plan, 5)["drums"] if note[2] == DRUMS["snare"] and note[3] > 90]
    late_ms = [(note[0] - round(note[0])) * 60_000 / plan.bpm for note in snares]
    assert 9 < sum(late_ms) / len(late_ms) < 19
    assert len({round(late, 3) for late in late_ms}) > 5
    assert len({note[3] for note in snares}) > 3


@settings(max_examples=40, deadline=None)
@given(NAMES, SEEDS, st.sampled_from(CHORDS))
def test_the_bass_is_one_voice_in_its_range_on_the_chords(name: str, seed: int, chords: str) -> None:
    plan = plan_of(name, chords)
    bass = compose(plan, seed)["bass"]
    assert all(LOWEST <= note[2] <= HIGHEST for note in bass)
    for (_, end, *_), (start, *_) in pairwise(bass):
        assert end <= start + 1e-9
    assert all(end <= plan.beats + 1e-9 for _, end, *_ in bass)
    if "N.C." in chords:
        assert all(plan.chord_at(note[0] + 0.1).tones for note in bass)
    in_chord = [note[2] % 12 in plan.chord_at(note[0] + 0.1).tones for note in bass]
    assert sum(in_chord) >= 0.6 * len(in_chord)


@settings(max_examples=40, deadline=None)
@given(NAMES, SEEDS)
def test_the_bass_says_each_chord_near_its_beginning(name: str, seed: int) -> None:
    plan = plan_of(name, "Am/E F/A C G/B")
    bass = compose(plan, seed)["bass"]
    for span in plan.chord_spans():
        patience = min(1.6, plan.bar_beats / 2 + 0.1)
        first = next(note for note in bass if note[0] >= span.start_beats - 0.55)
        assert first[0] < span.start_beats + patience
        roots = [note for note in bass if span.start_beats - 0.55 <= note[0] < span.end_beats]
        assert any(note[2] % 12 == span.chord.bass for note in roots)


@settings(max_examples=40, deadline=None)
@given(NAMES, SEEDS)
def test_bass_notes_fall_on_drums(name: str, seed: int) -> None:
    plan = plan_of(name)
    composed = compose(plan, seed)
    onsets = [note[0] for note in composed["drums"]]
    shared = sum(_is_near(onsets, note[0], 0.02) for note in composed["bass"])
    assert shared >= 0.9 * len(composed["bass"])


KICK_PLACES = st.lists(st.integers(0, 15), min_size=2, max_size=6, unique=True)


@settings(max_examples=40, deadline=None)
@given(NAMES, SEEDS, KICK_PLACES)
def test_the_bass_plays_with_the_kick_of_drums_that_are_there(
    name: str, seed: int, places: list[int]
) -> None:
    if GROOVES.by_name[name].meter != Meter():
        return
    kicks = sorted(bar * 4 + place / 4 for bar in range(4) for place in places)
    drums = tuple((kick, kick + 0.2, 36, 100) for kick in kicks)
    plan = Plan(
        bars=4, parts=("bass",), bpm=110, style=name, chords=parse_chords("Am F C G"), given={"drums": drums}
    )
    bass = compose(plan, seed)["bass"]
    assert bass
    # A chord's root is added where it comes without a kick.
    changes = [span.start_beats for span in plan.chord_spans()]
    assert all(_is_near(kicks, note[0], 1e-6) or _is_near(changes, note[0], 1e-6) for note in bass)


def _is_near(onsets: list[float], time: float, within: float) -> bool:
    place = bisect_left(onsets, time - within)
    return place < len(onsets) and onsets[place] <= time + within


def test_bars_composed_anew_go_on_in_the_same_groove() -> None:
    plan = Plan(bars=8, parts=("drums",), bpm=124)
    before = compose(plan, 1)
    form = with_form(plan, 1, GROOVES).form
    assert form is not None
    for seed in range(2, 12):
        again = replace(plan, given=before, write=frozenset({2, 3}))
        found = with_form(again, seed, GROOVES).form
        assert found is not None
        assert found.groove.name == form.groove.name
        after = compose(again, seed)["drums"]
        assert bar_of(after, plan, 1) == bar_of(before["drums"], plan, 1)


def test_seeds_play_a_groove_in_different_ways() -> None:
    plan = plan_of("straight_rock", bars=4)
    bars = {tuple((drum, round(place * 4)) for drum, place in bar_of(compose(plan, seed)["drums"], plan, 0))
            for seed in range(12)}  # fmt: skip
    assert len(bars) >= 2


def test_drums_that_no_groove_is_like_leave_the_choice_to_the_seed() -> None:
    bells = tuple((beat + 0.37, beat + 0.5, 76, 90) for beat in range(16))
    plan = Plan(bars=4, parts=("bass",), chords=parse_chords("Am F C G"), given={"drums": bells})
    forms = [with_form(plan, seed, GROOVES).form for seed in range(12)]
    assert len({form.groove.name for form in forms if form is not None}) > 3


def test_a_step_leads_into_the_next_chord() -> None:
    plan = plan_of("medium_swing", "C F C F")
    bass = compose(plan, 1)["bass"]
    leading = [note for note in bass if note[0] % 4 > 2.9]
    assert leading
    for note in leading:
        target = next((other for other in bass if other[0] > note[0] + 0.5), bass[0])
        assert 1 <= abs(target[2] - note[2]) <= 2


@pytest.mark.parametrize("style", ["house", "waltz", "drum and bass"])
def test_the_style_decides(style: str) -> None:
    meter = Meter(numerator=3) if style == "waltz" else Meter()
    names = {groove.name for groove in GROOVES.of_style(style)}
    for seed in range(8):
        plan = Plan(bars=4, parts=("drums",), style=style, meter=meter)
        form = with_form(plan, seed, GROOVES).form
        assert form is not None
        assert form.groove.name in names


def test_a_style_that_is_unknown_is_refused() -> None:
    with pytest.raises(GrooveError, match="style: got `polka`"):
        compose(Plan(bars=4, parts=("drums",), style="polka"), 1)


def test_drums_need_no_chord_and_the_bass_is_silent_on_none() -> None:
    composed = compose(Plan(bars=4, parts=("drums", "bass"), chords=parse_chords("N.C.")), 1)
    assert any(note[2] in KICKS for note in composed["drums"])
    assert composed["bass"] == ()


def test_pitched_parts_swing_with_the_groove() -> None:
    chords = parse_chords("Am:0.5 F:0.5 C:0.5 G:0.5")
    plan = Plan(bars=2, parts=("drums", "pad"), bpm=120, style="shuffle", chords=chords)
    off_beats = {round(note[0] % 1, 2) for note in compose(plan, 1)["pad"]} - {0.0}
    assert off_beats <= {0.65, 0.66, 0.67, 0.68}
    alone = replace(plan, parts=("pad",), style="")
    assert {round(note[0] % 1, 2) for note in compose(alone, 1)["pad"]} == {0.0, 0.5}


def test_a_swung_last_note_stays_on_its_chord() -> None:
    plan = plan_of("straight_rock", feel=Feel(swing=0.66), key="A minor")
    bass = compose(plan, 1)["bass"]
    last = [note for note in bass if note[0] < 8 and note[0] % 4 > 3.5]
    assert [note[2] % 12 for note in last] == [9, 5]


def test_the_bass_is_as_soft_as_the_kick() -> None:
    def level(name: str) -> float:
        bass = compose(plan_of(name), 1)["bass"]
        return sum(note[3] for note in bass) / len(bass)

    assert level("medium_swing") < level("soft_ballad") < level("straight_rock") - 5


def test_the_bass_of_swung_drums_is_with_them() -> None:
    plan = plan_of("straight_rock", parts=("drums",), feel=Feel(swing=0.64))
    drums = compose(plan, 1)
    bass = compose(replace(plan, parts=("bass",), feel=ANY_FEEL, given=drums), 1)["bass"]
    off_beats = [note[0] % 1 for note in bass if 0.3 < note[0] % 1 < 0.8]
    assert off_beats
    assert all(place == pytest.approx(0.64, abs=0.02) for place in off_beats)
