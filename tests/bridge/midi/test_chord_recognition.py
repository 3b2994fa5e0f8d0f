"""Chords by the keys held: named as people write them, and as `msanii.music.chords` reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.midi.chord_recognition import recognise
from msanii.music.chords import parse_chord

CHORDS = [
    "C",
    "Cm",
    "C7",
    "Cm7",
    "Cmaj7",
    "Cdim",
    "Caug",
    "Csus4",
    "Csus2",
    "Cm7b5",
    "Cdim7",
    "C6",
    "Cm6",
    "Cmmaj7",
    "C7sus4",
    "Caug7",
    "Caugmaj7",
    "Cadd9",
    "Cmadd9",
    "C9",
    "Cm9",
    "Cmaj9",
    "C69",
    "C7b9",
    "C7#9",
    "C7#11",
    "Cmaj7#11",
    "C9sus4",
    "C11",
    "Cm11",
    "C13",
    "Cmaj13",
    "C5",
]


@pytest.mark.parametrize("name", CHORDS)
@pytest.mark.parametrize("root", range(12))
def test_every_type_on_every_root_is_named_and_read_back(name: str, root: int) -> None:
    chord = parse_chord(name).transposed(root)
    heard = recognise([48 + root + (tone - root) % 12 for tone in chord.tones])
    assert heard is not None
    assert heard.is_exact
    assert heard.inversion == 0
    assert parse_chord(heard.name).tones == chord.tones
    assert heard.name == heard.root + name[1:]


@pytest.mark.parametrize(
    ("pitches", "name", "bass", "inversion"),
    [
        ([57, 60, 64], "Am", "A", 0),
        ([60, 64, 69], "Am/C", "C", 1),
        ([64, 69, 72], "Am/E", "E", 2),
        ([60, 64, 67, 69], "C6", "C", 0),
        ([57, 60, 64, 67], "Am7", "A", 0),
        ([58, 60, 64, 67], "C7/Bb", "Bb", 3),
        ([54, 60, 64, 67], "C/F#", "F#", -1),
        ([36, 67, 72, 76, 84], "C", "C", 0),
    ],
)
def test_inversions_and_foreign_basses(pitches: list[int], name: str, bass: str, inversion: int) -> None:
    heard = recognise(pitches)
    assert heard is not None
    assert (heard.name, heard.bass, heard.inversion) == (name, bass, inversion)


@pytest.mark.parametrize(
    ("pitches", "name"), [([60, 64], "C"), ([60, 63], "Cm"), ([60, 64, 70], "C7"), ([60, 63, 70], "Cm7")]
)
def test_a_left_out_fifth_is_meant(pitches: list[int], name: str) -> None:
    heard = recognise(pitches)
    assert heard is not None
    assert (heard.name, heard.is_exact) == (name, False)


def test_nothing_is_no_chord() -> None:
    assert recognise([]) is None


@given(st.sets(st.integers(0, 127), min_size=1))
def test_any_handful_gets_a_name_that_can_be_read_and_whose_bass_is_the_lowest(pitches: set[int]) -> None:
    heard = recognise(pitches)
    assert heard is not None
    chord = parse_chord(heard.name)
    assert chord.bass == min(pitches) % 12
    assert heard.is_exact == (chord.tones == {pitch % 12 for pitch in pitches})
