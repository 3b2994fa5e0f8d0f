"""The composer: a plan and a seed -> the notes of each part.

Drums come first, then the bass that plays to their kick, then what sings over both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from msanii.composer.bass import write_bass
from msanii.composer.drums import write_drums
from msanii.composer.feel.writing import with_feel
from msanii.composer.grooves.choice import chosen_groove
from msanii.composer.grooves.form import GrooveForm
from msanii.composer.grooves.library import Grooves, shipped_grooves
from msanii.composer.melodic.writer import write_keys, write_lead
from msanii.composer.pad import write_pad
from msanii.composer.plan import Notes, Plan
from msanii.music.parts import part_of_name

Writer = Callable[[Plan, str, np.random.Generator], Notes]
"""writes one part of a plan whose `given` holds the parts before it; all draws come from the generator"""

_ORDER = ("drums", "bass", "keys", "pad", "lead")
_DRAWS = 4
_WRITERS: Mapping[str, Writer] = {
    "drums": write_drums,
    "bass": write_bass,
    "keys": write_keys,
    "pad": write_pad,
    "lead": write_lead,
}


def can_write(part: str) -> bool:
    """Whether notes can be composed for a part, named as by `parts.part_names`."""
    return part_of_name(part) in _WRITERS


def compose(plan: Plan, seed: int, grooves: Grooves | None = None) -> dict[str, Notes]:
    """Compose the plan's parts, each to those that are there before it; in the plan's order.

    The same plan and seed give the same notes. A part that cannot be written for lack of a chord is silent.
    `grooves` are those of the program where none are given. The feel holds in the bars that are written.
    Raises GrooveError for a style that is unknown or makes no sense in the meter.
    """
    plan = with_form(plan, seed, grooves if grooves is not None else shipped_grooves())
    known = dict(plan.given)
    for part in sorted(plan.parts, key=_rank):
        # Its own generator: a part plays the same whichever other parts are asked for in front of it.
        random = np.random.default_rng([seed, *part.encode()])
        kind = part_of_name(part)
        kept = tuple(note for note in plan.given.get(part, ()) if not plan.writes(note[0]))
        now = replace(plan, given=known)
        written = _written(now, part, kind, random)
        new = tuple(note for note in written if plan.writes(note[0]) and note[0] < plan.beats - 1e-9)
        known[part] = tuple(sorted((*kept, *with_feel(now, part, new))))
    return {part: known[part] for part in plan.parts}


def _written(plan: Plan, part: str, kind: str, random: np.random.Generator) -> Notes:
    """What the part's writer plays. A whole part is not silent if there are chords: it is drawn anew."""
    has_chords = any(span.chord.tones for span in plan.chord_spans())
    needs_notes = kind in ("keys", "lead") and plan.write is None and has_chords
    for _ in range(_DRAWS):
        notes = _WRITERS[kind](plan, part, random)
        if not needs_notes or any(note[0] < plan.beats - 1e-9 for note in notes):
            return notes
    return write_pad(plan, part, random)


def with_form(plan: Plan, seed: int, grooves: Grooves) -> Plan:
    """The plan with the groove that `compose` plays for its style and seed, and its form."""
    random = np.random.default_rng([seed])
    groove = chosen_groove(plan, grooves, random)
    return replace(plan, form=GrooveForm.drawn(groove, plan.whole_bars, plan.loop, random))


def _rank(part: str) -> int:
    return _ORDER.index(part_of_name(part))
