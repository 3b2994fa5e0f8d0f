"""What is to be composed: length, harmony, parts, feel, style, and the notes already there. Pure Python.

Times are beats, that is quarter notes from the start of the piece, as in `msanii.music.midi_notes`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from msanii.composer.grooves.form import GrooveForm
from msanii.limits import DEFAULT_BPM
from msanii.music.chords import COMMON_TIME, NO_CHORD, Chord, ChordSpan, Meter
from msanii.music.midi_notes import DRUMS, BeatNote
from msanii.music.parts import part_of_name
from msanii.music.score import ANY_FEEL, Feel

Notes = tuple[BeatNote, ...]
"""notes sorted by onset, then pitch"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of a piece of `bars`, of which a last one may be a fraction.

    `parts` are to be composed: names as `msanii.music.parts.part_names` numbers them (`keys`, `keys_2`), each
    with its sound in `sounds`, "" for an open one. `given` holds notes that are there already, by part, of
    these parts or of others. `write` are the bars to compose, counted from 0, None for all of them: in every
    other bar a part keeps the notes that `given` has for it. Chords repeat, as in a `Score`; without any, the
    composer chooses. Where `loop` is set, the last bar leads into the first. `style` names a groove or a
    family of them; "" leaves it to the seed. `form` is the groove that was found for it, with
    its form: `compose` fills it in.
    """

    bars: float
    parts: tuple[str, ...]
    sounds: tuple[str, ...] = ()
    bpm: float = DEFAULT_BPM
    meter: Meter = COMMON_TIME
    chords: tuple[ChordSpan, ...] = ()
    key: str = ""
    feel: Feel = ANY_FEEL
    style: str = ""
    form: GrooveForm | None = None
    loop: bool = False
    given: Mapping[str, Notes] = field(default_factory=dict)
    write: frozenset[int] | None = None

    @property
    def bar_beats(self) -> float:
        """The length of a bar in beats."""
        return float(self.meter.bar_beats)

    @property
    def beats(self) -> float:
        """The length of the piece in beats."""
        return self.bars * self.bar_beats

    @property
    def whole_bars(self) -> int:
        """The bars to write, a fraction counted as one."""
        return math.ceil(self.bars - 1e-9)

    def bar_at(self, beats: float) -> int:
        """The bar, counted from 0, that a time lies in."""
        return int(beats / self.bar_beats + 1e-9)

    def writes(self, beats: float) -> bool:
        """Whether notes that begin at a time are to be composed."""
        return self.write is None or self.bar_at(beats) in self.write

    def given_drums(self) -> list[BeatNote]:
        """The notes of all given drums, in order."""
        return sorted(
            note for part, notes in self.given.items() if part_of_name(part) == DRUMS for note in notes
        )

    def chord_at(self, beats: float) -> Chord:
        """The chord at a time; N.C. without harmony."""
        if not self.chords:
            return NO_CHORD
        turn = beats % self.chords[-1].end_beats
        return next(
            (span.chord for span in self.chords if turn < span.end_beats - 1e-9), self.chords[-1].chord
        )

    def chord_spans(self) -> tuple[ChordSpan, ...]:
        """The chords of the whole piece, repeated and cut at its end and at bar lines."""
        spans: list[ChordSpan] = []
        period = self.chords[-1].end_beats if self.chords else 0.0
        start = 0.0
        while self.chords and start < self.beats - 1e-9:
            turn = start % period
            span = next((one for one in self.chords if turn < one.end_beats - 1e-9), self.chords[-1])
            bar_line = (math.floor(start / self.bar_beats + 1e-9) + 1) * self.bar_beats
            end = min(start + max(span.end_beats - turn, 1e-6), bar_line, self.beats)
            spans.append(ChordSpan(start_beats=start, end_beats=end, chord=span.chord))
            start = end
        return tuple(spans)
