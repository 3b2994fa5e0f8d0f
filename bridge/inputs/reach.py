"""Resolves the address of an OSC message: one row of the table, or with wildcards several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.addresses import ROOT
from bridge.addresses.table import BY_PATH, unknown_address
from bridge.inputs.wildcards import is_pattern, matching
from bridge.messages import BridgeError
from bridge.values import shown

# Their answers are complete and do not depend on arguments: asking once a packet is enough.
_QUESTIONS = frozenset(f"{ROOT}{name}" for name in ("status", "version", "help", "preset/list"))
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Reached:
    """The addresses that a message goes to, and its arguments."""

    paths: Sequence[str]
    arguments: tuple[object, ...]

    @property
    def cost(self) -> int:
        """The cost in tokens of all addresses; an unknown one costs 1."""
        return max(1, sum(BY_PATH[path].cost if path in BY_PATH else 1 for path in self.paths))


def matching_cost(address: str) -> int:
    """Return the cost in tokens of matching a pattern with the table; 0 for a plain address."""
    return len(address) * (1 + address.count(",")) // _CHARACTERS_PER_TOKEN if is_pattern(address) else 0


def reach(address: str, arguments: tuple[object, ...], asked: set[str]) -> Reached:
    """Resolve a message's address. A pattern that matches several addresses reaches only idempotent ones.

    Patterns ask each of `_QUESTIONS` only once a packet: `asked` holds those already asked, and is updated.

    Raises:
        BridgeError: `address` if a pattern matches nothing, or several addresses but none that is idempotent.
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
