"""The device's audio path: input passes through, and the chosen take is added, looped in sync with Live.

The preview has a gain that is exactly 0 when off, and adding 0 changes nothing: the pass-through is
bit-transparent. There is no other gain: the take is as loud as its clip will be.
"""

from __future__ import annotations

from max_for_live import faces
from max_for_live.desk import Desk
from max_for_live.patch import Box

_FADE_MILLISECONDS = 20
_CHANNELS = 2


def add_preview(desk: Desk) -> Box:
    """Add the buffer, its waveform display (returned), the player and the mix."""
    patch = desk.patch
    patch.section("Preview and pass-through")
    buffer = patch.object(f"buffer~ {faces.BUFFER}")
    desk.on("preview_load", patch.object("prepend replace"), buffer)
    desk.tell(buffer, patch.message("preview_loaded"), 1)
    picture = faces.add_waveform(patch)
    # The dashes in the buffer's name are resolved only once the device is loaded.
    patch.chain(patch.object("loadbang"), patch.message(f"set {faces.BUFFER}"), picture)
    player = patch.object(f"play~ {faces.BUFFER} {_CHANNELS}")
    patch.connect(_position(desk), player)
    gain = patch.object("line~ 0.")
    desk.on("preview_gate", patch.message(f"$1 {_FADE_MILLISECONDS}"), gain)
    entry, exit_ = patch.object("plugin~"), patch.object("plugout~")
    for channel in range(_CHANNELS):
        scaled, mixed = patch.object("*~ 0."), patch.object("+~")
        patch.connect(player, scaled, channel)
        patch.connect(gain, scaled, 0, 1)
        patch.connect(entry, mixed, channel)
        patch.connect(scaled, mixed, 0, 1)
        patch.connect(mixed, exit_, 0, channel)
    return picture


def _position(desk: Desk) -> Box:
    """Return the position in the take in milliseconds, as a signal: Live's while it plays, else free-running.

    plugphasor~ is sample-accurate but gives only the phase within the beat; plugsync~ counts the beats, a
    little late. Their difference, rounded to a whole number, plus the phase is the song's position in beats.
    """
    patch = desk.patch
    sync, phase = patch.object("plugsync~"), patch.object("plugphasor~")
    behind, whole, beats = patch.object("-~"), patch.object("round~ 1."), patch.object("+~")
    patch.chain(sync, patch.object("sig~"), behind, outlet=6)
    patch.connect(phase, behind, 0, 1)
    patch.chain(behind, whole, beats)
    patch.connect(phase, beats, 0, 1)
    wrapped, locked = patch.object("%~ 16."), patch.object("*~ 500.")
    patch.chain(beats, wrapped, locked)
    turn, free = patch.object("phasor~ 0.125"), patch.object("*~ 8000.")
    patch.connect(turn, free)
    _set_length(desk, wrapped, locked, turn, free)
    chosen = patch.object("selector~ 2 1")
    patch.chain(sync, patch.object("+ 1"), chosen)
    patch.connect(free, chosen, 0, 1)
    patch.connect(locked, chosen, 0, 2)
    return chosen


def _set_length(desk: Desk, wrapped: Box, locked: Box, turn: Box, free: Box) -> None:
    """Route `preview_length beats milliseconds`: the length of the loop, in both units."""
    patch = desk.patch
    parts, a_beat = patch.object("unpack 0. 0."), patch.object("expr $f2/$f1")
    desk.on("preview_length", parts)
    desk.on("preview_length", a_beat)
    patch.connect(parts, wrapped, 0, 1)
    patch.connect(a_beat, locked, 0, 1)
    patch.connect(parts, free, 1, 1)
    patch.chain(parts, patch.object("!/ 1000."), turn, outlet=1)
    start = patch.message("0.")
    patch.chain(parts, patch.object("t b"), start)
    patch.connect(start, turn, 0, 1)
