"""The palette: how each sound is made, and how it is played. See `README.md` beside it.

The gains make all sounds as loud as each other (`tests/msanii/data/instruments/test_palette.py` measures it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from msanii.data.instruments import kits, patches
from msanii.data.instruments.font import Program
from msanii.data.instruments.mixing import Kind
from msanii.data.instruments.playing import Player
from msanii.music.palette import PALETTE
from msanii.music.sounds import FIRST_SOUNDS, SOUNDS, SOUNDS_OF_PART

Length = Literal["sustained", "plucked", "staccato"]
Writing = Literal["", "arpeggio", "stabs"]

FLUID = "FluidR3 GM (Frank Wen), MIT"
OURS = "synthesized here, MIT"
_GENERAL_RANGE = (24, 103)
_GENERAL_VELOCITIES = (24, 127)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A sound of the palette.

    `source` is a synthesizer of ours, or layered programs of FluidR3. `pitches` and `velocities` are the
    range as it is played, both ends included. `length` says how notes end: sustained ones as written, plucked
    ones ring out as long as they are held, staccato ones last at most `longest_quarters`. `writing` is what
    keys play on it instead of a song's piano.
    """

    source: Player | tuple[Program, ...]
    made: str
    licence: str
    gain_db: float
    pitches: tuple[int, int] = _GENERAL_RANGE
    velocities: tuple[int, int] = _GENERAL_VELOCITIES
    length: Length = "sustained"
    longest_quarters: float = float("inf")
    treatment: Kind = "as in fluidsynth"
    writing: Writing = ""

    @property
    def is_of_font(self) -> bool:
        return isinstance(self.source, tuple)


# What makes a program of the first sounds as loud as the others.
_FIRST_GAINS_DB: Mapping[str, float] = {
    "grand piano": 4.7, "electric piano": -3.1, "nylon guitar": 4.2, "steel guitar": 3.4, "clean guitar": 0.6,
    "organ": 0.3, "strings": 2.8, "warm pad": -0.5, "synth pluck": -4.3, "music box": 2.8, "marimba": 3.3,
    "choir": 2.6, "finger bass": 3.5, "synth bass": 3.8, "drum kit": 8.0, "electronic kit": 5.0,
}  # fmt: skip


def _first(name: str) -> Instrument:
    """One of the first sounds, as the first model's training data had it."""
    sound = SOUNDS[name]
    is_plucked = name in ("grand piano", "electric piano", "nylon guitar", "steel guitar", "clean guitar",
                          "music box", "marimba", "finger bass")  # fmt: skip
    return Instrument(
        source=(Program(sound.program, is_kit=sound.is_kit),),
        made=f"{'kit' if sound.is_kit else 'program'} {sound.program}",
        licence=FLUID,
        gain_db=_FIRST_GAINS_DB[name],
        length="staccato" if name == "synth pluck" else "plucked" if is_plucked else "sustained",
        longest_quarters=0.4 if name == "synth pluck" else float("inf"),
    )


_NEW: Mapping[str, Instrument] = {
    "saw bass": Instrument(
        source=patches.SAW_BASS, made="subtractive: 2 saws, square below, ladder with envelope", licence=OURS,
        gain_db=-11.0, pitches=(28, 55), velocities=(40, 127), treatment="bass",
    ),
    "square bass": Instrument(
        source=patches.SQUARE_BASS, made="subtractive: square and 2 pulses", licence=OURS,
        gain_db=-15.6, pitches=(28, 55), velocities=(40, 127), treatment="bass",
    ),
    "sub bass": Instrument(
        source=patches.SUB_BASS, made="subtractive: sine and filtered triangle; mono, dry", licence=OURS,
        gain_db=-14.7, pitches=(26, 45), velocities=(60, 120), treatment="sub",
    ),
    "acid bass": Instrument(
        source=patches.ACID_BASS, made="subtractive: saw, resonant ladder, accents by velocity, drive",
        licence=OURS, gain_db=-11.2, pitches=(31, 60), velocities=(40, 127),
        longest_quarters=1.0, length="staccato", treatment="bass",
    ),
    "reese bass": Instrument(
        source=patches.REESE_BASS, made="subtractive: 3 saws 17 cents apart, sine, moving filter",
        licence=OURS, gain_db=-11.9, pitches=(26, 50), velocities=(60, 120),
        treatment="bass",
    ),
    "fm bass": Instrument(
        source=patches.FM_BASS, made="FM: 2 carriers, 3 decaying modulators", licence=OURS,
        gain_db=-14.0, pitches=(28, 57), velocities=(40, 127), treatment="bass",
    ),
    "808 bass": Instrument(
        source=patches.BASS_808, made="sine with a falling attack, long decay, drive; mono, dry",
        licence=OURS, gain_db=-11.8, pitches=(26, 48), velocities=(60, 127),
        length="plucked", treatment="sub",
    ),
    "upright bass": Instrument(
        source=(Program(32),), made="program 32", licence=FLUID,
        gain_db=6.2, pitches=(28, 55), velocities=(40, 115), length="plucked",
        treatment="bass",
    ),
    "supersaw": Instrument(
        source=patches.SUPERSAW, made="subtractive: 7 saws 22 cents apart and 2 an octave up, wide",
        licence=OURS, gain_db=-21.4, pitches=(43, 91), velocities=(60, 127),
        treatment="lead",
    ),
    "trance pluck": Instrument(
        source=patches.TRANCE_PLUCK, made="subtractive: 5 saws, quick filter envelope", licence=OURS,
        gain_db=-13.9, pitches=(48, 96), velocities=(40, 127), length="plucked",
        treatment="lead", writing="arpeggio",
    ),
    "chord stab": Instrument(
        source=patches.CHORD_STAB, made="subtractive: 3 saws, pulse below, ladder, drive", licence=OURS,
        gain_db=-13.1, pitches=(43, 84), velocities=(60, 127), length="staccato",
        longest_quarters=0.5, treatment="keys", writing="stabs",
    ),
    "arp synth": Instrument(
        source=patches.ARP_SYNTH, made="subtractive: pulse and 2 saws, resonant two-way sweep", licence=OURS,
        gain_db=-15.4, pitches=(45, 96), velocities=(40, 127), length="staccato",
        longest_quarters=0.5, treatment="lead", writing="arpeggio",
    ),
    "square lead": Instrument(
        source=patches.SQUARE_LEAD, made="subtractive: 2 squares, ladder with envelope", licence=OURS,
        gain_db=-16.9, pitches=(52, 96), velocities=(50, 127), treatment="lead",
    ),
    "sweep pad": Instrument(
        source=patches.SWEEP_PAD, made="subtractive: 4 saws, 2 pulses, swept ladder, wide", licence=OURS,
        gain_db=-19.2, pitches=(40, 84), velocities=(40, 110), treatment="pad",
    ),
    "glass pad": Instrument(
        source=patches.GLASS_PAD, made="FM: 4 beating carriers", licence=OURS,
        gain_db=-22.4, pitches=(45, 91), velocities=(40, 110), treatment="pad",
    ),
    "tine piano": Instrument(
        source=patches.TINE_PIANO, made="struck tines before magnetic pickups; panning tremolo", licence=OURS,
        gain_db=-10.8, pitches=(28, 96), velocities=(30, 120),
        length="plucked", treatment="keys",
    ),
    "reed piano": Instrument(
        source=patches.REED_PIANO, made="struck reeds before an electrostatic pickup; tremolo", licence=OURS,
        gain_db=-16.0, pitches=(33, 96), velocities=(30, 125), length="plucked",
        treatment="keys",
    ),
    "clav": Instrument(
        source=patches.CLAV, made="modes of a struck string before a pickup", licence=OURS,
        gain_db=-20.1, pitches=(29, 88), velocities=(40, 127), length="staccato",
        longest_quarters=1.0, treatment="keys",
    ),
    "drawbar organ": Instrument(
        source=patches.DRAWBAR_ORGAN, made="9 tonewheels a key, key click, percussion, rotating speaker",
        licence=OURS, gain_db=-26.7, pitches=(36, 96), velocities=(70, 110),
        treatment="keys",
    ),
    "muted guitar": Instrument(
        source=(Program(28),), made="program 28", licence=FLUID,
        gain_db=7.4, pitches=(40, 84), velocities=(40, 120), length="staccato",
        longest_quarters=0.5, treatment="keys",
    ),
    "overdriven guitar": Instrument(
        source=(Program(29),), made="program 29", licence=FLUID,
        gain_db=-2.9, pitches=(40, 86), velocities=(50, 127), treatment="lead",
    ),
    "brass section": Instrument(
        source=(Program(61), Program(56, 70)), made="programs 61 and 56 (brass, trumpet), layered",
        licence=FLUID, gain_db=-0.3, pitches=(43, 86), velocities=(60, 127),
        length="staccato", longest_quarters=2.0, treatment="section", writing="stabs",
    ),
    "string section": Instrument(
        source=(Program(48), Program(45, 80)), made="programs 48 and 45 (strings, pizzicato), layered; short",
        licence=FLUID, gain_db=2.6, pitches=(36, 96), velocities=(60, 127),
        length="staccato", longest_quarters=0.4, treatment="section",
    ),
    "808 kit": Instrument(
        source=kits.KIT_808, made="drum synthesis: sines, noise, six square waves", licence=OURS,
        gain_db=-11.4, treatment="kit",
    ),
    "909 kit": Instrument(
        source=kits.KIT_909, made="drum synthesis: sines, noise, six square waves", licence=OURS,
        gain_db=-13.6, treatment="kit",
    ),
    "room kit": Instrument(
        source=(Program(8, is_kit=True),), made="kit 8 in a room, compressed", licence=FLUID,
        gain_db=8.0, treatment="room kit",
    ),
    "lo fi kit": Instrument(
        source=(Program(32, is_kit=True),), made="kit 32 through saturation and a sampler of few bits",
        licence=FLUID, gain_db=6.9, treatment="lo fi",
    ),
}  # fmt: skip

_OFTENER: Mapping[str, tuple[str, ...]] = {"keys": ("grand piano",)}

INSTRUMENTS: Mapping[str, Instrument] = {
    name: _first(name) if name in FIRST_SOUNDS else _NEW[name] for name in PALETTE
}

PALETTE_OF_PART: Mapping[str, tuple[str, ...]] = {
    part: (*_OFTENER.get(part, ()), *names) for part, names in SOUNDS_OF_PART.items()
}
"""The sounds of each part as they are drawn; a repeated name is drawn more often."""
