"""Sets and reads the values of decks and master."""

from __future__ import annotations

from bridge.audio_child import protocol as p
from bridge.messages import Argument
from bridge.messages.stage import Setting
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState

# The launch beat in the answer of a deck that does not play.
_NO_BEAT = -1.0


class StageValues:
    """Remembers each value for a later audio child, and sends it to the present one."""

    def __init__(self, link: StageLink) -> None:
        self._link = link

    def set_deck(self, desk: DeckState, name: str, value: Setting) -> None:
        """Set one of `DECK_VALUES` on a deck. Raises BridgeError without a stream."""
        desk.values[name] = value
        self._link.tell(p.SetDeck(desk.number, name, value))

    def read_deck(self, desk: DeckState, name: str) -> tuple[str, list[Argument]]:
        """The address and arguments of the answer with one of a deck's values, or with its `state`."""
        where = f"deck/{desk.number}/{name}.reply"
        if name != "state":
            return where, [_argument(desk.values[name])]
        pairs = [word for name, value in desk.values.items() for word in (name, _argument(value))]
        launch_beat = _NO_BEAT if desk.launch_beat is None else desk.launch_beat
        return where, [desk.activity, desk.take, launch_beat, *pairs]

    def set_stage(self, name: str, value: Setting) -> None:
        """Set a value of the master, or of every deck. Raises BridgeError without a stream."""
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
        """The address and argument of the answer with a value of the master, or of the first deck for all."""
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
    """A value as an OSC argument; switches are 1 or 0, which every client can read."""
    return int(value) if isinstance(value, bool) else value
