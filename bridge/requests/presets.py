"""Presets, and completing a request from them.

Layers of values, each overriding those before: defaults, preset, the source's recipe, session, request.
Parameters in `OF_MODEL` that none of them sets take the model's defaults.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.messages import (
    BridgeError,
    PartialRequest,
    Render,
    RenderRequest,
    SourceAudio,
    Verb,
    partial_request,
)
from bridge.messages.requests import without
from bridge.meter import METER, METER_PARTS, meter_values, with_meter_spelled_out
from bridge.parameters import (
    NEW_MUSIC,
    OF_MODEL,
    PARAMETERS,
    Value,
    check_combination,
    defaults,
    for_verb,
    seconds_of,
    value_of,
)
from bridge.requests.lending import lent
from bridge.requests.source_recipe import SourceTake, lent_by_source
from bridge.system.disk import write_whole
from bridge.system.yaml_files import read_yaml
from bridge.values import check_name, shown
from msanii.limits import MAX_SEED

SourceLookup = Callable[[str], SourceAudio]
TakeLookup = Callable[[str], SourceTake | None]
"""Reads the recipe of the source at a path; None if it has no recipe. Raises as `SourceLookup`."""
SamplingOf = Callable[[str], PartialRequest]
"""Returns the defaults of the model of that name for `OF_MODEL`; raises BridgeError `model`."""

_LENGTHS = ("bars", "seconds")  # the one set last counts
_DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Preset:
    """Named overrides of the defaults. Factory presets are read-only."""

    name: str
    description: str
    values: PartialRequest
    is_factory: bool


@dataclass(slots=True)
class Presets:
    """The presets in two folders of YAML files, read on first use and again when they change."""

    factory_folder: Path
    user_folder: Path
    _read: dict[Path, tuple[tuple[int, int], Preset]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return all names, factory presets first, skipping files whose names are not valid."""
        return [*_names_in(self.factory_folder), *_names_in(self.user_folder, but=self._factory_names())]

    def get(self, name: str) -> Preset:
        """Return a preset by name.

        Raises:
            BridgeError: `preset` if there is none of that name, or its file has a mistake.
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
        """Write a user preset atomically. Values that presets cannot contain are an error.

        Raises:
            BridgeError: `exists` for the name of a factory preset, or of an existing one without `replace`;
                `disk` if the disk is full; `folder` if the folder cannot be written; `value` and the like for
                an invalid value.
        """
        import yaml

        check_name("preset", name)
        checked = _checked(values)
        if name.casefold() in self._factory_names():
            taken = f"`preset`: {shown(name)} came with the program"
            raise BridgeError("exists", f"{taken}; choose another name.")
        # Case-insensitive, since on macOS and Windows `Mine` and `mine` are the same file.
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


def with_parameter(session: PartialRequest, name: str, value: object) -> PartialRequest:
    """Return the session with a value set; a length in bars replaces one in seconds, and vice versa."""
    if name == METER:
        return session | partial_request(meter_values(value))
    others = without(session, _LENGTHS) if name in _LENGTHS else session
    return others | partial_request({name: value})


def with_preset(presets: Presets, name: str) -> PartialRequest:
    """Return a session with that preset and no other values, which would override it.

    Raises:
        BridgeError: `preset` if there is none of that name, or its file has a mistake.
    """
    return {"preset": presets.get(name).name}


def read_parameter(
    name: str,
    presets: Presets,
    session: PartialRequest,
    sampling_of: SamplingOf,
    user_defaults: PartialRequest | None = None,
) -> Value | None:
    """Return the value that a `generate` without values would use; None if it would be absent.

    Raises:
        BridgeError: `address` for an unknown name, `preset` if the session's preset is gone, `model` for a
            default of the model's if the model is gone or damaged.
    """
    if name == METER:
        parts = (read_parameter(part, presets, session, sampling_of, user_defaults) for part in METER_PARTS)
        return "/".join(map(str, parts))
    if name not in PARAMETERS:
        raise BridgeError("address", f"{shown(name)}: no such parameter; there are {', '.join(PARAMETERS)}.")
    preset = presets.get(_preset_name({}, session))
    borrowed = lent(preset.values, "generate", names_preset=False, has_notes="notes" in session)
    values = _layered(defaults(), user_defaults or {}, borrowed, session)
    if name in OF_MODEL and name not in values:
        values = sampling_of(values["model"])
    return value_of(values, name)


def preset_pairs(
    name: str, presets: Presets, sampling_of: SamplingOf, user_defaults: PartialRequest | None = None
) -> tuple[Value, ...]:
    """Return the values of a request that only names this preset, as `key value` pairs without absent ones.

    If the model is gone, its defaults are omitted too, so that the preset can still be read.

    Raises:
        BridgeError: `preset` if there is none of that name, or its file has a mistake.
    """
    values = _layered(defaults(), user_defaults or {}, presets.get(name).values)
    with contextlib.suppress(BridgeError):
        values = _with_the_models_own(values, sampling_of)
    found = {key: value_of(values, key) for key, row in PARAMETERS.items() if row.in_presets}
    return tuple(part for key, value in found.items() if value is not None for part in (key, value))


def preset_values(session: PartialRequest, values: PartialRequest) -> PartialRequest:
    """Return the values for a new preset: the session's, overridden by the message's."""
    never = [name for name, row in PARAMETERS.items() if not row.in_presets]
    return _layered(without(session, never), values)


# --- resolving ----------------------------------------------------------------------------------------


def resolve(
    render: Render,
    presets: Presets,
    session: PartialRequest,
    source_lookup: SourceLookup,
    sampling_of: SamplingOf,
    *,
    user_defaults: PartialRequest | None = None,
    choose_seed: Callable[[], int] | None = None,
    take_lookup: TakeLookup | None = None,
) -> RenderRequest:
    """Complete a request and check that its values are compatible.

    `source_lookup` copies the audio file at a path to the library, or raises BridgeError `source` or
    `forbidden`; it is called only for the sources that the verb needs. `user_defaults` come from the settings
    and override the table's. `bridge.requests.lending` decides which of a preset's values give way to a
    source or notes, `bridge.requests.source_recipe` which values come from the recipe of a source
    (`take_lookup`). If the request sets a part or parts, a preset's or the session's sound is ignored.

    Raises:
        BridgeError: `preset`, `missing`, `value`, or whatever `source_lookup` and `sampling_of` raise.
    """
    verb, said, has_notes = render.verb, render.values, render.notes is not None
    preset = presets.get(_preset_name(said, session))
    borrowed = lent(preset.values, verb, names_preset="preset" in said, has_notes=has_notes)
    below = _layered(defaults(), user_defaults or {}, borrowed)
    values = _layered(below, session, said)
    from_recipe = PartialRequest()
    take = take_lookup(values["source"]) if take_lookup and _starts_from_source(verb, values) else None
    if take is not None:
        # A request that names a preset asks for its values.
        asked = _layered(borrowed if "preset" in said else {}, session, said)
        from_recipe = lent_by_source(take, verb, asked, values, has_notes=has_notes)
        values = _layered(below, from_recipe, session, said)
    values["preset"] = preset.name
    values = _with_the_models_own(_for_verb(values, verb), sampling_of)
    if values["seed"] == -1:
        values["seed"] = (choose_seed or _random_seed)()
    chosen = "preset" in said or "preset" in session
    spoken = _layered(borrowed if chosen else {}, from_recipe, session, said)
    follows_beat = bool(values.get("chords") or render.notes)
    complete = {
        **dict.fromkeys(PARAMETERS),
        **values,
        "verb": verb,
        "source": source_lookup(values["source"]) if "source" in values else None,
        "source_b": source_lookup(values["source_b"]) if "source_b" in values else None,
        "notes": render.notes,
        "knows_tempo": verb == "generate" or "bpm" in spoken or follows_beat,
        "preset_chosen": verb == "generate" or chosen,
    }
    return check_combination(RenderRequest.model_validate(complete))


def _preset_name(values: PartialRequest, session: PartialRequest) -> str:
    return values.get("preset", session.get("preset", defaults()["preset"]))


def _starts_from_source(verb: Verb, values: PartialRequest) -> bool:
    return verb in PARAMETERS["source"].verbs and "source" in values


def _layered(*layers: PartialRequest) -> PartialRequest:
    """Merge the layers, each overriding those before."""
    values: PartialRequest = {}
    for layer in layers:
        if not layer.keys().isdisjoint(_LENGTHS):
            values = without(values, _LENGTHS)
        if layer.get("part") or layer.get("parts"):
            # The sound of the layers below was chosen for another part.
            values |= {"part": "", "parts": "", "sound": ""}
        values |= layer
    return values


def _for_verb(values: PartialRequest, verb: Verb) -> PartialRequest:
    """Keep the values that the verb takes, reset the others to defaults and add the length in seconds."""
    taken = {parameter.name for parameter in for_verb(verb)}
    settled = without(defaults(), taken) | without(values, PARAMETERS.keys() - taken)
    if verb not in NEW_MUSIC:
        return without(settled, _LENGTHS) | {"seconds": 0.0}
    if "bars" in settled:
        settled["seconds"] = seconds_of(
            settled["bars"], settled["numerator"], settled["denominator"], settled["bpm"]
        )
    return settled


def _with_the_models_own(values: PartialRequest, sampling_of: SamplingOf) -> PartialRequest:
    if all(name in values for name in OF_MODEL):
        return values
    return sampling_of(values["model"]) | values


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
        values = _checked(with_meter_spelled_out(content))
    except BridgeError as error:
        raise BridgeError("preset", f"preset {shown(name)}: {error}") from error
    return Preset(name, description, values, is_factory)


def _checked(content: Mapping[str, object]) -> PartialRequest:
    """Check every value against the table; report all mistakes at once."""
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
    return partial_request(values)
