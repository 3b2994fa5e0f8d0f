"""The sounds and parts of the default model. Pure Python.

Programs are General MIDI's, counted from 0; drum kits are on channel 10 (General MIDI level 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msanii.choices import did_you_mean
from msanii.errors import ScoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """An instrument: its program, and the gain that makes it as loud as the others in FluidR3."""

    program: int
    gain_db: float
    is_kit: bool = False


# The model depends on the order: a sound's index is its row in the control tensor. Only ever append.
SOUNDS: dict[str, Sound] = {
    "grand piano": Sound(program=0, gain_db=4.7),
    "electric piano": Sound(program=4, gain_db=-3.1),
    "nylon guitar": Sound(program=24, gain_db=4.2),
    "steel guitar": Sound(program=25, gain_db=3.4),
    "clean guitar": Sound(program=27, gain_db=0.6),
    "organ": Sound(program=16, gain_db=0.3),
    "strings": Sound(program=48, gain_db=2.8),
    "warm pad": Sound(program=89, gain_db=-0.5),
    "synth pluck": Sound(program=39, gain_db=-4.3),
    "music box": Sound(program=10, gain_db=2.8),
    "marimba": Sound(program=12, gain_db=3.3),
    "choir": Sound(program=52, gain_db=2.6),
    "finger bass": Sound(program=33, gain_db=3.5),
    "synth bass": Sound(program=38, gain_db=3.8),
    "drum kit": Sound(program=0, gain_db=8.0, is_kit=True),
    "electronic kit": Sound(program=24, gain_db=5.0, is_kit=True),
}

# The model depends on the order, as above.
PARTS = ("keys", "lead", "pad", "bass", "drums", "mix")

SOUNDS_OF_PART: dict[str, tuple[str, ...]] = {
    "keys": (
        "grand piano", "grand piano", "electric piano", "nylon guitar", "steel guitar", "clean guitar",
        "organ", "synth pluck", "music box", "marimba",
    ),
    "lead": (
        "grand piano", "electric piano", "nylon guitar", "steel guitar", "clean guitar", "organ", "strings",
        "synth pluck", "music box", "marimba", "choir",
    ),
    "pad": ("strings", "warm pad", "choir", "organ", "electric piano"),
    "bass": ("finger bass", "synth bass"),
    "drums": ("drum kit", "electronic kit"),
}  # fmt: skip
"""The sounds of each part; a repeated name is drawn more often for the training data."""


def require_sound(name: str) -> str:
    """The name of a sound as in `SOUNDS`. Raises ScoreError with all names."""
    return _known("sound", name, tuple(SOUNDS))


def require_part(name: str) -> str:
    """The name of a part as in `PARTS`. Raises ScoreError with all names."""
    return _known("part", name, PARTS)


def _known(kind: str, name: str, names: tuple[str, ...]) -> str:
    wanted = " ".join(name.lower().replace("_", " ").replace("-", " ").split())
    if wanted not in names:
        hint = did_you_mean(wanted, names)
        message = f"{kind}: got {name[:40]!r}, expected one of {', '.join(names)}"
        raise ScoreError(f"{message}; {hint}" if hint else message)
    return wanted


def hint_on_sounds(part: str, sounds: Sequence[str]) -> str:
    """Return what to expect of sounds that the training data never gave the part; "" if there are none."""
    usual = dict.fromkeys(SOUNDS_OF_PART.get(part, ()))
    strange = [sound for sound in sounds if usual and sound not in usual]
    if not strange:
        return ""
    return (
        f"sound: {part} was trained with {', '.join(usual)}; {', '.join(strange)} may sound like one of them"
    )
