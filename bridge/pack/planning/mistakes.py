"""What pydantic finds wrong with a recipe, as sentences in YAML's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge.values import reason_of, shown
from msanii.choices import did_you_mean

_MOST = 20
_OTHER_WORDS = {"bpm": "tempos", "progressions": "chords", "instruments": "sounds"}


def sentences(error: ValidationError, model: type[BaseModel], content: Mapping[str, object]) -> list[str]:
    """Return a line for each mistake: its place, what was there, what was expected and what to do."""
    problems = error.errors(include_url=False)
    lines = [_sentence(problem, model, content) for problem in problems[:_MOST]]
    if len(problems) > _MOST:
        lines.append(f"and {len(problems) - _MOST} more mistakes")
    return lines


def _sentence(problem: ErrorDetails, model: type[BaseModel], content: Mapping[str, object]) -> str:
    *place, last = problem["loc"] or ("",)
    where = _written((*place, last))
    match problem["type"]:
        case "extra_forbidden":
            keys = tuple(_model_at(model, place).model_fields)
            near = _OTHER_WORDS.get(str(last), f"{last}s")
            hint = f"did you mean `{near}`?" if near in keys else did_you_mean(str(last), keys)
            return f"`{where}`: no such key; {hint or 'there is ' + ', '.join(keys)}"
        case "missing":
            return f"`{where}` is missing; add it"
        case "value_error":
            reason = reason_of(problem).removesuffix(".")
            return f"`{where}`: {reason}" if where else reason
    reason = reason_of(problem).removeprefix("Input should be ")
    got = shown(_value_at(content, (*place, last)))
    return f"`{where}`: got {got}, expected {reason}; correct it"


def _written(place: tuple[int | str, ...]) -> str:
    """Return a place as in `one_shots 2, notes`, with list items counted from 1."""
    words = ""
    for part in place:
        words += f" {part + 1}" if isinstance(part, int) else f", {part}" if words else str(part)
    return words


def _value_at(content: Any, place: tuple[int | str, ...]) -> object:
    """Return what is written at a place; one value may stand for a list of one."""
    for part in place:
        try:
            content = content[part]
        except (LookupError, TypeError):
            break
    return content


def _model_at(model: type[BaseModel], place: list[int | str]) -> type[BaseModel]:
    for part in place:
        field = None if isinstance(part, int) else model.model_fields.get(part)
        inner = None if field is None else _model_in(field.annotation)
        model = inner or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
