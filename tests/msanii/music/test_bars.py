"""Bars by number, their place in samples, and the ones that other notes change."""

from __future__ import annotations

from functools import partial

import pytest

from msanii.errors import ScoreError
from msanii.music.bars import bar_regions, bars_text, changed_bars, read_bars
from msanii.music.score import make_score


@pytest.mark.parametrize(
    ("text", "bars"),
    [("3", (2,)), ("3-4,7", (2, 3, 6)), (" 1 - 2 , 2-3", (0, 1, 2)), ("8", (7,)), ("2–3", (1, 2))],
)
def test_bars_are_read_from_text(text: str, bars: tuple[int, ...]) -> None:
    assert read_bars(text, 8) == bars
    assert read_bars(bars_text(bars), 8) == bars


@pytest.mark.parametrize("text", ["", "x", "3-", "-3", "3,,4", "3.5", "nan", "1" * 5000, "٣"])
def test_text_that_names_no_bars_is_refused(text: str) -> None:
    with pytest.raises(ScoreError, match="expected bars counted from 1, such as 3 or 3-4,7"):
        read_bars(text, 8)


@pytest.mark.parametrize("text", ["0", "9", "7-9", "4-3", "999999"])
def test_bars_outside_the_piece_are_refused(text: str) -> None:
    with pytest.raises(ScoreError, match=r"expected bars from 1 to 8"):
        read_bars(text, 8)


def test_text_of_bars_names_runs() -> None:
    assert bars_text([6, 2, 3, 0]) == "1,3-4,7"


def test_regions_are_exact_at_any_rate_and_runs_are_one() -> None:
    def regions(bars: tuple[int, ...], rate: int, samples: int) -> list[tuple[int, int]]:
        score = make_score(bars=4, bpm=97.3)
        return bar_regions(bars, partial(score.bar_line, rate=rate), count=4, samples=samples)

    bar = 240 / 97.3
    assert regions((1, 2), 44_100, 435_125) == [(round(bar * 44_100), round(3 * bar * 44_100))]
    assert regions((0, 2), 48_000, 473_605) == [
        (0, round(bar * 48_000)),
        (round(2 * bar * 48_000), round(3 * bar * 48_000)),
    ]
    # What rings after the last bar belongs to it.
    assert regions((3,), 44_100, 600_000) == [(round(3 * bar * 44_100), 600_000)]


def changed(before: list, after: list, **options: bool) -> tuple[int, ...]:  # type: ignore[type-arg]
    return changed_bars(before, after, bar_beats=4.0, count=4, **options)


def test_a_bar_changes_with_its_notes_alone() -> None:
    notes = [(float(beat), beat + 1.0, 60, 80) for beat in range(16)]
    assert changed(notes, notes) == ()
    assert changed(notes, [*notes[:5], (5.0, 6.0, 62, 80), *notes[6:]]) == (1,)
    assert changed(notes, notes[:-1]) == (3,)
    assert changed(notes, [*notes[:5], (5.0, 6.0, 60, 81), *notes[6:]]) == (1,)


def test_a_note_that_rings_on_changes_the_bars_that_it_rings_in() -> None:
    held, shorter = (2.0, 9.0, 60, 80), (2.0, 7.0, 60, 80)
    assert changed([held], [shorter]) == (1, 2)
    # A sixteenth over the bar line is no sound of that bar.
    assert changed([(2.0, 4.25, 60, 80)], [(2.0, 4.0, 60, 80)]) == ()
    # A held note sounds the same wherever it began.
    assert changed([held], [(1.0, 9.0, 60, 80)]) == (0,)


def test_in_a_loop_the_last_bar_rings_into_the_first() -> None:
    ringing = [(14.0, 18.0, 60, 80)]
    assert changed(ringing, []) == (3,)
    assert changed(ringing, [], loop=True) == (0, 3)
