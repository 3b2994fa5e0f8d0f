"""Chords -> text, bar by bar, as `parse_chords` reads it; and progressions in another key. Pure Python."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msanii.music.chords import ChordSpan, Meter, parse_chords
from msanii.music.harmony import NOTE

_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_PITCHES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NEAR = 1e-6


def bar_texts(spans: Sequence[ChordSpan], meter: Meter, bars: int) -> list[str]:
    """Return the chords of each of `bars` bars, of a progression that repeats; `Am` or `Am:2 F:2`."""
    bar_beats = float(meter.bar_beats)
    return [_bar_text(spans, bar * bar_beats, bar_beats) for bar in range(bars)]


def progression_text(spans: Sequence[ChordSpan], meter: Meter) -> str:
    """Return the text of chords without gaps; once, if they repeat by whole bars."""
    if not spans:
        return ""
    count = math.ceil(spans[-1].end_beats / float(meter.bar_beats) - _NEAR)
    return joined_bars(bar_texts(spans, meter, count))


def joined_bars(bars: Sequence[str]) -> str:
    """Return the text of chords given by bar; once, if they repeat."""
    period = next(
        size
        for size in range(1, len(bars) + 1)
        if all(bars[bar] == bars[bar % size] for bar in range(len(bars)))
    )
    return " ".join(bars[:period])


def transposed_chords(text: str, semitones: int, *, key: str, meter: Meter) -> str:
    """Return a progression moved by semitones, its roots in flats and F#; chords by degree become names.

    Raises ChordError for text that cannot be read.
    """
    spans = parse_chords(text, key=key, meter=meter)
    if not spans:
        return ""
    moved = [
        ChordSpan(
            start_beats=span.start_beats,
            end_beats=span.end_beats,
            chord=span.chord.transposed(semitones).renamed(_moved(span.chord.text, semitones)),
        )
        for span in spans
    ]
    return progression_text(moved, meter)


def _moved(name: str, semitones: int) -> str:
    """The name of a chord with another root and bass; N.C. stays."""
    body, slash, bass = name.rpartition("/")
    if slash and NOTE.fullmatch(bass):
        return f"{_moved(body, semitones)}/{_moved(bass, semitones)}"
    root = NOTE.match(name)
    if root is None or name.startswith("N"):
        return name
    pitch = _PITCHES[root[1]] + root[2].count("#") - root[2].count("b")
    return _ROOTS[(pitch + semitones) % 12] + name[root.end() :]


def _bar_text(spans: Sequence[ChordSpan], start: float, bar_beats: float) -> str:
    period, place = spans[-1].end_beats, start
    pieces: list[str] = []
    while place < start + bar_beats - _NEAR:
        turn = place % period
        if period - turn < _NEAR:
            turn = 0.0
        span = next(one for one in spans if turn < one.end_beats - _NEAR)
        length = min(span.end_beats - turn, start + bar_beats - place)
        is_whole = abs(length - bar_beats) < _NEAR
        pieces.append(span.chord.text if is_whole else f"{span.chord.text}:{round(length, 6):g}")
        place += length
    return " ".join(pieces)
