"""Checks that the sounds, parts and styles of a recipe are there before anything is rendered."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bridge.messages import BridgeError
from bridge.pack.planning.recipe import PackRecipe
from bridge.values import shown
from msanii.choices import did_you_mean
from msanii.music.taught.asked import asked_names


def check_known(
    recipe: PackRecipe, *, sounds: Collection[str], parts: Collection[str], styles: Collection[str]
) -> None:
    """Check the names in a recipe against those that the model and the grooves know.

    Raises BridgeError `value` that lists all mistakes.
    """
    mistakes = [*_mistakes(recipe, sounds, parts, styles)]
    if mistakes:
        raise BridgeError("value", "\n".join(mistakes))


def _mistakes(
    recipe: PackRecipe, sounds: Collection[str], parts: Collection[str], styles: Collection[str]
) -> Iterator[str]:
    asked_parts: list[tuple[str, str]] = []
    asked_sounds: list[tuple[str, str]] = []
    if recipe.loops is not None:
        asked_parts += [("loops, parts", part) for part in recipe.loops.parts]
        asked_sounds += [
            (f"loops, sounds, {part}", sound)
            for part in recipe.loops.parts
            for sound in recipe.loops.sounds_of(part)
        ]
        for style in filter(None, recipe.loops.styles):
            if style not in styles:
                hint = did_you_mean(style, styles) or "`msanii-bridge send /msanii/style/list` lists them"
                yield f"`loops, styles`: got {shown(style)}, expected a style in {recipe.loops.meter}; {hint}"
    for number, one_shots in enumerate(recipe.one_shots, start=1):
        asked_parts.append((f"one_shots {number}, part", one_shots.part))
        asked_sounds += [(f"one_shots {number}, sounds", sound) for sound in one_shots.chosen_sounds()]
    if recipe.one_shots and not sounds:
        yield f"`one_shots`: the model `{recipe.model}` has no sounds to play notes in; choose another model"
    for where, part in asked_parts:
        if part not in parts:
            known = ", ".join(parts) or "none"
            yield f"`{where}`: got {part}, expected a part of the model `{recipe.model}` ({known})"
    for where, text in asked_sounds:
        for name in asked_names(text):
            if name not in sounds:
                hint = did_you_mean(name, sounds) or f"choose from {', '.join(sounds)}"
                yield f"`{where}`: got {shown(name)}, expected a sound of the model `{recipe.model}`; {hint}"
