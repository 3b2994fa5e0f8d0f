"""Reading and writing .amxd files of unfrozen devices: chunks `tag[4] | size | body`, little-endian sizes.

Layout as in Ableton's own reader (maxdevtools, `maxdiff/amxd_textconv.py`) and in devices that Max saved:
`ampf` holds the device type, `meta` a number, `ptch` the patcher's JSON and one NUL. Nothing follows.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

AUDIO_EFFECT = b"aaaa"
UNFROZEN = 1  # the value of `meta` in newer Max versions
_FROZEN_MARK = b"mx@c"

Patcher = Mapping[str, Any]


class ContainerError(ValueError):
    """The bytes are not an unfrozen .amxd; the message says where, and what was expected."""


@dataclass(frozen=True, slots=True)
class Device:
    """The contents of an .amxd: its type, `meta` and the patcher file as JSON."""

    kind: bytes
    meta: int
    patcher: dict[str, Any]


def patcher_text(patcher: Patcher) -> str:
    """Return the text of a .maxpat file: the same patcher gives the same bytes on every machine."""
    return json.dumps(patcher, indent="\t", ensure_ascii=True) + "\n"


def pack(patcher: Patcher, kind: bytes = AUDIO_EFFECT) -> bytes:
    """Return the .amxd of a patcher."""
    body = patcher_text(patcher).encode("ascii") + b"\0"
    return _chunk(b"ampf", kind) + _chunk(b"meta", struct.pack("<I", UNFROZEN)) + _chunk(b"ptch", body)


def unpack(data: bytes) -> Device:
    """Read an .amxd.

    Raises:
        ContainerError: for a wrong tag, a size that does not fit, a frozen device, a missing NUL or bad JSON.
    """
    chunks = dict(_chunks(data))
    if list(chunks) != [b"ampf", b"meta", b"ptch"]:
        tags = [tag.decode("latin-1") for tag in chunks]
        raise ContainerError(f"chunks: got {tags}, expected ampf, meta and ptch")
    kind, meta, body = chunks[b"ampf"], chunks[b"meta"], chunks[b"ptch"]
    if len(kind) != 4 or len(meta) != 4:
        raise ContainerError(f"ampf and meta: got {len(kind)} and {len(meta)} bytes, expected 4 each")
    if body.startswith(_FROZEN_MARK):
        raise ContainerError("ptch: got a frozen device, expected JSON; unfreeze it in Max")
    if not body.endswith(b"\0"):
        raise ContainerError("ptch: the last byte is not NUL")
    try:
        patcher = json.loads(body[:-1])
    except ValueError as error:
        raise ContainerError(f"ptch: not JSON ({error})") from None
    if not isinstance(patcher, dict) or not isinstance(patcher.get("patcher"), dict):
        raise ContainerError("ptch: expected an object with the key `patcher`")
    return Device(kind, struct.unpack("<I", meta)[0], patcher)


def _chunk(tag: bytes, body: bytes) -> bytes:
    return tag + struct.pack("<I", len(body)) + body


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise ContainerError(f"byte {at}: {len(data) - at} bytes left, expected a tag and a size")
        tag, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if at + 8 + size > len(data):
            raise ContainerError(f"chunk {tag!r}: says {size} bytes, {len(data) - at - 8} are there")
        yield tag, data[at + 8 : at + 8 + size]
        at += 8 + size
