"""Hands on a table, for tests: what they are handed, say, send and answer is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge import messages as m
from bridge.messages import Message
from bridge.messages import midi as mm
from bridge.messages.stage import SetDeck
from bridge.midi.controller import Controller
from bridge.midi.learn import MidiMaps
from bridge.midi_child.wire import ControlId, Kind, Moved, Played, Ports, ToChild
from bridge.parameters import defaults
from bridge.settings import factory_presets_folder
from bridge.system.inbox import handle
from tests.bridge.outlets import RecordingOutlet

PAD, KEYS, GRID = "My pad", "My keyboard", "Launchpad X"


@dataclass
class FakeStage:
    """Keeps what the clock asks of it."""

    snapshot_name: str = "board"
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def follow(self, source: str, bpm: float, beat: float | None, at_monotonic_seconds: float) -> None:
        self.asked.append(("follow", source, bpm, beat, at_monotonic_seconds))

    def unfollow(self) -> None:
        self.asked.append(("unfollow",))

    def transport_start(self, beat: float | None = None, at_monotonic_seconds: float | None = None) -> None:
        self.asked.append(("start", beat, at_monotonic_seconds))

    def transport_stop(self) -> None:
        self.asked.append(("stop",))

    def locate(self, beats: float) -> None:
        self.asked.append(("locate", beats))


class Table:
    """Hands on a table: what they are handed, say, send and answer is kept; time goes on when told."""

    def __init__(self, folder: Path, stage: FakeStage | None = None) -> None:
        self.received: list[Message] = []
        self.outlet = RecordingOutlet()
        self.events = self.outlet.events
        self.replies = self.outlet.replies
        self.sent: list[ToChild] = []
        self.values: dict[str, object] = dict(defaults())
        self.stage_values: dict[str, object] = {}
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.maps = MidiMaps(factory_presets_folder() / "midi", folder)
        self.hands = Controller(
            self.maps,
            self.outlet,
            receive=self.take,
            send=self.sent.append,
            value_of=self.values.get,
            stage_value_of=self.stage_values.get,
            preset_names=lambda: ["piano_loop", "sketch"],
            schedule=lambda seconds, action: self.later.append((seconds, action)),
            transport=stage,
        )
        self.hands.start()
        self.hands.heard(Ports((GRID, KEYS, PAD), (GRID,), "control"))

    def take(self, message: Message) -> None:
        self.received.append(message)
        if isinstance(message, m.SetParameter):
            self.values[message.name] = message.value
        if isinstance(message, SetDeck):
            self.stage_values[f"deck/{message.deck}/{message.name}"] = message.value

    def ask(self, message: Message) -> None:
        asyncio.run(handle(message, self.hands.handlers))

    def move(self, port: str, *moves: tuple[Kind, int, int]) -> None:
        moved = tuple(Moved(ControlId(kind, 1, number), value) for kind, number, value in moves)
        self.hands.heard(Played(port, moved))

    def turn(self, port: str, number: int, *values: int) -> None:
        """Sends values of a controller (CC), one after another."""
        self.move(port, *[("cc", number, value) for value in values])

    def wait(self, longest_seconds: float = 1.0) -> None:
        due = [action for seconds, action in self.later if seconds <= longest_seconds]
        self.later = [one for one in self.later if one[0] > longest_seconds]
        for action in due:
            action()

    def said(self, name: str) -> list[tuple[object, ...]]:
        return [e.arguments for e in self.events if isinstance(e, mm.MidiEvent) and e.name == name]
