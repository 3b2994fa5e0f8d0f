"""The session: values that persist between requests, for clients that set parameters one at a time."""

from __future__ import annotations

from bridge import messages as m
from bridge.messages import Argument, BridgeError, PartialRequest
from bridge.outputs.outlet import Outlet
from bridge.parameters import Value
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import (
    SamplingOf,
    preset_pairs,
    preset_values,
    read_parameter,
    with_parameter,
    with_preset,
)
from bridge.system.inbox import Handlers


class Session:
    """Parameters and preset shared by all clients: a knob on one controller affects a button on another."""

    def __init__(
        self,
        presets: Presets,
        sampling_of: SamplingOf,
        user_defaults: PartialRequest | None,
        outlet: Outlet,
    ) -> None:
        self.values: PartialRequest = {}
        self._presets = presets
        self._sampling_of = sampling_of
        self._user_defaults = user_defaults
        self._outlet = outlet
        self.handlers: Handlers = {
            m.SetParameter: self.set_parameter,
            m.ReadParameter: self._read_parameter,
            m.LoadPreset: self.load_preset,
            m.ReadPreset: self._read_preset,
            m.SavePreset: self._save_preset,
            m.ListPresets: self._list_presets,
        }

    def value_of(self, name: str) -> Value | None:
        """Return the value that a request without values would use; None if it would be absent.

        Also None for a default of a model that cannot be read: a knob then has no value to pick up.
        """
        try:
            return self._read(name)
        except BridgeError as error:
            if error.code != "model":
                raise
            return None

    def set_parameter(self, message: m.SetParameter) -> None:
        """Set a value of the session. Raises BridgeError if it is not allowed in a session."""
        self.values = with_parameter(self.values, message.name, message.value)

    def load_preset(self, message: m.LoadPreset) -> None:
        """Replace the session's values by a preset. Raises BridgeError `preset` for an unknown one."""
        self.values = with_preset(self._presets, message.name)
        self._outlet.reply(message.sender, "preset/load.reply", self.values["preset"])

    def _read_parameter(self, message: m.ReadParameter) -> None:
        value = _as_argument(self._read(message.name))
        self._outlet.reply(message.sender, f"param/{message.name}", value)

    def _read_preset(self, message: m.ReadPreset) -> None:
        pairs = preset_pairs(message.name, self._presets, self._sampling_of, self._user_defaults)
        self._outlet.reply(message.sender, "preset/read.reply", message.name, *pairs)

    def _save_preset(self, message: m.SavePreset) -> None:
        values = preset_values(self._presets, self.values, message.values)
        self._presets.save(message.name, values, message.replace)
        self._outlet.reply(message.sender, "preset/save.reply", message.name)

    def _list_presets(self, message: m.ListPresets) -> None:
        self._outlet.reply(message.sender, "preset/list.reply", *self._presets.good_names())

    def _read(self, name: str) -> Value | None:
        return read_parameter(name, self._presets, self.values, self._sampling_of, self._user_defaults)


def _as_argument(value: object) -> Argument:
    """Return a parameter's value, or OSC nil if it is absent.

    A reply without arguments would be a query: two daemons would query each other for ever.
    """
    return value if isinstance(value, str | int | float) else None
