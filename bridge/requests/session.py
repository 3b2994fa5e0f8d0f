"""The session: sticky values for clients that send one number at a time, and the presets beneath them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge import messages as m
from bridge.messages import Argument, BridgeError, Peer
from bridge.requests.presets import (
    Presets,
    SamplingOf,
    load_preset,
    preset_pairs,
    preset_values,
    read_parameter,
    set_parameter,
)

SessionMessage = m.SetParameter | m.ReadParameter | m.LoadPreset | m.ReadPreset | m.SavePreset | m.ListPresets
Reply = Callable[..., None]
"""(to: Peer | None, address: str, *arguments: Argument): the daemon's answer to whoever asked."""


class Session:
    """One for the whole daemon: a knob turned on one controller counts for the button on another."""

    def __init__(
        self,
        presets: Presets,
        sampling_of: SamplingOf,
        user_defaults: Mapping[str, object] | None,
        reply: Reply,
    ) -> None:
        self.values: dict[str, object] = {}
        self._presets = presets
        self._sampling_of = sampling_of
        self._house = user_defaults
        self._reply = reply

    def value_of(self, name: str) -> object:
        """What a request that says nothing would have; None where absence has a meaning of its own.

        None too for what a model says that cannot be read: a knob has no place to be picked up at then.
        """
        try:
            return self._read(name)
        except BridgeError as error:
            if error.code != "model":
                raise
            return None

    def handle(self, message: SessionMessage) -> None:
        """Do what the message asks, and answer. Raises BridgeError."""
        match message:
            case m.SetParameter(name, value):
                set_parameter(self.values, name, value)
            case m.ReadParameter(name):
                self._answer(message.sender, f"param/{name}", _as_argument(self._read(name)))
            case m.LoadPreset(name):
                load_preset(self.values, self._presets, name)
                self._answer(message.sender, "preset/load.reply", name)
            case m.ReadPreset(name):
                values = preset_pairs(name, self._presets, self._sampling_of, self._house)
                self._answer(message.sender, "preset/read.reply", name, *values)
            case m.SavePreset(name, replace, values):
                self._presets.save(name, preset_values(self.values, values), replace)
                self._answer(message.sender, "preset/save.reply", name)
            case m.ListPresets():
                self._answer(message.sender, "preset/list.reply", *self._presets.names())

    def _read(self, name: str) -> object:
        return read_parameter(name, self._presets, self.values, self._sampling_of, self._house)

    def _answer(self, to: Peer | None, address: str, *arguments: Argument) -> None:
        self._reply(to, address, *arguments)


def _as_argument(value: object) -> Argument:
    """A parameter's value; OSC's nil where absence has a meaning.

    No argument at all would be a question: two daemons would ask each other for ever.
    """
    return value if isinstance(value, str | int | float) else None
