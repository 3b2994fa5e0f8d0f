"""OSC encoding and decoding with python-osc, which only gets packets that it can handle.

python-osc was measured to leak UnicodeDecodeError and RecursionError, to log a line for every unknown
type tag and to copy the packet once per argument, so structure, counts and sizes are checked here first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from struct import error as StructError

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message import ParseError as MessageParseError
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing.osc_types import ParseError as TypeParseError

from bridge.messages import Argument, BridgeError

MAX_PACKET_BYTES = 65_536
MAX_MESSAGE_BYTES = 16_384
MAX_DEPTH = 8
MAX_MESSAGES = 512
MAX_ARGUMENTS = 256
MAX_ADDRESS_BYTES = 256

_BUNDLE = b"#bundle\x00"
_BUNDLE_HEAD_BYTES = 16
_UNIX_FROM_NTP_SECONDS = 2_208_988_800
_FRACTIONS = 2**32
_size = Struct(">i")
_time_tag = Struct(">II")

# Read symbols as strings, and an impulse as a button press; python-osc supports neither.
_AS_PYTHON_OSC = bytes.maketrans(b"SI", b"sT")
_KNOWN_TAGS = frozenset(b"ihfdsbrmtTFN[]")


@dataclass(frozen=True, slots=True)
class OscItem:
    """One message of a packet. `at` is when it is due, in Unix seconds; 0 means at once."""

    address: str
    arguments: tuple[object, ...]
    at: float = 0.0


class UnreadableError(BridgeError):
    """A packet or message that cannot be read. `about` is its address, if that could be read."""

    def __init__(self, message: str, about: str = "") -> None:
        super().__init__("malformed", message)
        self.about = about


def read_packet(data: bytes) -> list[OscItem | UnreadableError]:
    """Return the messages of a datagram in order, with an `UnreadableError` for each that cannot be read.

    Raises:
        UnreadableError: if the packet as a whole is too large, nested too deep, or not OSC.
    """
    if len(data) > MAX_PACKET_BYTES:
        got = f"a packet of {len(data)} bytes"
        raise UnreadableError(f"{got}, expected at most {MAX_PACKET_BYTES}; send less at once.")
    if not data.startswith(_BUNDLE):
        return [_read_or_explain(data, 0.0)]
    return [_read_or_explain(element, at) for element, at in _elements(data)]


def _elements(data: bytes) -> list[tuple[bytes, float]]:
    """Unpack nested bundles without recursion into (message, due time), in the packet's order."""
    found: list[tuple[bytes, float]] = []
    # A stack of [position, end, due time], one entry for each level.
    stack = [[_BUNDLE_HEAD_BYTES, len(data), _due(data, 0, len(data))]]
    while stack:
        position, end, due = int(stack[-1][0]), int(stack[-1][1]), stack[-1][2]
        if position >= end:
            stack.pop()
            continue
        size = _size.unpack_from(data, position)[0] if position + 4 <= end else -1
        begin, stop = position + 4, position + 4 + size
        if size <= 0 or stop > end:
            raise UnreadableError("a bundle whose sizes do not add up; check the program that sent it.")
        stack[-1][0] = stop
        if not data.startswith(_BUNDLE, begin, stop):
            found.append((data[begin:stop], due))
        elif len(stack) >= MAX_DEPTH:
            raise UnreadableError(f"bundles nested more than {MAX_DEPTH} deep; send one bundle.")
        else:
            stack.append([begin + _BUNDLE_HEAD_BYTES, stop, max(due, _due(data, begin, stop))])
        if len(found) > MAX_MESSAGES:
            raise UnreadableError(f"a bundle of more than {MAX_MESSAGES} messages; send smaller bundles.")
    return found


def _due(data: bytes, begin: int, stop: int) -> float:
    if stop - begin < _BUNDLE_HEAD_BYTES:
        raise UnreadableError("a bundle without a time tag; check the program that sent it.")
    seconds, fraction = _time_tag.unpack_from(data, begin + len(_BUNDLE))
    if seconds == 0:  # "immediately" is 0 seconds and 1 fraction
        return 0.0
    return max(0.0, float(seconds - _UNIX_FROM_NTP_SECONDS + fraction / _FRACTIONS))


def _read_or_explain(data: bytes, at: float) -> OscItem | UnreadableError:
    try:
        address, arguments = read_message(data)
    except UnreadableError as error:
        return error
    return OscItem(address, arguments, at)


def read_message(data: bytes) -> tuple[str, tuple[object, ...]]:
    """Decode one OSC message into its address and arguments.

    Raises:
        UnreadableError: for anything else, with the address in `about` if that much could be read.
    """
    address, begin = _address(data)
    if len(data) > MAX_MESSAGE_BYTES:
        got = f"a message of {len(data)} bytes"
        raise UnreadableError(f"{got}, expected at most {MAX_MESSAGE_BYTES}; shorten its texts.", address)
    data = _with_known_tags(data, begin, address)
    try:
        return address, tuple(OscMessage(data).params)
    except UnicodeDecodeError as error:
        raise UnreadableError("a text that is not UTF-8, expected UTF-8; send it so.", address) from error
    except (MessageParseError, TypeParseError, StructError, ValueError, OverflowError, IndexError) as error:
        reason = "arguments that end too early; check the program that sent them."
        raise UnreadableError(reason, address) from error


def _address(data: bytes) -> tuple[str, int]:
    """Return the address, and the index at which the type tags begin."""
    end = data.find(b"\x00", 0, MAX_ADDRESS_BYTES + 1)
    if not data.startswith(b"/") or end < 0:
        raise UnreadableError("not an OSC message, expected one such as /msanii/status; send OSC 1.0.")
    try:
        address = data[:end].decode("ascii")
    except UnicodeDecodeError as error:
        raise UnreadableError("an address that is not ASCII; send /msanii/help for the list.") from error
    if not address.isprintable():
        raise UnreadableError("control characters in an address; send /msanii/help for the list.")
    return address, _padded(end)


def _with_known_tags(data: bytes, begin: int, address: str) -> bytes:
    if begin >= len(data):
        return data
    end = data.find(b"\x00", begin)
    if data[begin : begin + 1] != b"," or end < 0:
        raise UnreadableError("arguments without type tags, expected them as in OSC 1.0.", address)
    tags = data[begin + 1 : end].translate(_AS_PYTHON_OSC)
    if len(tags) > MAX_ARGUMENTS:
        got = f"{len(tags)} arguments"
        raise UnreadableError(f"{got}, expected at most {MAX_ARGUMENTS}; send fewer.", address)
    unknown = set(tags) - _KNOWN_TAGS
    if unknown:
        got = f"type tag {chr(min(unknown))!a}"
        raise UnreadableError(f"{got}, expected int, float, string or boolean; send those.", address)
    return data[: begin + 1] + tags + data[end:]


def _padded(end: int) -> int:
    return end + 4 - end % 4


def write_message(address: str, arguments: Sequence[Argument]) -> bytes:
    """Encode an OSC message. Text that UTF-8 cannot represent becomes `?`; ints stay ints, floats floats."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        tag, value = _tagged(argument)
        builder.add_arg(value, tag)
    return bytes(builder.build().dgram)


def _tagged(argument: Argument) -> tuple[str, Argument]:
    if isinstance(argument, str):
        # Undecodable file names contain lone surrogates, and a zero byte would end the text early.
        return "s", argument.replace("\x00", "?").encode("utf-8", "replace").decode("utf-8")
    if isinstance(argument, bool):
        return ("T" if argument else "F"), argument
    if isinstance(argument, int):
        return ("i" if -(2**31) <= argument < 2**31 else "h"), argument
    if isinstance(argument, float):
        # Every client reads 32-bit floats; doubles are only for what these cannot represent.
        return ("f" if not math.isfinite(argument) or abs(argument) < 3e38 else "d"), argument
    if isinstance(argument, bytes):
        return "b", argument
    return "N", None
