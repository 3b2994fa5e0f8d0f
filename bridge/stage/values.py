"""Gets and sets the values of decks and master: gain, tempo, mute and so on."""

from __future__ import annotations

from bridge.addresses.events import NO_BEAT
from bridge.audio_child import protocol as p
from bridge.messages import Argument
from bridge.messages.stage import Setting
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState


class StageValues:
    """Sends each value to the audio child, and keeps it for a restarted one."""

    def __init__(self, link: StageLink) -> None:
        self._link = link

    def set_deck(self, desk: DeckState, name: str, value: Setting) -> None:
        """Set one of `DECK_VALUES` on a deck. Raises BridgeError without a stream."""
        desk.values[name] = value
        self._link.tell(p.SetDeck(desk.number, name, value))

    def read_deck(self, desk: DeckState, name: str) -> tuple[str, list[Argument]]:
        """Return the reply's address and arguments for one of a deck's values, or for its `state`."""
        where = f"deck/{desk.number}/{name}.reply"
        if name != "state":
            return where, [_argument(desk.values[name])]
        pairs = [word for name, value in desk.values.items() for word in (name, _argument(value))]
        launch_beat, line = (NO_BEAT if beat is None else beat for beat in (desk.launch_beat, desk.line))
        return where, [desk.activity, desk.take, launch_beat, *pairs, "line", line]

    def set_stage(self, name: str, value: Setting) -> None:
        """Set a value of the master, or the same value on every deck. Raises BridgeError without a stream."""
        master = self._link.master
        match name:
            case "gain":
                master.gain_db = float(value)
                self._link.tell(p.SetStage("gain", master.gain_db))
            case "nudge_ms":
                master.nudge_ms = float(value)
                self._link.tell(p.SetStage("nudge_ms", master.nudge_ms))
            case "tempo":
                master.bpm = float(value)
                self._link.tell(p.SetStage("tempo", master.bpm))
            case _:
                for desk in self._link.decks.values():
                    self.set_deck(desk, name, value)

    def read_stage(self, name: str) -> tuple[str, Argument]:
        """Return the reply's address and argument for a value of the master, or of deck 1 for all decks."""
        master = self._link.master
        now = self._link.require().snapshot()
        match name:
            case "gain":
                return "master/gain.reply", master.gain_db
            case "nudge_ms":
                return "stream/nudge_ms.reply", master.nudge_ms
            case "tempo":
                return "transport/tempo.reply", now.bpm if now else master.bpm
            case _:
                return f"{name}.reply", _argument(self._link.decks[1].values[name])


def _argument(value: Setting) -> Argument:
    """Return a value as an OSC argument: switches as 1 or 0, which every client can read."""
    return int(value) if isinstance(value, bool) else value
