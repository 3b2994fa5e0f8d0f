"""The sounds and parts of models. Pure Python.

A model knows the first sounds, as many as its control group `sound` is wide. Programs are General MIDI's,
counted from 0. Drum kits are on channel 10: 0 is General MIDI's, the others are Roland's GS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from msanii.choices import did_you_mean
from msanii.config import ControlGroup
from msanii.errors import ScoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """An instrument, and the program that is most like it."""

    program: int
    is_kit: bool = False


# Models depend on the order: a sound's index is its row in the control tensor. Only ever append.
SOUNDS: dict[str, Sound] = {
    "grand piano": Sound(program=0),
    "electric piano": Sound(program=4),
    "nylon guitar": Sound(program=24),
    "steel guitar": Sound(program=25),
    "clean guitar": Sound(program=27),
    "organ": Sound(program=16),
    "strings": Sound(program=48),
    "warm pad": Sound(program=89),
    "synth pluck": Sound(program=39),
    "music box": Sound(program=10),
    "marimba": Sound(program=12),
    "choir": Sound(program=52),
    "finger bass": Sound(program=33),
    "synth bass": Sound(program=38),
    "drum kit": Sound(program=0, is_kit=True),
    "electronic kit": Sound(program=24, is_kit=True),
    "saw bass": Sound(program=38),
    "square bass": Sound(program=39),
    "sub bass": Sound(program=39),
    "acid bass": Sound(program=38),
    "reese bass": Sound(program=38),
    "fm bass": Sound(program=39),
    "808 bass": Sound(program=39),
    "upright bass": Sound(program=32),
    "supersaw": Sound(program=81),
    "trance pluck": Sound(program=81),
    "chord stab": Sound(program=62),
    "arp synth": Sound(program=80),
    "square lead": Sound(program=80),
    "sweep pad": Sound(program=95),
    "glass pad": Sound(program=92),
    "tine piano": Sound(program=4),
    "reed piano": Sound(program=4),
    "clav": Sound(program=7),
    "drawbar organ": Sound(program=16),
    "muted guitar": Sound(program=28),
    "overdriven guitar": Sound(program=29),
    "brass section": Sound(program=61),
    "string section": Sound(program=48),
    "808 kit": Sound(program=25, is_kit=True),
    "909 kit": Sound(program=24, is_kit=True),
    "room kit": Sound(program=8, is_kit=True),
    "lo fi kit": Sound(program=32, is_kit=True),
}

FIRST_SOUNDS: tuple[str, ...] = tuple(SOUNDS)[:16]
"""The sounds that every model with sounds knows."""

# The model depends on the order, as above.
PARTS = ("keys", "lead", "pad", "bass", "drums", "mix")

SOUNDS_OF_PART: dict[str, tuple[str, ...]] = {
    "keys": (
        "grand piano", "electric piano", "nylon guitar", "steel guitar", "clean guitar", "organ",
        "synth pluck", "music box", "marimba", "supersaw", "trance pluck", "chord stab", "arp synth",
        "glass pad", "tine piano", "reed piano", "clav", "drawbar organ", "muted guitar",
        "overdriven guitar", "brass section", "string section",
    ),
    "lead": (
        "grand piano", "electric piano", "nylon guitar", "steel guitar", "clean guitar", "organ", "strings",
        "synth pluck", "music box", "marimba", "choir", "acid bass", "supersaw", "trance pluck", "arp synth",
        "square lead", "tine piano", "reed piano", "drawbar organ", "muted guitar", "overdriven guitar",
        "brass section", "string section",
    ),
    "pad": (
        "strings", "warm pad", "choir", "organ", "electric piano", "supersaw", "sweep pad", "glass pad",
        "tine piano", "drawbar organ",
    ),
    "bass": (
        "finger bass", "synth bass", "saw bass", "square bass", "sub bass", "acid bass", "reese bass",
        "fm bass", "808 bass", "upright bass",
    ),
    "drums": ("drum kit", "electronic kit", "808 kit", "909 kit", "room kit", "lo fi kit"),
}  # fmt: skip
"""The sounds of each part, the usual one first."""


def known_sounds(groups: Iterable[ControlGroup]) -> tuple[str, ...]:
    """The sounds that a model with these controls knows; none without a group `sound`."""
    widths = {group.name: group.width for group in groups}
    return tuple(SOUNDS)[: widths.get("sound", 0)]


def sounds_of_part(part: str, known: Collection[str]) -> tuple[str, ...]:
    """The sounds among those `known` that a part is played in; none for a mix or no part."""
    return tuple(name for name in SOUNDS_OF_PART.get(part, ()) if name in known)


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


def hint_on_sounds(part: str, sounds: Sequence[str], known: Collection[str]) -> str:
    """Return what to expect of sounds that the training data never gave the part; "" if there are none.

    `known` are the sounds of the model.
    """
    usual = sounds_of_part(part, known)
    strange = [sound for sound in sounds if usual and sound not in usual]
    if not strange:
        return ""
    return (
        f"sound: {part} was trained with {', '.join(usual)}; {', '.join(strange)} may sound like one of them"
    )
