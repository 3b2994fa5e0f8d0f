"""A private JACK server for MIDI, and programs that play on it, for tests with real parts."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bridge.midi_child.child import midi_main
from bridge.midi_child.wire import ClockHeard, FromChild, MidiSettings
from tests.conftest import ROOT, need

PERIOD_FRAMES, RATE = 128, 48_000
# As sound servers and sequencers run. Without the right to it, `nice` says so and goes on.
BEFORE_OTHERS = ("nice", "-n", "-11")
_PLACE_SECONDS = 40.0


@dataclass
class JackServer:
    """A running jackd with the dummy driver; `environment` leads programs to it and to no other."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def kill(self) -> None:
        """Ends the server as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def jack_server(name: str) -> Iterator[JackServer]:
    """A server of that name, its period short enough for MIDI."""
    environment = {
        **os.environ,
        "JACK_NO_AUDIO_RESERVATION": "1",
        "JACK_NO_START_SERVER": "1",
        "JACK_DEFAULT_SERVER": name,
    }
    server = JackServer(started(name, environment), environment)
    try:
        yield server
    finally:
        # In good order: JACK keeps a place for each of its few servers that did not end so.
        server.process.terminate()
        try:
            server.process.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


def started(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Starts jackd and waits until it answers, or until one of JACK's eight places is free."""
    until = time.monotonic() + _PLACE_SECONDS
    while True:
        process = _jackd(name, environment)
        wait = [need("jack_wait"), "-s", name, "-w", "-t", "5"]
        said = subprocess.run(wait, env=environment, capture_output=True, text=True, check=False)
        if not said.returncode:
            return process
        process.kill()
        process.wait()
        if time.monotonic() > until:
            pytest.fail(f"jackd does not answer, or there are eight already: {said.stdout[-500:]}")


def _jackd(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    driver = ["-d", "dummy", "-r", str(RATE), "-p", str(PERIOD_FRAMES)]
    return subprocess.Popen(
        [*BEFORE_OTHERS, need("jackd"), "-n", name, "--no-realtime", "-S", *driver],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # as on a stage: Linux shares time by sessions first
    )


class Program:
    """Another program: a module of these tests that answers each line of JSON with another."""

    def __init__(self, module: str, name: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [*BEFORE_OTHERS, sys.executable, "-m", f"tests.bridge.{module}", name],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
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
        self._process.wait(20)
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
