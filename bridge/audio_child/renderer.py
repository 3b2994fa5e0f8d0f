"""The thread that runs the mixer a little ahead of the device, and publishes when each beat is heard."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.mixer import Mixer, Report
from bridge.audio_child.reports import DeckReport
from bridge.audio_child.ring import HeardClock, Ring
from bridge.audio_child.shared_memory.counters import Counters
from bridge.audio_child.shared_memory.snapshot import Snapshot, SnapshotWriter

_log = logging.getLogger(__name__)

Audio = NDArray[np.float32]

BLOCK_FRAMES = 512


class Renderer:
    """Keeps `latency_seconds` of audio in the ring. Without a device it drains the ring in real time."""

    def __init__(
        self,
        mixer: Mixer,
        ring: Ring,
        channels: int,
        latency_seconds: float,
        counters: Counters,
        snapshots: SnapshotWriter,
    ) -> None:
        self.mixer = mixer
        self.has_device = False
        self.clock = HeardClock(mixer.rate, 0.0)
        self._ring = ring
        self._channels = channels
        self._ahead = max(2 * BLOCK_FRAMES, round(latency_seconds * mixer.rate))
        self._counts = counters.values
        self._snapshots = snapshots
        self._running = True
        self._publishes = False
        self._silent_since = time.monotonic()
        self._silent_frames = 0
        # The mixer's reports, each with the frame up to which the mix was made then.
        self._reports: deque[tuple[int, Report]] = deque()
        self._thread = threading.Thread(target=self._work, name="renderer", daemon=True)

    @staticmethod
    def ring_frames(latency_seconds: float, rate: int) -> int:
        """Return the capacity that the ring needs, in frames."""
        return max(2 * BLOCK_FRAMES, round(latency_seconds * rate)) + BLOCK_FRAMES

    def fill(self) -> None:
        """Mix until the ring is full. Once the thread has started, only the thread may call this."""
        while self._ring.filled < self._ahead:
            begun = time.perf_counter_ns()
            self._ring.write(for_device(self.mixer.render(BLOCK_FRAMES), self._channels))
            spent = time.perf_counter_ns() - begun
            self._counts[Counters.BLOCKS] += 1
            if spent > self._counts[Counters.WORST_BLOCK_NS]:
                self._counts[Counters.WORST_BLOCK_NS] = spent
            while self.mixer.reports:
                self._reports.append((self.mixer.frame, self.mixer.reports.popleft()))
            if self._publishes:
                self._write_snapshot()

    def start(self) -> None:
        """Start the thread that keeps the ring full."""
        self._thread.start()

    def publish(self) -> None:
        """Start to write snapshots. Until its transport is set, a new mixer's position is wrong."""
        self._publishes = True

    def stop(self) -> None:
        """End the thread."""
        self._running = False
        self._thread.join(1.0)

    def hush(self) -> None:
        """Fade out, from the device's next callback on, what is mixed already and the decks' own fades."""
        self._ring.hush(self.mixer.fades_out_in + BLOCK_FRAMES)

    def heard_at(self, frame: int) -> float:
        """Return when a frame of the mix is heard, in seconds of time.monotonic."""
        return self.clock.seconds_of(frame + self.mixer.delay, ahead=self._ring.filled)

    def reports(self, *, heard_only: bool = True) -> Iterator[Report]:
        """Yield the mixer's reports in order; if `heard_only`, what begins or ends only once it is heard."""
        while self._reports and not (heard_only and self._is_to_come(*self._reports[0])):
            yield self._reports.popleft()[1]

    def _is_to_come(self, frame: int, report: Report) -> bool:
        if not isinstance(report, DeckReport) or report.activity not in ("playing", "stopped"):
            return False
        # A device that stands still has not taken the frame, whatever the clock expects.
        is_taken = self._ring.read >= frame + self.mixer.delay
        return not is_taken or self.heard_at(frame) > time.monotonic()

    def _work(self) -> None:
        pause_seconds = BLOCK_FRAMES / self.mixer.rate / 2
        self._silent_since = time.monotonic()
        while self._running:
            if not self.has_device:
                self._let_time_pass()
            self.clock.observe(self._ring.mark)
            self.fill()
            time.sleep(pause_seconds)

    def _let_time_pass(self) -> None:
        """Discard what a device would have played by now."""
        passed = round((time.monotonic() - self._silent_since) * self.mixer.rate)
        due = min(passed - self._silent_frames, self._ring.filled)
        if due > 0:
            self._ring.discard(due)
            self._silent_frames += due

    def _write_snapshot(self) -> None:
        mixer = self.mixer
        transport = mixer.transport
        self._snapshots.write(
            Snapshot(
                self.heard_at(mixer.frame),
                mixer.published_beat(),
                transport.bpm,
                transport.playing,
                transport.bar_beats,
                transport.bar_origin_beat,
            )
        )


def for_device(mix: Audio, channels: int) -> Audio:
    """Map the stereo mix (n, 2) to a device's channels: their mean for mono, else the first two channels."""
    if channels == mix.shape[1]:
        return mix
    if channels == 1:
        mono: Audio = mix.mean(axis=1, keepdims=True, dtype=np.float32)
        return mono
    out = np.zeros((len(mix), channels), np.float32)
    out[:, : mix.shape[1]] = mix
    return out
