"""Presets, and the step from a request with gaps to a complete one.

Values fill up in this order, the later over the earlier: defaults, preset, the source's recipe, session,
request. What none of them says of `OF_MODEL` is the model's own.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.messages import BridgeError, Render, RenderRequest, SourceAudio, Verb
from bridge.parameters import (
    NEW_MUSIC,
    OF_MODEL,
    PARAMETERS,
    Value,
    check_request,
    defaults,
    for_verb,
    seconds_of,
)
from bridge.requests.lending import PLAYERS, lent
from bridge.requests.source_recipe import SourceTake, lent_by_source
from bridge.system.disk import write_whole
from bridge.system.yaml_files import read_yaml
from bridge.values import check_name, shown
from msanii.limits import MAX_SEED

SourceLookup = Callable[[str], SourceAudio]
TakeLookup = Callable[[str], SourceTake | None]
"""What the recipe of a source tells, by its path; None for one without. Raises as `SourceLookup`."""
SamplingOf = Callable[[str], Mapping[str, Value]]
"""A model's own values by its name, those of `OF_MODEL`; raises BridgeError `model`."""

_LENGTHS = ("bars", "seconds")  # whichever was said last rules
_DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Preset:
    """Named overrides of the defaults. Factory presets are read-only."""

    name: str
    description: str
    values: Mapping[str, Value]
    is_factory: bool


@dataclass(slots=True)
class Presets:
    """The presets of two folders of YAML files, read when first asked for and again when they change."""

    factory_folder: Path
    user_folder: Path
    _read: dict[Path, tuple[tuple[int, int], Preset]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Every preset's name, factory ones first; files whose name cannot be one are left out."""
        return [*_names_in(self.factory_folder), *_names_in(self.user_folder, but=self._factory_names())]

    def get(self, name: str) -> Preset:
        """Reads one preset.

        Raises:
            BridgeError: `preset` when there is none of that name, or its file holds a mistake.
        """
        check_name("preset", name)
        for folder in (self.factory_folder, self.user_folder):
            path = folder / f"{name}.yaml"
            try:
                status = path.stat()
            except OSError:
                continue
            stamp = (status.st_mtime_ns, status.st_size)
            if path not in self._read or self._read[path][0] != stamp:
                self._read[path] = (stamp, _load(path, name, folder == self.factory_folder))
            return self._read[path][1]
        known = ", ".join(self.names())
        missing = f"`preset`: there is no {shown(name)}"
        raise BridgeError("preset", f"{missing}, expected one of {known}; choose one.")

    def save(self, name: str, values: Mapping[str, object], replace: bool = False) -> Path:
        """Writes a user preset, whole or not at all. Values that no preset may hold are an error.

        Raises:
            BridgeError: `exists` for a factory name, or a user's without `replace`; `disk` when there is
                no room; `folder` when the folder cannot be written; `value` and the like for a value.
        """
        import yaml

        check_name("preset", name)
        checked = _checked(values)
        if name.casefold() in self._factory_names():
            taken = f"`preset`: {shown(name)} came with the program"
            raise BridgeError("exists", f"{taken}; choose another name.")
        # Case aside, since on macOS and Windows `Mine` and `mine` are one file.
        if not replace and name.casefold() in map(str.casefold, _names_in(self.user_folder)):
            remedy = "send `replace 1` with it, or choose another name"
            raise BridgeError("exists", f"`preset`: {shown(name)} exists; {remedy}.")
        path = self.user_folder / f"{name}.yaml"
        text = yaml.safe_dump(dict(checked), allow_unicode=True, sort_keys=False)
        write_whole(path, text.encode())
        self._read.pop(path, None)
        return path

    def _factory_names(self) -> frozenset[str]:
        return frozenset(map(str.casefold, _names_in(self.factory_folder)))


# --- the session --------------------------------------------------------------------------------------


def set_parameter(session: MutableMapping[str, object], name: str, value: object) -> None:
    """Sets one sticky value; a length in bars takes the place of one in seconds, and the reverse."""
    if name in _LENGTHS:
        for other in _LENGTHS:
            session.pop(other, None)
    session[name] = value


def load_preset(session: MutableMapping[str, object], presets: Presets, name: str) -> Preset:
    """Makes a preset the session's own, and clears the sticky values that would hide it."""
    preset = presets.get(name)
    session.clear()
    session["preset"] = name
    return preset


def read_parameter(
    name: str,
    presets: Presets,
    session: Mapping[str, object],
    sampling_of: SamplingOf,
    user_defaults: Mapping[str, object] | None = None,
) -> object:
    """The value that a `generate` without values would use; None where absence has a meaning.

    Raises:
        BridgeError: `address` for an unknown name, `preset` when the session's preset is gone, `model` for
            what a model says that is gone or damaged.
    """
    if name not in PARAMETERS:
        raise BridgeError("address", f"{shown(name)}: no such parameter; there are {', '.join(PARAMETERS)}.")
    preset = presets.get(_preset_name({}, session))
    borrowed = lent(preset.values, "generate", {}, session)
    values = _layered(defaults(), user_defaults or {}, borrowed, session)
    if values[name] is None and name in OF_MODEL:
        return sampling_of(str(values["model"]))[name]
    return values[name]


def preset_pairs(
    name: str, presets: Presets, sampling_of: SamplingOf, user_defaults: Mapping[str, object] | None = None
) -> tuple[Value, ...]:
    """`key value` pairs of a request that names this preset alone; values whose absence means something miss.

    So do a model's own where the model is gone: a preset can be read without it.

    Raises:
        BridgeError: `preset` when there is none of that name, or its file holds a mistake.
    """
    values = _layered(defaults(), user_defaults or {}, presets.get(name).values)
    with contextlib.suppress(BridgeError):
        _fill_with_the_models_own(values, sampling_of)
    given = {key: value for key, value in values.items() if value is not None and PARAMETERS[key].in_presets}
    return tuple(part for pair in given.items() for part in pair)


def preset_values(session: Mapping[str, object], values: Mapping[str, object]) -> Mapping[str, object]:
    """What a preset saved now holds: the session's sticky values under the message's own."""
    kept = {name: value for name, value in session.items() if PARAMETERS[name].in_presets}
    both = _layered(kept, values)
    return {name: value for name, value in both.items() if value is not None}


# --- resolving ----------------------------------------------------------------------------------------


def resolve(
    render: Render,
    presets: Presets,
    session: Mapping[str, object],
    source_lookup: SourceLookup,
    sampling_of: SamplingOf,
    *,
    user_defaults: Mapping[str, object] | None = None,
    choose_seed: Callable[[], int] | None = None,
    take_lookup: TakeLookup | None = None,
) -> RenderRequest:
    """Fills a request's gaps and holds the whole against the table: no real number is left open.

    `source_lookup` keeps the audio file of a path in the library, or raises BridgeError `source` or
    `forbidden`; it is called only for what the verb needs. `user_defaults` are those of the settings file,
    just above the table's. `bridge.requests.lending` says what a preset keeps back from a source and from
    notes, `bridge.requests.source_recipe` what the recipe of a source lends (`take_lookup`). If the request
    names a part or parts, a preset's or the session's sound is ignored.

    Raises:
        BridgeError: `preset`, `missing`, `value`, or what `source_lookup` and `sampling_of` raise.
    """
    verb = render.verb
    preset = presets.get(_preset_name(render.values, session))
    borrowed = lent(preset.values, verb, render.values, session)
    below, above = (defaults(), user_defaults or {}, borrowed), (session, render.values)
    values = _layered(*below, *above)
    take = take_lookup(str(values["source"])) if take_lookup and _starts_from_source(verb, values) else None
    if take is not None:
        # Whoever names a preset says what it says.
        said = {**(borrowed if "preset" in render.values else {}), **session, **render.values}
        values = _layered(*below, lent_by_source(take, verb, said, values), *above)
    values["preset"] = preset.name
    _leave_out_what_the_verb_lacks(values, verb)
    _settle_length(values)
    _fill_with_the_models_own(values, sampling_of)
    if values["seed"] == -1:
        values["seed"] = (choose_seed or _random_seed)()
    for name in ("source", "source_b"):
        path = values[name]
        values[name] = source_lookup(str(path)) if path is not None else None
    return check_request(RenderRequest(verb=verb, **values))


def _preset_name(values: Mapping[str, object], session: Mapping[str, object]) -> str:
    name = values.get("preset", session.get("preset", PARAMETERS["preset"].default))
    return str(name)


def _starts_from_source(verb: Verb, values: Mapping[str, object]) -> bool:
    return verb in PARAMETERS["source"].verbs and values["source"] is not None


def _layered(*layers: Mapping[str, object]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for layer in layers:
        if any(layer.get(name) is not None for name in _LENGTHS):
            values.update(dict.fromkeys(_LENGTHS))
        if layer.get("part") or layer.get("parts"):
            values.update(dict.fromkeys(PLAYERS, ""))  # a sound was chosen for who played before
        values.update(layer)
    return values


def _leave_out_what_the_verb_lacks(values: dict[str, Any], verb: Verb) -> None:
    taken = {parameter.name for parameter in for_verb(verb)}
    values.update({name: default for name, default in defaults().items() if name not in taken})
    if verb not in NEW_MUSIC:
        values.update(bars=None, seconds=0.0)


def _fill_with_the_models_own(values: dict[str, Any], sampling_of: SamplingOf) -> None:
    open_ones = [name for name in OF_MODEL if values[name] is None]
    if open_ones:
        own = sampling_of(str(values["model"]))
        values.update({name: own[name] for name in open_ones})


def _settle_length(values: dict[str, Any]) -> None:
    if values["bars"] is not None:
        values["seconds"] = seconds_of(
            values["bars"], values["numerator"], values["denominator"], values["bpm"]
        )


def _random_seed() -> int:
    return secrets.randbelow(MAX_SEED - int(PARAMETERS["count"].high or 0))


# --- files --------------------------------------------------------------------------------------------


def _names_in(folder: Path, but: frozenset[str] = frozenset()) -> list[str]:
    try:
        stems = sorted(path.stem for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError:
        return []
    return [stem for stem in stems if stem.casefold() not in but and _is_name(stem)]


def _is_name(stem: str) -> bool:
    try:
        check_name("preset", stem)
    except BridgeError:
        return False
    return True


def _load(path: Path, name: str, is_factory: bool) -> Preset:
    content = dict(read_yaml(path, code="preset"))
    description = content.pop(_DESCRIPTION, "")
    try:
        if not isinstance(description, str):
            got = f"`{_DESCRIPTION}`: got {shown(description)}"
            raise BridgeError("type", f"{got}, expected text; write a sentence.")
        values = _checked(content)
    except BridgeError as error:
        raise BridgeError("preset", f"preset {shown(name)}: {error}") from error
    return Preset(name, description, values, is_factory)


def _checked(content: Mapping[str, object]) -> dict[str, Value]:
    """Checks every value against the table and names all that is wrong at once."""
    values: dict[str, Value] = {}
    errors: list[BridgeError] = []
    allowed = [name for name, parameter in PARAMETERS.items() if parameter.in_presets]
    for key, value in content.items():
        try:
            if key not in allowed:
                raise BridgeError("value", f"{shown(key)}: a preset takes {', '.join(allowed)}; remove it.")
            values[key] = PARAMETERS[key].check(value)
        except BridgeError as error:
            errors.append(error)
    if all(name in values for name in _LENGTHS):
        errors.append(BridgeError("value", "`bars` and `seconds` both give the length; keep one of them."))
    if errors:
        raise BridgeError(errors[0].code, " ".join(str(error) for error in errors))
    return values
