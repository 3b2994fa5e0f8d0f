"""Chord text, Roman numerals and Harte's syntax."""

from __future__ import annotations

import contextlib
import time

import mir_eval.chord
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msanii.errors import ChordError
from msanii.limits import MOST_CHORD_CHARACTERS
from msanii.music.chords import (
    MAX_CHORDS,
    NO_CHORD,
    Meter,
    canonical_chords,
    canonical_key,
    parse_chord,
    parse_chords,
    parse_pop909_chord,
)

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def tones(text: str, key: str = "") -> list[int]:
    return sorted(parse_chord(text, key=key).tones)


def roots(text: str, key: str = "") -> list[int | None]:
    return [span.chord.root for span in parse_chords(text, key=key)]


def starts(text: str, meter: Meter | None = None) -> list[float]:
    spans = parse_chords(text, meter=meter or Meter())
    return [span.start_beats for span in spans] + [spans[-1].end_beats]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C", [0, 4, 7]),
        ("Am", [0, 4, 9]),
        ("F#m7", [1, 4, 6, 9]),
        ("G7", [2, 5, 7, 11]),
        ("Cmaj7", [0, 4, 7, 11]),
        ("CM7", [0, 4, 7, 11]),
        ("CΔ", [0, 4, 7, 11]),
        ("Cm7b5", [0, 3, 6, 10]),
        ("Cø", [0, 3, 6, 10]),
        ("Cdim7", [0, 3, 6, 9]),
        ("C°", [0, 3, 6]),
        ("Bb+", [2, 6, 10]),
        ("B♭m", [1, 5, 10]),
        ("F♯", [1, 6, 10]),
        ("Csus", [0, 5, 7]),
        ("C7sus4", [0, 5, 7, 10]),
        ("Csus2", [0, 2, 7]),
        ("C6", [0, 4, 7, 9]),
        ("C6/9", [0, 2, 4, 7, 9]),
        ("C6/9/G", [0, 2, 4, 7, 9]),
        ("Cadd9", [0, 2, 4, 7]),
        ("Cmadd9", [0, 2, 3, 7]),
        ("C9", [0, 2, 4, 7, 10]),
        ("Cmaj9", [0, 2, 4, 7, 11]),
        ("Cm11", [0, 2, 3, 5, 7, 10]),
        ("C13", [0, 2, 4, 7, 9, 10]),
        ("C7b9", [0, 1, 4, 7, 10]),
        ("C7(b9,#5)", [0, 1, 4, 8, 10]),
        ("Cmaj7#11", [0, 4, 6, 7, 11]),
        ("C7alt", [0, 1, 3, 4, 8, 10]),
        ("C5", [0, 7]),
        ("Cmaj7no3", [0, 7, 11]),
        ("CmM7", [0, 3, 7, 11]),
        ("Cb", [3, 6, 11]),
        ("E#", [0, 5, 9]),
        ("F##", [2, 7, 11]),
    ],
)
def test_chord_types_give_their_tones(text: str, expected: list[int]) -> None:
    assert tones(text) == expected


def test_slash_bass_is_kept_and_counts_as_a_tone() -> None:
    inversion, foreign = parse_chord("Cmaj7/E"), parse_chord("C/D")
    assert (inversion.root, inversion.bass, sorted(inversion.tones)) == (0, 4, [0, 4, 7, 11])
    assert (foreign.root, foreign.bass, sorted(foreign.tones)) == (0, 2, [0, 2, 4, 7])


@pytest.mark.parametrize("text", ["N.C.", "NC", "n.c.", "N"])
def test_no_chord_has_neither_root_nor_tones(text: str) -> None:
    assert parse_chord(text) == NO_CHORD
    assert NO_CHORD.root is None
    assert NO_CHORD.transposed(3) == NO_CHORD


def test_one_chord_lasts_one_bar_of_the_meter() -> None:
    assert starts("Am F C G") == [0, 4, 8, 12, 16]
    assert starts("Am F", Meter(numerator=6, denominator=8)) == [0, 3, 6]
    assert starts("Am F", Meter(numerator=7, denominator=8)) == [0, 3.5, 7]


def test_lengths_are_quarter_notes() -> None:
    assert starts("Dm7:2 G7:2 C") == [0, 2, 4, 8]
    assert starts("Am:1.5 F:0.5") == [0, 1.5, 2]


@pytest.mark.parametrize(
    "text", ["Am F C G", "Am, F, C, G", "Am - F - C – G", "| Am F C G |", "Am | F | C | G"]
)
def test_separators_do_not_change_one_chord_a_bar(text: str) -> None:
    assert starts(text) == [0, 4, 8, 12, 16]
    assert roots(text) == [9, 5, 0, 7]


def test_bar_lines_share_a_bar_among_its_chords() -> None:
    assert starts("Am F | C | Dm:1 G:2 C |") == [0, 2, 4, 8, 9, 11, 12]


def test_a_bar_that_its_lengths_do_not_fill_is_refused() -> None:
    with pytest.raises(ChordError, match=r"bar 2 do not fill it; in 4/4 a bar has 4 quarter notes"):
        parse_chords("Am | F:3 | C")
    with pytest.raises(ChordError, match="bar 1 do not fill it"):
        parse_chords("Am:4 F | C")


def test_percent_repeats_the_chord_before() -> None:
    assert roots("Am % F %") == [9, 9, 5, 5]
    with pytest.raises(ChordError, match="no chord before it"):
        parse_chords("% Am")


def test_empty_text_is_an_empty_progression() -> None:
    assert parse_chords("") == ()
    assert parse_chords(" | ") == ()


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("ii V I", "Eb major", [5, 10, 3]),
        ("I vi IV V", "C", [0, 9, 5, 7]),
        ("i VI III VII", "A minor", [9, 5, 0, 7]),
        ("i bVI bIII bVII", "Am", [9, 5, 0, 7]),
        ("I bVII IV", "D", [2, 0, 7]),
        ("V7/V V7 I", "C major", [2, 7, 0]),
        ("vii° i", "A minor", [8, 9]),
        ("#ivo I", "C", [6, 0]),
        ("i IV", "D dorian", [2, 7]),
    ],
)
def test_roman_numerals_stand_on_the_degrees_of_the_key(text: str, key: str, expected: list[int]) -> None:
    assert roots(text, key) == expected


@pytest.mark.parametrize(
    ("numeral", "letters"),
    [
        ("ii7", "Dm7"),
        ("ii", "Dm"),
        ("V7", "G7"),
        ("Imaj7", "Cmaj7"),
        ("viiø7", "Bm7b5"),
        ("vii°", "Bdim"),
        ("iim7", "Dm7"),
        ("iimaj7", "DmM7"),
        ("Vsus4", "Gsus4"),
        ("vi/C", "Am/C"),
        ("bVIImaj7", "Bbmaj7"),
        ("V7/ii", "A7"),
    ],
)
def test_roman_numerals_equal_the_letters_they_stand_for(numeral: str, letters: str) -> None:
    roman, plain = parse_chord(numeral, key="C major"), parse_chord(letters)
    assert (roman.root, roman.bass, roman.tones) == (plain.root, plain.bass, plain.tones)


def test_an_unknown_chord_has_the_promised_error() -> None:
    with pytest.raises(ChordError) as caught:
        parse_chords("Am F X7")
    assert str(caught.value) == (
        "`X7` in bar 3: not a chord I know; a chord begins with its root, A to G: "
        "write `Am`, `F#m7`, `Bb/D`, or `N.C.` for none"
    )


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("Am Cfoo", "", r"`Cfoo` in bar 2: not a chord I know; `foo` is no chord type"),
        ("ii V I", "", r"`ii` in bar 1: a Roman numeral needs a key"),
        ("ii V I", "C pentatonic", r"has no place in the key `C pentatonic`"),
        ("Am", "X major", r"key: got `X major`, expected a root and a mode"),
        ("Am:0", "", r"`Am:0` in bar 1: the length is `0`, expected 0.125 to 256"),
        ("Am:-1", "", "the length is `-1`"),
        ("Am:nan", "", "the length is `nan`"),
        ("Am:1e9", "", "the length is `1e9`"),
        ("Am:", "", "the length is ``"),
        ("V" + "/V" * 2_000, "C", "at most 32 characters"),
        ("C" + "\x00" * 3, "", r"`C\?\?\?`"),
    ],
)
def test_bad_text_is_named_with_what_was_expected(text: str, key: str, message: str) -> None:
    with pytest.raises(ChordError, match=message):
        parse_chords(text, key=key)


def test_an_unknown_scale_is_fine_for_letter_chords() -> None:
    assert roots("Am F", "A minor pentatonic") == [9, 5]


def test_text_and_chord_counts_are_capped() -> None:
    with pytest.raises(ChordError, match="4097 characters"):
        parse_chords("C" * (MOST_CHORD_CHARACTERS + 1))
    with pytest.raises(ChordError, match="at most 1024"):
        parse_chords("C " * (MAX_CHORDS + 1))
    assert len(parse_chords("C " * MAX_CHORDS)) == MAX_CHORDS


@pytest.mark.parametrize("piece", ["(", "C(", "C,(", "|", "C|", ":", "/", "b", "C7(b9", "V/"])
def test_the_longest_hostile_text_is_parsed_quickly(piece: str) -> None:
    start = time.thread_time()
    with contextlib.suppress(ChordError):
        parse_chords(piece * (MOST_CHORD_CHARACTERS // len(piece)), key="C")
    assert time.thread_time() - start < 1.0


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Am F C G", "Am F C G"),
        (" Am,  F;\tC\n-> G ", "Am F C G"),
        ("| Am F | C:4 ||", "Am F|C:4"),
        ("C♯m7 – B♭/D", "C#m7 Bb/D"),
        ("Am % F:2.5", "Am % F:2.5"),
        ("", ""),
    ],
)
def test_a_progression_has_one_spelling(text: str, canonical: str) -> None:
    assert canonical_chords(text) == canonical


def test_text_that_is_no_progression_has_no_spelling() -> None:
    with pytest.raises(ChordError, match="X7"):
        canonical_chords("Am X7")
    with pytest.raises(ChordError, match="needs a key"):
        canonical_chords("ii V I")
    assert canonical_chords("ii V I", key="Eb major") == "ii V I"


def test_an_error_repeats_little_of_a_long_text() -> None:
    with pytest.raises(ChordError) as caught:
        parse_chords("H" * MOST_CHORD_CHARACTERS)
    assert len(str(caught.value)) < 200


_METERS = st.sampled_from([Meter(), Meter(numerator=3), Meter(numerator=6, denominator=8)])
_KEYS = st.sampled_from(["", "C", "F#m", "A harmonic minor", "H dur", "H moll", "Hm"])
_WRITTEN = [
    "Am", "am", "F-C", "Hm", "Esus4", "Fis", "Do", "Re", "Solm7", "C^7", "Ah7", "D-7", "C/e", "C", "A",
    "major", "minor", "moll", "N.C.", "5/7", "6-", "1", "4", "V65/V", "I64", "bII6", "ii", "vii°6",
    "|", "|:", ":|", "%", "/", ".", "x2", "(x3)", "-", ":", ":2",
]  # fmt: skip
# Pieces that people write, so that many texts are read, and any letters between them.
_PIECES = st.one_of(
    st.sampled_from(_WRITTEN),
    st.text(alphabet="ABCGHIVivb#♭m7+-°/()|:%., 0519dimsus\n\x00é", max_size=6),
)


@settings(max_examples=500)
@given(st.lists(st.tuples(_PIECES, st.sampled_from([" ", "", "\n"])), max_size=14), _KEYS, _METERS)
def test_what_is_written_out_is_read_back_the_same(
    pieces: list[tuple[str, str]], key: str, meter: Meter
) -> None:
    text = "".join(piece + between for piece, between in pieces)
    try:
        spans = parse_chords(text, key=key, meter=meter)
    except ChordError:
        return
    position = 0.0
    for span in spans:
        assert span.start_beats == pytest.approx(position)
        assert span.end_beats > span.start_beats
        position = span.end_beats
    canonical, known_key = canonical_chords(text, key=key, meter=meter), canonical_key(key)
    assert parse_chords(canonical, key=known_key, meter=meter) == spans
    assert canonical_chords(canonical, key=known_key, meter=meter) == canonical
    assert canonical_key(known_key) == known_key


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        ("H moll", "B minor"),
        ("H dur", "B major"),
        ("Hm", "Bm"),
        ("H", "B"),
        ("Bb", "Bb"),
        ("", ""),
        ("Am", "Am"),
    ],
)
def test_a_key_of_h_is_one_of_b_beside_canonical_chords(key: str, canonical: str) -> None:
    assert canonical_key(key) == canonical


def test_chords_with_h_are_read_back_in_a_key_of_h() -> None:
    chords, key = canonical_chords("Hm Em", key="H moll"), canonical_key("H moll")
    assert [span.chord.root for span in parse_chords(chords, key=key)] == [11, 4]


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["", "m", "7", "maj7", "m7b5", "dim7", "sus4", "6/9", "7(b9,#5)", "add9", "-7", "Δ7"]),
    st.sampled_from(["", *NAMES]),
)
def test_a_chord_names_itself(root: str, chord_type: str, bass: str) -> None:
    chord = parse_chord(root + chord_type + (f"/{bass}" if bass else ""))
    assert parse_chord(chord.text) == chord


@pytest.mark.parametrize("semitones", [-5, 0, 6, 12])
def test_transposed_moves_everything_alike(semitones: int) -> None:
    name = NAMES[semitones % 12]
    moved, expected = (
        parse_chord("Cm7/G").transposed(semitones),
        parse_chord(f"{name}m7/{NAMES[(7 + semitones) % 12]}"),
    )
    assert (moved.root, moved.bass, moved.tones) == (expected.root, expected.bass, expected.tones)


@pytest.mark.parametrize(
    ("harte", "letters"),
    [
        ("B:maj", "B"),
        ("Eb:min/b3", "Ebm/Gb"),
        ("F#:maj7/5", "F#maj7/C#"),
        ("D:min7/b7", "Dm7/C"),
        ("C:maj7/7", "Cmaj7/B"),
        ("G:sus4(b7)", "G7sus4"),
        ("A:hdim7", "Am7b5"),
        ("A:minmaj7", "AmM7"),
        ("C:maj6", "C6"),
        ("C:maj(9)", "Cadd9"),
        ("C:7(*5)", "C7no5"),
        ("C:(1,4,5)", "Csus4"),
        ("C", "C"),
    ],
)
def test_harte_syntax_equals_the_letters_it_stands_for(harte: str, letters: str) -> None:
    read, plain = parse_pop909_chord(harte), parse_chord(letters)
    assert (read.root, read.bass, read.tones) == (plain.root, plain.bass, plain.tones)


@pytest.mark.parametrize("bass", ["", "/3", "/5", "/b7"])
@pytest.mark.parametrize("root", NAMES)
def test_harte_syntax_is_read_as_mir_eval_reads_it(root: str, bass: str) -> None:
    # mir_eval keeps the tones beyond the octave apart from the chord.
    within_the_octave = [
        name for name in mir_eval.chord.QUALITIES if name and not name.endswith(("9", "11", "13"))
    ]
    assert len(within_the_octave) == 16
    for quality in within_the_octave:
        harte = f"{root}:{quality}{bass}"
        number, tones, above = mir_eval.chord.encode(harte)
        chord = parse_pop909_chord(harte)
        lowest = (number + above) % 12
        assert (chord.root, chord.bass) == (number, lowest)
        assert chord.tones == {(number + tone) % 12 for tone in np.flatnonzero(tones)} | {lowest}


@pytest.mark.parametrize("text", ["N", "X"])
def test_harte_without_a_chord_is_no_chord(text: str) -> None:
    assert parse_pop909_chord(text) == NO_CHORD


@pytest.mark.parametrize("text", ["", "H:maj", "C:foo", "C:maj/99", "C:maj/b", "C:maj(b)", "Cm"])
def test_bad_harte_is_refused(text: str) -> None:
    with pytest.raises(ChordError):
        parse_pop909_chord(text)
