"""The takes of a morph: endless music that lies between two loops."""

from __future__ import annotations

from bridge.endless.endless_deck import EndlessDeck
from bridge.messages import BridgeError, Peer, partial_request
from bridge.messages.bars import MorphLoop
from bridge.time_stretch import HIGHEST_RATIO

# What the takes play says it; a preset's chords, notes and sound would be other music.
PLAIN = partial_request({"chords": "", "compose": "off", "sound": "", "part": ""})


async def find_loop(stage: EndlessDeck, take: str, sender: Peer | None) -> MorphLoop:
    """Return a take as a loop in its own tempo, which the render process brings to the stage's.

    Raises BridgeError `source` if there is no such file, `value` if it is no loop of known tempo and length.
    """
    file = await stage.find_take(take, sender)
    name = file.path.name
    if file.bpm is None:
        why = f"`{name}`: its tempo is not known; load it on a deck, which hears it, or take another"
        raise BridgeError("value", why)
    if file.beats is None or not file.beats > 0:
        why = f"`{name}`: it has no whole number of beats to be repeated; take a loop, or a take made in bars"
        raise BridgeError("value", why)
    if not 1 / HIGHEST_RATIO <= file.bpm / stage.bpm <= HIGHEST_RATIO:
        why = (
            f"`{name}`: its tempo is {file.bpm:g}, too far from {stage.bpm:g}; set `/msanii/transport/tempo`"
        )
        raise BridgeError("value", why)
    return MorphLoop(file.path, file.bpm, file.beats, file.first_beat_seconds)
