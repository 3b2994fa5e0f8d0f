"""Recognising the progression that parts play."""

from __future__ import annotations

import math

import pytest

from msanii.music.chord_texts import progression_text
from msanii.music.chords import Meter, parse_chords
from msanii.music.midi_notes import BeatNote
from msanii.music.progression_recognition import recognise_progression

FOUR = Meter()
WALTZ = Meter(numerator=3, denominator=4)
SIX_EIGHT = Meter(numerator=6, denominator=8)


def block(chords: str, meter: Meter, octave: int = 60) -> list[BeatNote]:
    """Each chord struck on every beat, with its root an octave below."""
    notes: list[BeatNote] = []
    for span in parse_chords(chords, meter=meter):
        pitches = [octave + tone for tone in span.chord.tones]
        if span.chord.root is not None:
            pitches.append(octave - 12 + span.chord.root)
        steps = math.ceil(span.end_beats - span.start_beats)
        onsets = [span.start_beats + step for step in range(steps)]
        notes += [(onset, min(onset + 1, span.end_beats), pitch, 80) for onset in onsets for pitch in pitches]
    return notes


def broken(chords: str, meter: Meter) -> list[BeatNote]:
    """The tones of each chord one after the other, in eighths, from the root up and round."""
    notes: list[BeatNote] = []
    for span in parse_chords(chords, meter=meter):
        assert span.chord.root is not None
        root = span.chord.root
        tones = sorted(span.chord.tones, key=lambda tone: (tone - root) % 12)
        steps = round((span.end_beats - span.start_beats) * 2)
        for step in range(steps):
            onset = span.start_beats + step / 2
            notes.append((onset, onset + 0.5, 48 + root + (tones[step % len(tones)] - root) % 12, 80))
    return notes


@pytest.mark.parametrize(
    ("chords", "meter", "bars"),
    [
        ("Am F C G", FOUR, 4),
        ("C:2 G:2 Am F", FOUR, 3),
        ("Dm7 G7 Cmaj7 F", FOUR, 4),
        ("Em C D", WALTZ, 3),
        ("Bm G D A", SIX_EIGHT, 4),
        ("Csus4 C Fsus2 Bdim", FOUR, 4),
    ],
)
def test_struck_chords_are_named_with_their_lengths(chords: str, meter: Meter, bars: int) -> None:
    spans = recognise_progression({"keys": block(chords, meter)}, meter, bars)
    expected = parse_chords(chords, meter=meter)
    assert [(span.start_beats, span.end_beats) for span in spans] == [
        (one.start_beats, one.end_beats) for one in expected
    ]
    assert [span.chord.tones for span in spans] == [one.chord.tones for one in expected]


@pytest.mark.parametrize(("chords", "meter", "bars"), [("Am F C G", FOUR, 4), ("Em C D", WALTZ, 3)])
def test_broken_chords_with_a_melody_and_a_bass_are_heard_as_one(
    chords: str, meter: Meter, bars: int
) -> None:
    spans = parse_chords(chords, meter=meter)
    bass = [(one.start_beats, one.end_beats, 36 + (one.chord.root or 0), 90) for one in spans]
    # A passing note on every off-beat is no part of the harmony.
    melody = [(one.start_beats + 0.5, one.start_beats + 0.75, 74, 70) for one in spans]
    parts = {"keys": broken(chords, meter), "bass": bass, "lead": melody}
    found = recognise_progression(parts, meter, bars)
    assert [span.chord.root for span in found] == [span.chord.root for span in spans]


def test_drums_alone_play_no_chords() -> None:
    kick = [(float(beat), beat + 0.25, 36, 100) for beat in range(16)]
    assert recognise_progression({"drums": kick, "drums_2": kick}, FOUR, 4) == ()
    assert progression_text((), FOUR) == ""


def test_bars_of_silence_go_on_with_the_chord_before_them() -> None:
    spans = recognise_progression({"keys": block("Am", FOUR)}, FOUR, 3)
    assert [(span.chord.text, span.end_beats) for span in spans] == [("Am", 12.0)]


@pytest.mark.parametrize(
    ("chords", "meter", "text"),
    [
        ("Am F C G", FOUR, "Am F C G"),
        ("Am F Am F", FOUR, "Am F"),
        ("C C C C", FOUR, "C"),
        ("C:2 G:2 Am C:2 G:2 F", FOUR, "C:2 G:2 Am C:2 G:2 F"),
        ("Am:8 F", FOUR, "Am Am F"),
        ("Em C D", WALTZ, "Em C D"),
        ("A:1.5 D:1.5 E", SIX_EIGHT, "A:1.5 D:1.5 E"),
    ],
)
def test_the_text_of_a_progression_is_read_as_the_same_chords(chords: str, meter: Meter, text: str) -> None:
    spans = parse_chords(chords, meter=meter)
    assert progression_text(spans, meter) == text
    again = parse_chords(text, meter=meter)
    assert again[0].chord.tones == spans[0].chord.tones
