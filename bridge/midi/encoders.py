"""Endless encoders: knobs that send how far they were turned, in one of three codings, and no position.

The codings are the ones that DAWs list. MIDI 1.0 names none, so a controller's manual tells, or a turn both
ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, get_args

Encoder = Literal["twos_complement", "binary_offset", "signed_bit"]
ENCODERS: tuple[Encoder, ...] = get_args(Encoder)

DETENTS = 96
"""how many clicks turn a parameter from one end to the other: four turns of most encoders"""

# A hand that turns fast is told by up to about this many clicks in one message.
_MOST_CLICKS = 24
_FEWEST_TOLD = 3


def clicks_of(encoder: Encoder, value: int) -> int:
    """Return by how many clicks an encoder was turned, negative to the left; `value` is 0 to 127."""
    match encoder:
        case "twos_complement":
            return value - 128 if value >= 64 else value
        case "binary_offset":
            return value - 64
        case "signed_bit":
            return 64 - value if value >= 64 else value


def encoders_like(values: Sequence[int]) -> list[Encoder]:
    """Return the codings in which a control's values are those of an encoder; none if it is a plain knob.

    A plain knob sends a value only when it is another; an encoder repeats itself. One that was turned one way
    only fits two codings.
    """
    repeats = any(value == after for value, after in pairwise(values))
    if len(values) < _FEWEST_TOLD or not repeats:
        return []
    return [
        encoder
        for encoder in ENCODERS
        if all(0 < abs(clicks_of(encoder, value)) <= _MOST_CLICKS for value in values)
    ]
