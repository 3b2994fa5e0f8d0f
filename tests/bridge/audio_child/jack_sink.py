"""`python -m tests.bridge.audio_child.jack_sink NAME PORT` records its two inputs and answers over a pipe."""

from __future__ import annotations

import sys
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

    def process(frames: int) -> None:
        nonlocal filled
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
            pipe.send(xruns if asked == "xruns" else kept[:filled])


if __name__ == "__main__":
    main(*sys.argv[1:])
