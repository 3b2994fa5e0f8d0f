"""The pool process: holds Ray, keeps a renderer in each place of the cluster, and feeds them.

A process of its own, so that neither a crash of Ray nor its blocking calls reach the daemon. It ends when its
pipe to the daemon closes.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections import Counter
from multiprocessing.connection import Connection

from bridge.messages import BridgeError
from bridge.pool import cluster
from bridge.pool.luggage import Luggage
from bridge.pool.messages import ClosePool, NodesChanged, PoolFailed, PoolPlan, PoolUp
from bridge.pool.renderer import PoolRenderer
from bridge.pool.schedule import Schedule
from bridge.worker.loop import CancelOrder, Order

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_CLOSE_SECONDS = 8.0
_MOST_LOST = 64


def pool_main(connection: Connection, plan: PoolPlan) -> None:
    """Run the pool process until its pipe to the daemon closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _silence_ray()
    cluster.quiet_environment(plan.address)
    pool = _Pool(connection, plan)
    threading.Thread(target=pool.obey, name="orders", daemon=True).start()
    try:
        cluster.connect(plan)
        pool.look_after_nodes()
    except BridgeError as error:
        pool.send(PoolFailed(error.message))
    except Exception as error:
        _log.exception("the pool ended")
        pool.send(PoolFailed(f"the pool lost its Ray cluster: {type(error).__name__}: {error}"[:500]))
    pool.close()


def _silence_ray() -> None:
    """Keep what Ray and its libraries print out of the daemon's log; our own words still get there."""
    sys.stderr.flush()
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        for descriptor in (1, 2):
            os.dup2(nowhere.fileno(), descriptor)


class _Pool:
    """The renderers of the cluster, and the pipe to the daemon."""

    def __init__(self, connection: Connection, plan: PoolPlan) -> None:
        self._connection = connection
        self._plan = plan
        self._writing = threading.Lock()
        self._schedule = Schedule(self.send)
        self._luggage = Luggage(shares_disk=plan.address.kind == "local")
        self._renderers: dict[tuple[str, int], PoolRenderer] = {}
        self._named: Counter[str] = Counter()
        self._closing = threading.Event()

    def send(self, answer: object) -> None:
        """Send a message to the daemon."""
        try:
            with self._writing:
                self._connection.send(answer)
        except OSError:
            self._closing.set()

    def obey(self) -> None:
        """Carry out what the daemon sends, until it closes the pipe."""
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                message = ClosePool()
            if isinstance(message, Order):
                self._schedule.add(message)
            elif isinstance(message, CancelOrder):
                names = self._schedule.cancel(message.job_id)
                for renderer in list(self._renderers.values()):
                    renderer.cancel(names)
            elif isinstance(message, ClosePool):
                self._closing.set()
                # Ray may hang while it connects, or ends.
                threading.Timer(_CLOSE_SECONDS, os._exit, (0,)).start()
                return

    def look_after_nodes(self) -> None:
        """Keep a renderer in each place of the cluster until the daemon closes the pool."""
        self.send(PoolUp())
        self._tell()
        while not self._closing.is_set():
            self._look()
            self._closing.wait(_LOOK_SECONDS)

    def close(self) -> None:
        """End all renderers, then this process."""
        threading.Timer(_CLOSE_SECONDS, os._exit, (0,)).start()
        self._schedule.close()
        cluster.disconnect()
        os._exit(0)

    def _look(self) -> None:
        """Start renderers on new nodes, and give up those of nodes that have left."""
        found = {(slot.node_id, slot.number): slot for slot in cluster.slots(self._plan)}
        for place in self._renderers.keys() - found.keys():
            if self._renderers[place].is_there:
                self._renderers[place].leave()
        for place in sorted(found.keys() - self._renderers.keys()):
            slot = found[place]
            self._named[slot.host] += 1
            name = f"{slot.host} {self._named[slot.host]}"
            renderer = PoolRenderer(slot, name, self._plan, self._schedule, self._luggage, self._tell)
            self._renderers[place] = renderer
            renderer.start()
        lost = [place for place, renderer in self._renderers.items() if not renderer.is_there]
        for place in lost[:-_MOST_LOST]:
            del self._renderers[place]

    def _tell(self) -> None:
        self.send(NodesChanged(tuple(renderer.node for renderer in list(self._renderers.values()))))
