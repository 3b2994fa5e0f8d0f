"""How a progression is understood, chord by chord."""

from __future__ import annotations

from bridge.messages import Argument
from msanii.errors import ChordError
from msanii.music.chords import Chord, Meter, parse_chords

# Enough to show, and for a datagram; a progression of a whole song goes on like this.
MOST_SHOWN = 64
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")


def understood_chords(text: str, key: str, meter: str) -> tuple[Argument, ...]:
    """Return "" and, for each chord, its start and end in quarter notes, its name and its notes.

    The notes are in one text, from the bass up. For a text that cannot be read, return only why. `meter` is
    such as 6/8.
    """
    numerator, denominator = map(int, meter.split("/"))
    try:
        spans = parse_chords(text, key=key, meter=Meter(numerator=numerator, denominator=denominator))
    except ChordError as error:
        return (str(error),)
    words: list[Argument] = [""]
    for span in spans[:MOST_SHOWN]:
        words += [float(span.start_beats), float(span.end_beats), span.chord.text, _notes(span.chord)]
    return tuple(words)


def _notes(chord: Chord) -> str:
    """The names of a chord's notes, the bass first; with flats where its name has some."""
    if chord.bass is None:
        return ""
    names = (
        _FLATS if "b" in chord.text[:2] or any(f"/{letter}b" in chord.text for letter in "ABDEG") else _SHARPS
    )
    lowest = chord.bass
    return " ".join(names[tone] for tone in sorted(chord.tones, key=lambda tone: (tone - lowest) % 12))
