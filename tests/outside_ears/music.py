"""Figures of beats, chords and notes that a judge heard, by plain arithmetic.

Shares are 0 to 1, times in seconds. NaN means that there is nothing to measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from tests.outside_ears.clips import Clip, FloatArray, HeardNote, Span

GRID_SECONDS = 0.03
SHORT_SECONDS = 0.09
TOGETHER_SECONDS = 0.05
NAN = float("nan")

_ROOTS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)


def grid(step: float, seconds: float) -> FloatArray:
    """The times from 0 to before `seconds`, one each `step`."""
    return np.arange(0.0, seconds - 1e-9, step)


def grid_f(onsets: FloatArray, bpm: float, seconds: float) -> float:
    """The F-measure of onsets against all eighth notes of a clip, within 30 ms.

    Music that rests on some eighths cannot reach 1: read it beside the real clips' figure.
    """
    eighths = grid(30 / bpm, seconds)
    hits = _matches(np.sort(onsets), eighths, GRID_SECONDS)
    return 2 * hits / (len(onsets) + len(eighths)) if len(onsets) else NAN


def sixteenth_deviation_ms(onsets: FloatArray, bpm: float) -> float:
    """Median absolute deviation of onsets from the nearest sixteenth notes, around its own median, in ms.

    Around its median, so that a judge who hears everything a frame late is forgiven.
    """
    if not len(onsets):
        return NAN
    step = 15 / bpm
    off = (onsets + step / 2) % step - step / 2
    return float(np.median(np.abs(off - np.median(off))) * 1000)


def asked_beats(clip: Clip, seconds: float) -> tuple[FloatArray, ...]:
    """The beats that a clip was asked for, then what a listener may count instead: twice as fast, or half.

    A beat is a quarter note, three eighths in 6/8 and its like, an eighth in 7/8. Half has two phases.
    """
    eighth = 30 / clip.bpm
    compound = clip.denominator == 8 and clip.numerator % 3 == 0
    step = 3 * eighth if compound else eighth * 8 / clip.denominator
    beats = grid(step, seconds)
    others = [grid(step / 2, seconds), beats[::2], beats[1::2]]
    if compound:
        others.append(grid(eighth, seconds))
    return (beats, *others)


def chord_label(span: Span) -> str:
    """A chord as mir_eval writes it (`A#:min`), by its third and fifth; `N` where no chord is asked."""
    if span.root < 0:
        return "N"
    above = {(tone - span.root) % 12 for tone in span.tones}
    if 4 in above:
        quality = "aug" if 8 in above and 7 not in above else "maj"
    elif 3 in above:
        quality = "dim" if 6 in above and 7 not in above else "min"
    elif 5 in above:
        quality = "sus4"
    else:
        quality = "sus2" if 2 in above else "5"
    return f"{_ROOTS[span.root]}:{quality}"


def likely_scale(chords: Iterable[Span]) -> frozenset[int]:
    """The pitch classes of the major scale that holds most of the chords' tones, by their lengths.

    Where several hold as much, all of their notes count as inside: nobody asked for one of them.
    """
    held = np.zeros(12)
    for span in chords:
        for tone in span.tones if span.root >= 0 else ():
            held[tone] += span.end - span.start
    scales = [frozenset((tonic + tone) % 12 for tone in _MAJOR_SCALE) for tonic in range(12)]
    inside = [float(sum(held[tone] for tone in sorted(scale))) for scale in scales]
    best = max(inside) - 1e-9
    return frozenset().union(*(scale for scale, share in zip(scales, inside, strict=True) if share >= best))


def tone_shares(notes: Sequence[HeardNote], chords: Sequence[Span]) -> tuple[float, float]:
    """The shares of notes (length x strength) on the asked chord's tones, and outside chord and scale.

    A note that sounds on into the next chord counts for each as long as it lasts there.
    """
    scale = likely_scale(chords)
    total = on_chord = outside = 0.0
    for span in chords:
        if span.root < 0:
            continue
        for note in notes:
            weight = max(0.0, min(note.end, span.end) - max(note.start, span.start)) * note.strength
            total += weight
            if note.pitch % 12 in span.tones:
                on_chord += weight
            elif note.pitch % 12 not in scale:
                outside += weight
    return (on_chord / total, outside / total) if total > 0 else (NAN, NAN)


def voices(notes: Sequence[HeardNote]) -> float:
    """How many notes sound at once, on average, while any sounds."""
    covered, reached = 0.0, 0.0
    for note in sorted(notes, key=lambda note: note.start):
        covered += max(0.0, note.end - max(note.start, reached))
        reached = max(reached, note.end)
    return sum(note.end - note.start for note in notes) / covered if covered > 0 else NAN


def short_share(notes: Sequence[HeardNote]) -> float:
    """The share of notes that are shorter than 90 ms: more often a judge's doubt than music."""
    return sum(note.end - note.start < SHORT_SECONDS for note in notes) / len(notes) if notes else NAN


def top_line(notes: Sequence[HeardNote]) -> list[HeardNote]:
    """The melody: of notes struck within 50 ms the highest, unless a higher one sounds on above it."""
    line: list[HeardNote] = []
    for note in sorted(notes, key=lambda note: note.start):
        if line and note.start - line[-1].start < TOGETHER_SECONDS:
            if note.pitch > line[-1].pitch:
                line[-1] = note
        elif all(
            other.pitch <= note.pitch or other.end < note.start + TOGETHER_SECONDS
            for other in notes
            if other.start < note.start
        ):
            line.append(note)
    return line


def interval_shares(line: Sequence[HeardNote]) -> dict[str, float]:
    """How a melody moves: shares of repeated notes, steps (to 2 semitones), thirds (3, 4), leaps (more)."""
    sizes = np.abs(np.diff([note.pitch for note in line]))
    kinds = {
        "repeated": sizes == 0,
        "steps": (sizes >= 1) & (sizes <= 2),
        "thirds": (sizes >= 3) & (sizes <= 4),
        "leaps": sizes >= 5,
    }
    return {name: float(kind.mean()) if len(sizes) else NAN for name, kind in kinds.items()}


def pitch_shares(times: FloatArray, hertz: FloatArray, chords: Sequence[Span]) -> tuple[float, float]:
    """The shares of heard pitches (N,), at `times` (N,), on the asked chord's tones and on its root."""
    classes = np.round(69 + 12 * np.log2(hertz / 440)).astype(int) % 12
    asked = [
        (pitch in span.tones, pitch == span.root)
        for time, pitch in zip(times, classes.tolist(), strict=True)
        for span in chords
        if span.root >= 0 and span.start <= time < span.end
    ]
    on_chord, on_root = np.mean(asked, axis=0).tolist() if asked else (NAN, NAN)
    return on_chord, on_root


def _matches(first: FloatArray, second: FloatArray, tolerance: float) -> int:
    """How many of two sorted series of times meet within `tolerance`, each used once."""
    count = here = there = 0
    while here < len(first) and there < len(second):
        gap = first[here] - second[there]
        if abs(gap) <= tolerance:
            count, here, there = count + 1, here + 1, there + 1
        elif gap < 0:
            here += 1
        else:
            there += 1
    return count
