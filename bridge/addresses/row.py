"""One row of the OSC table, for the parts that bring their own rows to `bridge.addresses.table`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.messages import Message, Peer

Build = Callable[[str, Sequence[object], "Peer | None"], "Message | None"]


@dataclass(frozen=True, slots=True)
class Address:
    """One row of the table. A wildcard that fits several rows reaches only the `idempotent` ones."""

    path: str
    arguments: str
    help: str
    answer: str
    build: Build
    idempotent: bool = False
