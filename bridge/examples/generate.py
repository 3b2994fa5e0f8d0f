"""Ask a running daemon for new music over OSC, and print the path of every take.

    msanii-bridge serve
    python bridge/examples/generate.py --chords "Am F C G" --bpm 97.3 --bars 4

It needs nothing but python-osc, so it can be copied into a project of your own.
"""

from __future__ import annotations

import argparse
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing

from pythonosc.osc_message import OscMessage
from pythonosc.udp_client import SimpleUDPClient

ANSWER_SECONDS = 5.0
RENDER_SECONDS = 600.0


def main() -> int:
    """Run the program; the exit status is 1 where there is no music."""
    arguments = parse_arguments()
    job_id = f"example-{uuid.uuid4().hex[:12]}"
    request = ["preset", arguments.preset, "chords", arguments.chords]
    request += ["bpm", arguments.bpm, "bars", arguments.bars]
    with closing(SimpleUDPClient("127.0.0.1", arguments.port)) as client:
        # The daemon answers the socket that asked.
        client.send_message("/msanii/generate", [job_id, *request])
        for address, values in job_events(client, job_id):
            if address == "/msanii/take":
                print(values[2], flush=True)
            elif address == "/msanii/fail":
                print(f"{values[1]}: {values[2]}", file=sys.stderr)
                return 1
            elif address == "/msanii/done":
                return 0
    print(f"no answer from port {arguments.port}; is `msanii-bridge serve` running?", file=sys.stderr)
    return 1


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--chords", default="Am F C G")
    parser.add_argument("--bpm", type=float, default=120.0)
    parser.add_argument("--bars", type=int, default=4)
    parser.add_argument("--preset", default="piano_loop")
    parser.add_argument("--port", type=int, default=9800)
    return parser.parse_args()


def job_events(client: SimpleUDPClient, job_id: str) -> Iterator[tuple[str, list[object]]]:
    """Yield the address and arguments of each of the job's messages until the daemon falls silent.

    An idle daemon answers within ANSWER_SECONDS; after that a job may wait and render for RENDER_SECONDS.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    while (seconds_left := deadline - time.monotonic()) > 0:
        packet = client.receive(seconds_left)
        if not packet:
            return
        message = OscMessage(packet)
        if message.params[:1] == [job_id]:
            deadline = time.monotonic() + RENDER_SECONDS
            yield message.address, message.params


if __name__ == "__main__":
    sys.exit(main())
