"""The input of the stage: opens it, keeps its last minute, meters it, and opens it again after a loss."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from bridge.audio_child import device
from bridge.audio_child.input import input_device
from bridge.audio_child.input.clocks import OwnClock, SharedClock
from bridge.audio_child.input.input_ring import InputRing
from bridge.audio_child.protocol import StreamSettings
from bridge.audio_child.reports import InputReport
from bridge.audio_child.ring import Ring
from bridge.audio_child.shared_memory.levels import LevelWriter
from bridge.messages import BridgeError

# The slowest device, JACK at 8,192 frames, calls back five times a second.
STALL_SECONDS = 0.7
_AGAIN_SECONDS = 2.0


class LineIn:
    """The input beside the output whose `ring` is given.

    `ring` and `clock` are None while no input is open. An input on another clock than the output's has a
    stream of its own, so that its loss cannot be heard. `report` is called with each `InputReport`.
    """

    def __init__(
        self,
        settings: StreamSettings,
        output: Ring,
        rate: int,
        levels: LevelWriter,
        report: Callable[[InputReport], None],
    ) -> None:
        self.ring: InputRing | None = None
        self.clock: SharedClock | OwnClock | None = None
        self.latency_seconds = 0.0
        self._settings = settings
        self._output = output
        self._output_rate = rate
        self._levels = levels
        self._report = report
        self._plan: input_device.InputPlan | None = None
        self._stream: Any = None
        self._metered = self._seen = 0
        self._called_at = self._tried_at = time.monotonic()
        self._opening: threading.Thread | None = None
        self._told = ""

    # --- one stream for both ------------------------------------------------------------------------------

    def open_shared(self, output: device.Plan) -> Any:
        """Return one stream for output and input, not yet started; None if they need two or there is none."""
        try:
            self._plan = self._chosen(output)
        except BridgeError as error:
            self._tell("missing", error.message)
            return None
        if not self._plan.shared:
            return None
        ring, clock = self._new_ring(self._plan), SharedClock()

        def callback(heard: Any, out: Any, frames: int, moment: Any, status: Any) -> None:
            if status.input_overflow:
                ring.overflowed_at = ring.written
            clock.note(ring.written, self._output.read)
            ring.write(heard, frames)
            self._output.callback(out, frames, moment, status)

        try:
            stream = input_device.open_shared(output, self._plan, self._settings.latency_seconds, callback)
        except BridgeError:
            return None  # the input alone may still open
        self.latency_seconds = device.latency_of(stream) + input_device.input_latency_of(stream)
        self.ring, self.clock = ring, clock
        self._metered = 0
        self._tell("open", "")
        return stream

    def unshare(self) -> None:
        """Give up one stream for both, which does not start; `open_alone` may still open the input."""
        self.ring = self.clock = None

    # --- a stream of its own --------------------------------------------------------------------------------

    def open_alone(self, output_latency_seconds: float) -> None:
        """Open the input in a stream of its own. What fails is reported, and tried again."""
        plan = self._plan
        if plan is None or self.ring is not None:
            return
        ring, clock = self._new_ring(plan), OwnClock(self._output_rate)

        def callback(heard: Any, frames: int, _moment: Any, status: Any) -> None:
            if status.input_overflow:
                ring.overflowed_at = ring.written
            clock.note(ring.written, self._output.mark)
            ring.write(heard, frames)

        stream: Any = None
        try:
            stream = input_device.open_input(plan, callback)
            latency_seconds = output_latency_seconds + input_device.input_latency_of(stream)
            device.start(stream, plan)
        except BridgeError as error:
            _close_beside(stream)
            self._tell("missing", error.message)
            return
        self._stream = stream
        self.latency_seconds = latency_seconds
        self._metered = self._seen = 0
        self._called_at = time.monotonic()
        self.clock = clock
        self.ring = ring
        self._tell("open", "")

    def look_after(self, output_latency_seconds: float) -> None:
        """Meter what came in; close an input that has gone, and try to open it again. Never waits."""
        now, ring = time.monotonic(), self.ring
        if ring is not None:
            self._meter(ring)
            if ring.written != self._seen:
                self._seen, self._called_at = ring.written, now
            elif self._stream is not None and now - self._called_at > STALL_SECONDS:
                self._lose()
        elif self._plan is not None and self._may_try(now):
            self._tried_at = now
            # To open a device that is going may hang.
            self._opening = threading.Thread(
                target=lambda: self.open_alone(output_latency_seconds), name="open input", daemon=True
            )
            self._opening.start()

    def close(self) -> None:
        """Stop a stream of its own; give up on one that hangs."""
        self.ring = None
        stream, self._stream = self._stream, None
        _close_beside(stream)

    # --- the rest -----------------------------------------------------------------------------------------

    def _chosen(self, output: device.Plan) -> input_device.InputPlan:
        settings = self._settings
        return input_device.choose_input(
            settings.input, output, settings.input_first_channel, settings.input_channels
        )

    def _new_ring(self, plan: input_device.InputPlan) -> InputRing:
        first = self._settings.input_first_channel - 1
        return InputRing(plan.rate, min(self._settings.input_channels, plan.channels - first), first)

    def _may_try(self, now: float) -> bool:
        is_opening = self._opening is not None and self._opening.is_alive()
        return now - self._tried_at > _AGAIN_SECONDS and not is_opening

    def _lose(self) -> None:
        name = self._plan.device.name if self._plan else ""
        self._tried_at = time.monotonic()
        self.close()
        self._levels.silence_input()
        self._tell("lost", f"the input `{name}` has gone: it sent nothing for {STALL_SECONDS:g} s")

    def _meter(self, ring: InputRing) -> None:
        written = ring.written
        new = min(written - self._metered, ring.rate)
        if new > 0:
            block = ring.read(written - new, written)
            self._metered = written
            if block is not None:
                self._levels.hear_input(block)

    def _tell(self, state: Literal["open", "lost", "missing"], reason: str) -> None:
        """Report a state that is new: an input that stays away is not told every two seconds."""
        if state != "open" and reason == self._told:
            return
        self._told = reason
        plan = self._plan
        name = plan.device.name if plan else str(self._settings.input)
        channels = self.ring.channels if self.ring else 0
        is_shared = isinstance(self.clock, SharedClock)
        rate = plan.rate if plan else 0
        self._report(InputReport(state, name, rate, channels, self.latency_seconds, is_shared, reason))


def _close_beside(stream: Any) -> None:
    """Close a stream in a thread of its own, since a dead device may hang."""
    if stream is None:
        return

    def work() -> None:
        with contextlib.suppress(Exception):
            stream.abort()
            stream.close()

    threading.Thread(target=work, name="close input", daemon=True).start()
