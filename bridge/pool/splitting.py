"""Divides the takes of an order into pieces for several renderers.

A piece is one batch. The last bits of a take depend on what is in its batch, so the request of a divided
order names its `batch`, and so does each recipe: rendered again, anywhere, the same takes are in one batch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.worker.loop import Order


@dataclass(frozen=True, slots=True)
class Piece:
    """The takes of one batch of an order, which names that batch; `deaths` of renderers it has seen."""

    order: Order
    takes: range
    deaths: int = 0

    @property
    def name(self) -> str:
        """A name that is unique while the job is rendered."""
        return f"{self.order.job_id}/{self.takes.start}+{len(self.takes)}/{self.deaths}"


def divided(order: Order, missing: Sequence[int], renderers: int) -> list[Piece]:
    """Divide an order into pieces, at most one for each of so many free renderers; more if it has a batch.

    Batches of which no take is `missing` are left out. Arrangements are never divided.
    """
    request = order.request
    if not request.batch and not request.arrangement and renderers > 1 and request.count > 1:
        size = math.ceil(request.count / min(renderers, request.count))
        request = request.model_copy(update={"batch": size})
    order = replace(order, request=request)
    pieces = [piece_of(order, takes) for takes in request.batches]
    return [piece for piece in pieces if not set(piece.takes).isdisjoint(missing)]


def halved(piece: Piece) -> list[Piece]:
    """Divide a piece that needs too much memory into smaller batches; empty if it is one take already.

    The new size divides the old one, so that the batches begin where those of the whole request do.
    """
    size = len(piece.takes)
    whole = piece.order.request.batch or piece.order.request.count
    if piece.order.request.arrangement or size == 1:
        return []
    smaller = next(number for number in range(min(whole // 2, size), 0, -1) if whole % number == 0)
    if smaller == size:
        smaller = next(number for number in range(size // 2, 0, -1) if whole % number == 0)
    order = replace(piece.order, request=piece.order.request.model_copy(update={"batch": smaller}))
    return [piece_of(order, takes) for takes in order.request.batches if takes.start in piece.takes]


def piece_of(order: Order, takes: range) -> Piece:
    """Return the piece of an order that renders a batch of it."""
    return Piece(replace(order, only=takes), takes)
