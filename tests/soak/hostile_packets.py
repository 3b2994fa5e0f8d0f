"""Datagrams that are wrong in every way, made from the OSC table."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable

from bridge.addresses.table import ADDRESSES
from bridge.inputs.osc_packets import write_message
from bridge.messages import Argument
from tests.bridge.every_address import QUICK, message_to

_UNIX_FROM_NTP_SECONDS = 2_208_988_800
MOST_BYTES = 65_507
_AT_ONCE = (0, 1)
_SHARE_OF_REQUESTS = 0.1
HOSTILE_VALUES: tuple[Argument, ...] = (
    0, 1, -1, 2**31 - 1, -(2**31), 2**63 - 1, 0.5, -0.0, 1e30, 1e300, math.nan, math.inf, -math.inf,
    "", "0", "97,3", "nan", "on", "A" * 5_000, "\x01\x1b[31m", "\u202egnp.exe", "../../etc/passwd",
    "/dev/zero", "'; DROP TABLE jobs; --", "piano_loop", "Am F X7 C", b"\0", b"\xff" * 300, True, False, None,
)  # fmt: skip
_PATTERNS = (
    "/msanii/*", "/*/*", "//status", "/msanii/deck/*/stop", "/msanii/deck/[1-4]/gain",
    "/msanii/{hello,status}", "/msanii/param/*", "/msanii/deck/?/state", "/msanii/[!a-z]*", "/msanii/{",
    "/" + "*a" * 40,
)  # fmt: skip
_HEADS = (b"", b"/msanii/generate\0\0\0\0", b"#bundle\0", b"/msanii/vary\0\0\0\0,sb\0")


class HostilePackets:
    """An endless supply of datagrams; the same for the same random numbers and Unix time."""

    def __init__(self, draw: random.Random, now_seconds: float) -> None:
        self._draw = draw
        self._soon = int(now_seconds) + 1 + _UNIX_FROM_NTP_SECONDS
        self._kinds: tuple[Callable[[], bytes], ...] = (
            self._valid, self._with_hostile_values, self._with_hostile_values, self._of_wrong_length,
            self._misspelt, self._pattern, self._bundle, self._cut, self._flipped, self._noise,
        )  # fmt: skip

    def next(self) -> bytes:
        """Return a datagram of any kind, no longer than UDP can carry."""
        while len(packet := self._draw.choice(self._kinds)()) > MOST_BYTES:
            pass
        return packet

    def _message(self) -> tuple[str, list[Argument]]:
        address, arguments = message_to(self._draw.choice(ADDRESSES))
        return address, list(arguments)

    def _valid(self) -> bytes:
        if self._draw.random() < _SHARE_OF_REQUESTS:
            return write_message("/msanii/generate", QUICK)
        return write_message(*self._message())

    def _with_hostile_values(self) -> bytes:
        address, arguments = self._message()
        arguments = arguments or [0]
        for at in self._draw.sample(range(len(arguments)), self._draw.randint(1, len(arguments))):
            arguments[at] = self._draw.choice(HOSTILE_VALUES)
        return write_message(address, arguments)

    def _of_wrong_length(self) -> bytes:
        address, arguments = self._message()
        if arguments and self._draw.random() < 0.5:
            return write_message(address, arguments[:-1])
        extra = self._draw.choices(HOSTILE_VALUES, k=self._draw.choice((1, 2, 40)))
        return write_message(address, [*arguments, *extra])

    def _misspelt(self) -> bytes:
        address, arguments = self._message()
        at = self._draw.randrange(1, len(address))
        return write_message(address[:at] + self._draw.choice("xy/_~") + address[at + 1 :], arguments)

    def _pattern(self) -> bytes:
        return write_message(self._draw.choice(_PATTERNS), self._draw.choices(HOSTILE_VALUES, k=1))

    def _bundle(self) -> bytes:
        inside = [self._draw.choice(self._kinds[:6])() for _ in range(self._draw.choice((0, 1, 3, 20)))]
        packet = _bundled(inside, self._time_tag())
        for _ in range(self._draw.choice((0, 0, 1, 12))):
            packet = _bundled([packet], _AT_ONCE)
        return packet

    def _time_tag(self) -> tuple[int, int]:
        return self._draw.choice((_AT_ONCE, (0, 0), (1, 0), (self._soon, 2**31), (2**32 - 1, 2**32 - 1)))

    def _cut(self) -> bytes:
        packet = self._draw.choice(self._kinds[:7])()
        return packet[: self._draw.randrange(len(packet))]

    def _flipped(self) -> bytes:
        packet = bytearray(self._draw.choice(self._kinds[:7])())
        for _ in range(self._draw.randint(1, 4)):
            packet[self._draw.randrange(len(packet))] = self._draw.randrange(256)
        return bytes(packet)

    def _noise(self) -> bytes:
        head = self._draw.choice(_HEADS)
        return head + self._draw.randbytes(self._draw.choice((0, 1, 64, 1_500, 60_000)))


def _bundled(inside: list[bytes], tag: tuple[int, int]) -> bytes:
    sized = (len(packet).to_bytes(4, "big") + packet for packet in inside)
    return b"#bundle\0" + struct.pack(">II", *tag) + b"".join(sized)
