"""What our processes do to other programs on a JACK server in synchronous mode, which waits for everyone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine

import pytest

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.outputs.stream import AudioStream, probe_devices
from tests.bridge.audio_child.jack_desk import jack_sink
from tests.bridge.jack_server import JackServer, jack_server
from tests.conftest import ROOT

pytestmark = [pytest.mark.calm, pytest.mark.timeout(280)]

SETTINGS = p.StreamSettings("", 0, 2, 0.1, 2, 0.01, "", "", "")
# The server waits 5 s for a client that died; a busy machine stands still for less.
STANDS_STILL_SECONDS = 3.0


async def _probe(_server: JackServer) -> None:
    assert await probe_devices()


async def _play(_server: JackServer) -> None:
    """A child that plays and is told to quit."""
    opened = asyncio.Event()
    stream = AudioStream(
        SETTINGS, lambda report: opened.set() if isinstance(report, r.StreamOpened) else None
    )
    await stream.start()
    try:
        await asyncio.wait_for(opened.wait(), 60)
    finally:
        await stream.stop()
        stream.close()


async def _list(server: JackServer) -> None:
    """`msanii-bridge devices`."""
    command = [sys.executable, "-m", "bridge", "devices"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=server.environment, stdout=subprocess.DEVNULL
    )
    assert await process.wait() == 0


@pytest.mark.parametrize(("end", "times"), [(_probe, 10), (_play, 5), (_list, 5)])
def test_a_process_that_ends_on_purpose_stops_no_other_program(
    end: Callable[[JackServer], Coroutine[None, None, None]], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jack_server("others", period=256) as server, jack_sink(server) as sink:
        for name, value in server.environment.items():
            if name.startswith("JACK_"):
                monkeypatch.setenv(name, value)
        sink.longest_halt_seconds()

        async def play() -> None:
            for _ in range(times):
                await end(server)

        asyncio.run(play())
        assert sink.longest_halt_seconds() < STANDS_STILL_SECONDS
