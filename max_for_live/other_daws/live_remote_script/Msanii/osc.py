"""OSC 1.0 messages to bytes and back (https://opensoundcontrol.stanford.edu/spec-1_0.html).

Live's Python has no OSC library, and a Remote Script can install none.
"""

from __future__ import annotations

import struct
from typing import Any, List, Tuple

Message = Tuple[str, List[Any]]

_BUNDLE = b"#bundle\x00"
_INT32 = range(-(2**31), 2**31)
_FIXED = {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q"}
_WITHOUT_BYTES = {"T": True, "F": False, "N": None, "I": True}


def encode(address: str, *arguments: Any) -> bytes:
    """Return the packet of one message. Raises TypeError for an argument that is no text, number or bool."""
    tags, data = ",", b""
    for argument in arguments:
        tag, more = _argument(argument)
        tags += tag
        data += more
    return _text(address) + _text(tags) + data


def decode(packet: bytes) -> List[Message]:
    """Return the messages of a packet, those of bundles included. Raises ValueError if it is no OSC."""
    try:
        return list(_messages(packet))
    except (struct.error, IndexError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not an OSC packet: %s" % error) from error


def _argument(value: Any) -> Tuple[str, bytes]:
    if isinstance(value, bool):
        return ("T" if value else "F"), b""
    if isinstance(value, int):
        return ("i", struct.pack(">i", value)) if value in _INT32 else ("h", struct.pack(">q", value))
    if isinstance(value, float):
        return "f", struct.pack(">f", value)
    if isinstance(value, str):
        return "s", _text(value)
    raise TypeError("OSC: got %r, expected text, a number or a bool" % (value,))


def _text(text: str) -> bytes:
    data = text.encode("utf-8") + b"\x00"
    return data + b"\x00" * (-len(data) % 4)


def _messages(packet: bytes):  # type: ignore[no-untyped-def]
    if packet.startswith(_BUNDLE):
        at = 16
        while at < len(packet):
            (size,) = struct.unpack_from(">i", packet, at)
            if not 0 < size <= len(packet) - at - 4:
                raise ValueError("not an OSC packet: a part of %d bytes" % size)
            yield from _messages(packet[at + 4 : at + 4 + size])
            at += 4 + size
        return
    address, at = _read_text(packet, 0)
    tags, at = _read_text(packet, at) if at < len(packet) else (",", at)
    if not address.startswith("/") or not tags.startswith(","):
        raise ValueError("not an OSC packet: no address or no type tags")
    values = []
    for tag in tags[1:]:
        value, at = _read(packet, at, tag)
        values.append(value)
    yield address, values


def _read(packet: bytes, at: int, tag: str) -> Tuple[Any, int]:
    if tag in _WITHOUT_BYTES:
        return _WITHOUT_BYTES[tag], at
    if tag in _FIXED:
        (value,) = struct.unpack_from(_FIXED[tag], packet, at)
        return value, at + struct.calcsize(_FIXED[tag])
    if tag in "sS":
        return _read_text(packet, at)
    if tag == "b":
        (size,) = struct.unpack_from(">i", packet, at)
        if not 0 <= size <= len(packet) - at - 4:
            raise ValueError("not an OSC packet: a blob of %d bytes" % size)
        return packet[at + 4 : at + 4 + size], at + 4 + size + -size % 4
    raise ValueError("not an OSC packet: unknown type `%s`" % tag)


def _read_text(packet: bytes, at: int) -> Tuple[str, int]:
    end = packet.index(b"\x00", at)
    return packet[at:end].decode("utf-8"), end + 1 + -(end + 1 - at) % 4
