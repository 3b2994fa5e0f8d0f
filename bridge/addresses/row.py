"""The type of a row of the OSC table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.addresses.arguments import Arguments, is_pressed
from bridge.messages import Message

Build = Callable[[str, Arguments], Message | None]
"""Builds a message from an address and its arguments; None for a button's release. Raises BridgeError."""


RENDER_COST = 4  # a request is completed, checked and written to the journal
CHANGES_OTHERS_COST = 4  # other values depend on it: each that is another now is told to every client
NEW_PROCESS_COST = 250  # the time is that of another process, which a new one takes the place of


@dataclass(frozen=True, slots=True)
class Address:
    """A row of the OSC table. A wildcard that matches several rows reaches only the `idempotent` ones.

    `cost` is what the rate limit charges for it, in tokens (`bridge.inputs.rate_limit`): measured, see
    tests/bridge/inputs/test_address_costs.py.
    """

    path: str
    arguments: str
    help: str
    answer: str
    build: Build
    idempotent: bool = False
    cost: int = 1


def on_press(make: Callable[[], Message]) -> Build:
    """Return a builder for an address without arguments: sent alone, or with a button's 1.

    What follows the 1 is ignored, since some surfaces send the button's own name behind it.
    """

    def build(address: str, arguments: Arguments) -> Message | None:
        if arguments and not is_pressed(address, arguments[0], "nothing, or a button's 1"):
            return None
        return make()

    return build
