"""`python -m tests.bridge.audio_child.jack_sink NAME PORT` records its two inputs and answers over a pipe."""

from __future__ import annotations

import sys
import time
from multiprocessing.connection import Client
from typing import Any

import numpy as np

MINUTES = 3


def main(name: str, port: str) -> None:
    """The process: it lives until its pipe closes."""
    import jack

    client: Any = jack.Client(name, no_start_server=True)
    inputs = [client.inports.register(f"in_{channel}") for channel in range(2)]
    kept = np.zeros((MINUTES * 60 * client.samplerate, 2), np.float32)
    filled = xruns = 0
    called_at, longest_halt = time.monotonic(), 0.0

    def process(frames: int) -> None:
        nonlocal filled, called_at, longest_halt
        before, called_at = called_at, time.monotonic()
        longest_halt = max(longest_halt, called_at - before)
        end = min(len(kept), filled + frames)
        for channel, source in enumerate(inputs):
            kept[filled:end, channel] = source.get_array()[: end - filled]
        filled = end

    def xrun(_microseconds: float) -> None:
        nonlocal xruns
        xruns += 1

    client.set_process_callback(process)
    client.set_xrun_callback(xrun)
    with client, Client(("127.0.0.1", int(port)), authkey=b"sink") as pipe:
        pipe.send("up")
        while True:
            try:
                asked = pipe.recv()
            except EOFError:
                return
            match asked:
                case "xruns":
                    pipe.send(xruns)
                case "halt":
                    pipe.send(max(longest_halt, time.monotonic() - called_at))
                    longest_halt = 0.0
                case "anew":
                    filled = 0
                    pipe.send(filled)
                case _:
                    pipe.send(kept[:filled])


if __name__ == "__main__":
    main(*sys.argv[1:])
