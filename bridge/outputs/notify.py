"""Job events as OSC: to every subscriber whose lease runs, and to whoever sent the job."""

from __future__ import annotations

import time
from collections.abc import Callable

from bridge.addresses.events import as_osc
from bridge.messages import BridgeError, Done, Event, Failed, JobEvent, Peer, Progress, TakeReady
from bridge.outputs.outlet import Send

LEASE_SECONDS = 60.0
PROGRESS_PER_SECOND = 10.0
MAX_SUBSCRIBERS = 64


class Notifier:
    """Keeps the subscriptions and sends every event to all whom it concerns.

    `clock` gives seconds and never goes back. Of a job's progress at most `PROGRESS_PER_SECOND`
    messages a second go out; every other event goes out at once.
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
        """Begins or renews a lease, and returns its seconds.

        Raises:
            BridgeError: `busy` when `MAX_SUBSCRIBERS` others hold one.
        """
        others = [other for other in self.subscribers() if other != peer]
        if len(others) >= MAX_SUBSCRIBERS:
            message = f"notify: {MAX_SUBSCRIBERS} subscribers already; end one with `/msanii/notify 0`."
            raise BridgeError("busy", message)
        self._leases[peer] = self._clock() + self.lease_seconds
        return self.lease_seconds

    def unsubscribe(self, peer: Peer) -> float:
        """Ends a lease, if there is one, and returns the seconds left: none."""
        self._leases.pop(peer, None)
        return 0.0

    def subscribers(self) -> list[Peer]:
        """Those whose lease runs."""
        now = self._clock()
        self._leases = {peer: until for peer, until in self._leases.items() if until > now}
        return list(self._leases)

    def follow(self, job_id: str, sender: Peer | None) -> None:
        """Remembers who sent a job, until it is done or has failed."""
        if sender is not None:
            self._senders[job_id] = sender

    def deliver(self, event: Event) -> None:
        """Sends one event to every subscriber, and to the job's sender if it is not one.

        A take goes out once: a render that is tried again reports those that were ready before.
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
