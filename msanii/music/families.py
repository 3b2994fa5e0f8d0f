"""The family of each sound of the palette. Pure Python."""

from __future__ import annotations

from msanii.music.palette import PALETTE

FAMILIES = (
    "piano", "electric piano", "guitar", "organ", "strings", "choir", "brass", "mallets", "bass", "synth",
    "pad", "drums",
)  # fmt: skip
"""A model depends on the order. Only ever append."""

_MEMBERS = {
    "piano": ("grand piano",),
    "electric piano": ("electric piano", "tine piano", "reed piano", "clav"),
    "guitar": ("nylon guitar", "steel guitar", "clean guitar", "muted guitar", "overdriven guitar"),
    "organ": ("organ", "drawbar organ"),
    "strings": ("strings", "string section"),
    "choir": ("choir",),
    "brass": ("brass section",),
    "mallets": ("music box", "marimba"),
    "synth": ("synth pluck", "supersaw", "trance pluck", "chord stab", "arp synth", "square lead"),
    "pad": ("warm pad", "sweep pad", "glass pad"),
}


def _family(sound: str) -> str:
    for family, members in _MEMBERS.items():
        if sound in members:
            return family
    return "drums" if "kit" in sound else "bass"


FAMILY_OF = {sound: _family(sound) for sound in PALETTE}
