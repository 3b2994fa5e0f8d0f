"""Parsers for OSC arguments: job ids, `key value` pairs, buttons, ports. Every error says what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Literal, TypeGuard

from bridge.messages import BridgeError, PartialRequest, Verb, partial_request
from bridge.meter import METER, METER_PARTS, meter_values
from bridge.parameters import PARAMETERS, VERBS, Parameter, for_edit
from bridge.values import name_of, number_of, shown
from msanii.choices import did_you_mean

MAX_JOB_ID_CHARACTERS = 64
MAX_ECHO_CHARACTERS = 256
HIGHEST_PORT = 65535
LOWEST_REPLY_PORT = 1024  # so that nobody can direct the daemon's answers at a system service

Arguments = Sequence[object]

EditOrVerb = Verb | Literal["edit"]
MOST_SOURCES = 8
EDIT_KEYS = ("chord", "recompose", "renew")
"""what an edit takes beside parameters, each a text"""
_MOST_EDIT_CHARACTERS = 4096

_KEYS: Mapping[EditOrVerb | None, Mapping[str, Parameter]] = {
    **{verb: {k: row for k, row in PARAMETERS.items() if verb in row.verbs} for verb in VERBS},
    "edit": {row.name: row for row in for_edit()},
    None: {k: row for k, row in PARAMETERS.items() if row.in_presets},
}


def job_id(arguments: Arguments) -> str:
    """Return the job id that an odd number of arguments begins with. Raises BridgeError."""
    first = arguments[0]
    if _is_name(first) and not _is_name(arguments[1]):
        check_one_string(arguments)
        last = arguments[-1] if _is_name(arguments[-1]) else first
        raise BridgeError(
            "missing", f"`{last}` has no value: arguments are `key value` pairs; send its value after it."
        )
    if not isinstance(first, str):
        raise BridgeError(
            "type",
            f"job id: got {shown(first)}, expected text, since an odd number of arguments begins with "
            "a job id; send an OSC string, or `key value` pairs alone.",
        )
    if not is_job_id(first):
        raise BridgeError(
            "value",
            f"job id: got {shown(first)}, expected 1 to {MAX_JOB_ID_CHARACTERS} printable characters, "
            "not `all`, not a parameter's name, not beginning with `/`; choose another.",
        )
    return first


def edit_job_id(arguments: Arguments) -> str:
    """Return the job id that an edit's even number of arguments begins with. Raises BridgeError."""
    if _is_name(arguments[1]) or arguments[1] in EDIT_KEYS:
        raise BridgeError(
            "missing",
            f"`{arguments[-1]}` has no value: after the take come `key value` pairs; send its value after it."
            if len(arguments) == 2
            else f"got {len(arguments)} arguments, expected a take and `key value` pairs; send all of them.",
        )
    return job_id((arguments[0], ""))


def is_job_id(value: object) -> bool:
    """Return whether this is a valid job id; `/` is reserved, since some failures name an address instead."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_JOB_ID_CHARACTERS:
        return False
    return value != "all" and not _is_name(value) and not value.startswith("/") and value.isprintable()


def sources(address: str, arguments: Arguments) -> tuple[tuple[str, ...], Arguments]:
    """Return the paths of all `source` pairs, at most `MOST_SOURCES`, and the other arguments.

    Raises BridgeError.
    """
    paths: list[str] = []
    others = list(arguments[: len(arguments) % 2])
    for key, value in zip(arguments[len(others) :: 2], arguments[len(others) + 1 :: 2], strict=True):
        if key == "source":
            paths.append(take(address, value, "an audio file's path, or a take's name"))
        else:
            others += [key, value]
    if len(paths) > MOST_SOURCES:
        raise BridgeError("value", f"`source`: got {len(paths)} files, expected at most {MOST_SOURCES}.")
    return tuple(paths), others


def edit_pairs(arguments: Arguments) -> tuple[PartialRequest, Mapping[str, str]]:
    """Parse the `key value` pairs of an edit: parameters, and texts of `EDIT_KEYS`. Raises BridgeError."""
    texts: dict[str, str] = {}
    others: list[object] = []
    for key, value in zip(arguments[::2], arguments[1::2], strict=True):
        if key not in EDIT_KEYS:
            others += [key, value]
        elif key in texts:
            raise BridgeError("value", f"`{key}` is given twice; send it once.")
        else:
            texts[str(key)] = _edit_text(str(key), value)
    return pairs(others, "edit"), texts


def _edit_text(key: str, value: object) -> str:
    if _is_number(value) and value % 1 == 0:
        value = str(int(value))  # a client may send bar 3 as a number
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        expected = "a bar and its chord, as in 3 Dm" if key == "chord" else "bars, as in 3-4,7"
        raise BridgeError("type", f"`{key}`: got {shown(value)}, expected {expected}; send an OSC string.")
    if len(value) > _MOST_EDIT_CHARACTERS:
        raise BridgeError(
            "value", f"`{key}`: got {len(value)} characters, expected at most {_MOST_EDIT_CHARACTERS}."
        )
    return value


def pairs(arguments: Arguments, verb: EditOrVerb | None = None) -> PartialRequest:
    """Parse `key value` pairs for a verb; without one, those that a preset may have. Raises BridgeError."""
    allowed = _KEYS[verb]
    values: dict[str, object] = {}
    for key, value in zip(arguments[::2], arguments[1::2], strict=True):
        parameter = allowed.get(key) if isinstance(key, str) else None
        if parameter is None and key != METER:
            raise _unknown_key(key, verb, arguments)
        given = meter_values(value) if parameter is None else {parameter.name: parameter.check(value)}
        if not values.keys().isdisjoint(given):
            twice = "the meter" if key == METER or key in METER_PARTS else f"`{key}`"
            raise BridgeError("value", f"{twice} is given twice; send it once.")
        values |= given
    if "bars" in values and "seconds" in values:
        raise BridgeError("value", "`bars` and `seconds` both give the length; send one of them.")
    return partial_request(values)


def check_one_string(arguments: Arguments) -> None:
    """Raise BridgeError if a text is sent as several words, as in `chords Am F C G`."""
    for at, key in enumerate(arguments):
        parameter = PARAMETERS.get(key) if isinstance(key, str) else None
        if parameter is None or not parameter.is_free_text:
            continue
        words = list(
            takewhile(lambda word: isinstance(word, str) and not _is_name(word), arguments[at + 1 :])
        )
        if len(words) > 1:
            raise several_words(str(key), words)


def several_words(name: str, words: Arguments) -> BridgeError:
    """Return the error for a text that is sent as several words."""
    whole = " ".join(map(str, words))
    return BridgeError("value", f"`{name}`: got {len(words)} words; send them in one string: {shown(whole)}.")


def _unknown_key(key: object, verb: EditOrVerb | None, arguments: Arguments) -> BridgeError:
    where = verb or "a preset"
    if not isinstance(key, str):
        return BridgeError("type", f"got {shown(key)} where a name was expected; send `key value` pairs.")
    known = (*EDIT_KEYS, *_KEYS[verb]) if verb == "edit" else tuple(_KEYS[verb])
    names = ", ".join(known)
    if key in PARAMETERS:
        return BridgeError("value", f"`{key}`: {where} does not take it; it takes {names}.")
    meant = did_you_mean(key[:MAX_JOB_ID_CHARACTERS], (*known, METER))
    if meant:
        return BridgeError("value", f"{shown(key)}: no such parameter; {meant} Send that.")
    check_one_string(arguments)
    return BridgeError("value", f"{shown(key)}: no such parameter; {where} takes {names}.")


def expect(address: str, arguments: Arguments, low: int, high: int | None, expected: str) -> None:
    """Raise BridgeError `missing` or `value` unless there are `low` to `high` arguments."""
    if len(arguments) < low:
        raise BridgeError("missing", f"{address}: got no argument, expected {expected}; send that.")
    if high is not None and len(arguments) > high:
        got = f"got {len(arguments)} arguments"
        raise BridgeError("value", f"{address}: {got}, expected {expected}; send only that.")


def is_pressed(address: str, value: object, expected: str) -> bool:
    """Return whether a number is a button's press: 0 is a release, any other a press. Raises BridgeError."""
    number = value if isinstance(value, bool) else number_of(value)
    if number is None:
        what = "a lone word" if isinstance(value, str) else "no number"
        message = f"{address}: {shown(value)} is {what}; expected {expected}, or a button's 1"
        raise BridgeError("missing" if value is None else "type", f"{message}; send one of them.")
    if not math.isfinite(number):
        raise BridgeError("value", f"{address}: got {shown(value)}, expected {expected}; send a real number.")
    return bool(number)


def echo(address: str, field: str, value: object) -> str | int | float:
    """Return a value that is echoed to the client: short text or a number. Raises BridgeError `type`."""
    if isinstance(value, str) and len(value) <= MAX_ECHO_CHARACTERS:
        return value
    if _is_number(value) and math.isfinite(value):
        return value
    expected = f"a number, or at most {MAX_ECHO_CHARACTERS} characters"
    raise BridgeError("type", f"{address} {field}: got {shown(value)}, expected {expected}; send that.")


def reply_port(rest: Arguments) -> int | None:
    """Return the UDP port for answers, or None if none was given. Raises BridgeError `value`."""
    if not rest:
        return None
    port = rest[0]
    if _is_number(port) and LOWEST_REPLY_PORT <= port <= HIGHEST_PORT and port == int(port):
        return int(port)
    expected = f"{LOWEST_REPLY_PORT} to {HIGHEST_PORT}"
    raise BridgeError("value", f"reply port: got {shown(port)}, expected {expected}; choose such a port.")


def text(address: str, value: object, expected: str, max_characters: int) -> str:
    """Return a non-empty string of printable characters, which may be sent as a whole number.

    Raises BridgeError `type` or `value`.
    """
    value = name_of(value)
    if not isinstance(value, str):
        raise BridgeError("type", f"{address}: got {shown(value)}, expected {expected}; send an OSC string.")
    if not 0 < len(value) <= max_characters or not value.isprintable():
        remedy = f"send 1 to {max_characters} printable characters"
        raise BridgeError("value", f"{address}: got {shown(value)}, expected {expected}; {remedy}.")
    return value


def take(address: str, value: object, expected: str) -> str:
    """Return a take's path, file name or label. Raises BridgeError as `text`."""
    return text(address, value, expected, PARAMETERS["source"].max_characters)


def _is_name(value: object) -> bool:
    # Check the type first: an OSC array is a list, which is not hashable.
    return isinstance(value, str) and (value in PARAMETERS or value == METER)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
