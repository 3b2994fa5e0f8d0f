"""`/vocabulary`: what the page knows of requests, addresses, sounds and stage, from the daemon's tables."""

from __future__ import annotations

from bridge.addresses import ROOT
from bridge.addresses.faders import SCALES, Range
from bridge.addresses.stage import NUDGE, TEMPO
from bridge.addresses.table import ADDRESSES, VERB_HELP
from bridge.deck_values import DECIBELS, DECK_VALUES, Choice, Kind, Number
from bridge.parameters import PARAMETERS, Parameter, for_edit
from bridge.render.engine import sounds_and_parts
from bridge.render.status import version
from bridge.settings import Settings
from bridge.values import TEMPLATE_FIELDS
from msanii.music.common_progressions import PROGRESSIONS
from msanii.music.sounds import FIRST_SOUNDS, PARTS, SOUNDS_OF_PART, sounds_of_part

_LETTERS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KEYS = tuple(f"{letter} {scale}" for scale in ("major", "minor") for letter in _LETTERS)
# Parameters in the order of a form; what is not here is `advanced`.
_GROUPS = {
    "music": ("chords", "key", "style", "bars", "seconds", "bpm", "numerator", "denominator", "compose"),
    "sound": ("part", "parts", "sound", "level_db", "swing", "density", "register_pitch", "dynamics"),
    "source": (
        "source", "source_b", "strength", "ratio", "from_seconds", "to_seconds", "side", "repaint", "notes",
        "notes_from_beats", "beat_seconds",
    ),
    "takes": ("preset", "seed", "count", "candidates", "loop", "end"),
    "file": ("format", "rate", "loudness_lufs", "name_template"),
}  # fmt: skip
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names}


def vocabulary(settings: Settings) -> dict[str, object]:
    """Return the vocabulary as JSON's objects, lists, texts and numbers."""
    edited = {parameter.name for parameter in for_edit()}
    known, _ = sounds_and_parts(settings.model or "default", settings.model_folders)
    sounds = tuple(known.split(",")) if known else FIRST_SOUNDS
    return {
        "version": version(),
        "parameters": [_parameter(row, row.name in edited) for row in PARAMETERS.values()],
        "addresses": [
            {"address": row.path, "arguments": row.arguments, "help": row.help, "answer": row.answer}
            for row in ADDRESSES
        ],
        "verbs": [{"name": verb, "help": text} for verb, text in VERB_HELP.items()],
        "deck_values": [
            {"name": value.name, "default": value.default, "help": value.help, **_kind(value.kind)}
            for value in DECK_VALUES
        ],
        "stage_values": [
            {"name": name, "address": ROOT + path, "default": default, "help": text, **_kind(kind)}
            for name, path, kind, default, text in _stage_values()
        ],
        "parts": PARTS,
        "sounds": sounds,
        "sounds_of_part": {part: sounds_of_part(part, sounds) for part in SOUNDS_OF_PART},
        "keys": KEYS,
        "progressions": [{"name": row.name, "major": row.major, "minor": row.minor} for row in PROGRESSIONS],
        "template_fields": TEMPLATE_FIELDS,
        "decks": settings.decks,
        "stream": settings.stream,
        "midi": settings.midi,
        "hears_sources": settings.hear_sources,
    }


def _parameter(row: Parameter, in_edit: bool) -> dict[str, object]:
    scale = SCALES.get(f"param/{row.name}")
    return {
        "name": row.name,
        "kind": row.kind,
        "low": row.low,
        "high": row.high,
        "choices": row.choices,
        "default": row.default,
        "unit": row.unit,
        "help": row.help,
        "group": _GROUP_OF.get(row.name, "advanced"),
        "curve": "exponential" if isinstance(scale, Range) and scale.is_exponential else "linear",
        "verbs": row.verbs,
        "in_edit": in_edit,
        "in_presets": row.in_presets,
        "of_model": row.of_model,
        "max_characters": row.max_characters,
    }


def _kind(kind: Kind) -> dict[str, object]:
    match kind:
        case Number():
            return {"kind": "number", "low": kind.low, "high": kind.high, "unit": kind.unit, "choices": ()}
        case Choice():
            return {"kind": "choice", "low": None, "high": None, "unit": "", "choices": kind.words}
        case _:
            return {"kind": "switch", "low": 0, "high": 1, "unit": "", "choices": (0, 1)}


def _stage_values() -> list[tuple[str, str, Kind, object, str]]:
    for_all = [
        (value.name, value.name, value.kind, value.default, value.help_for_all)
        for value in DECK_VALUES
        if value.help_for_all
    ]
    return [
        ("master gain", "master/gain", DECIBELS, 0.0, "gain of the master"),
        ("tempo", "transport/tempo", TEMPO, PARAMETERS["bpm"].default, "tempo of the stage"),
        ("nudge", "stream/nudge_ms", NUDGE, 0.0, "delay of the sound against the clock"),
        *for_all,
    ]
