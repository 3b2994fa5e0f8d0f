"""Another program with MIDI ports: plays what stdin says, line by line in JSON, and tells what came.

Run as `python -m tests.bridge.midi_player CLIENT_NAME`: a MIDI server that dies takes no test with it.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from typing import Any


def main() -> None:
    import rtmidi

    name = sys.argv[1]
    out = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
    out.open_virtual_port("out")
    heard_by = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=name, queue_size_limit=20_000)
    heard_by.ignore_types(sysex=True, timing=False, active_sense=True)
    heard_by.open_virtual_port("in")
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line), out, heard_by)), flush=True)
    for port in (out, heard_by):
        port.close_port()
        port.delete()


def obey(order: dict[str, Any], out: Any, heard_by: Any) -> object:
    """Does one thing, and returns what there is to say of it."""
    if "send" in order:
        for message in order["send"]:
            out.send_message(message)
        return len(order["send"])
    if "clock" in order:
        return clock(out, **order["clock"])
    if "listen" in order:
        return listen(heard_by, order["listen"])
    return [data for data, _ in listen(heard_by, 0.0)]


def listen(heard_by: Any, seconds: float) -> list[tuple[list[int], float]]:
    """What comes for so long, each message with the time.monotonic at which it was seen."""
    heard: list[tuple[list[int], float]] = []
    until = time.monotonic() + seconds
    while True:
        while message := heard_by.get_message():
            heard.append((message[0], time.monotonic()))
        if time.monotonic() >= until:
            return heard
        time.sleep(0.0005)


def clock(
    out: Any,
    *,
    bpm: float,
    beats: float,
    jitter_ms: float = 0.0,
    seed: int = 1,
    before: Sequence[Sequence[int]] = ([0xFA],),
    between: Sequence[Sequence[int]] = (),
    after: Sequence[Sequence[int]] = (),
) -> list[float]:
    """Ticks, each late by up to `jitter_ms`; returns when each was sent, jitter taken off.

    The times are those of time.monotonic. `before` the ticks comes a start unless something else is given.
    """
    late = random.Random(seed)  # noqa: S311  (jitter, not a secret)
    for message in before:
        out.send_message(message)
    first, sent = time.monotonic() + 0.02, []
    for tick in range(round(24 * beats)):
        jitter = late.uniform(0, jitter_ms / 1000)
        at = first + tick * 60 / (24 * bpm) + jitter
        time.sleep(max(0.0, at - time.monotonic()))
        out.send_message([0xF8])
        sent.append(time.monotonic() - jitter)
        if between:
            time.sleep(max(0.0, at + 30 / (24 * bpm) - time.monotonic()))
            out.send_message(between[tick % len(between)])
    for message in after:
        out.send_message(message)
    return sent


if __name__ == "__main__":
    main()
