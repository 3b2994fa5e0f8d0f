"""The rights report of a pack: what made it, what that learned from, and what may be done with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.library.versions import versions
from bridge.pack.journal import Outcome
from bridge.pack.planning.recipe import PackRecipe
from bridge.parameters import PARAMETERS
from bridge.render.engine import find_model, model_fingerprints
from bridge.render.model_card import CARD_NAME

DEFAULT_MODEL = str(PARAMETERS["model"].default)
_COMPOSER = "composer"
_CARD_BYTES = 200_000
# Cards say it in a paragraph of its own, in a row of a table, or first under "Make it again".
_LEARNED = (
    re.compile(r"^Data: (.+?)(?=^\s*$)", re.MULTILINE | re.DOTALL),
    re.compile(r"^\| learned from \| (.+?) \|$", re.MULTILINE),
    re.compile(r"^## Make it again\s*\n\n(.+?)(?=^\s*$)", re.MULTILINE | re.DOTALL),
)
_ANYTHING = (
    "Anything: release it, sell it, edit it; no credit is owed. Progressions, playing habits and, as with "
    "any model that learned from songs, a melody of theirs may come back; the model's card says how that was "
    "checked."
)
_ASK = (
    "This is not a model that comes with the program, so the program cannot say. Its card, in this folder if "
    "it has one, or whoever made it, must say what may be done with its output."
)


@dataclass(frozen=True, slots=True)
class Maker:
    """The model of a pack: its name, its folder, its fingerprint, and whether it came with the program."""

    name: str
    folder: Path
    fingerprint: str
    is_bundled: bool

    def card(self) -> str:
        """Return the text of the model card; "" without one."""
        try:
            with (self.folder / CARD_NAME).open(encoding="utf-8", errors="replace") as file:
                return file.read(_CARD_BYTES)
        except OSError:
            return ""


def rights_report(recipe: PackRecipe, makers: Sequence[Maker], kept: Sequence[Outcome]) -> str:
    """Return the report in Markdown; the first of the makers is the model."""
    maker = makers[0]
    lines = [f"# Rights: {recipe.name}", ""]
    if recipe.author:
        lines += [f"Pack by {recipe.author}.", ""]
    lines += [
        f"{len(kept)} sounds, each with its notes. No recording, sample or loop of anybody else is in them:",
        "the model below rendered every one from chords, notes and a seed. Each audio file holds its own",
        "recipe (`msanii-bridge render FILE` renders it again); `files.csv` lists model and seed.",
        "",
        "## What made it",
        "",
    ]
    used = Counter((str(one.facts.get("model")), str(one.facts.get("model_fingerprint"))) for one in kept)
    lines += [
        f"- model `{name}`, fingerprint {print_}: {count} sounds" for (name, print_), count in used.items()
    ]
    lines += [f"- {name} {version}" for name, version in sorted(versions().items())]
    if maker.card():
        lines += ["- the model's card: `model_card.md` in this folder"]
    lines += ["", "## What that learned from", ""]
    lines += [f"- `{one.name}`: {_learned_from(one.card())}" for one in makers]
    lines += ["- drums and basses: grooves that were written by hand for this program, or by you", ""]
    lines += ["## What you may do with these sounds", "", _ANYTHING if maker.is_bundled else _ASK, ""]
    if taught := sorted(
        {name for one in kept for name in str(one.facts.get("taught") or "").split(", ") if name}
    ):
        lines += [
            f"Some were played with sounds that were taught here, by `msanii teach`: {', '.join(taught)}. "
            "They learned from the recordings that they were taught with, and the right to use those is "
            "yours to clear.",
            "",
        ]
    return "\n".join(lines)


def makers_of(model: str, folders: Sequence[Path]) -> list[Maker]:
    """Return the model, and the composer's network that writes its notes. Raises BridgeError `model`."""
    folder = find_model(model, folders)
    bundled = find_model(DEFAULT_MODEL).parent
    made = [Maker(model, folder, model_fingerprints(model, folders)[0], folder.parent == bundled)]
    composer = bundled / _COMPOSER
    return [*made, Maker(_COMPOSER, composer, "", is_bundled=True)] if composer.is_dir() else made


def _learned_from(card: str) -> str:
    found = next(filter(None, (pattern.search(card) for pattern in _LEARNED)), None)
    return " ".join(found[1].split()) if found else "its card does not say; ask whoever made it"
