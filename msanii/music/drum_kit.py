"""Drums of a General MIDI kit that stand for others: models learn from eleven of them. Pure Python."""

from __future__ import annotations

from collections.abc import Mapping

KICK, RIM, SNARE, CLOSED_HAT, OPEN_HAT, CRASH, RIDE = 36, 37, 38, 42, 46, 49, 51
HIGH_TOM, MID_TOM, LOW_TOM, FLOOR_TOM = 50, 47, 45, 43
# What is not here is played as it is. Keys are those of General MIDI's percussion map.
_PLAYED_AS: Mapping[int, tuple[int, ...]] = {
    KICK: (35,),
    SNARE: (39, 40),  # hand clap, electric snare
    RIM: (56, 67, 68, 75, 76, 77),  # cowbell, agogos, claves, wood blocks
    CLOSED_HAT: (44, 54, 58, 69, 70, 73, 74, 80, 82),  # pedal hat, tambourine, what is shaken or scraped
    CRASH: (52, 55, 57),  # China cymbal, splash
    RIDE: (53, 59, 81),  # ride bell, open triangle
    HIGH_TOM: (48, 60, 65),  # high bongo and timbale
    MID_TOM: (61, 62, 63, 66, 78),  # low bongo and timbale, high congas
    LOW_TOM: (64, 79),  # low conga
    FLOOR_TOM: (41,),
}
_STANDS_FOR = {drum: known for known, drums in _PLAYED_AS.items() for drum in drums}


def known_drum(pitch: int) -> int:
    """The drum that models know best among those that sound like this one; itself for all others."""
    return _STANDS_FOR.get(pitch, pitch)


def similar_drums(pitch: int) -> tuple[int, ...]:
    """The drums that `known_drum` plays as this one."""
    return _PLAYED_AS.get(pitch, ())
