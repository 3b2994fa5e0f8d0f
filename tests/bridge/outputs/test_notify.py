"""Events reach every subscriber and the job's sender, once each, and not too often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    Refused,
    TakeReady,
    ValueChanged,
)
from bridge.messages import stage as s
from bridge.outputs.notify import (
    MAX_NETWORK_SUBSCRIBERS,
    MAX_SUBSCRIBERS_PER_HOST,
    REFUSALS_PER_SECOND,
    Notifier,
)

A, B, SENDER = Peer("127.0.0.1", 1), Peer("127.0.0.1", 2), Peer("127.0.0.1", 3)


class Post:
    """Keeps what is sent, on a clock that the test moves."""

    def __init__(self, *lasting: Peer) -> None:
        self.sent: list[tuple[Peer, str, tuple[Argument, ...]]] = []
        self.now = 100.0
        self.later: list[Callable[[], None]] = []
        self.notifier = Notifier(
            self.send,
            lasting=lasting,
            lease_seconds=60,
            clock=lambda: self.now,
            schedule=lambda _seconds, action: self.later.append(action),
        )

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


def test_a_refusal_is_told_to_all_but_its_sender_and_says_whose_it_is(post: Post) -> None:
    post.notifier.subscribe(A)
    post.notifier.subscribe(B)
    post.notifier.deliver(Refused("j1", "exists", "taken", A))
    assert post.sent == [(B, "/msanii/refused", ("j1", "exists", "taken", "127.0.0.1:1"))]


def test_a_flood_of_refusals_is_not_a_flood_for_all(post: Post) -> None:
    post.notifier.subscribe(B)
    for _ in range(1_000):
        post.notifier.deliver(Refused("/x", "address", "no such address", A))
    assert len(post.reached()) == REFUSALS_PER_SECOND
    post.now += 1
    post.notifier.deliver(Refused("/x", "address", "no such address", A))
    assert post.reached() == [B]


def test_a_network_client_does_not_hear_what_this_machine_was_refused(post: Post) -> None:
    tablet = Peer("192.168.1.20", 9000)
    post.notifier.subscribe(tablet)
    post.notifier.deliver(Refused("/msanii/vary", "source", "/home/me/song.wav", A))
    assert post.reached() == []
    post.notifier.deliver(Refused("/msanii/vary", "source", "x", Peer("192.168.1.20", 51_000)))
    assert post.reached() == [tablet]


def test_a_value_goes_to_all_but_who_moves_it_on_its_address_and_its_fader(post: Post) -> None:
    post.notifier.subscribe(A)
    post.notifier.subscribe(B)
    post.notifier.deliver(ValueChanged("deck/1/gain", -24.0, A))
    assert post.sent == [
        (B, "/msanii/deck/1/gain", (-24.0,)),
        (B, "/msanii/fader/deck/1/gain", (0.5,)),
    ]


def test_a_fader_that_moves_fast_is_told_by_its_latest_value_and_always_by_its_last(post: Post) -> None:
    post.notifier.subscribe(B)
    for step in range(500):
        post.notifier.deliver(ValueChanged("param/chords", f"C{step}", A))
        post.notifier.deliver(ValueChanged("param/key", f"D{step}", A))
        if step % 100 == 99:
            post.later.pop()()
    told = [(address, *arguments) for _, address, arguments in post.sent]
    assert told[0] == ("/msanii/param/chords", "C0")
    assert told[-2:] == [("/msanii/param/key", "D499"), ("/msanii/param/chords", "C499")] or told[-2:] == [
        ("/msanii/param/chords", "C499"),
        ("/msanii/param/key", "D499"),
    ]
    assert len(told) == 11
    post.later.pop()()
    assert not post.later


def test_a_surface_of_the_settings_hears_for_ever_and_not_its_own_fader() -> None:
    tablet = Peer("192.168.1.20", 9000)
    post = Post(tablet)
    post.now += 1e6
    post.notifier.unsubscribe(tablet)
    post.notifier.deliver(Done("j"))
    assert post.reached() == [tablet]
    # It sends from a port of its own.
    post.notifier.deliver(ValueChanged("deck/1/gain", -24.0, Peer("192.168.1.20", 51_000)))
    assert post.reached() == []
    post.later.pop()()
    post.notifier.deliver(ValueChanged("deck/1/gain", -23.0, Peer("192.168.1.21", 51_000)))
    assert set(post.reached()) == {tablet}
    post.notifier.subscribe(tablet)
    post.notifier.deliver(Done("j"))
    assert post.reached() == [tablet]


def test_who_records_hears_each_file_begin_and_what_went_wrong(post: Post) -> None:
    post.notifier.follow_decks(s.Record(True, None, sender=A))
    post.notifier.follow_decks(s.Record(True, 2, sender=B))
    post.notifier.deliver(s.RecordingBegun(0, "master.wav"))
    post.notifier.deliver(s.RecordingBegun(2, "deck2.wav"))
    post.notifier.deliver(s.RecordingFailed(0, "the disk is full"))
    assert post.reached() == [A, B, A]


def test_who_commands_a_deck_hears_what_becomes_of_it(post: Post) -> None:
    post.notifier.follow_decks(s.LaunchDeck(1, sender=A))
    post.notifier.follow_decks(s.LoadDeck(2, "x.wav", None, sender=A))
    post.notifier.follow_decks(s.StopDeck(2, sender=B))
    post.notifier.follow_decks(s.StopDeck(2))  # a pad
    post.notifier.follow_decks(s.Record(True, None, sender=B))
    post.notifier.deliver(s.DeckChanged(1, "playing", "x.wav"))
    post.notifier.deliver(s.DeckFailed(2, "source", "x.wav is damaged"))
    post.notifier.deliver(s.Recorded(0, "master.wav", 2.0))
    post.notifier.deliver(s.DeckChanged(3, "playing", "x.wav"))
    assert post.reached() == [A, B, B]
    post.notifier.follow_decks(s.Panic(sender=SENDER))
    post.notifier.deliver(s.DeckChanged(3, "stopped", "x.wav"))
    post.now += 61
    post.notifier.deliver(s.DeckChanged(3, "playing", "x.wav"))
    assert post.reached() == [SENDER]
