"""The composer: a plan and a seed -> the notes of each part.

Drums come first, then the bass that plays to their kick, then what sings over both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from msanii.composer.pad import write_pad
from msanii.composer.plan import Notes, Plan

Writer = Callable[[Plan, str, np.random.Generator], Notes]
"""writes one part of a plan whose `given` holds the parts before it; all draws come from the generator"""

_ORDER = ("drums", "bass", "keys", "pad", "lead")
_WRITERS: Mapping[str, Writer] = {"keys": write_pad, "pad": write_pad, "lead": write_pad}


def compose(plan: Plan, seed: int) -> dict[str, Notes]:
    """Compose the plan's parts, each to those that are there before it; in the plan's order.

    The same plan and seed give the same notes. A part that cannot be written for lack of a chord is silent.
    """
    known = dict(plan.given)
    for part in sorted(plan.parts, key=_rank):
        # Its own generator: a part plays the same whichever other parts are asked for in front of it.
        random = np.random.default_rng([seed, *part.encode()])
        kind = part.partition("_")[0]
        kept = tuple(note for note in plan.given.get(part, ()) if not plan.writes(note[0]))
        written = _WRITERS[kind](replace(plan, given=known), part, random)
        new = (note for note in written if plan.writes(note[0]) and note[0] < plan.beats - 1e-9)
        known[part] = tuple(sorted((*kept, *new)))
    return {part: known[part] for part in plan.parts}


def _rank(part: str) -> int:
    return _ORDER.index(part.partition("_")[0])
