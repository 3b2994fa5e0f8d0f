"""Sends events over OSC, to all subscribers and to the sender of the job."""

from __future__ import annotations

import time
from collections.abc import Callable

from bridge.addresses.events import as_osc
from bridge.messages import BridgeError, Done, Event, Failed, JobEvent, Peer, Progress, TakeReady
from bridge.outputs.outlet import Send

LEASE_SECONDS = 60.0
PROGRESS_PER_SECOND = 10.0
MAX_SUBSCRIBERS_PER_HOST = 32
MAX_NETWORK_SUBSCRIBERS = 128  # in all, so that no number of hosts leaves none for this machine


class Notifier:
    """Keeps subscriptions (leases), and sends events to the subscribers.

    `clock` returns seconds and is monotonic. At most `PROGRESS_PER_SECOND` progress messages a second are
    sent for each job; all other events are sent at once.
    """

    def __init__(
        self,
        send: Send,
        *,
        lease_seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self.lease_seconds = lease_seconds
        self._clock = clock
        self._leases: dict[Peer, float] = {}
        self._progress_at: dict[str, float] = {}
        self._senders: dict[str, Peer] = {}
        self._announced: dict[str, set[int]] = {}

    def subscribe(self, peer: Peer) -> float:
        """Start or renew a lease, and return its length in seconds.

        Raises:
            BridgeError: `busy` if the peer's host has `MAX_SUBSCRIBERS_PER_HOST` others already, or the
                network `MAX_NETWORK_SUBSCRIBERS`.
        """
        others = [other for other in self.subscribers() if other != peer]
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
        return 0.0

    def subscribers(self) -> list[Peer]:
        """Return the peers whose lease has not expired."""
        now = self._clock()
        self._leases = {peer: until for peer, until in self._leases.items() if until > now}
        return list(self._leases)

    def follow(self, job_id: str, sender: Peer | None) -> None:
        """Remember who sent a job, until it is done or has failed."""
        if sender is not None:
            self._senders[job_id] = sender

    def deliver(self, event: Event) -> None:
        """Send an event to every subscriber, and to the job's sender.

        Each take is announced only once, although a repeated render reports takes that were ready before.
        """
        if isinstance(event, Progress) and not self._is_due(event.job_id):
            return
        if isinstance(event, TakeReady) and not self._is_new(event):
            return
        messages = as_osc(event)
        for peer in self._concerned(event):
            for address, arguments in messages:
                self._send(peer, address, arguments)
        if isinstance(event, Done | Failed):
            self._progress_at.pop(event.job_id, None)
            self._senders.pop(event.job_id, None)
            self._announced.pop(event.job_id, None)

    def _concerned(self, event: Event) -> list[Peer]:
        peers = self.subscribers()
        sender = self._senders.get(event.job_id) if isinstance(event, JobEvent) else None
        return peers if sender is None or sender in peers else [*peers, sender]

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
