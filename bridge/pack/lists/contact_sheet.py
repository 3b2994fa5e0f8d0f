"""The contact sheet: one HTML file beside the sounds that shows and plays them, offline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bridge.pack.journal import Outcome
from bridge.pack.planning.recipe import PackRecipe

_TEMPLATE = Path(__file__).with_name("contact_sheet.html")
_DATA = "/*DATA*/"


def contact_sheet(recipe: PackRecipe, kept: Sequence[Outcome]) -> str:
    """Return the page for the kept items of a pack."""
    data = {
        "name": recipe.name,
        "description": recipe.description,
        "author": recipe.author,
        "sounds": [_sound(outcome) for outcome in kept],
    }
    # In a script element, only `<` could end the data.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return _TEMPLATE.read_text(encoding="utf-8").replace(_DATA, text)


def _sound(outcome: Outcome) -> dict[str, object]:
    facts = outcome.facts
    folder = outcome.path.rpartition("/")[0]
    beside = {name: f"{folder}/{facts[name]}" if facts.get(name) else "" for name in ("tail", "midi")}
    return {
        "path": outcome.path,
        **beside,
        "kind": facts.get("kind"),
        "part": facts.get("part"),
        "waveform": facts.get("waveform"),
        "facts": _words(outcome),
    }


def _words(outcome: Outcome) -> str:
    facts = outcome.facts
    words = [str(facts[name]) for name in ("sound", "style", "note", "key", "chords") if facts.get(name)]
    if facts.get("bpm"):
        words.append(f"{facts['bpm']:g} bpm")
    if facts.get("velocity"):
        words.append(f"velocity {facts['velocity']}")
    words.append(f"{facts.get('seconds', 0):.1f} s")
    for name in ("chords", "onsets"):
        share = facts.get(f"heard_{name}")
        if isinstance(share, int | float):
            words.append(f"{round(100 * share)} % of {name} heard")
    return " · ".join(words)
