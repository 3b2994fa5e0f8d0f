"""Hello, panic and stop are answered within 50 ms, whatever else the daemon is asked meanwhile.

Not counted is how long other programs had the cores.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest

from bridge.addresses.row import Address
from bridge.addresses.table import ADDRESSES
from bridge.cli.client import Client
from bridge.inputs.rate_limit import TOKENS_PER_SECOND
from tests.bridge.core_waits import Taken, taken
from tests.bridge.every_address import message_to
from tests.conftest import DaemonUnderTest
from tests.patient_client import PatientClient

LIMIT_SECONDS = 0.05
SECONDS_PER_ADDRESS = 0.25
PAUSE_SECONDS = 0.005
URGENT = ("hello", "panic", "transport/stop")


@pytest.mark.calm
@pytest.mark.timeout(600)
def test_hello_panic_and_stop_are_answered_at_once_while_every_other_address_is_asked(
    make_daemon: Callable[..., DaemonUnderTest],
) -> None:
    running = make_daemon(flags=["--stream"]).start()
    times: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    with PatientClient(running.port) as client:
        for row in ADDRESSES:
            with _asking(running.port, row):
                end = time.monotonic() + SECONDS_PER_ADDRESS
                while time.monotonic() < end:
                    for urgent in URGENT:
                        answer = _answered(client, urgent, running.pid)
                        times[urgent].append((answer.own_seconds, answer.seconds, row.path))
                        time.sleep(PAUSE_SECONDS)
            client.send("/msanii/cancel", "all")
    for urgent, answers in times.items():
        answers.sort()
        p99, _, path = answers[int(0.99 * len(answers))]
        middle = median(own for own, _, _ in answers)
        whole = sorted(seconds for _, seconds, _ in answers)[int(0.99 * len(answers))]
        worst = ", ".join(f"{1e3 * own:.0f} ms by {by}" for own, _, by in answers[:-4:-1])
        print(
            f"{urgent}: {len(answers)} times, p50 {1e3 * middle:.1f}, p99 {1e3 * p99:.1f} ms (with waits for "
            f"a core {1e3 * whole:.1f}); worst {worst}"
        )
    for urgent, answers in times.items():
        p99, _, path = answers[int(0.99 * len(answers))]
        # Waits of several threads at once are taken off more than once, so the median must hold by the clock.
        assert median(seconds for _, seconds, _ in answers) <= LIMIT_SECONDS
        assert p99 <= LIMIT_SECONDS, f"{urgent}: {1e3 * p99:.0f} ms at p99, while {path} was asked"


def _answered(client: Client, urgent: str, daemon: int) -> Taken:
    """Send one of the urgent messages, and time its answer.

    Panic and stop are timed by the answer to a question that the stage answers after them.
    """
    nonce = f"n{time.perf_counter()}"
    with taken(daemon) as answer:
        if urgent == "hello":
            client.send("/msanii/hello", nonce)
            client.wait_for("/msanii/welcome", about=nonce)
        else:
            client.send(f"/msanii/{urgent}")
            client.send("/msanii/stream/status")
            client.wait_for("/msanii/stream/status.reply")
    return answer


@contextmanager
def _asking(port: int, row: Address) -> Iterator[None]:
    """Meanwhile ask for an address as fast as the rate limit allows for long."""
    address, arguments = message_to(row)
    is_over = threading.Event()

    def ask() -> None:
        with PatientClient(port) as client:
            while not is_over.wait(row.cost / TOKENS_PER_SECOND):
                client.send(address, *arguments)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        is_over.set()
        asking.join()
