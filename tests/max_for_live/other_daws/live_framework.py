"""Live's side of a Remote Script, and what of `_Framework` it can use, as Live 12 ships it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import ClassVar

from tests.max_for_live.other_daws.live_stub import Song, WarpMarker


class CInstance:
    """Live's side of a Remote Script."""

    def __init__(self, song: Song) -> None:
        self._song = song
        self.shown: list[str] = []

    def song(self) -> Song:
        return self._song

    def show_message(self, text: str) -> None:
        assert isinstance(text, str)
        self.shown.append(text)

    def log_message(self, text: str) -> None:
        assert isinstance(text, str)


class ControlSurface:
    """What the script uses of `_Framework.ControlSurface`. Controls find it inside the guard alone."""

    inside: ClassVar[list[ControlSurface]] = []

    def __init__(self, c_instance: CInstance) -> None:
        self._c_instance = c_instance
        self.controls: list[ButtonElement] = []
        self.is_connected = True

    @contextmanager
    def component_guard(self) -> Iterator[None]:
        ControlSurface.inside.append(self)
        try:
            yield
        finally:
            ControlSurface.inside.pop()

    def song(self) -> Song:
        return self._c_instance.song()

    def show_message(self, message: str) -> None:
        self._c_instance.show_message(message)

    def log_message(self, *message: object) -> None:
        self._c_instance.log_message(" ".join(map(str, message)))

    def update_display(self) -> None:
        assert self.is_connected

    def disconnect(self) -> None:
        self.is_connected = False

    def receive_midi(self, midi_bytes: tuple[int, int, int]) -> None:
        """As Live calls it; only what a control asked for ever comes."""
        with self.component_guard():
            for control in self.controls:
                if control.status_and_number == midi_bytes[:2]:
                    control.receive_value(midi_bytes[2])


class ButtonElement:
    """`_Framework.ButtonElement.ButtonElement(is_momentary, msg_type, channel, identifier)`."""

    def __init__(self, is_momentary: bool, msg_type: int, channel: int, identifier: int) -> None:
        assert isinstance(is_momentary, bool)
        assert msg_type in (0, 1)
        assert channel in range(16)
        assert identifier in range(128)
        self.status_and_number = ((0x90, 0xB0)[msg_type] + channel, identifier)
        self._listeners: list[Callable[[int], object]] = []
        ControlSurface.inside[-1].controls.append(self)

    def add_value_listener(self, callback: Callable[[int], object]) -> None:
        self._listeners.append(callback)

    def receive_value(self, value: int) -> None:
        for listener in self._listeners:
            listener(value)


def modules() -> dict[str, ModuleType]:
    """What a Remote Script can import, besides Python's own."""
    made: dict[str, dict[str, object]] = {
        "Live": {"Clip": None},
        "_Framework": {},
        "_Framework.ControlSurface": {"ControlSurface": ControlSurface},
        "_Framework.ButtonElement": {"ButtonElement": ButtonElement},
        "_Framework.InputControlElement": {"MIDI_NOTE_TYPE": 0, "MIDI_CC_TYPE": 1},
    }
    found = {name: ModuleType(name) for name in made}
    for name, values in made.items():
        vars(found[name]).update(values)
    clip = ModuleType("Live.Clip")
    vars(clip)["WarpMarker"] = WarpMarker
    vars(found["Live"])["Clip"] = clip
    return found
