"""Endless music is composed a bar at a time, each bar to those before it. Times are beats from bar 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from msanii.composer.grooves.form import PHRASE_BARS
from msanii.composer.plan import Notes
from msanii.composer.scores import ScoreComposer, written_parts
from msanii.music.chords import ChordSpan
from msanii.music.score import Score

# A bar is composed to this many before its phrase, at most.
BARS_BEFORE = PHRASE_BARS


def next_bar(
    composer: ScoreComposer, score: Score, bar: int, played: Mapping[str, Notes], seed: int
) -> Mapping[str, Notes]:
    """Compose a bar, counted from 0, of a score that never ends, to the notes that were `played` before it.

    Returns its notes by part, with those before it that still ring, or nothing where it is silent. The same
    bar, score, notes and seed give the same bar. Raises as `ScoreComposer`.
    """
    bar_beats = float(score.meter.bar_beats)
    phrase = bar // PHRASE_BARS
    first = max(0, phrase * PHRASE_BARS - BARS_BEFORE)
    begin = first * bar_beats
    bars = (phrase + 1) * PHRASE_BARS - first
    parts, sounds = written_parts(score)
    # From bar 0 on, so that long sessions and short ones are planned alike.
    window = replace(
        score, bars=bars, seconds=bars * bar_beats * 60 / score.bpm, chords=turned(score.chords, begin)
    )
    given = {part: moved(notes, -begin) for part, notes in played.items()}
    written = composer.written(window, parts, sounds, seed + phrase, given=given, write=[bar - first])
    new = {
        part: tuple(note for note in moved(notes, begin) if _bar_of(note[0], bar_beats) == bar)
        for part, notes in written.items()
    }
    if not any(new.values()):
        return {}
    line = bar * bar_beats
    ringing = {
        part: tuple(note for note in notes if note[0] < line - 1e-6 and note[1] > line + 1e-6)
        for part, notes in played.items()
    }
    heard = {part: (*ringing.get(part, ()), *new.get(part, ())) for part in {**ringing, **new}}
    return {part: tuple(sorted(notes)) for part, notes in heard.items() if notes}


def turned(chords: tuple[ChordSpan, ...], beats: float) -> tuple[ChordSpan, ...]:
    """A progression as it goes round from `beats` on."""
    if not chords:
        return ()
    period = chords[-1].end_beats
    start = beats % period
    pieces = [
        *((max(start, span.start_beats) - start, span.end_beats - start, span.chord) for span in chords),
        *(
            (span.start_beats - start + period, min(start, span.end_beats) - start + period, span.chord)
            for span in chords
        ),
    ]
    return tuple(
        ChordSpan(start_beats=begin, end_beats=end, chord=chord)
        for begin, end, chord in pieces
        if end - begin > 1e-9
    )


def moved(notes: Iterable[tuple[float, float, int, int]], beats: float) -> Notes:
    """Notes later by so many beats; those that then begin before 0 are left out."""
    return tuple(
        (round(onset + beats, 6), round(end + beats, 6), pitch, velocity)
        for onset, end, pitch, velocity in notes
        if onset + beats > -1e-6
    )


def _bar_of(beats: float, bar_beats: float) -> int:
    return int(beats / bar_beats + 1e-6)
