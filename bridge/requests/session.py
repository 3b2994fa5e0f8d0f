"""The session: sticky values for clients that send one number at a time, and the presets beneath them."""

from __future__ import annotations

from collections.abc import Callable

from bridge import messages as m
from bridge.addresses.about import as_argument
from bridge.messages import Argument, BridgeError, PartialRequest, Peer
from bridge.parameters import Value
from bridge.requests.presets import (
    Presets,
    SamplingOf,
    preset_pairs,
    preset_values,
    read_parameter,
    with_parameter,
    with_preset,
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
        user_defaults: PartialRequest | None,
        reply: Reply,
    ) -> None:
        self.values: PartialRequest = {}
        self._presets = presets
        self._sampling_of = sampling_of
        self._house = user_defaults
        self._reply = reply

    def value_of(self, name: str) -> Value | None:
        """The value of a request without values; None where absence has a meaning.

        None too for a value of a model that cannot be read: a knob has no place to be picked up at then.
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
                self.values = with_parameter(self.values, name, value)
            case m.ReadParameter(name, sender):
                self._answer(sender, f"param/{name}", as_argument(self._read(name)))
            case m.LoadPreset(name, sender):
                self.values = with_preset(self._presets, name)
                self._answer(sender, "preset/load.reply", name)
            case m.ReadPreset(name, sender):
                values = preset_pairs(name, self._presets, self._sampling_of, self._house)
                self._answer(sender, "preset/read.reply", name, *values)
            case m.SavePreset(name, replace, values, sender):
                self._presets.save(name, preset_values(self.values, values), replace)
                self._answer(sender, "preset/save.reply", name)
            case m.ListPresets(sender):
                self._answer(sender, "preset/list.reply", *self._presets.names())

    def _read(self, name: str) -> Value | None:
        return read_parameter(name, self._presets, self.values, self._sampling_of, self._house)

    def _answer(self, to: Peer | None, address: str, *arguments: Argument) -> None:
        self._reply(to, address, *arguments)
