"""Gets and sets the values of decks and master, and tells them: gain, tempo, mute and so on."""

from __future__ import annotations

from bridge.addresses.events import NO_BEAT
from bridge.audio_child import protocol as p
from bridge.messages import Argument, Message, Peer
from bridge.messages.stage import Setting
from bridge.outputs.outlet import Outlet
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState

# The paths of the master's values; a value of all decks is at its own name.
_STAGE_PATHS = {
    "gain": "master/gain", "nudge_ms": "stream/nudge_ms", "tempo": "transport/tempo",
    "meter": "transport/meter",
}  # fmt: skip
_STAGE_NAMES = {path: name for name, path in _STAGE_PATHS.items()}


class StageValues:
    """Sends each value to the audio child, and keeps it for a restarted one.

    Answers who sets or reads a value, and tells all others a value that is new.
    """

    def __init__(self, link: StageLink, outlet: Outlet) -> None:
        self._link = link
        self._outlet = outlet

    def set_deck(self, desk: DeckState, name: str, value: Setting, by: Peer | None) -> None:
        """Set one of `DECK_VALUES` on a deck. Raises BridgeError without a stream."""
        is_new = desk.values[name] != value
        desk.values[name] = value
        self._link.tell(p.SetDeck(desk.number, name, value))
        self._outlet.value_set(by, f"deck/{desk.number}/{name}", _argument(value), is_new=is_new)

    def read_deck(self, desk: DeckState, name: str, asked: Message) -> None:
        """Answer with one of a deck's values, or with its `state`."""
        path = f"deck/{desk.number}/{name}"
        if name != "state":
            self._answer(asked, path, _argument(desk.values[name]))
            return
        pairs = [word for name, value in desk.values.items() for word in (name, _argument(value))]
        launch_beat, line = (NO_BEAT if beat is None else beat for beat in (desk.launch_beat, desk.line))
        bpm = 0.0 if desk.file is None or desk.file.bpm is None else desk.file.bpm
        words = desk.activity, desk.take, launch_beat, *pairs, "bpm", bpm, "line", line
        self._outlet.reply(asked.sender, f"{path}.reply", *words)

    def set_stage(self, name: str, value: Setting, by: Peer | None) -> None:
        """Set a value of the master, or the same value on every deck. Raises BridgeError without a stream."""
        is_new = self._kept(name) != value
        self._set_stage(name, value)
        self._outlet.value_set(by, _path_of(name), _argument(value), is_new=is_new)

    def set_meter(self, numerator: int, denominator: int, by: Peer | None) -> None:
        """Set the meter. Raises BridgeError without a stream."""
        master, meter = self._link.master, f"{numerator}/{denominator}"
        is_new = master.meter != meter
        master.meter, master.bar_beats = meter, 4 * numerator / denominator
        self._link.tell(p.SetMeter(master.bar_beats))
        self._outlet.value_set(by, _path_of("meter"), meter, is_new=is_new)

    def read_stage(self, name: str, asked: Message) -> None:
        """Answer with a value of the master, or with that of deck 1 for all decks."""
        now = self._link.require().snapshot() if name == "tempo" else None
        self._answer(asked, _path_of(name), _argument(now.bpm if now else self._kept(name)))

    def value_of(self, path: str) -> Setting | None:
        """Return the value at an address without its root, such as `deck/1/gain`; None if it has none."""
        if path in _STAGE_NAMES:
            return self._kept(_STAGE_NAMES[path])
        first, _, rest = path.partition("/")
        number, _, name = rest.partition("/")
        desk = self._link.decks.get(int(number)) if first == "deck" and number.isdecimal() else None
        return None if desk is None else desk.values.get(name)

    def _answer(self, asked: Message, path: str, value: Argument) -> None:
        self._outlet.reply(asked.sender, f"{path}.reply", value)
        self._outlet.value_read(asked, path, value)

    def _set_stage(self, name: str, value: Setting) -> None:
        master = self._link.master
        match name:
            case "gain":
                master.gain_db = float(value)
                self._link.tell(p.SetStage("gain", master.gain_db))
            case "nudge_ms":
                master.nudge_ms = float(value)
                self._link.tell(p.SetStage("nudge_ms", master.nudge_ms))
            case "tempo":
                master.bpm, master.tempo_count = float(value), master.tempo_count + 1
                self._link.tell(p.SetStage("tempo", master.bpm))
            case _:
                for desk in self._link.decks.values():
                    self.set_deck(desk, name, value, None)

    def _kept(self, name: str) -> Setting:
        master = self._link.master
        match name:
            case "gain":
                return master.gain_db
            case "nudge_ms":
                return master.nudge_ms
            case "tempo":
                return master.bpm
            case "meter":
                return master.meter
            case _:
                return self._link.decks[1].values[name]


def _path_of(name: str) -> str:
    return _STAGE_PATHS.get(name, name)


def _argument(value: Setting) -> Argument:
    """Return a value as an OSC argument: switches as 1 or 0, which every client can read."""
    return int(value) if isinstance(value, bool) else value
