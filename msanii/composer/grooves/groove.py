"""A groove: what drums and bass play in a style, bar by bar. Pure Python.

Times are beats, that is quarter notes, from the start of a bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from msanii.limits import Range
from msanii.music.chords import Meter

# General MIDI level 1, percussion key map.
DRUMS: Mapping[str, int] = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "hat": 42, "pedal hat": 44, "open hat": 46,
    "ride": 51, "ride bell": 53, "crash": 49, "splash": 55, "china": 52,
    "high tom": 50, "mid tom": 47, "low tom": 45, "floor tom": 43,
    "tambourine": 54, "shaker": 70, "cowbell": 56, "clave": 75, "wood block": 76,
    "high bongo": 60, "low bongo": 61, "high conga": 63, "low conga": 64, "high timbale": 65,
    "low timbale": 66, "high agogo": 67, "low agogo": 68,
}  # fmt: skip
KICKS = (35, DRUMS["kick"])
BASS = "bass"
"""the name under which `timing_ms` moves the bass"""


class Stroke(NamedTuple):
    """A drum's stroke. One that comes `sometimes` is played in about half of its bars."""

    beats: float
    length_beats: float
    drum: int
    velocity: int
    sometimes: bool = False


class BassStroke(NamedTuple):
    """A note of the bass; `sign` is its degree above the chord's bass note, or another of `BASS_SIGNS`."""

    beats: float
    length_beats: float
    sign: str


BASS_SIGNS: Mapping[str, str] = {
    "1": "the chord's bass note",
    "2": "the second",
    "3": "the third",
    "4": "the fourth",
    "5": "the fifth",
    "6": "the sixth",
    "7": "the seventh",
    "8": "the octave",
    "a": "a step that leads into the next chord",
    "g": "a ghost note",
}


Sort = TypeVar("Sort", Stroke, BassStroke)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Generic[Sort]):
    """The bars of one instrument. Each variation and fill has as many bars as the pattern."""

    pattern: tuple[tuple[Sort, ...], ...]
    variations: tuple[tuple[tuple[Sort, ...], ...], ...] = ()
    fills: tuple[tuple[tuple[Sort, ...], ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Groove:
    """A groove as its file gives it, or fitted to another meter and tempo.

    `styles` are its name and the families it belongs to. `bpm` is the usual tempo range. `swing` is the
    position of the second eighth in a quarter note, `swing_16ths` that of the second sixteenth in an eighth,
    0.5 where it is straight. `timing_ms` moves drums and bass behind the beat (positive) or ahead of it, and
    `human_ms` is the standard deviation of their time. `gate` is how much of a bass note's length sounds.
    """

    name: str
    description: str
    families: tuple[str, ...]
    meter: Meter
    bpm: Range
    drums: Lines[Stroke]
    bass: Lines[BassStroke]
    swing: float = 0.5
    swing_16ths: float = 0.5
    human_ms: float = 3.0
    timing_ms: Mapping[str, float]
    crash: bool = True
    gate: float = 0.95

    @property
    def styles(self) -> tuple[str, ...]:
        """The styles that ask for it: its name, then its families."""
        return (self.name, *self.families)
