"""Songs in bars: other meters, half and double time, swing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msanii.data.bar_time import METERS, BarChord, BarNote, BarSong, bar_song
from msanii.data.pop909_song import read_pop909_song
from msanii.errors import DataError
from msanii.music.chords import parse_chord
from tests.msanii.songs import beats_text, chords_text, midi_bytes


def song_of(*onsets: float, bars: int = 4, length: float = 0.5) -> BarSong:
    """A 4/4 song with a C4 at each onset and a chord in each bar."""
    names = ("C", "Am", "F", "G")
    return BarSong(
        meter=METERS["4/4"],
        bars=bars,
        tracks={"PIANO": tuple(BarNote(onset, onset + length, 60, 80) for onset in onsets)},
        chords=tuple(BarChord(4.0 * bar, 4.0 * bar + 4, parse_chord(names[bar % 4])) for bar in range(bars)),
    )


def onsets_of(song: BarSong) -> list[float]:
    return [note.onset for note in song.tracks["PIANO"]]


def test_a_song_is_barred_by_its_annotated_beats() -> None:
    song = bar_song(read_pop909_song(midi_bytes(), beats_text(), chords_text()))
    assert (song.bars, song.quarters) == (5, 20.0)  # the last bar has no line after it
    assert onsets_of(song) == pytest.approx([float(beat) for beat in range(20)])
    chords = [(span.start, span.end, span.chord.root) for span in song.chords]
    assert chords == [(0, 4, 0), (4, 8, 9), (8, 20, None)]


def test_bars_of_other_lengths_are_left_out() -> None:
    beats = [(0.5 * beat, beat in (0, 4, 7, 11, 15, 19, 23)) for beat in range(24)]
    text = "".join(f"{seconds} 0 {bar:d}\n" for seconds, bar in beats)
    song = bar_song(read_pop909_song(midi_bytes(), text, chords_text()))
    assert song.bars == 5
    assert onsets_of(song) == pytest.approx([float(beat) for beat in range(20)])
    assert song.chords[1].start == pytest.approx(4.0)  # its first three beats are gone
    waltz = "".join(f"{beat * 0.5} 0 {beat % 3 == 0:d}\n" for beat in range(24))
    with pytest.raises(DataError, match="got 0 bars of 4 beats"):
        bar_song(read_pop909_song(midi_bytes(), waltz, ""))


@pytest.mark.parametrize(
    ("meter", "bars", "quarters", "expected"),
    [
        ("4/4", 4, 4.0, [0, 1.5, 3, 3.75, 4, 7]),
        ("3/4", 4, 3.0, [0, 1.5, 3]),
        ("5/4", 4, 5.0, [0, 1.5, 3, 3.75, 5, 8]),
        ("7/8", 4, 3.5, [0, 1.5, 3, 3.5, 6.5]),
        ("6/8", 8, 3.0, [0, 2.5, 4.5, 4.5 + 1.5 * (2 / 3 + 1 / 6), 6, 10.5]),
    ],
)
def test_rebarring_keeps_notes_at_their_places_in_the_bar(
    meter: str, bars: int, quarters: float, expected: list[float]
) -> None:
    song = song_of(0, 1.5, 3, 3.75, 4, 7).in_meter(meter)
    assert (song.bars, song.meter.quarters) == (bars, quarters)
    assert onsets_of(song) == pytest.approx(expected)
    assert song.chords[0].start == 0
    assert song.chords[-1].end == pytest.approx(song.quarters)
    roots = [span.chord.root for span in song.chords if span.start % quarters < 1e-9]
    assert roots[:: len(roots) // 4] == [0, 9, 5, 7]


def test_a_note_rings_across_bar_lines_only_where_they_stay_neighbours() -> None:
    song = song_of(2.0, length=4.0)
    assert song.in_meter("4/4").tracks["PIANO"][0].end == 6.0
    assert song.in_meter("3/4").tracks["PIANO"][0].end == 3.0


def test_half_and_double_time_keep_every_note() -> None:
    song = song_of(0, 1, 4, 9)
    double, half = song.read_as(2.0), song.read_as(0.5)
    assert (double.bars, onsets_of(double)) == (8, [0, 2, 8, 18])
    assert (half.bars, onsets_of(half)) == (2, [0, 0.5, 2, 4.5])
    assert half.chords[1].start == 2.0


def test_half_time_leaves_out_half_a_bar() -> None:
    song = song_of(0, 16, bars=5).read_as(0.5)
    assert (song.bars, onsets_of(song)) == (2, [0])


@pytest.mark.parametrize("off_beat", [0.5, 0.6, 2 / 3])
def test_swing_moves_the_second_eighth_and_leaves_the_first(off_beat: float) -> None:
    swung = song_of(0, 0.5, 0.25, 0.75, 1).swung(off_beat)
    expected = [0, off_beat, off_beat / 2, (1 + off_beat) / 2, 1]
    assert onsets_of(swung) == pytest.approx(expected)


def test_transposing_moves_chords_and_drops_what_leaves_the_keyboard() -> None:
    notes = (BarNote(0, 1, 126, 80), BarNote(1, 2, 60, 80))
    song = replace(song_of(0), tracks={"PIANO": notes}).transposed(3)
    assert [note.pitch for note in song.tracks["PIANO"]] == [63]
    assert [span.chord.root for span in song.chords] == [3, 0, 8, 10]


def test_an_excerpt_starts_at_its_bar() -> None:
    song = song_of(0, 3.9995, 4, 11.5, length=2.0).excerpt(1, 2)
    assert song.bars == 2
    assert onsets_of(song) == pytest.approx([0, 0, 7.5])  # slightly early, yet in the next bar
    assert song.tracks["PIANO"][-1].end == 8.0
    assert [span.chord.root for span in song.chords] == [9, 5]
