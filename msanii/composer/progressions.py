"""Chords for a plan that has none: a common progression, one chord a bar, in the plan's key or in any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from msanii.composer.plan import Plan
from msanii.music.chords import Chord, parse_chords
from msanii.music.degrees import parse_key
from msanii.music.midi_notes import DRUMS
from msanii.music.parts import part_of_name

# Of two bars or of four, so that loops of 2, 4 and 8 bars come round to the first chord.
MAJOR = (
    "I V vi IV", "I vi IV V", "vi IV I V", "I IV vi V", "IV V iii vi", "ii V I vi", "I iii IV V", "I IV",
)  # fmt: skip
MINOR = ("i VI III VII", "i iv VII III", "i VII VI VII", "i iv VI v", "i VI iv v", "i III VII iv", "i VII")
_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_THIRD = 3


def with_chords(plan: Plan, random: np.random.Generator) -> Plan:
    """The plan, with a progression drawn for it if it has no chords and a part that plays some.

    Raises ChordError for a key that cannot be read.
    """
    if plan.chords or all(part_of_name(part) == DRUMS for part in plan.parts):
        return plan
    key = plan.key or str(random.choice(_ROOTS)) + str(random.choice(("", "m")))
    known = parse_key(key)
    minor = known is not None and known.scale is not None and _MINOR_THIRD in known.scale
    fitting = [text for text in (MINOR if minor else MAJOR) if plan.bars % len(text.split()) == 0]
    text = str(random.choice(fitting or (MINOR if minor else MAJOR)))
    spans = parse_chords(text, key=key, meter=plan.meter)
    return replace(plan, chords=tuple(replace(span, chord=_named(span.chord)) for span in spans))


def _named(chord: Chord) -> Chord:
    """A triad under its letter name instead of its degree."""
    root = chord.root or 0
    return replace(chord, text=_ROOTS[root] + ("m" if (root + _MINOR_THIRD) % 12 in chord.tones else ""))
