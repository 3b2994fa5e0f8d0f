"""Events reach every subscriber and the job's sender, once each, and not too often."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bridge.messages import (
    Argument,
    BridgeError,
    ChildRestarted,
    Done,
    Failed,
    Peer,
    Progress,
    Queued,
    TakeReady,
)
from bridge.outputs.notify import MAX_NETWORK_SUBSCRIBERS, MAX_SUBSCRIBERS_PER_HOST, Notifier

A, B, SENDER = Peer("127.0.0.1", 1), Peer("127.0.0.1", 2), Peer("127.0.0.1", 3)


class Post:
    """Keeps what is sent, on a clock that the test moves."""

    def __init__(self) -> None:
        self.sent: list[tuple[Peer, str, tuple[Argument, ...]]] = []
        self.now = 100.0
        self.notifier = Notifier(self.send, lease_seconds=60, clock=lambda: self.now)

    def send(self, peer: Peer, address: str, arguments: Sequence[Argument]) -> None:
        self.sent.append((peer, address, tuple(arguments)))

    def reached(self) -> list[Peer]:
        peers = [peer for peer, _, _ in self.sent]
        self.sent.clear()
        return peers


@pytest.fixture
def post() -> Post:
    return Post()


def test_subscribers_and_the_sender_hear_once_each(post: Post) -> None:
    post.notifier.subscribe(A)
    post.notifier.subscribe(B)
    post.notifier.follow("j", SENDER)
    post.notifier.follow("k", A)
    post.notifier.deliver(Queued("j", 7))
    assert post.reached() == [A, B, SENDER]
    post.notifier.deliver(Done("k"))
    assert post.reached() == [A, B]
    post.notifier.deliver(ChildRestarted("worker", "x"))
    assert post.reached() == [A, B]


def test_a_sender_needs_no_subscription(post: Post) -> None:
    post.notifier.follow("j", SENDER)
    post.notifier.follow("k", None)
    for event in (Queued("j", 7), Queued("k", 8), Done("j"), Done("j")):
        post.notifier.deliver(event)
    assert [address for _, address, _ in post.sent] == ["/msanii/queued", "/msanii/done"]
    assert set(post.reached()) == {SENDER}


def test_a_lease_runs_out_unless_it_is_renewed(post: Post) -> None:
    assert post.notifier.subscribe(A) == 60
    post.notifier.subscribe(B)
    post.now += 40
    post.notifier.subscribe(A)
    post.now += 40
    post.notifier.deliver(Done("j"))
    assert post.reached() == [A]
    post.now += 40
    post.notifier.deliver(Done("j"))
    assert post.reached() == []


def test_a_subscription_can_be_ended(post: Post) -> None:
    post.notifier.subscribe(A)
    post.notifier.unsubscribe(A)
    post.notifier.unsubscribe(B)
    post.notifier.deliver(Done("j"))
    assert post.reached() == []


def test_the_number_of_subscribers_of_a_host_is_capped_but_renewing_is_not(post: Post) -> None:
    for port in range(MAX_SUBSCRIBERS_PER_HOST):
        post.notifier.subscribe(Peer("127.0.0.1", port))
    with pytest.raises(BridgeError, match=r"32 subscribers at 127\.0\.0\.1 already") as raised:
        post.notifier.subscribe(Peer("127.0.0.1", 9_999))
    assert raised.value.code == "busy"
    post.notifier.subscribe(Peer("127.0.0.1", 0))
    post.notifier.subscribe(Peer("192.0.2.1", 1))  # another host has leases of its own
    post.now += 61
    post.notifier.subscribe(Peer("127.0.0.1", 9_999))


def test_however_many_hosts_subscribe_this_machine_still_can(post: Post) -> None:
    for host in range(MAX_NETWORK_SUBSCRIBERS):
        post.notifier.subscribe(Peer(f"192.0.2.{host}", 1))
    with pytest.raises(BridgeError, match="128 subscribers on the network already"):
        post.notifier.subscribe(Peer("198.51.100.1", 1))
    for port in range(MAX_SUBSCRIBERS_PER_HOST):
        post.notifier.subscribe(Peer("127.0.0.1", port))


def test_progress_goes_out_ten_times_a_second_for_each_job(post: Post) -> None:
    post.notifier.subscribe(A)
    post.now = 0.0
    for step in range(1_000):
        post.now = step / 1_000
        post.notifier.deliver(Progress("j", step / 1_000))
        post.notifier.deliver(Progress("k", step / 1_000))
    of_j = [arguments for _, _, arguments in post.sent if arguments[0] == "j"]
    assert len(of_j) == 10
    assert len(post.sent) == 20


def test_nothing_but_progress_is_held_back(post: Post) -> None:
    post.notifier.follow("j", SENDER)
    post.notifier.deliver(Progress("j", 0.9))
    post.notifier.deliver(TakeReady("j", 0, Path("a.wav"), 8, 120))
    post.notifier.deliver(TakeReady("j", 1, Path("b.wav"), 8, 120))
    post.notifier.deliver(Done("j"))
    assert len(post.reached()) == 4


def test_a_take_is_announced_once_however_often_its_render_is_tried(post: Post) -> None:
    post.notifier.follow("j", SENDER)
    first, second = (TakeReady("j", index, Path(f"{index}.wav"), 8, 120) for index in range(2))
    for event in (first, first, second, TakeReady("k", 0, Path("k.wav"), 8, 120), Done("j")):
        post.notifier.deliver(event)
    assert [arguments[:2] for _, _, arguments in post.sent] == [("j", 0), ("j", 1), ("j",)]


def test_a_finished_job_leaves_nothing_behind(post: Post) -> None:
    for number in range(100):
        post.notifier.deliver(Progress(f"j{number}", 0.5))
        post.notifier.deliver(TakeReady(f"j{number}", 0, Path("a.wav"), 8, 120))
        post.notifier.deliver(Done(f"j{number}"))
        post.notifier.follow(f"k{number}", SENDER)
        post.notifier.deliver(Progress(f"k{number}", 0.5))
        post.notifier.deliver(Failed(f"k{number}", "render", "x"))
    assert not post.notifier._progress_at
    assert not post.notifier._senders
    assert not post.notifier._announced
