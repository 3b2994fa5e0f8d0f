"""The pitches of a bass line: degrees of the chords, in the lowest octaves of the instrument."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from msanii.composer.plan import Plan
from msanii.errors import ChordError
from msanii.music.chord_types import MAJOR_SCALE
from msanii.music.chords import Chord, ChordSpan
from msanii.music.degrees import parse_key

LOWEST, HIGHEST = 28, 60  # E1, a bass guitar's open string, to C4
_ROOTS_FROM = range(LOWEST, LOWEST + 7)
_MIDDLE, _HEIGHT_COUNTS = 33, 0.3
# Semitones above the root that may be a degree, the first that the chord or the key has.
_IN_CHORD = {"3": (4, 3, 5, 2), "5": (7, 6, 8), "7": (10, 11)}
_IN_KEY = {"2": (2, 1), "4": (5, 6), "6": (9, 8)}


@dataclass(frozen=True, slots=True)
class BassPitches:
    """A piece's chords, the scale they are in, and the pitch from which their roots are counted up."""

    spans: tuple[ChordSpan, ...]
    scale: frozenset[int]
    lowest: int

    @classmethod
    def of(cls, plan: Plan) -> BassPitches:
        """Roots move as little as they can; `feel.register` moves them all."""
        spans = plan.chord_spans()
        classes = [span.chord.bass for span in spans if span.chord.bass is not None]
        choices: Sequence[int] = _ROOTS_FROM
        if plan.feel.register is not None:
            low = min(max(round(plan.feel.register) - 8, LOWEST), HIGHEST - 15)
            choices = range(low, low + 4)
        lowest = min(choices, key=lambda low: (_movement(classes, low), low))
        return cls(spans, _scale(plan), lowest)

    def span_at(self, beats: float, length_beats: float, nearest_change: float) -> int:
        """The index of the chord that a note is on: of the next one if it is tied over to it."""
        place = bisect_right(self.spans, beats + 0.02, key=lambda span: span.end_beats)
        index = min(place, len(self.spans) - 1)
        end = self.spans[index].end_beats
        is_tied = end - beats < nearest_change - 0.02 and beats + length_beats > end + 0.1
        return index + 1 if is_tied and index + 1 < len(self.spans) else index

    def degree(self, index: int, sign: str) -> int | None:
        """The pitch of a sign from 1 to 8, or of a ghost note, on a chord; None on N.C."""
        chord = self.spans[index].chord
        if chord.bass is None:
            return None
        base = self._base(chord)
        if sign in "1g":
            return base
        above = 12 if sign == "8" else (self._class_of(chord, sign) - base) % 12
        return base + above if base + above <= HIGHEST else base + above - 12

    def approach(self, index: int, steps: int, target: int | None) -> int | None:
        """The pitch `steps` before `target`, which without a note is the first chord; None on N.C."""
        here = self.degree(index, "1")
        if here is None:
            return None
        if target is None:
            target = self.degree(0, "1") or here
        is_from_above = here > target or target - steps - 1 < LOWEST
        if steps == 1 and not is_from_above:
            return target - 1  # the leading note, whatever the key
        ladder = [target + semitones for semitones in range(1, 13)]
        if not is_from_above:
            ladder = [target - semitones for semitones in range(1, 13)]
        rungs = [pitch for pitch in ladder if pitch % 12 in self.scale] or ladder
        return max(rungs[min(steps, len(rungs)) - 1], LOWEST)

    def _base(self, chord: Chord) -> int:
        return self.lowest + ((chord.bass or 0) - self.lowest) % 12

    def _class_of(self, chord: Chord, sign: str) -> int:
        root = chord.root if chord.root is not None else 0
        if sign in _IN_CHORD:
            found = [(root + step) % 12 for step in _IN_CHORD[sign] if (root + step) % 12 in chord.tones]
            return found[0] if found else root
        found = [(root + step) % 12 for step in _IN_KEY[sign] if (root + step) % 12 in self.scale]
        return found[0] if found else (root + _IN_KEY[sign][0]) % 12


def _scale(plan: Plan) -> frozenset[int]:
    """The pitch classes of the key, else of the major scale that holds most of the chords' tones."""
    try:
        key = parse_key(plan.key)
    except ChordError:
        key = None
    if key is not None and key.scale is not None:
        return frozenset((key.tonic + step) % 12 for step in key.scale)
    tones = [tone for span in plan.chords for tone in span.chord.tones]
    first = next((span.chord.root for span in plan.chords if span.chord.root is not None), 0)
    majors = [frozenset((tonic + step) % 12 for step in MAJOR_SCALE) for tonic in range(12)]
    # Of two that hold as many tones, the one that the first chord is the tonic of, in major or minor.
    return max(majors, key=lambda scale: (sum(tone in scale for tone in tones), _is_tonic(first, scale)))


def _is_tonic(root: int, major: frozenset[int]) -> bool:
    """Whether a pitch class is the tonic of a major scale, or of its relative minor."""
    return any(
        frozenset((tonic + step) % 12 for step in MAJOR_SCALE) == major for tonic in (root, (root + 3) % 12)
    )


def _movement(classes: Sequence[int], lowest: int) -> float:
    """How far the roots move in all, in semitones; as far as they lie from `_MIDDLE` counts a little too."""
    pitches = [lowest + (pitch_class - lowest) % 12 for pitch_class in classes]
    steps = sum(abs(after - before) for before, after in pairwise(pitches))
    return steps + _HEIGHT_COUNTS * sum(abs(pitch - _MIDDLE) for pitch in pitches)
