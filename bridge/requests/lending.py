"""What a preset lends to a request that brings music of its own: one rule for every verb and every way in.

What nobody named lends nothing to what somebody gave. Only the request itself names a preset for its own
music: one that the session loaded was chosen before, for its sound, and has a tune of its own.
What a source that is a take of ours lends is in `bridge.requests.source_recipe`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bridge.messages import PartialRequest, Verb
from bridge.messages.requests import without

Given = Literal["source", "notes"]

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


def lent(preset: PartialRequest, verb: Verb, *, names_preset: bool, has_notes: bool) -> PartialRequest:
    """Returns a preset's values without those that give way to the request's source or notes.

    `names_preset` is whether the request itself names the preset.
    """
    held_back: set[str] = set()
    for given in _given(verb, has_notes):
        rule = KEPT_BACK[given]
        held_back.update(rule.always, () if names_preset else rule.unless_named)
    return without(preset, held_back)


def _given(verb: Verb, has_notes: bool) -> Iterator[Given]:
    # The verb decides: a source that stays in the session is none of a `generate`.
    if verb != "generate":
        yield "source"
    if has_notes:
        yield "notes"
