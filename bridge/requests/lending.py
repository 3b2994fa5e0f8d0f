"""Which values a preset supplies to a request with its own source or notes, for all verbs and inputs.

A preset that the request does not name must not change the user's own music. Only a name in the request
itself counts: the session's preset was loaded earlier, for its sound, and has harmony of its own. For the
values that a source with a recipe supplies, see `bridge.requests.source_recipe`.
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
    """Values that a preset does not supply: always, or unless the request itself names the preset."""

    always: tuple[str, ...] = ()
    unless_named: tuple[str, ...]


KEPT_BACK: Mapping[Given, KeptBack] = {
    # The user's audio has its own harmony and instruments. Feel is withheld even from a request that names
    # the preset, because a request cannot ask for no feel.
    "source": KeptBack(always=FEEL, unless_named=(*HARMONY, *PLAYERS)),
    # Notes determine the harmony; a preset is loaded for the instruments that play them.
    "notes": KeptBack(unless_named=HARMONY),
}


def lent(preset: PartialRequest, verb: Verb, *, names_preset: bool, has_notes: bool) -> PartialRequest:
    """Return a preset's values without those that give way to the request's source or notes.

    `names_preset` is whether the request itself names the preset.
    """
    held_back: set[str] = set()
    for given in _given(verb, has_notes):
        rule = KEPT_BACK[given]
        held_back.update(rule.always, () if names_preset else rule.unless_named)
    return without(preset, held_back)


def _given(verb: Verb, has_notes: bool) -> Iterator[Given]:
    # By verb, since `generate` ignores a source that remains in the session.
    if verb != "generate":
        yield "source"
    if has_notes:
        yield "notes"
