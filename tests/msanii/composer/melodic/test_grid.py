"""Notes to the composer's grid and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msanii.composer.melodic.grid import (
    BAR,
    DURATION,
    DURATION_TICKS,
    SLOT,
    as_beat_notes,
    duration_classes,
    on_grid,
    slot_ticks,
    slots_in,
)


def rows_of(*notes: tuple[float, float, int, int], bar_beats: float = 4.0) -> np.ndarray:
    return on_grid(np.array(notes, np.float64).reshape(-1, 4), bar_beats)


def test_late_and_early_notes_go_to_the_nearest_sixteenth() -> None:
    rows = rows_of((0.03, 0.5, 60, 80), (0.98, 1.5, 62, 80), (4.26, 5.0, 64, 80))
    assert rows[:, BAR].tolist() == [0, 0, 1]
    assert slot_ticks(rows[:, SLOT]).tolist() == [0, 12, 3]


def test_three_even_notes_in_a_quarter_are_triplets() -> None:
    rows = rows_of((0.0, 0.3, 60, 80), (0.34, 0.6, 62, 80), (0.66, 1.0, 64, 80))
    assert slot_ticks(rows[:, SLOT]).tolist() == [0, 4, 8]


def test_a_pitch_struck_again_ends_the_note_before() -> None:
    rows = rows_of((0.0, 4.0, 60, 80), (1.0, 2.0, 60, 80))
    assert DURATION_TICKS[rows[:, DURATION]].tolist() == [12, 12]
    assert as_beat_notes(rows, 4.0, 4.0)[0][1] == 1.0


def test_notes_end_with_the_piece() -> None:
    rows = rows_of((3.0, 30.0, 60, 80))
    assert as_beat_notes(rows, 4.0, 4.0) == ((3.0, 4.0, 60, 88),)


def test_no_notes_are_no_rows() -> None:
    assert rows_of().shape == (0, 5)
    assert as_beat_notes(rows_of(), 4.0, 4.0) == ()


def test_bars_without_a_whole_number_of_ticks_begin_on_one() -> None:
    rows = rows_of(*((bar * 0.875, bar * 0.875 + 0.2, 60, 80) for bar in range(40)), bar_beats=0.875)
    assert rows[:, [BAR, SLOT]].tolist() == [[bar, 0] for bar in range(40)]


@pytest.mark.parametrize(("beats", "slots"), [(4.0, 24), (3.0, 18), (3.5, 21), (6.0, 36), (0.25, 1)])
def test_a_bar_has_six_slots_a_quarter(beats: float, slots: int) -> None:
    assert slots_in(beats) == slots


def test_every_length_is_its_own_class() -> None:
    assert duration_classes(DURATION_TICKS.astype(float)).tolist() == list(range(len(DURATION_TICKS)))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 7), st.integers(0, 3), st.sampled_from([0, 1, 3, 5]), st.integers(40, 80),
            st.integers(0, 15),
        ),
        min_size=1,
        max_size=30,
    )
)  # fmt: skip
def test_sixteenths_on_the_grid_stay_where_they_are(places: list[tuple[int, int, int, int, int]]) -> None:
    kept = {(bar, 6 * quarter + slot, pitch): duration for bar, quarter, slot, pitch, duration in places}
    rows = np.array(sorted((*place, duration, 4) for place, duration in kept.items()))
    again = on_grid(np.array(as_beat_notes(rows, 4.0, 1000.0)), 4.0)
    assert again[:, :3].tolist() == rows[:, :3].tolist()
