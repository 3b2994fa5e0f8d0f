"""Progressions that songs share, by degree, for menus. Pure Python."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progression:
    """A progression a chord a bar, as `bridge` and `msanii` read it in a major and in a minor key."""

    name: str
    major: str
    minor: str


# As in the menu of the Max for Live device (max_for_live/MsaniiLive.js); a test holds them together.
PROGRESSIONS = (
    Progression("Pop: I V vi IV", "I V vi IV", "i VI III VII"),
    Progression("Ballad: vi IV I V", "vi IV I V", "VI VII i i"),
    Progression("Doo-wop: I vi IV V", "I vi IV V", "i VI iv v"),
    Progression("Folk: I IV V I", "I IV V I", "i iv v i"),
    Progression("Jazz: ii V I", "ii7 V7 Imaj7 Imaj7", "iim7b5 V7 im7 im7"),
    Progression("Canon", "I V vi iii IV I IV V", "i v VI III iv i iv v"),
    Progression("Descent: i VII VI V", "vi V IV III", "i VII VI V"),
    Progression("Dorian vamp: i IV", "ii V", "i IV"),
    Progression(
        "Blues: twelve bars",
        "I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
        "im7 ivm7 im7 im7 ivm7 ivm7 im7 im7 VImaj7 V7 im7 V7",
    ),
)
