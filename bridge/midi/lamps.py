"""Feedback to controllers: pads lit by deck state, parameters echoed to motor faders and LED rings."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Sequence

from bridge.midi.control import Control, Lamp
from bridge.midi.learn import MidiMaps
from bridge.midi_child.wire import LARGEST, SendMidi

ALL_NOTES_OFF = 123

_Shown = tuple[str, int]
"""`deck` or `scene`, and its number"""


class Lamps:
    """Sends the lamps and echoes of each map to the outputs that it is used for."""

    def __init__(
        self, maps: MidiMaps, send: Callable[[SendMidi], None], value_of: Callable[[str], object]
    ) -> None:
        self._maps = maps
        self._send = send
        self._value_of = value_of
        self._activities: dict[_Shown, str] = {}
        self._outputs: tuple[str, ...] = ()

    def connect(self, outputs: Sequence[str]) -> None:
        """Set the open outputs, and send the full state to new ones."""
        new = set(outputs) - set(self._outputs)
        self._outputs = tuple(outputs)
        for output in sorted(new):
            self.refresh(output)

    def refresh(self, output: str) -> None:
        """Send one output the state of every deck and parameter that its map shows."""
        for control in self._shown_on(output):
            if control.lamp is not None:
                activity = self._activities.get(_shown_by(control.lamp), "empty")
                self._light(output, control, control.lamp.colour(activity))
            if control.echo:
                self._echo(output, control)

    def deck(self, deck: int, activity: str) -> None:
        """Update the lamps of a deck whose activity has changed."""
        self._changed(("deck", deck), activity)

    def scene(self, scene: int, activity: str) -> None:
        """Update the lamps of a scene whose activity has changed."""
        self._changed(("scene", scene), activity)

    def _changed(self, shown: _Shown, activity: str) -> None:
        self._activities[shown] = activity
        for output in self._outputs:
            for control in self._shown_on(output):
                if control.lamp is not None and _shown_by(control.lamp) == shown:
                    self._light(output, control, control.lamp.colour(activity))

    def parameter(self, name: str | None) -> None:
        """Echo a changed parameter; None means all of them."""
        for output in self._outputs:
            for control in self._shown_on(output):
                if control.echo and control.parameter is not None and name in (None, control.parameter):
                    self._echo(output, control)

    def dark(self) -> None:
        """Send all-notes-off on every channel of every output."""
        for channel in range(16):
            self._send(SendMidi("*", bytes((0xB0 | channel, ALL_NOTES_OFF, 0))))

    def _shown_on(self, output: str) -> Iterator[Control]:
        reply = self._maps.map_for(output).map.reply
        if reply and not fnmatch.fnmatchcase(output.casefold(), reply.casefold()):
            return
        for _, control in self._maps.controls_for(output):
            if control.lamp is not None or control.echo:
                yield control

    def _echo(self, output: str, control: Control) -> None:
        position = control.position_of(self._value_of(control.parameter or ""))
        if position is not None and control.kind in ("cc", "cc14", "bend"):
            self._say(output, control, round(min(1.0, max(0.0, position)) * LARGEST[control.kind]))

    def _light(self, output: str, control: Control, colour: int) -> None:
        if colour >= 0:
            self._say(output, control, colour)

    def _say(self, output: str, control: Control, value: int) -> None:
        channel = max(control.channel, 1) - 1
        number = control.number or 0
        match control.kind:
            case "note":
                messages = [(0x90 | channel, number, value)]
            case "cc14":
                low = number + 32
                messages = [(0xB0 | channel, number, value >> 7), (0xB0 | channel, low, value & 0x7F)]
            case "bend":
                messages = [(0xE0 | channel, value & 0x7F, value >> 7)]
            case _:
                messages = [(0xB0 | channel, number, value)]
        for message in messages:
            self._send(SendMidi(_literal(output), bytes(message)))


def _literal(port: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in port)


def _shown_by(lamp: Lamp) -> _Shown:
    return ("deck", lamp.deck) if lamp.deck is not None else ("scene", lamp.scene or 0)
