"""What one OSC message reaches: one address, or with wildcards those that only read or set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.addresses import ROOT
from bridge.addresses.table import ADDRESSES, BY_PATH, unknown_address
from bridge.inputs.wildcards import is_pattern, matching
from bridge.messages import BridgeError
from bridge.values import shown

# Each answer tells the whole, so that a second pattern in one packet adds nothing.
_QUESTIONS = frozenset(f"{ROOT}{name}" for name in ("status", "version", "help", "preset/list"))
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Reached:
    """The addresses that one message reaches, with its arguments."""

    paths: Sequence[str]
    arguments: tuple[object, ...]

    @property
    def cost(self) -> int:
        """In tokens: 1 for each address, except that help answers with a message for each row."""
        return max(1, sum(len(ADDRESSES) if path == ROOT + "help" else 1 for path in self.paths))


def matching_cost(address: str) -> int:
    """What comparing a pattern with the table costs in tokens; nothing for a plain address."""
    return len(address) * (1 + address.count(",")) // _CHARACTERS_PER_TOKEN if is_pattern(address) else 0


def reach(address: str, arguments: tuple[object, ...], asked: set[str]) -> Reached:
    """Finds what a message reaches: one address of any kind, or several that only read or set.

    Patterns ask each question once a packet: `asked` holds what they asked before in this one.

    Raises:
        BridgeError: `address` for a pattern that fits nothing, or commands alone.
    """
    if not is_pattern(address):
        return Reached((address,), arguments)
    paths = matching(address, BY_PATH)
    if not paths:
        raise unknown_address(address)
    if len(paths) > 1:
        idempotent = {path for path in paths if BY_PATH[path].idempotent}
        paths = [path for path in paths if path in idempotent]
    if not paths:
        raise BridgeError("address", f"{shown(address)}: fits several commands; write out the one you mean.")
    paths = [path for path in paths if path not in asked]
    asked |= _QUESTIONS.intersection(paths)
    return Reached(paths, arguments)
