"""How a mixing engineer treats each kind of sound, with amounts drawn for each take. Letters: L samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from msanii.data.instruments import effects
from msanii.data.instruments.filters import highpass
from msanii.data.instruments.playing import Audio

Kind = Literal[
    "as in fluidsynth", "sub", "bass", "keys", "lead", "pad", "section", "kit", "room kit", "lo fi"
]
Span = tuple[float, float]

_LOW_CUT_HZ = 20.0
_MONO_BELOW_HZ = 130.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Shares of takes that have an effect, and its range. Rooms: seconds until -60 dB, and dB of the dry."""

    room_share: float = 0.0
    room_seconds: Span = (0.3, 0.8)
    room_db: Span = (-22.0, -15.0)
    drive_share: float = 0.0
    drive_db: Span = (-8.0, 0.0)
    chorus_share: float = 0.0
    chorus_ms: Span = (0.6, 1.8)
    compression_share: float = 0.0
    ratio: Span = (1.8, 4.0)
    treble_db: Span = (0.0, 0.0)
    is_crushed: bool = False
    has_mono_lows: bool = True


TREATMENTS: Mapping[Kind, Treatment] = {
    # FluidSynth has its own room and chorus.
    "as in fluidsynth": Treatment(room_share=0.25, has_mono_lows=False),
    "sub": Treatment(drive_share=0.5, drive_db=(-14, -7), compression_share=0.5),
    "bass": Treatment(
        room_share=0.15, room_seconds=(0.2, 0.4), room_db=(-26, -20), drive_share=0.5, compression_share=0.7,
        treble_db=(-2, 2),
    ),
    "keys": Treatment(
        room_share=0.7, room_seconds=(0.4, 1.4), drive_share=0.3, chorus_share=0.3, compression_share=0.4,
        treble_db=(-2, 2),
    ),
    "lead": Treatment(
        room_share=0.8, room_seconds=(0.5, 1.8), room_db=(-20, -12), drive_share=0.3, chorus_share=0.2,
        compression_share=0.4, treble_db=(-2, 2),
    ),
    "pad": Treatment(
        room_share=0.9, room_seconds=(1.0, 2.6), room_db=(-18, -9), chorus_share=0.4, treble_db=(-3, 1),
    ),
    "section": Treatment(
        room_share=1.0, room_seconds=(0.8, 2.0), room_db=(-18, -10), compression_share=0.3, treble_db=(-2, 2),
    ),
    "kit": Treatment(
        room_share=0.4, room_seconds=(0.2, 0.6), room_db=(-24, -16), drive_share=0.5, compression_share=0.6,
        ratio=(1.5, 3.0), treble_db=(-1, 2),
    ),
    "room kit": Treatment(
        room_share=1.0, room_seconds=(0.35, 0.7), room_db=(-14, -8), drive_share=1.0, drive_db=(-1, 4),
        compression_share=1.0, ratio=(2.5, 5.0), has_mono_lows=False,
    ),
    "lo fi": Treatment(
        room_share=0.4, room_seconds=(0.2, 0.4), drive_share=1.0, drive_db=(-2, 5), compression_share=1.0,
        treble_db=(-6, -3), is_crushed=True,
    ),
}  # fmt: skip
_BUS = Treatment(drive_share=0.4, drive_db=(-12, -5), compression_share=0.6, ratio=(1.3, 2.0))


def treated(audio: Audio, kind: Kind, random: np.random.Generator) -> Audio:
    """Treat a voice (2, L); it stays as loud as it was."""
    return _treated(audio, TREATMENTS[kind], random)


def treated_mix(audio: Audio, random: np.random.Generator) -> Audio:
    """Treat the sum of all voices (2, L); it stays as loud as it was."""
    return _treated(audio, _BUS, random)


def _treated(audio: Audio, treatment: Treatment, random: np.random.Generator) -> Audio:
    made = audio
    for effect in _chain(treatment, random):
        made = effect(made)
    if made is audio or (now := effects.power(made)) == 0:
        return made
    return made * np.float32(np.sqrt(effects.power(audio) / now))


def _chain(treatment: Treatment, random: np.random.Generator) -> list[Callable[[Audio], Audio]]:
    """The effects in a desk's order. Every value is drawn, used or not: one effect changes no other."""
    takes = dict(zip(("room", "drive", "chorus", "compression"), random.random(4).tolist(), strict=True))
    seconds, wet_db, drive_db, depth_ms, ratio, treble_db = (
        float(random.uniform(*span))
        for span in (
            treatment.room_seconds, treatment.room_db, treatment.drive_db, treatment.chorus_ms,
            treatment.ratio, treatment.treble_db,
        )
    )  # fmt: skip
    hertz, chorus_mix, attack_ms, release_ms = (
        float(random.uniform(*span)) for span in ((0.25, 0.9), (0.3, 0.8), (8.0, 35.0), (60.0, 220.0))
    )
    bits, hold = int(random.integers(9, 13)), int(random.integers(3, 5))
    chain: list[Callable[[Audio], Audio]] = []
    if treatment.is_crushed:
        chain.append(lambda audio: effects.crushed(audio, bits, hold))
    if takes["drive"] < treatment.drive_share:
        chain.append(lambda audio: effects.saturated(audio, drive_db))
    if takes["compression"] < treatment.compression_share:
        chain.append(lambda audio: effects.compressed(audio, ratio, attack_ms, release_ms))
    if treatment.treble_db != (0.0, 0.0):
        chain.append(lambda audio: effects.shelved(audio, treble_db))
    if takes["chorus"] < treatment.chorus_share:
        chain.append(lambda audio: effects.chorused(audio, depth_ms, hertz, chorus_mix, random))
    if takes["room"] < treatment.room_share:
        chain.append(lambda audio: effects.room(audio, seconds, wet_db, random))
    if chain and treatment.has_mono_lows:
        chain.append(lambda audio: effects.narrowed(audio, _MONO_BELOW_HZ))
        chain.append(lambda audio: highpass(audio, _LOW_CUT_HZ))
    return chain
