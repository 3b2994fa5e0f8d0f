"""The input's own stream: it is metered, lost and opened again while the output plays on.

Nobody can pull a plug here, so that PortAudio's streams are stand-ins; the rest is real.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bridge.audio_child import device
from bridge.audio_child.input import input_device, line_in
from bridge.audio_child.input.clocks import OwnClock, SharedClock
from bridge.audio_child.input.input_device import InputPlan, choose_input
from bridge.audio_child.input.line_in import STALL_SECONDS, LineIn
from bridge.audio_child.protocol import StreamSettings
from bridge.audio_child.reports import InputReport
from bridge.audio_child.ring import Ring
from bridge.audio_child.shared_memory.counters import CounterBoard, Counters
from bridge.audio_child.shared_memory.levels import LevelBoard, LevelWriter
from bridge.messages import BridgeError

RATE = 48_000
BOX = device.Device(3, "Box", "CoreAudio", 2, RATE, True, inputs=4)
MICROPHONE = device.Device(5, "Microphone", "CoreAudio", 0, RATE, False, inputs=1, is_default_input=True)
OTHER = device.Device(1, "Microphone", "MME", 0, 44_100, False, inputs=2)
SYSTEM = device.Device(0, "system", "JACK Audio Connection Kit", 2, RATE, True, inputs=2)
KEYS = device.Device(1, "keys", "JACK Audio Connection Kit", 0, RATE, False, inputs=2)
PATIENCE_SECONDS = 60.0


class Stream:
    """An input stream of PortAudio: it calls back as the test says."""

    latency = 0.01

    def __init__(self, plan: InputPlan, callback: Any) -> None:
        self.plan, self.callback, self.is_closed = plan, callback, threading.Event()

    def start(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed.set()

    def deliver(self, value: float, frames: int = 480, *, overflows: bool = False) -> None:
        block = np.full((frames, self.plan.channels), value, np.float32)
        self.callback(block, frames, None, SimpleNamespace(input_overflow=overflows))


class Desk:
    """A line-in with its world: `problem` is why the device cannot be opened."""

    def __init__(self, patch: pytest.MonkeyPatch, board: LevelBoard, counters: str, **values: Any) -> None:
        self.now, self.problem = 100.0, ""
        self.streams: list[Stream] = []
        self.reports: list[InputReport] = []
        self.devices: tuple[device.Device, ...] = (BOX, MICROPHONE, OTHER)
        self.rates: set[tuple[int, int]] = set()  # that an input does not run at
        patch.setattr(input_device, "every_device", lambda: self.devices)
        patch.setattr(
            input_device, "_hears", lambda one, rate, _channels: (one.index, rate) not in self.rates
        )
        patch.setattr(input_device, "open_input", self._open)
        clock = SimpleNamespace(monotonic=lambda: self.now)
        patch.setattr(line_in, "time", clock)
        self._counters, self._levels = Counters(counters), LevelWriter(board.name, RATE)
        self.output = Ring(4_800, 2, self._counters, RATE)
        self.output.mark = (0, self.now)
        settings = StreamSettings(
            "", 0, 2, 0.1, 1, 0.01, "", "", board.name, **{"input": "default", **values}
        )
        self.line_in = LineIn(settings, self.output, RATE, self._levels, self.reports.append)
        self.plan = device.Plan(BOX, RATE, 2, "")

    def is_deaf(self) -> bool:
        """Whether no input is written to a ring."""
        return self.line_in.ring is None

    def end(self) -> None:
        self._counters.close()
        self._levels.close()

    def open(self) -> None:
        assert self.line_in.open_shared(self.plan) is None
        self.line_in.open_alone(0.02)

    def wait(self, seconds: float) -> None:
        """Let time pass, and what the child does meanwhile happen."""
        self.now += seconds
        self.line_in.look_after(0.02)
        if self.line_in._opening is not None:
            self.line_in._opening.join(PATIENCE_SECONDS)

    def _open(self, plan: InputPlan, callback: Any) -> Stream:
        if self.problem:
            raise BridgeError("busy", self.problem)
        self.streams.append(Stream(plan, callback))
        return self.streams[-1]


@pytest.fixture
def board() -> Iterator[LevelBoard]:
    one = LevelBoard()
    yield one
    one.close()


@pytest.fixture
def desk(board: LevelBoard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    counters = CounterBoard()
    one = Desk(monkeypatch, board, counters.name)
    yield one
    one.line_in.close()
    one.end()
    counters.close()


def test_an_input_of_another_device_has_a_stream_of_its_own_and_is_metered(
    desk: Desk, board: LevelBoard
) -> None:
    desk.open()
    (stream,) = desk.streams
    assert stream.plan.device is MICROPHONE
    assert isinstance(desk.line_in.clock, OwnClock)
    assert desk.reports[-1] == InputReport("open", "Microphone", RATE, 1, 0.03, False, "")
    stream.deliver(0.5)
    stream.deliver(float("nan"))
    desk.wait(0.01)
    assert board.read_input() == pytest.approx(-6.0, abs=0.1)
    assert board.read(1) == (-120.0, -120.0)


def test_an_input_that_vanishes_is_closed_and_opened_again_once_it_is_back(
    desk: Desk, board: LevelBoard
) -> None:
    desk.open()
    (stream,) = desk.streams
    stream.deliver(0.5)
    desk.wait(0.01)
    desk.problem = "it is not there"
    desk.wait(STALL_SECONDS + 0.1)
    assert desk.reports[-1].state == "lost"
    assert "`Microphone` has gone" in desk.reports[-1].reason
    assert desk.is_deaf()
    assert board.read_input() == -120.0
    assert stream.is_closed.wait(PATIENCE_SECONDS)
    for _ in range(5):
        desk.wait(2.1)
    assert [report.state for report in desk.reports] == ["open", "lost", "missing"]  # told once
    desk.problem = ""
    desk.wait(2.1)
    assert [report.state for report in desk.reports][-1] == "open"
    assert not desk.is_deaf()
    desk.streams[-1].deliver(0.25)
    desk.wait(0.01)
    assert desk.line_in.ring is not None
    assert desk.line_in.ring.written == 480


def test_an_input_that_cannot_be_opened_at_first_is_tried_again(desk: Desk) -> None:
    desk.problem = "`Microphone` is in use by another program"
    desk.open()
    assert (desk.reports[-1].state, desk.reports[-1].reason) == ("missing", desk.problem)
    desk.problem = ""
    desk.wait(2.1)
    assert desk.reports[-1].state == "open"


def test_lost_frames_are_noted_where_they_were_lost(desk: Desk) -> None:
    desk.open()
    desk.streams[0].deliver(0.1)
    desk.streams[0].deliver(0.1, overflows=True)
    assert desk.line_in.ring is not None
    assert desk.line_in.ring.overflowed_at == 480


def test_one_box_has_one_stream_and_keeps_the_channels_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []

    def open_shared(_plan: Any, heard: InputPlan, _latency: float, callback: Any) -> Any:
        opened.append((heard, callback))
        return SimpleNamespace(latency=(0.004, 0.006))

    monkeypatch.setattr(input_device, "open_shared", open_shared)
    desk.line_in._settings = StreamSettings(
        "", 0, 2, 0.1, 1, 0.01, "", "", "", input="Box", input_channels=1, input_first_channel=3
    )
    stream = desk.line_in.open_shared(desk.plan)
    assert stream is not None
    ((heard, callback),) = opened
    assert (heard.channels, heard.shared) == (3, True)
    assert isinstance(desk.line_in.clock, SharedClock)
    assert desk.line_in.latency_seconds == pytest.approx(0.01)
    block = np.zeros((64, 3), np.float32)
    block[:, 2] = 0.5
    out = np.ones((64, 2), np.float32)
    callback(block, out, 64, None, SimpleNamespace(input_overflow=False, output_underflow=False))
    assert desk.line_in.ring is not None
    kept = desk.line_in.ring.read(0, 64)
    assert kept is not None
    assert kept.shape == (64, 1)
    assert (kept == 0.5).all()
    desk.line_in.open_alone(0.0)  # there is one already
    assert desk.streams == []


@pytest.mark.parametrize(
    ("wanted", "devices", "output", "found", "shared"),
    [
        ("default", (BOX, MICROPHONE, OTHER), BOX, MICROPHONE, False),
        ("default", (BOX, OTHER), BOX, BOX, True),
        ("box", (BOX, MICROPHONE), BOX, BOX, True),
        ("microphone", (OTHER, BOX, MICROPHONE), BOX, MICROPHONE, False),  # of the output's own system
        ("microphone", (OTHER, BOX), BOX, OTHER, False),
        (5, (BOX, MICROPHONE), BOX, MICROPHONE, False),
        ("keys", (SYSTEM, KEYS), SYSTEM, KEYS, True),  # one client of JACK
    ],
)
def test_which_input_is_meant(
    desk: Desk, wanted: str | int, devices: Any, output: device.Device, found: device.Device, shared: bool
) -> None:
    desk.devices = devices
    plan = choose_input(wanted, device.Plan(output, RATE, 2, ""), 1, 2)
    assert (plan.device, plan.shared) == (found, shared)


def test_an_input_of_another_rate_runs_at_its_own(desk: Desk) -> None:
    desk.rates = {(OTHER.index, RATE)}
    desk.devices = (BOX, OTHER)
    plan = choose_input("microphone", desk.plan, 1, 2)
    assert (plan.rate, plan.channels, plan.shared) == (44_100, 2, False)


def test_what_is_not_there_is_told_with_what_there_is(desk: Desk) -> None:
    with pytest.raises(BridgeError, match="there are `Box`, `Microphone`"):
        choose_input("guitar", desk.plan, 1, 2)
    with pytest.raises(BridgeError, match="`Box` has 4 channels"):
        choose_input("box", desk.plan, 5, 1)
