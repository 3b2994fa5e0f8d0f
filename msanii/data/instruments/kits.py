"""The drums of an 808-like and a 909-like kit, by General MIDI's key.

Of the machines' own drums pitch, fall and decay are as the circuits have them; the percussion that a machine
lacks is made of the same parts.
"""

from __future__ import annotations

from collections.abc import Mapping

from msanii.data.instruments.drum_machine import Drum, DrumMachine
from msanii.data.instruments.drum_strokes import Membrane, Metal, Noise, Scrape, Tones


def _skin(hertz: float, seconds: float, fall: float = 1.5, noise: float = 0.1, level: float = 0.8) -> Drum:
    """A tom, a conga or a bongo."""
    skin = Membrane(hertz=hertz, start_hz=fall * hertz, fall_seconds=0.03, decay_seconds=seconds)
    slap = Noise(low_hz=2 * hertz, high_hz=12 * hertz, decay_seconds=0.012, level=noise)
    return Drum(parts=(skin, slap), level=level, pan=max(-0.5, min(0.5, (hertz - 170) / 300)))


def _tuned(*partials: tuple[float, float, float], level: float = 0.6, pan: float = 0.0) -> Drum:
    return Drum(parts=(Tones(partials=partials),), level=level, pan=pan)


def _shaken(low_hz: float, high_hz: float, seconds: float, *, swell: float = 0.0, level: float = 0.5) -> Drum:
    grain = Noise(low_hz=low_hz, high_hz=high_hz, decay_seconds=seconds, swell_seconds=swell)
    return Drum(parts=(grain,), level=level, pan=0.35)


_PERCUSSION: Mapping[int, Drum] = {
    54: Drum(  # tambourine
        parts=(
            Metal(low_hz=6500, high_hz=15_000, decay_seconds=0.05, scale=2.3, noise=0.8, bite=0.6),
            Noise(low_hz=5000, high_hz=14_000, decay_seconds=0.02, bursts=(0.0, 0.014), level=0.6),
        ),
        level=0.63,
        pan=0.3,
    ),
    58: Drum(parts=(Scrape(low_hz=1500, high_hz=4500, seconds=0.8, rate_hz=26),), level=0.4),  # vibraslap
    60: _skin(390, 0.07, 1.25, 0.15, 0.6),  # high bongo
    61: _skin(290, 0.09, 1.25, 0.15, 0.6),
    62: _skin(330, 0.05, 1.2, 0.3, 0.6),  # muted high conga
    63: _skin(325, 0.13, 1.2, 0.1, 0.6),
    64: _skin(215, 0.16, 1.2, 0.1, 0.65),
    65: Drum(  # high timbale
        parts=(
            Membrane(hertz=430, start_hz=600, fall_seconds=0.015, decay_seconds=0.09),
            Tones(partials=((1010.0, 0.06, 0.3), (1530.0, 0.05, 0.2))),
            Noise(low_hz=2500, high_hz=9000, decay_seconds=0.03, level=0.3),
        ),
        level=0.5,
    ),
    66: Drum(
        parts=(
            Membrane(hertz=290, start_hz=400, fall_seconds=0.015, decay_seconds=0.12),
            Tones(partials=((680.0, 0.08, 0.3), (1030.0, 0.06, 0.2))),
            Noise(low_hz=2000, high_hz=8000, decay_seconds=0.03, level=0.3),
        ),
        level=0.5,
    ),
    67: _tuned((960.0, 0.12, 1.0), (1540.0, 0.09, 0.5), (2580.0, 0.05, 0.3), level=0.4, pan=-0.3),  # agogos
    68: _tuned((700.0, 0.14, 1.0), (1130.0, 0.10, 0.5), (1880.0, 0.06, 0.3), level=0.4, pan=-0.3),
    69: _shaken(4000, 11_000, 0.03, swell=0.012, level=0.75),  # cabasa
    70: _shaken(5000, 13_000, 0.022, swell=0.005, level=0.72),  # maracas: the shaker
    71: Drum(parts=(Tones(partials=((2350.0, 0.05, 1.0),)),), level=0.35),  # whistles
    72: Drum(parts=(Tones(partials=((2340.0, 0.16, 1.0), (2390.0, 0.16, 0.6))),), level=0.35),
    73: Drum(parts=(Scrape(low_hz=2500, high_hz=7000, seconds=0.1, rate_hz=70),), level=0.45),  # guiros
    74: Drum(parts=(Scrape(low_hz=2500, high_hz=7000, seconds=0.38, rate_hz=45, speeds_up=2.2),), level=0.45),
    75: _tuned((2500.0, 0.022, 1.0), (2660.0, 0.018, 0.4), level=0.6, pan=-0.2),  # claves
    76: _tuned((1150.0, 0.03, 1.0), (2820.0, 0.012, 0.4), level=0.55, pan=0.2),  # wood blocks
    77: _tuned((810.0, 0.035, 1.0), (2010.0, 0.014, 0.4), level=0.55, pan=0.2),
    78: _skin(520, 0.06, 0.75, 0.05, 0.45),  # cuicas, whose pitch rises
    79: _skin(330, 0.16, 0.7, 0.05, 0.45),
    80: _tuned((4100.0, 0.03, 1.0), (6350.0, 0.03, 0.6), (8920.0, 0.02, 0.4), level=0.3, pan=0.4),
    81: _tuned((4100.0, 0.45, 1.0), (6350.0, 0.40, 0.6), (8920.0, 0.30, 0.4), level=0.25, pan=0.4),
}

_808_SNARE = (
    Membrane(hertz=180, start_hz=230, fall_seconds=0.01, decay_seconds=0.07, level=0.8),
    Membrane(hertz=335, start_hz=410, fall_seconds=0.01, decay_seconds=0.045, level=0.45),
    Noise(low_hz=1800, high_hz=9500, decay_seconds=0.075, level=0.8),
)
_808: Mapping[int, Drum] = {
    **_PERCUSSION,
    35: Drum(parts=(Membrane(hertz=46, start_hz=115, fall_seconds=0.012, decay_seconds=0.42, drive=0.6),)),
    36: Drum(
        parts=(
            Membrane(hertz=50, start_hz=150, fall_seconds=0.012, decay_seconds=0.24, drive=0.3),
            Noise(low_hz=800, high_hz=4000, decay_seconds=0.004, level=0.15),
        )
    ),
    37: _tuned((1700.0, 0.012, 1.0), (480.0, 0.016, 0.8), level=0.7),  # rim shot
    38: Drum(parts=_808_SNARE, level=0.86),
    39: Drum(  # hand clap
        parts=(
            Noise(
                low_hz=800, high_hz=2600, decay_seconds=0.06, bursts=(0.0, 0.010, 0.020), burst_seconds=0.005
            ),
            Noise(low_hz=1000, high_hz=6000, decay_seconds=0.03, level=0.3, bursts=(0.0, 0.010, 0.020)),
        ),
        level=0.98,
    ),
    40: Drum(
        parts=(*_808_SNARE[:2], Noise(low_hz=2500, high_hz=13_000, decay_seconds=0.13, level=0.9)), level=0.7
    ),
    41: _skin(82, 0.30),
    43: _skin(98, 0.27),
    45: _skin(120, 0.24),
    47: _skin(145, 0.21),
    48: _skin(170, 0.19),
    50: _skin(200, 0.17),
    42: Drum(
        parts=(Metal(low_hz=7000, high_hz=12_500, decay_seconds=0.022, scale=1.6),), level=0.85, pan=0.2
    ),
    44: Drum(
        parts=(Metal(low_hz=7000, high_hz=12_000, decay_seconds=0.035, scale=1.6),), level=0.68, pan=0.2
    ),
    46: Drum(parts=(Metal(low_hz=6500, high_hz=12_500, decay_seconds=0.16, scale=1.6),), level=0.77, pan=0.2),
    49: Drum(
        parts=(Metal(low_hz=3200, high_hz=12_000, decay_seconds=0.5, scale=1.5, noise=0.5, bite=0.8),),
        level=0.9,
        pan=-0.3,
    ),
    51: Drum(parts=(Metal(low_hz=5000, high_hz=11_000, decay_seconds=0.32, bite=1.0),), level=0.54, pan=0.4),
    52: Drum(parts=(Metal(low_hz=2000, high_hz=9000, decay_seconds=0.35, noise=1.0, bite=0.7),), level=0.77),
    53: Drum(
        parts=(
            Tones(partials=((3120.0, 0.20, 0.6), (4380.0, 0.15, 0.4))),
            Metal(low_hz=5000, high_hz=11_000, decay_seconds=0.25, level=0.3),
        ),
        level=0.59,
        pan=0.4,
    ),
    55: Drum(
        parts=(Metal(low_hz=4500, high_hz=13_000, decay_seconds=0.17, noise=0.7, bite=0.8),), level=0.77
    ),
    56: Drum(  # cowbell: two square waves
        parts=(
            Tones(partials=((540.0, 0.07, 0.6), (800.0, 0.07, 0.6)), is_square=True),
            Tones(partials=((540.0, 0.014, 0.5), (800.0, 0.014, 0.5)), is_square=True),
        ),
        level=0.5,
        pan=-0.15,
    ),
    57: Drum(
        parts=(Metal(low_hz=2800, high_hz=11_000, decay_seconds=0.6, scale=1.3, noise=0.5, bite=0.8),),
        level=0.9,
        pan=0.3,
    ),
    59: Drum(parts=(Metal(low_hz=4200, high_hz=10_000, decay_seconds=0.4, bite=0.6),), level=0.54, pan=0.4),
}

_909_SNARE = (
    Membrane(hertz=188, start_hz=310, fall_seconds=0.012, decay_seconds=0.075, level=0.8, drive=0.5),
    Membrane(hertz=310, start_hz=450, fall_seconds=0.010, decay_seconds=0.045, level=0.4),
    Noise(low_hz=1200, high_hz=14_000, decay_seconds=0.095, level=1.0),
)
_909: Mapping[int, Drum] = {
    **_PERCUSSION,
    35: Drum(parts=(Membrane(hertz=44, start_hz=240, fall_seconds=0.018, decay_seconds=0.22, drive=1.2),)),
    36: Drum(
        parts=(
            Membrane(hertz=52, start_hz=330, fall_seconds=0.022, decay_seconds=0.15, drive=1.2),
            Noise(low_hz=1500, high_hz=8000, decay_seconds=0.004, level=0.4),
        )
    ),
    37: Drum(
        parts=(
            Tones(partials=((220.0, 0.012, 0.7), (500.0, 0.014, 1.0), (1000.0, 0.009, 0.7))),
            Noise(low_hz=2000, high_hz=9000, decay_seconds=0.006, level=0.4),
        ),
        level=0.7,
    ),
    38: Drum(parts=_909_SNARE, level=0.86),
    39: Drum(
        parts=(
            Noise(
                low_hz=900,
                high_hz=4500,
                decay_seconds=0.075,
                bursts=(0.0, 0.011, 0.023, 0.032),
                burst_seconds=0.005,
            ),
        ),
        level=1.03,
    ),
    40: Drum(
        parts=(*_909_SNARE[:2], Noise(low_hz=2500, high_hz=16_000, decay_seconds=0.15, level=1.0)), level=0.7
    ),
    41: _skin(78, 0.25, 2.2, 0.25),
    43: _skin(92, 0.23, 2.2, 0.25),
    45: _skin(112, 0.21, 2.2, 0.25),
    47: _skin(138, 0.19, 2.2, 0.25),
    48: _skin(165, 0.17, 2.2, 0.25),
    50: _skin(195, 0.15, 2.2, 0.25),
    42: Drum(
        parts=(Metal(low_hz=8000, high_hz=17_000, decay_seconds=0.028, scale=2.6, noise=1.0, bite=0.6),),
        level=0.77,
        pan=0.2,
    ),
    44: Drum(
        parts=(Metal(low_hz=7000, high_hz=15_000, decay_seconds=0.04, scale=2.6, noise=1.0),),
        level=0.65,
        pan=0.2,
    ),
    46: Drum(
        parts=(Metal(low_hz=7000, high_hz=17_000, decay_seconds=0.19, scale=2.6, noise=1.0, bite=0.4),),
        level=0.71,
        pan=0.2,
    ),
    49: Drum(
        parts=(Metal(low_hz=2500, high_hz=15_000, decay_seconds=0.65, scale=2.1, noise=1.2, bite=1.0),),
        level=0.9,
        pan=-0.3,
    ),
    51: Drum(
        parts=(
            Metal(low_hz=5500, high_hz=14_000, decay_seconds=0.4, scale=2.3, noise=0.6, bite=1.2),
            Tones(partials=((4150.0, 0.16, 0.25), (5730.0, 0.12, 0.2))),
        ),
        level=0.54,
        pan=0.4,
    ),
    52: Drum(
        parts=(Metal(low_hz=1800, high_hz=11_000, decay_seconds=0.4, scale=1.7, noise=1.5, bite=0.8),),
        level=0.77,
    ),
    53: Drum(
        parts=(
            Tones(partials=((2980.0, 0.25, 0.7), (4470.0, 0.2, 0.4), (6110.0, 0.12, 0.3))),
            Metal(low_hz=6000, high_hz=14_000, decay_seconds=0.3, scale=2.3, noise=0.6, level=0.4),
        ),
        level=0.59,
        pan=0.4,
    ),
    55: Drum(
        parts=(Metal(low_hz=4500, high_hz=16_000, decay_seconds=0.2, scale=2.4, noise=1.2, bite=0.9),),
        level=0.77,
        pan=-0.4,
    ),
    56: Drum(
        parts=(
            Tones(partials=((587.0, 0.06, 0.6), (845.0, 0.06, 0.6)), is_square=True),
            Tones(partials=((587.0, 0.012, 0.5), (845.0, 0.012, 0.5)), is_square=True),
        ),
        level=0.5,
        pan=-0.15,
    ),
    57: Drum(
        parts=(Metal(low_hz=2000, high_hz=14_000, decay_seconds=0.75, scale=1.9, noise=1.2, bite=1.0),),
        level=0.9,
        pan=0.3,
    ),
    59: Drum(
        parts=(Metal(low_hz=4800, high_hz=13_000, decay_seconds=0.5, scale=2.0, noise=0.6, bite=0.8),),
        level=0.54,
        pan=0.4,
    ),
}

KIT_808 = DrumMachine(_808)
KIT_909 = DrumMachine(_909)
