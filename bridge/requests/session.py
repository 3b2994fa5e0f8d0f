"""The session: values that persist between requests, for clients that set parameters one at a time."""

from __future__ import annotations

from collections.abc import Iterable

from bridge import messages as m
from bridge.messages import Argument, BridgeError, PartialRequest
from bridge.messages.requests import without
from bridge.meter import METER, METER_PARTS
from bridge.outputs.outlet import Outlet
from bridge.parameters import LENGTHS, PARAMETERS, PATHS, Value, value_of
from bridge.requests.network_clients import visible
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
    """Parameters and preset shared by all clients: a knob on one controller affects a button on another.

    The paths in it are of clients on this machine and for them alone (`visible`).
    """

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
            m.ListParameters: self._list_parameters,
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
            return self._read(name, self.values)
        except BridgeError as error:
            if error.code != "model":
                raise
            return None

    def set_parameter(self, message: m.SetParameter) -> None:
        """Set a value of the session. Raises BridgeError if it is not allowed in a session."""
        values = with_parameter(self.values, message.name, message.value)
        self._change(values, f"param/{message.name}", message.sender)

    def reset(self, message: m.ResetParameter) -> list[str]:
        """Unset a parameter, or all that the client sees; return the names of those that were set.

        A time signature and a length are unset as a whole.
        """
        groups = {METER: METER_PARTS, **dict.fromkeys(LENGTHS, LENGTHS)}
        asked = PARAMETERS if message.name == "all" else groups.get(message.name, (message.name,))
        names = [name for name in visible(self.values, message.sender) if name in asked]
        self._change(without(self.values, names), "", message.sender)
        self._outlet.reply(message.sender, "param/reset.reply", message.name)
        return names

    def load_preset(self, message: m.LoadPreset) -> None:
        """Replace the session's values by a preset. Raises BridgeError `preset` for an unknown one."""
        kept = without(self.values, visible(self.values, message.sender))
        values = kept | with_preset(self._presets, message.name)
        self._change(values, "preset/load", message.sender)
        self._outlet.reply(message.sender, "preset/load.reply", self.values["preset"])

    def _read_parameter(self, message: m.ReadParameter) -> None:
        value = _as_argument(self._read(message.name, visible(self.values, message.sender)))
        self._outlet.value_read(message, f"param/{message.name}", value)

    def _list_parameters(self, message: m.ListParameters) -> None:
        self._outlet.reply(message.sender, "param/list.reply", *visible(self.values, message.sender))

    def _read_preset(self, message: m.ReadPreset) -> None:
        pairs = preset_pairs(message.name, self._presets, self._sampling_of, self._user_defaults)
        self._outlet.reply(message.sender, "preset/read.reply", message.name, *pairs)

    def _save_preset(self, message: m.SavePreset) -> None:
        values = preset_values(self._presets, self.values, message.values)
        self._presets.save(message.name, values, message.replace)
        self._outlet.reply(message.sender, "preset/save.reply", message.name)

    def _list_presets(self, message: m.ListPresets) -> None:
        self._outlet.reply(message.sender, "preset/list.reply", *self._presets.good_names())

    def _change(self, values: PartialRequest, set_path: str, by: m.Peer | None) -> None:
        """Take new values; tell every other value that is another now.

        All hear it but for `by`, who set the one at `set_path`.
        """
        # Which files are set is for this machine alone, and subscribers may be elsewhere.
        paths = _paths_of(name for name in _touched(self.values, values) if name not in PATHS)
        before = {path: self._value_or_none(name) for path, name in paths.items()}
        self.values = values
        for path, name in paths.items():
            value = self._value_or_none(name)
            if value != before[path]:
                event = m.ValueChanged(path, _as_argument(value), by if path == set_path else None)
                self._outlet.deliver(event)

    def _value_or_none(self, name: str) -> Value | None:
        try:
            return self._read(name, self.values)
        except BridgeError:  # the preset's file or the model is gone, which a request for it will say
            return None

    def _read(self, name: str, values: PartialRequest) -> Value | None:
        return read_parameter(name, self._presets, values, self._sampling_of, self._user_defaults)


def _as_argument(value: object) -> Argument:
    """Return a parameter's value, or OSC nil if it is absent.

    A reply without arguments would be a query: two daemons would query each other for ever.
    """
    return value if isinstance(value, str | int | float) else None


# What changes the values of other parameters too: presets and models lend them, parts have their own sound.
_LENDS = frozenset(("preset", "model", "part", "parts", "notes"))


def _touched(before: PartialRequest, after: PartialRequest) -> Iterable[str]:
    """Return the parameters whose values may be others for a session of other values."""
    said = [name for name in PARAMETERS if value_of(before, name) != value_of(after, name)]
    return said if _LENDS.isdisjoint(said) else PARAMETERS


def _paths_of(names: Iterable[str]) -> dict[str, str]:
    """Return the paths on which parameters are told, each with the name to read."""
    paths = {f"param/{name}": name for name in names}
    if not paths.keys().isdisjoint(f"param/{part}" for part in METER_PARTS):
        paths[f"param/{METER}"] = METER
    if "param/preset" in paths:
        paths["preset/load"] = "preset"
    return paths
