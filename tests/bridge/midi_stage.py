"""Programs that play MIDI on a private JACK server, for tests with real parts."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bridge.midi_child.child import midi_main
from bridge.midi_child.wire import ClockHeard, FromChild, MidiSettings
from tests.bridge.jack_server import JackServer, begin_before_others, jack_server
from tests.conftest import ROOT
from tests.patient_client import PATIENCE_SECONDS

PERIOD_FRAMES = 128


@contextmanager
def midi_server(name: str) -> Iterator[JackServer]:
    """A server whose period is short enough for MIDI."""
    with jack_server(name, period=PERIOD_FRAMES) as server:
        yield server


class Program:
    """Another program: a module of these tests that answers each line of JSON with another."""

    def __init__(self, module: str, name: str, environment: dict[str, str]) -> None:
        self._process = begin_before_others(
            [sys.executable, "-m", f"tests.bridge.{module}", name],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.answer() == "ready"

    def ask(self, order: object) -> Any:
        """What it says to that."""
        self.tell(order)
        return self.answer()

    def tell(self, order: object) -> None:
        """Has it do something that takes its time; fetch the `answer` later."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Waits for the answer to one order."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def crash(self) -> None:
        """End the program without a word to the MIDI system."""
        self._process.kill()
        self._process.communicate()

    def close(self) -> None:
        """Ends the program, and with it its ports; as a cable is pulled, not as a program crashes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)  # a clock runs to its end
        self._process.stdout.close()


class Player(Program):
    """A program with a MIDI output and an input; see `midi_player`."""

    def __init__(self, server: JackServer, name: str) -> None:
        super().__init__("midi_player", name, server.environment)
        self.output = f"{name}:out"

    def send(self, *messages: list[int]) -> None:
        assert self.ask({"send": messages}) == len(messages)

    def clock(self, **values: Any) -> list[float]:
        """When each tick was sent, in seconds of time.monotonic, its wanted jitter taken off."""
        sent: list[float] = self.ask({"clock": values})
        return sent

    def heard(self) -> list[list[int]]:
        """What came since the last time."""
        found: list[list[int]] = self.ask({})
        return found


@dataclass
class ChildUnderTest:
    """A MIDI child, and what it says."""

    connection: Any

    def until(self, wanted: Callable[[FromChild], bool], seconds: float = 40.0) -> list[FromChild]:
        """Everything it says up to what was wanted."""
        heard: list[FromChild] = []
        while not any(map(wanted, heard)):
            assert self.connection.poll(seconds), heard
            heard += self.connection.recv()
        return heard

    def clock_until(self, wanted: Callable[[ClockHeard], bool]) -> list[ClockHeard]:
        """What it says of the clock."""
        heard = self.until(lambda event: isinstance(event, ClockHeard) and wanted(event))
        return [event for event in heard if isinstance(event, ClockHeard)]


@contextmanager
def midi_child(server: JackServer) -> Iterator[ChildUnderTest]:
    """The child that the daemon would start, on that server."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_child_main, args=(theirs, server.environment), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ChildUnderTest(ours)
    finally:
        ours.close()
        process.join(20)
        process.kill()
        process.join()


def _child_main(connection: Any, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    midi_main(connection, MidiSettings(api="UNIX_JACK", poll_seconds=0.3))
