"""A groove in another meter or at a far tempo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msanii.composer.grooves.files import parse_groove
from msanii.composer.grooves.fitting import can_be_fitted, fitted
from msanii.composer.grooves.groove import Groove
from msanii.composer.grooves.library import shipped_grooves
from msanii.limits import DENOMINATORS
from msanii.music.chords import Meter

SHIPPED = shipped_grooves()
ROCK = parse_groove(
    b"""\
meter: 4/4
bpm: 100-140
pattern:
  kick:  X... .... X.x. ....
  snare: .... X... .... X...
fills:
  - snare: .... .... .... xxxx
bass:
  pattern: 1___ ____ 5___ ..a.
""",
    "rock",
    file_name="rock.yaml",
)


def meter(text: str) -> Meter:
    numerator, denominator = text.split("/")
    return Meter(numerator=int(numerator), denominator=int(denominator))


def played(groove: Groove, drum: int, bar: int = 0) -> list[float]:
    return [round(one.beats, 3) for one in groove.drums.pattern[bar] if one.drum == drum]


@pytest.mark.parametrize(
    ("asked", "kicks", "snares"),
    [
        ("3/4", [0, 2, 2.5], [1]),
        ("2/4", [0], [1]),
        ("5/4", [0, 2, 2.5, 3, 3.5], [1, 4]),
        ("6/4", [0, 2, 2.5, 4, 4.5], [1, 3, 5]),
        ("4/2", [0, 2, 2.5, 4, 6, 6.5], [1, 3, 5, 7]),
        ("7/8", [0, 2, 2.5], [1, 3]),
        ("5/8", [0, 2], [1]),
        ("12/8", [0, 3, 4], [1.5, 4.5]),
        ("6/8", [0], [1.5]),
        ("9/8", [0, 3, 4], [1.5]),
    ],
)
def test_four_four_is_played_by_its_beats(asked: str, kicks: list[float], snares: list[float]) -> None:
    groove = fitted(ROCK, meter(asked), 120)
    assert played(groove, 36) == kicks
    assert played(groove, 38) == snares


def test_a_fill_ends_where_a_shorter_bar_ends() -> None:
    fill = fitted(ROCK, meter("3/4"), 120).drums.fills[0][0]
    assert [one.beats for one in fill if one.drum == 38] == [2.0, 2.25, 2.5, 2.75]


def test_six_eight_in_four_four_is_triplets() -> None:
    groove = fitted(SHIPPED.by_name["six_eight_ballad"], Meter(), 80)
    assert played(groove, 38) == [1.0, 3.0]
    assert played(groove, 42) == [round(step / 3, 3) for step in range(12)]


def test_far_tempos_are_played_at_half_and_double_time() -> None:
    slow = fitted(ROCK, Meter(), 240)
    assert [played(slow, 36, bar) for bar in (0, 1)] == [[0.0], [0.0, 1.0]]
    assert [played(slow, 38, bar) for bar in (0, 1)] == [[2.0], [2.0]]
    fast = fitted(ROCK, Meter(), 60)
    assert played(fast, 36) == [0.0, 1.0, 1.25, 2.0, 3.0, 3.25]
    # The pattern comes before the fill, which is half a bar then.
    assert [one.beats for one in fast.drums.fills[0][0] if one.drum == 38] == [
        0.5,
        1.5,
        3.5,
        3.625,
        3.75,
        3.875,
    ]
    assert fitted(ROCK, Meter(), 150) == ROCK


METERS = st.builds(Meter, numerator=st.integers(1, 32), denominator=st.sampled_from(DENOMINATORS))


@given(METERS, st.floats(10, 999), st.sampled_from(sorted(SHIPPED.by_name)))
def test_strokes_are_inside_bars_of_any_meter_at_any_tempo(asked: Meter, bpm: float, name: str) -> None:
    source = SHIPPED.by_name[name]
    if not can_be_fitted(source.meter, asked) and source.meter != asked:
        return
    groove = fitted(source, asked, bpm)
    bars = float(asked.bar_beats)
    every = (groove.drums.pattern, *groove.drums.variations, *groove.drums.fills)
    assert {len(lines) for lines in every} == {len(groove.drums.pattern)}
    for lines in every:
        for bar in lines:
            assert all(0 <= one.beats < bars and one.length_beats > 0 for one in bar)
            assert list(bar) == sorted(bar)
    for line in groove.bass.pattern:
        assert all(0 <= one.beats < one.beats + one.length_beats <= bars + 1e-6 for one in line)


@given(METERS, st.floats(10, 999))
def test_some_groove_fits_any_meter_and_tempo(asked: Meter, bpm: float) -> None:
    fitting = SHIPPED.fitting("", asked, bpm)
    assert fitting
    assert all(groove.meter == asked for groove in fitting)
