"""Which renderer takes which piece, without Ray."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bridge.messages import BridgeError, Done, Failed, Progress
from bridge.pool.schedule import Schedule
from bridge.pool.splitting import Piece
from bridge.worker.loop import Order, OrderBegun
from tests.bridge.render_requests import make_request


@pytest.fixture
def told() -> list[object]:
    return []


@pytest.fixture
def schedule(told: list[object]) -> Schedule:
    return Schedule(told.append)


def order(folder: Path, job_id: str = "a", **values: int) -> Order:
    request = make_request(**values)
    return Order(
        job_id, request, Path("model"), (), tuple(folder / f"{job_id}{n}.wav" for n in request.takes)
    )


def take(schedule: Schedule) -> Piece:
    piece = schedule.next_piece(lambda: True)
    assert piece is not None
    return piece


def test_the_oldest_job_comes_first(schedule: Schedule, told: list[object], tmp_path: Path) -> None:
    for name in ("a", "b"):
        schedule.add(order(tmp_path, name))
    assert [take(schedule).order.job_id for _ in range(2)] == ["a", "b"]
    assert [event for event in told if isinstance(event, OrderBegun)] == [OrderBegun("a"), OrderBegun("b")]


def test_a_job_is_done_once_all_its_pieces_are(
    schedule: Schedule, told: list[object], tmp_path: Path
) -> None:
    schedule.add(order(tmp_path, count=2, batch=1))
    first, second = take(schedule), take(schedule)
    schedule.progressed(first, 0.5)
    schedule.done(second)
    assert Done("a") not in told
    schedule.done(first)
    assert told[-1] == Done("a")
    assert [event.fraction for event in told if isinstance(event, Progress)] == [0.0, 0.25, 0.75, 1.0]


def test_an_orphan_is_rendered_elsewhere_before_what_waits(
    schedule: Schedule, told: list[object], tmp_path: Path
) -> None:
    schedule.add(order(tmp_path, count=3, batch=1))
    first = take(schedule)
    for deaths in (1, 2):
        schedule.orphaned(first, "it died")
        schedule.done(first)  # a late word of the dead renderer counts for nothing
        again = take(schedule)
        assert (again.takes, again.deaths) == (first.takes, deaths)
        first = again
    schedule.orphaned(first, "it died")
    assert isinstance(told[-1], Failed)
    assert "3 renderers" in told[-1].message
    schedule.add(order(tmp_path, "b"))
    assert take(schedule).order.job_id == "b"


def test_a_failed_piece_fails_its_job_after_the_others_have_ended(
    schedule: Schedule, told: list[object], tmp_path: Path
) -> None:
    schedule.add(order(tmp_path, count=3, batch=1))
    first, second = take(schedule), take(schedule)
    schedule.failed(first, BridgeError("output", "silent"))
    assert schedule.is_cancelled(second)
    assert not [event for event in told if isinstance(event, Failed)]
    schedule.failed(second, BridgeError("cancelled", "for the other"))
    assert told[-1] == Failed("a", "output", "silent")


def test_a_cancel_before_the_first_piece_ends_the_job(
    schedule: Schedule, told: list[object], tmp_path: Path
) -> None:
    schedule.add(order(tmp_path))
    assert schedule.cancel("a") == []
    assert isinstance(told[-1], Failed)
    assert told[-1].code == "cancelled"
    assert schedule.cancel("a") == []


def test_a_file_in_the_way_fails_the_job_in_words(
    schedule: Schedule, told: list[object], tmp_path: Path
) -> None:
    schedule.add(order(tmp_path))
    (tmp_path / "a0.wav").write_bytes(b"somebody's")
    schedule.add(order(tmp_path, "b"))
    assert take(schedule).order.job_id == "b"
    (failed,) = [event for event in told if isinstance(event, Failed)]
    assert (failed.job_id, failed.code) == ("a", "exists")


def test_who_waits_is_let_go(schedule: Schedule) -> None:
    found = list[Piece | None]()
    waiting = threading.Thread(target=lambda: found.append(schedule.next_piece(lambda: True)))
    waiting.start()
    schedule.close()
    waiting.join()
    assert found == [None]
    assert schedule.next_piece(lambda: False) is None


def test_the_job_right_after_one_is_divided_among_all_renderers(schedule: Schedule, tmp_path: Path) -> None:
    with schedule.renderer(), schedule.renderer():
        schedule.add(order(tmp_path, "a"))
        whole = take(schedule)
        schedule.add(order(tmp_path, "b", count=4))
        busy = take(schedule)
        assert busy.takes == range(4)  # the other renderer has `a`
        schedule.done(busy)
        schedule.done(whole)
        # Neither has asked for more yet.
        schedule.add(order(tmp_path, "c", count=4))
        assert [take(schedule).takes for _ in range(2)] == [range(2), range(2, 4)]
