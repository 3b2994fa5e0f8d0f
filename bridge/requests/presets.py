"""Completing a request from presets, the session and defaults.

Layers of values, each overriding those before: defaults, preset, the source's recipe, session, request.
Parameters in `OF_MODEL` that none of them sets take the model's defaults.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable

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
from bridge.meter import METER, METER_PARTS, meter_values
from bridge.parameters import (
    LENGTHS,
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
from bridge.requests.heard_source import HeardSource, heard_beats, lent_by_hearing
from bridge.requests.lending import PLAYERS, lent
from bridge.requests.preset_folders import Presets
from bridge.requests.source_recipe import (
    SourceTake,
    from_score_start,
    lent_by_source,
    lent_players,
    source_beats,
    source_notes,
)
from bridge.values import shown
from msanii.limits import MAX_SEED
from msanii.music.timeline import beat_seconds_text

SourceLookup = Callable[[str], SourceAudio]
TakeLookup = Callable[[str], SourceTake | HeardSource | None]
"""Reads the recipe of the source at a path, or says what was heard in it; None if neither is known.

Raises as `SourceLookup`.
"""
SamplingOf = Callable[[str], PartialRequest]
"""Returns the defaults of the model of that name for `OF_MODEL`; raises BridgeError `model`."""


# --- the session --------------------------------------------------------------------------------------


def with_parameter(session: PartialRequest, name: str, value: object) -> PartialRequest:
    """Return the session with a value set; a length in bars replaces one in seconds, and vice versa."""
    if name == METER:
        return session | partial_request(meter_values(value))
    others = without(session, LENGTHS) if name in LENGTHS else session
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


def preset_values(presets: Presets, session: PartialRequest, values: PartialRequest) -> PartialRequest:
    """Return the values for a new preset: the session's preset and values, overridden by the message's.

    Loading what was saved then changes nothing. Empty text is left out: it only undid what lay below.

    Raises:
        BridgeError: `preset` if the session's preset is gone, or its file has a mistake.
    """
    loaded = presets.get(_preset_name({}, session)).values
    never = [name for name, row in PARAMETERS.items() if not row.in_presets]
    merged = _layered(loaded, without(session, never), values)
    return without(merged, [name for name, value in merged.items() if value == ""])


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
    source or notes, `bridge.requests.source_recipe` which values come from the recipe of a source, and
    `bridge.requests.heard_source` which from what is heard in it (`take_lookup`). If the request sets a part
    or parts, a preset's or the session's sound is ignored.

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
    # A request that names a preset asks for its values.
    asked = _layered(borrowed if "preset" in said else {}, session, said)
    if isinstance(take, SourceTake):
        from_recipe = lent_by_source(take, verb, asked, values, has_notes=has_notes)
    elif take is not None:
        players = lent_players(take.take, asked) if take.take else PartialRequest()
        from_recipe = players | lent_by_hearing(take, asked)
    values = _layered(below, from_recipe, session, said)
    if verb == "inpaint" and not said.keys().isdisjoint(LENGTHS):
        knows_tempo = any("bpm" in layer for layer in (said, session, from_recipe))
        values["to_seconds"] = _region_end(said, values, knows_tempo=knows_tempo)
    values["preset"] = preset.name
    values = _with_the_models_own(_for_verb(values, verb), sampling_of)
    if values["candidates"] == 1 and said.get("keep", 0) == 0:
        # The session's choice was among several.
        values = without(values, ["keep"])
    if values["seed"] == -1:
        values["seed"] = (choose_seed or _random_seed)()
    chosen = "preset" in said or "preset" in session
    spoken = _layered(borrowed if chosen else {}, from_recipe, session, said)
    follows_beat = bool(values.get("chords") or values.get("beat_seconds") or render.notes)
    complete = {
        **dict.fromkeys(PARAMETERS),
        **values,
        "verb": verb,
        "source": source_lookup(values["source"]) if "source" in values else None,
        "source_b": source_lookup(values["source_b"]) if "source_b" in values else None,
        "notes": render.notes,
        "knows_tempo": verb == "generate" or "bpm" in spoken or follows_beat,
        "preset_chosen": verb == "generate" or chosen,
        "note_parts": render.note_parts,
    }
    request = RenderRequest.model_validate(complete)
    return check_combination(request.model_copy(update=of_source(take, request, from_recipe)))


def of_source(
    take: SourceTake | HeardSource | None, request: RenderRequest, lent: PartialRequest
) -> dict[str, object]:
    """Return the fields of a request that no client sets: its source's beats and notes, and what was heard.

    `lent` are the values that the request took from its source.
    """
    if take is None:
        return {}
    if isinstance(take, SourceTake):
        beats = source_beats(take, request)
        fields: dict[str, object] = {"source_notes": source_notes(take, request)}
    else:
        beats = heard_beats(take, request)
        fields = {"heard_values": tuple(name for name in lent if name not in PLAYERS)}
    if request.beat_seconds:
        return fields
    moved = from_score_start(beats, request, take.seconds, own_chords="chords" not in lent)
    return fields | {"beat_seconds": beat_seconds_text(moved)}


def _region_end(said: PartialRequest, values: PartialRequest, *, knows_tempo: bool) -> float:
    """Return where inpaint's new music ends if the request gives its length. Raises BridgeError."""
    if "to_seconds" in said:
        raise BridgeError("value", "`to_seconds`: the length gives the end too; send one of them.")
    if "bars" in said and not knows_tempo:
        raise BridgeError(
            "missing",
            "`bpm`: the tempo of the source is not known, so `bars` have no length; send its `bpm`.",
        )
    meter = values["numerator"], values["denominator"]
    seconds = seconds_of(said["bars"], *meter, values["bpm"]) if "bars" in said else said["seconds"]
    return values.get("from_seconds", 0.0) + seconds


def _preset_name(values: PartialRequest, session: PartialRequest) -> str:
    return values.get("preset", session.get("preset", defaults()["preset"]))


def _starts_from_source(verb: Verb, values: PartialRequest) -> bool:
    return verb in PARAMETERS["source"].verbs and "source" in values


def _layered(*layers: PartialRequest) -> PartialRequest:
    """Merge the layers, each overriding those before."""
    values: PartialRequest = {}
    for layer in layers:
        if not layer.keys().isdisjoint(LENGTHS):
            values = without(values, LENGTHS)
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
        return without(settled, LENGTHS) | {"seconds": 0.0}
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
