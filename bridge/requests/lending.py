"""What a preset lends to a request that brings music of its own: one rule for every verb and every way in.

What nobody named lends nothing to what somebody gave. Only the request itself names a preset for its own
music: one that the session loaded was chosen before, for its sound, and has a tune of its own.
What a source that is a take of ours lends is in `bridge.requests.source_recipe`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from bridge.messages import Verb

Given = Literal["source", "notes"]
Value = TypeVar("Value")

HARMONY = ("chords", "key")
PLAYERS = ("part", "parts", "sound")
FEEL = ("swing", "density", "register_pitch", "dynamics")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """What a preset does not lend: ever, and unless the request itself names the preset."""

    always: tuple[str, ...] = ()
    unless_named: tuple[str, ...]


KEPT_BACK: Mapping[Given, KeptBack] = {
    # Somebody's audio has its harmony and its players. Feel stays back even where the preset is named: a
    # request cannot say that it wants none.
    "source": KeptBack(always=FEEL, unless_named=(*HARMONY, *PLAYERS)),
    # Notes are a harmony already; who plays them is what a preset is loaded for.
    "notes": KeptBack(unless_named=HARMONY),
}


def lent(
    preset: Mapping[str, Value], verb: Verb, asked: Mapping[str, object], session: Mapping[str, object]
) -> Mapping[str, Value]:
    """A preset's values without those that it keeps back from what this request and the session give."""
    kept_back: set[str] = set()
    for what in _given(verb, asked, session):
        rule = KEPT_BACK[what]
        kept_back.update(rule.always, () if "preset" in asked else rule.unless_named)
    return {name: value for name, value in preset.items() if name not in kept_back}


def _given(verb: Verb, asked: Mapping[str, object], session: Mapping[str, object]) -> Iterator[Given]:
    # The verb says it: a source that stays in the session is none of a `generate`.
    if verb != "generate":
        yield "source"
    if any(values.get("notes") is not None for values in (asked, session)):
        yield "notes"
