"""OSC messages as JSON: `{"address": "/msanii/generate", "args": ["job-1", "bpm", 97.3]}`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import NoReturn

from bridge.inputs.osc_packets import (
    MAX_ADDRESS_BYTES,
    MAX_ARGUMENTS,
    MAX_MESSAGE_BYTES,
    OscItem,
    UnreadableError,
)
from bridge.messages import Argument

_EXAMPLE = '{"address": "/msanii/status", "args": []}'
_LARGEST_INT = 2**63  # as in OSC


def parse_json(text: str) -> object:
    """Parse JSON from a stranger. Raises UnreadableError."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not JSON, expected a message such as {_EXAMPLE}; send that.") from error


def read_message(content: object) -> OscItem:
    """Return the message of a parsed frame. `{"f": 4}` is the float 4. Raises UnreadableError."""
    if not isinstance(content, dict) or not isinstance(content.get("address"), str):
        raise UnreadableError(f"a frame without `address`, expected {_EXAMPLE}; send that.")
    address, arguments = content["address"], content.get("args", [])
    if not address.startswith("/") or not address.isascii() or not address.isprintable():
        raise UnreadableError(f"not an OSC address, expected one as in {_EXAMPLE}; send that.")
    if len(address) > MAX_ADDRESS_BYTES:
        got = f"an address of {len(address)} characters"
        raise UnreadableError(f"{got}, expected at most {MAX_ADDRESS_BYTES}; send /msanii/help for the list.")
    if not isinstance(arguments, list) or len(arguments) > MAX_ARGUMENTS:
        raise UnreadableError(
            f"`args` is no list of at most {MAX_ARGUMENTS}, expected one as in {_EXAMPLE}; send that.",
            address,
        )
    return OscItem(address, tuple(_argument(value, address) for value in arguments))


def write_json(address: str, arguments: Sequence[Argument]) -> str:
    """Write a message as JSON. Bytes have no form in it, nor has a number that is none: both become null."""
    content = {"address": address, "args": [_plain(argument) for argument in arguments]}
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _argument(value: object, address: str) -> Argument:
    if isinstance(value, dict) and len(value) == 1 and "f" in value:
        number = value["f"]
        if isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < _LARGEST_INT:
            return float(number)
        raise UnreadableError(
            'an argument `{"f": ...}` without a number, expected {"f": 4}; send that.', address
        )
    if isinstance(value, str):
        if len(value) > MAX_MESSAGE_BYTES:
            got = f"a text of {len(value)} characters"
            raise UnreadableError(f"{got}, expected at most {MAX_MESSAGE_BYTES}; shorten it.", address)
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGEST_INT:
        raise UnreadableError("a whole number of more than 64 bits; send an ordinary number.", address)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise UnreadableError(
        "an argument that is a list or an object, expected text, numbers, true, false or null; send those.",
        address,
    )


def _plain(argument: Argument) -> str | int | float | bool | None:
    if isinstance(argument, bytes) or (isinstance(argument, float) and not math.isfinite(argument)):
        return None
    return argument


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
