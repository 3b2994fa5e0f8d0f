"""Chords as people write them: each spelling has its pitch classes, or a word on what to write instead."""

from __future__ import annotations

import pytest

from msanii.errors import ChordError
from msanii.limits import MOST_CHORD_CHARACTERS
from msanii.music.chords import Meter, canonical_chords, parse_chord, parse_chords

THREE_FOUR, SIX_EIGHT = Meter(numerator=3), Meter(numerator=6, denominator=8)
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
PITCH_CLASSES = {name: number for number, name in enumerate(NAMES)}


def sounding(text: str, key: str = "") -> list[tuple[set[int], int | None]]:
    return [(set(span.chord.tones), span.chord.bass) for span in parse_chords(text, key=key)]


def lengths(text: str, meter: Meter | None = None) -> list[tuple[int | None, float]]:
    spans = parse_chords(text, meter=meter or Meter())
    return [(span.chord.root, span.end_beats - span.start_beats) for span in spans]


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        # Lower case that says its third, and capital words.
        ("am", "A C E"), ("bbm", "A# C# F"), ("f#m7", "F# A C# E"), ("cmaj7", "C E G B"), ("dsus4", "D G A"),
        ("bdim", "B D F"), ("am/c", "C A E"), ("ebm7b5", "D# F# A C#"), ("caug", "C E G#"), ("e5", "E B"),
        # Words beside the root.
        ("C major", "C E G"), ("A minor", "A C E"), ("A min", "A C E"), ("F maj", "F A C"),
        ("C maj7", "C E G B"), ("E flat major", "D# G A#"), ("F sharp minor", "F# A C#"),
        ("E-flat", "D# G A#"),
        ("B diminished", "B D F"), ("C augmented", "C E G#"), ("A moll", "A C E"), ("C-Dur", "C E G"),
        # German.
        ("H", "B D# F#"), ("Hm", "B D F#"), ("H7", "B D# F# A"), ("hm", "B D F#"), ("Fis", "F# A# C#"),
        ("Fism7", "F# A C# E"), ("Cism", "C# E G#"), ("Es", "D# G A#"), ("As7", "G# C D# F#"),
        ("Des", "C# F G#"),
        ("Esus4", "E A B"), ("Asus2", "A B E"), ("B", "B D# F#"), ("G/H", "G B D"),
        # Band-in-a-Box, iReal, fake books, Brazil.
        ("C^7", "C E G B"), ("C^", "C E G B"), ("C^9", "C D E G B"), ("Ah7", "A C D# G"), ("D-7", "D F A C"),
        ("C-^7", "C D# G B"), ("CMaj7", "C E G B"), ("CMA7", "C E G B"), ("CMI7", "C D# G A#"),
        ("CMIN7", "C D# G A#"), ("CmMaj7", "C D# G B"), ("Cmin(Maj7)", "C D# G B"), ("C7M", "C E G B"),
        ("Cm7M", "C D# G B"), ("C△7", "C E G B"), ("CM9", "C D E G B"), ("C⁷", "C E G A#"),
        ("Co7", "C D# F# A"),
        ("CSUS4", "C F G"), ("CDIM", "C D# F#"), ("C7SUS4", "C F G A#"), ("C69", "C D E G A"),
        ("Cmaj6/9", "C D E G A"), ("C13#11", "C D E F# G A A#"), ("C7#9", "C D# E G A#"),
        ("Cm7(11)", "C D# F G A#"), ("C9sus4", "C D F G A#"), ("C7b9sus4", "C C# F G A#"),
        ("E7+9", "E G G# B D"), ("E7-9", "E F G# B D"), ("Cm7-5", "C D# F# A#"), ("C-7b5", "C D# F# A#"),
        ("Cadd2", "C D E G"), ("C2", "C D E G"), ("Csus", "C F G"), ("Cm6", "C D# G A"), ("C+7", "C E G# A#"),
        ("Cmaj7#5", "C E G# B"), ("C7alt", "C C# D# E G# A#"), ("Cdim7", "C D# F# A"),
        ("C11", "C D E F G A#"),
        ("Cmaj13", "C D E G A B"), ("C(add9)", "C D E G"), ("Cm(add9)", "C D D# G"), ("C7no5", "C E A#"),
        ("Bb/D", "A# D F"), ("C/Bb", "C E G A#"), ("B♭m7", "A# C# F G#"), ("F♯°7", "F# A C D#"),
        ("C♮", "C E G"), ("C-maj7", "C D# G B"),
        # Do, Re, Mi, which another chord than Do must show.
        ("Re", "D F# A"), ("Lam7", "A C E G"), ("Sol7", "G B D F"), ("Sib", "A# D F"), ("Fa#m", "F# A C#"),
        ("Mib/Sol", "D# G A#"), ("Ré", "D F# A"), ("mim", "E G B"),
    ],
)  # fmt: skip
def test_a_spelling_has_its_tones(text: str, tones: str) -> None:
    ((heard, _),) = sounding(text)
    assert heard == {PITCH_CLASSES[name] for name in tones.split()}


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("am F C G", "Am F C G"),
        ("Am-F-C-G", "Am F C G"),
        ("Am–F–C–G", "Am F C G"),
        ("am-dm-Em", "Am Dm Em"),
        ("Am->F→C", "Am F C"),
        ("A-7-D7-GM7", "A-7 D7 GM7"),
        ("Cm7-5 F-7", "Cm7-5 F-7"),
        ("C-add9 C-maj7", "C-add9 C-maj7"),
        ("C^7 Ah7 D-7 G7", "CΔ7 Ah7 D-7 G7"),
        ("H Bb Fis", "B Bb F#"),
        ("Do Sol Lam Fa", "C G Am F"),
        ("Do7 Ddim", "Do7 Ddim"),
        ("C major A minor", "Cmajor Aminor"),
        ("Am x4", "Am Am Am Am"),
        ("Am F x2", "Am F Am F"),
        ("Am (x2) F 2x", "Am Am F F"),
        ("Am F\nC G x2", "Am F C G C G"),
        ("|: Am F C G :|", "Am F C G Am F C G"),
        ("| Am F C G | x2", "Am F C G Am F C G"),
        ("|: Am F :| x3", "Am F Am F Am F"),
        ("|: Am | F :| C", "Am|F|Am|F|C"),
        ("Am | F :|: C | G :|", "Am|F|Am|F|C|G|C|G"),
        ("|: Am | F :| x3", "Am|F|Am|F|Am|F"),
        ("Am x2 | F x2 |", "Am|Am|F|F"),
        ("Am F | % | C", "Am F|Am F|C"),
        ("Am | F\nC | G", "Am|F|C|G"),
        ("Am / / / | F / / /", "Am|F"),
        ("Am / F / | C . . .", "Am:2 F:2|C"),
        ("Am / / / | / / G /", "Am|%:2 G:2"),
        ("Am / / /", "Am:4"),
        ("|Am:2 F:2|C|", "Am:2 F:2|C"),
    ],
)
def test_habits_of_the_page_are_written_out(text: str, canonical: str) -> None:
    assert canonical_chords(text) == canonical


def test_slashes_are_beats() -> None:
    assert lengths("Am / / F / /", THREE_FOUR) == [(9, 3.0), (5, 3.0)]
    assert lengths("Am / F /", SIX_EIGHT) == [(9, 3.0), (5, 3.0)]
    assert lengths("Am / / F / / | C / / / / /", SIX_EIGHT) == [(9, 1.5), (5, 1.5), (0, 3.0)]


@pytest.mark.parametrize(
    ("text", "key", "letters"),
    [
        ("I64 V7 I", "C", "C/G G7 C"),
        ("I6/4 V7", "C", "C/G G7"),
        ("bII6", "C", "Db/F"),
        ("V65 V43 V42", "C", "G7/B G7/D G7/F"),
        ("ii6 I6 vii°6", "C", "Dm/F C/E Bdim/D"),
        ("ii65 IV65 I65", "C", "Dm7/F Fmaj7/A Cmaj7/E"),
        ("viiø65 V65/V", "C", "Bm7b5/D D7/F#"),
        ("vii°65 i6 V42", "A minor", "G#dim7/B Am/C E7/D"),
        ("Iadd6 I6/9", "C", "C6 C6/9"),
        ("I/3 I/5 i/3", "C", "C/E C/G Cm/E"),
        ("i/3", "C minor", "Cm/Eb"),
        ("I–V–vi–IV", "eb major", "Eb Bb Cm Ab"),
        ("1 4 5", "C", "C F G"),
        ("1-4-5", "C", "C F G"),
        ("1 5 6m 4", "G", "G D Em C"),
        ("6- 2dom7 57 1maj7", "C", "Am D7 G7 Cmaj7"),
        ("1 5/7 b7 4/E", "C", "C G/B Bb F/E"),
        ("1m 4m 5dom7 3", "am", "Am Dm E7 C"),
        ("V VII", "A harmonic minor", "E G#"),
        ("IV", "A melodic minor", "D"),
        ("I", "H dur", "B"),
        ("i", "a moll", "Am"),
        ("I", "Fis-Dur", "F#"),
    ],
)
def test_degrees_equal_the_letters_they_stand_for(text: str, key: str, letters: str) -> None:
    assert sounding(text, key) == sounding(letters)


@pytest.mark.parametrize(
    ("text", "key", "word"),
    [
        ("Am f", "", "`f` in bar 2: lower case alone may be major or minor; write `F` for major, or `Fm`"),
        ("g7", "", "write `G7` for major, or `Gm7` for minor"),
        ("am b7", "E minor", "write `B7` for major, or `Bm7` for minor"),
        ("H B", "", "write `Bb` for B flat, or B instead of H"),
        ("G/H B", "", "write `Bb` for B flat"),
        ("B", "H dur", "write `Bb` for B flat"),
        ("B dur", "", "write `Bb`, or `B` for H"),
        ("b moll", "", "write `Bbm`, or `Bm` for H"),
        ("I", "B dur", "write `Bb major` or, for H, `B major`"),
        ("I", "c", "write `C` or `Cm`"),
        ("1 5 6 4", "C", "`6` in bar 3: the key's own chord there is not major; write `6m` for minor"),
        ("27", "C", "write `2m7` for minor, or `2dom7` for major"),
        ("1 4 5", "", "`1` in bar 1: a number needs a key"),
        ("1564", "C", "put a blank between numbers"),
        ("V/3", "C", r"write the bass as a note, such as `V/E`, or an inversion as `V6` or `V64`"),
        ("Do C Re", "", "`C` in bar 2: stands among Do, Re, Mi"),
        ("[Verse] Am", "", "leave brackets and section names out"),
        ("(Am)", "", "write the chord alone, such as `Am`"),
        ("C m7", "", "write it at its root without a blank: `Cm7`"),
        ("1. Am", "", "write endings and repeats out"),
        ("Am/F/C", "", "one bass note goes after a slash, as in `C/E`"),
        ("Am / F / C / G", "", "without slashes `Am F` for a bar each"),
        ("Am / F | C", "", "3 chords and slashes in bar 1, expected one for each of the beats of 4/4"),
        ("Am:2 / F /", "", "a length beside slashes"),
        ("Am x0", "", "got `x0`, expected x2"),
        ("x2", "", "nothing before it to repeat"),
        (":|", "", "nothing before it to repeat"),
    ],
)  # fmt: skip
def test_what_has_two_meanings_is_refused_with_what_to_write(text: str, key: str, word: str) -> None:
    with pytest.raises(ChordError) as caught:
        parse_chords(text, key=key)
    assert word in str(caught.value)


@pytest.mark.parametrize("text", ["Am x9999", "|: C | D :| x9999", "C x64 " * 40])
def test_repeats_are_bounded(text: str) -> None:
    with pytest.raises(ChordError, match="expected at most 1024; a progression repeats by itself"):
        parse_chords(text)


def test_bars_on_lines_of_their_own_count_as_chords_alone() -> None:
    assert len(parse_chords("C |\n" * 1_000)) == 1_000


def test_a_text_that_is_too_long_when_written_out_is_refused() -> None:
    with pytest.raises(ChordError, match=f"expected at most {MOST_CHORD_CHARACTERS}; leave repeats out"):
        canonical_chords("Cmaj7#11/F# x1000")


def test_a_single_chord_is_read_alike() -> None:
    assert parse_chord("hm") == parse_chord("Bm")
    assert parse_chord("V65", key="c moll") == parse_chord("V65", key="C minor")
