"""Sends events over OSC: to subscribers, to the sender of a job, and to whoever last commanded a deck."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from bridge.addresses.events import as_osc
from bridge.messages import (
    BridgeError,
    Done,
    Event,
    Failed,
    JobEvent,
    Message,
    Peer,
    Progress,
    Refused,
    TakeReady,
    ValueChanged,
)
from bridge.messages.stage import (
    DeckChanged,
    DeckFailed,
    DeckHeard,
    Recorded,
    RecordingBegun,
    RecordingFailed,
    decks_of,
)
from bridge.outputs.latest_values import LatestValues, Schedule
from bridge.outputs.outlet import Send

LEASE_SECONDS = 60.0
PROGRESS_PER_SECOND = 10.0
MAX_SUBSCRIBERS_PER_HOST = 32
MAX_NETWORK_SUBSCRIBERS = 128  # in all, so that no number of hosts leaves none for this machine
REFUSALS_PER_SECOND = 20

# What the sender of a deck's last command hears without a subscription; deck 0 is the master's recording.
_OF_DECK = DeckChanged | DeckFailed | DeckHeard | RecordingBegun | RecordingFailed | Recorded


def _call_later(seconds: float, action: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, action)


class Notifier:
    """Keeps subscriptions, and sends events to the subscribers.

    Subscriptions end with their lease, but for those of the `lasting` peers and of WebSockets. `clock`
    returns seconds and is monotonic; `schedule(seconds, action)` calls `action` later. At most
    `PROGRESS_PER_SECOND` progress messages a second are sent for each job, at most `REFUSALS_PER_SECOND`
    refusals, and values as `LatestValues` says; all other events are sent at once.
    """

    def __init__(
        self,
        send: Send,
        *,
        lasting: Sequence[Peer] = (),
        lease_seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        schedule: Schedule = _call_later,
    ) -> None:
        self._send = send
        self._lasting = dict.fromkeys(lasting)
        self.lease_seconds = lease_seconds
        self._clock = clock
        self._values = LatestValues(self._send_to_all_concerned, schedule)
        self._refused_at: deque[float] = deque(maxlen=REFUSALS_PER_SECOND)
        self._deck_senders: dict[int, tuple[Peer, float]] = {}
        self._leases: dict[Peer, float] = {}
        self._joined: dict[Peer, None] = {}
        self._progress_at: dict[str, float] = {}
        self._senders: dict[str, Peer] = {}
        self._announced: dict[str, set[int]] = {}

    def subscribe(self, peer: Peer) -> float:
        """Start or renew a lease, and return its length in seconds.

        Raises:
            BridgeError: `busy` if the peer's host has `MAX_SUBSCRIBERS_PER_HOST` others already, or the
                network `MAX_NETWORK_SUBSCRIBERS`.
        """
        if peer.socket:
            self.join(peer)
            return self.lease_seconds
        others = [other for other in self.subscribers() if other != peer and not other.socket]
        if sum(other.host == peer.host for other in others) >= MAX_SUBSCRIBERS_PER_HOST:
            raise _full(f"{MAX_SUBSCRIBERS_PER_HOST} subscribers at {peer.host}")
        from_network = sum(not other.is_on_this_machine for other in others)
        if not peer.is_on_this_machine and from_network >= MAX_NETWORK_SUBSCRIBERS:
            raise _full(f"{MAX_NETWORK_SUBSCRIBERS} subscribers on the network")
        self._leases[peer] = self._clock() + self.lease_seconds
        return self.lease_seconds

    def unsubscribe(self, peer: Peer) -> float:
        """End a lease, if there is one. Return the seconds left, which is 0."""
        self._leases.pop(peer, None)
        self.leave(peer)
        return 0.0

    def join(self, peer: Peer) -> None:
        """Subscribe a WebSocket, which needs no lease."""
        self._joined[peer] = None

    def leave(self, peer: Peer) -> None:
        """Unsubscribe a WebSocket."""
        self._joined.pop(peer, None)

    def subscribers(self) -> list[Peer]:
        """Return the lasting peers, the WebSockets, and those whose lease has not expired."""
        now = self._clock()
        self._leases = {peer: until for peer, until in self._leases.items() if until > now}
        return list(self._lasting | self._leases | self._joined)

    def follow(self, job_id: str, sender: Peer | None) -> None:
        """Remember who sent a job, until it is done or has failed."""
        if sender is not None:
            self._senders[job_id] = sender

    def follow_decks(self, message: Message) -> None:
        """Remember who sent a deck its last command, for one lease: it hears what becomes of it."""
        if message.sender is not None:
            for deck in decks_of(message):
                self._deck_senders[deck] = message.sender, self._clock() + self.lease_seconds

    def deliver(self, event: Event) -> None:
        """Send an event to every subscriber, and to the sender of the job or of the deck's last command.

        Each take is announced only once, although a repeated render reports takes that were ready before.
        """
        if isinstance(event, Progress) and not self._is_due(event.job_id):
            return
        if isinstance(event, TakeReady) and not self._is_new(event):
            return
        if isinstance(event, Refused) and not self._may_tell_refusal():
            return
        if isinstance(event, ValueChanged):
            self._values.changed(event)
            return
        self._send_to_all_concerned(event)
        if isinstance(event, Done | Failed):
            self._progress_at.pop(event.job_id, None)
            self._senders.pop(event.job_id, None)
            self._announced.pop(event.job_id, None)

    def _send_to_all_concerned(self, event: Event) -> None:
        messages = as_osc(event)
        for peer in self._concerned(event):
            for address, arguments in messages:
                self._send(peer, address, arguments)

    def _concerned(self, event: Event) -> list[Peer]:
        peers = self.subscribers()
        match event:
            case Refused(sender=sender):
                return [peer for peer in peers if peer != sender and _may_hear_of(peer, sender)]
            case ValueChanged(by=by):
                return [peer for peer in peers if by is None or not self._is_same_surface(peer, by)]
        concerned = self._sender_of(event)
        return peers if concerned is None or concerned in peers else [*peers, concerned]

    def _sender_of(self, event: Event) -> Peer | None:
        if isinstance(event, _OF_DECK):
            sender, until = self._deck_senders.get(event.deck, (None, 0.0))
            return sender if until > self._clock() else None
        return self._senders.get(event.job_id) if isinstance(event, JobEvent) else None

    def _is_same_surface(self, subscriber: Peer, sender: Peer) -> bool:
        # A surface on the network sends from another port than the one that it listens on.
        is_its_host = subscriber.host == sender.host and not sender.is_on_this_machine
        return subscriber == sender or (subscriber in self._lasting and is_its_host)

    def _may_tell_refusal(self) -> bool:
        # One client's flood of nonsense must not become a flood for all.
        now = self._clock()
        if len(self._refused_at) == REFUSALS_PER_SECOND and now - self._refused_at[0] < 1.0:
            return False
        self._refused_at.append(now)
        return True

    def _is_new(self, take: TakeReady) -> bool:
        announced = self._announced.setdefault(take.job_id, set())
        is_new = take.index not in announced
        announced.add(take.index)
        return is_new

    def _is_due(self, job_id: str) -> bool:
        now = self._clock()
        last = self._progress_at.get(job_id)
        if last is not None and now - last < 1.0 / PROGRESS_PER_SECOND:
            return False
        self._progress_at[job_id] = now
        return True


def _full(who: str) -> BridgeError:
    return BridgeError("busy", f"notify: {who} already; end one with `/msanii/notify 0`.")


def _may_hear_of(subscriber: Peer, sender: Peer) -> bool:
    # What programs of this machine send may name its folders.
    return subscriber.is_on_this_machine or not sender.is_on_this_machine
