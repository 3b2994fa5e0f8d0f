"""What is other in a recipe than when its pack was begun, and what becomes of the files that it made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, HeardTake
from bridge.pack.journal import Journal, Outcome
from bridge.pack.planning.plan import Item
from bridge.pack.planning.recipe import PackRecipe
from bridge.pack.sounds.faults import not_heard
from bridge.system.disk import disk_error, make_folder
from bridge.values import shown

LEFT_OUT_FOLDER = "left out"
_RECIPE, _MODEL = "recipe", "model_fingerprint"
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences on what is other, and how many files stay, go and come."""

    sentences: tuple[str, ...]
    stay: int
    go: int
    come: int


def changes(journal: Journal, recipe: PackRecipe, fingerprint: str, items: Sequence[Item]) -> Changes | None:
    """Compare recipe and model with those that a pack was begun with; None if nothing is other."""
    before = journal.said(_RECIPE)
    if not isinstance(before, dict):
        return None
    sentences = list(_differences("", before, recipe.model_dump(mode="json")))
    model = journal.said(_MODEL)
    if model != fingerprint:
        sentences.append(f"the model `{recipe.model}`: its fingerprint was {model}, is {fingerprint}")
    keys = {item.key for item in items}
    known = {outcome.key: outcome for outcome in journal.outcomes()}
    kept = {key for key, outcome in known.items() if outcome.state == "kept"}
    if not sentences and kept - keys:
        sentences.append("the program: this version renders otherwise than the one that began the pack")
    if not sentences:
        return None
    gone = sum(not _still_wanted(known[key], keys, recipe) for key in kept)
    return Changes(tuple(sentences), len(kept) - gone, gone, len(keys - kept))


def refusal(found: Changes) -> BridgeError:
    """Return the error that says what is other, and how to go on."""
    what = "\n".join(f"  {sentence}" for sentence in found.sentences)
    return BridgeError(
        "exists",
        f"the recipe is not the one that this pack was begun with:\n{what}\n"
        f"{found.stay} of its files would stay, {found.go} would go to `{LEFT_OUT_FOLDER}`, {found.come} "
        "would be made. To go on so, add --accept-changes; to keep this pack as it is, name another folder",
    )


def accept(
    journal: Journal, folder: Path, recipe: PackRecipe, fingerprint: str, items: Sequence[Item]
) -> None:
    """Make the recipe the pack's: move the files that it does not ask for away, and bring others back.

    What was rejected is judged anew. Raises BridgeError `disk` or `folder`.
    """
    keys = {item.key for item in items}
    for outcome in list(journal.outcomes()):
        if outcome.state == "rejected":
            journal.forget(outcome.key)
            continue
        is_wanted = _still_wanted(outcome, keys, recipe)
        if outcome.state == "kept" and not is_wanted:
            _move(folder / outcome.path, folder / LEFT_OUT_FOLDER / outcome.path)
            journal.record(replace(outcome, state="left out"))
        elif outcome.state == "left out" and is_wanted:
            if (folder / outcome.path).exists():
                journal.forget(outcome.key)
                continue
            _move(folder / LEFT_OUT_FOLDER / outcome.path, folder / outcome.path)
            journal.record(replace(outcome, state="kept"))
    begin(journal, recipe, fingerprint)


def begin(journal: Journal, recipe: PackRecipe, fingerprint: str) -> None:
    """Note the recipe and the model of a pack."""
    journal.say(_RECIPE, recipe.model_dump(mode="json"))
    journal.say(_MODEL, fingerprint)


def _still_wanted(outcome: Outcome, keys: set[str], recipe: PackRecipe) -> bool:
    facts = outcome.facts
    if outcome.key not in keys:
        return False
    if facts.get("kind") != "loop":
        return True
    shares = (facts.get("heard_chords"), facts.get("heard_onsets"))
    chords, onsets = (share if isinstance(share, int | float) else None for share in shares)
    return not not_heard(HeardTake(chords, onsets), recipe.check)


def _move(source: Path, to: Path) -> None:
    """Move a file of the pack with its tail and notes; the audio last, as it was written."""
    make_folder(to.parent)
    pairs = zip(reversed(TakeFiles(source).all()), reversed(TakeFiles(to).all()), strict=True)
    try:
        for old, new in pairs:
            if old.exists():
                old.replace(new)
    except OSError as error:
        raise disk_error(error, to.parent) from error


def _differences(place: str, before: object, now: object) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys((*before, *now)):
            inner = f"{place}.{name}" if place else str(name)
            yield from _differences(inner, before.get(name), now.get(name))
    elif isinstance(before, list) and isinstance(now, list):
        if before == now:
            return
        if any(isinstance(one, Mapping) for one in (*before, *now)):
            for number in range(max(len(before), len(now))):
                old, new = (list_[number] if number < len(list_) else None for list_ in (before, now))
                yield from _differences(f"{place} {number + 1}", old, new)
            return
        gone, new = ([one for one in one_list if one not in other]
                     for one_list, other in ((before, now), (now, before)))  # fmt: skip
        said = [f"{what} {_listed(ones)}" for what, ones in (("without", gone), ("with", new)) if ones]
        yield f"{place}: now {' and '.join(said) or 'in another order'}"
    elif before != now:
        yield f"{place}: was {_value(before)}, is {_value(now)}"


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(shown, values[:6])) + (f" and {len(values) - 6} more" if len(values) > 6 else "")


def _value(value: object) -> str:
    return _NOTHING if value is None else "a whole block" if isinstance(value, Mapping) else shown(value)
