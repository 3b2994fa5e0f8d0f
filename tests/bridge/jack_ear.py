"""`python -m tests.bridge.jack_ear NAME`: a JACK client that says when its input began to sound.

Each line of stdin is answered by the moment of the first sound since the last line, in seconds of
`time.monotonic`, or null (a whole second of silence goes before it); and by how many periods the server
missed since then, for a server that skips time makes every sound late.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from typing import Any

from bridge.midi_child.line import fitted

AUDIBLE = 1e-3


class Ear:
    """Times its blocks: a block's own time jitters, the line through many does not."""

    def __init__(self, name: str) -> None:
        import jack

        self.client: Any = jack.Client(name, no_start_server=True)
        self._input = self.client.inports.register("in_1")
        self.client.inports.register("in_2")
        self._blocks: deque[tuple[float, int]] = deque(maxlen=512)
        self._frame = self._silent_frames = 0
        self._onset_frame: int | None = None
        self._missed = 0
        self.client.set_process_callback(self._process)
        self.client.set_xrun_callback(self._miss)

    def onset_seconds(self) -> float | None:
        """When it began to sound; then listens anew."""
        frame, self._onset_frame = self._onset_frame, None
        if frame is None:
            return None
        line = fitted(list(self._blocks))
        return line.intercept + line.slope * frame

    def missed_periods(self) -> int:
        """How many periods the server missed; then counts anew."""
        missed, self._missed = self._missed, 0
        return missed

    def _miss(self, _delayed_usecs: float) -> None:
        self._missed += 1

    def _process(self, frames: int) -> None:
        self._blocks.append((time.monotonic(), self._frame))
        loud = (abs(self._input.get_array()) > AUDIBLE).nonzero()[0]
        if len(loud):
            if self._silent_frames > self.client.samplerate and self._onset_frame is None:
                self._onset_frame = self._frame + int(loud[0])
            self._silent_frames = 0
        else:
            self._silent_frames += frames
        self._frame += frames


def main() -> None:
    """Listens until stdin closes."""
    ear = Ear(sys.argv[1])
    with ear.client:
        print(json.dumps("ready"), flush=True)
        for _ in sys.stdin:
            print(json.dumps([ear.onset_seconds(), ear.missed_periods()]), flush=True)


if __name__ == "__main__":
    main()
