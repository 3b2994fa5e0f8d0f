"""Which takes are rendered in one batch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.pool.splitting import Piece, divided, halved
from bridge.worker.loop import Order
from tests.bridge.render_requests import make_request


def order(**values: int | str) -> Order:
    request = make_request(**values)
    paths = tuple(Path(f"{index}.wav") for index in request.takes)
    return Order("a", request, Path("model"), (), paths)


def takes(pieces: list[Piece]) -> list[list[int]]:
    return [list(piece.takes) for piece in pieces]


@pytest.mark.parametrize(
    ("count", "renderers", "expected"),
    [
        (1, 4, [[0]]),
        (4, 1, [[0, 1, 2, 3]]),
        (4, 2, [[0, 1], [2, 3]]),
        (5, 2, [[0, 1, 2], [3, 4]]),
        (2, 8, [[0], [1]]),
    ],
)
def test_takes_are_divided_among_free_renderers(
    count: int, renderers: int, expected: list[list[int]]
) -> None:
    assert takes(divided(order(count=count), range(count), renderers)) == expected


def test_the_request_of_one_batch_stays_as_it_is() -> None:
    (piece,) = divided(order(count=3), range(3), 1)
    assert piece.order.request.batch == 0


def test_an_asked_batch_is_kept() -> None:
    assert takes(divided(order(count=4, batch=1), range(4), 2)) == [[0], [1], [2], [3]]
    assert takes(divided(order(count=4, batch=3), range(4), 1)) == [[0, 1, 2], [3]]


def test_finished_batches_are_left_out_and_others_stay_whole() -> None:
    assert takes(divided(order(count=4), [1], 2)) == [[0, 1]]
    assert divided(order(count=4), [], 2) == []


def test_arrangements_are_one_batch() -> None:
    assert takes(divided(order(parts="keys,bass", count=3), range(3), 4)) == [[0, 1, 2]]
    (piece,) = divided(order(parts="keys,bass", count=3, batch=1), range(3), 4)
    assert not halved(piece)


@given(count=st.integers(1, 16), renderers=st.integers(1, 20), batch=st.integers(0, 16))
def test_whatever_needs_too_much_memory_ends_as_single_takes_of_its_batches(
    count: int, renderers: int, batch: int
) -> None:
    pieces = divided(order(count=count, batch=batch), range(count), renderers)
    assert sorted(take for piece in pieces for take in piece.takes) == list(range(count))
    while larger := [piece for piece in pieces if len(piece.takes) > 1]:
        for piece in larger:
            smaller = halved(piece)
            assert [take for one in smaller for take in one.takes] == list(piece.takes)
            assert all(len(one.takes) < len(piece.takes) for one in smaller)
            # Rendered again from its recipe, each batch is the same one.
            assert all(one.takes in one.order.request.batches for one in smaller)
            pieces.remove(piece)
            pieces += smaller
    assert not any(halved(piece) for piece in pieces)
