"""The stage's values, set and read: those of a deck, and those of all."""

from __future__ import annotations

from bridge.audio_child import protocol as p
from bridge.messages import Argument
from bridge.messages import stage as s
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState, linear

# How an answer says a deck of which nothing sounds.
_NO_BEAT = -1.0


class StageValues:
    """Keeps a value where it is remembered, and tells the audio child."""

    def __init__(self, link: StageLink) -> None:
        self._link = link

    def set_deck(self, desk: DeckState, name: s.DeckValue, value: float | bool | str) -> None:
        """Sets one value of a deck; gain in dB. Raises BridgeError without a stream."""
        setattr(desk, "gain_db" if name == "gain" else name, value)
        told = linear(float(value)) if name == "gain" else value
        self._link.tell(p.SetDeckValue(desk.number, name, told))

    def read_deck(self, desk: DeckState, name: str) -> tuple[str, list[Argument]]:
        """The address and the arguments that say one value of a deck, or with `state` all."""
        values: dict[str, Argument] = {
            "gain": desk.gain_db,
            "mute": int(desk.mute),
            "loop": int(desk.loop),
            "quantise": desk.quantise,
            "stretch": int(desk.stretch),
        }
        where = f"deck/{desk.number}/{name}.reply"
        if name != "state":
            return where, [values[name]]
        pairs: list[Argument] = [word for pair in values.items() for word in pair]
        launch_beat = _NO_BEAT if desk.launch_beat is None else desk.launch_beat
        return where, [desk.activity, desk.take, launch_beat, *pairs]

    def set_stage(self, name: s.MasterValue, value: float | str | bool) -> None:
        """Sets one value of the whole stage; gain in dB. Raises BridgeError without a stream."""
        master = self._link.master
        match name:
            case "gain":
                master.gain_db = float(value)
                self._link.tell(p.SetMaster("gain", linear(master.gain_db)))
            case "nudge_ms":
                master.nudge_ms = float(value)
                self._link.tell(p.SetMaster("nudge_seconds", master.nudge_ms / 1000))
            case "tempo":
                master.bpm = float(value)
                self._link.tell(p.SetTempo(master.bpm))
            case "quantise" | "stretch":
                for desk in self._link.decks.values():
                    self.set_deck(desk, name, value)

    def read_stage(self, name: s.MasterValue) -> tuple[str, Argument]:
        """The address and the argument that say one value of the whole stage."""
        master, first = self._link.master, self._link.decks[1]
        now = self._link.require().snapshot()
        match name:
            case "gain":
                return "master/gain.reply", master.gain_db
            case "nudge_ms":
                return "stream/nudge_ms.reply", master.nudge_ms
            case "tempo":
                return "transport/tempo.reply", now.bpm if now else master.bpm
            case "quantise":
                return "quantise.reply", first.quantise
            case "stretch":
                return "stretch.reply", int(first.stretch)
