"""The settings of our synthesizers: a patch for each electronic sound."""

from __future__ import annotations

from msanii.data.instruments.electric_keys import PluckedString, StruckBar, Tonewheels
from msanii.data.instruments.envelopes import Envelope
from msanii.data.instruments.fm import Carrier, FrequencyModulation, Modulator
from msanii.data.instruments.subtractive import Layer, Subtractive

SAW_BASS = Subtractive(
    layers=(Layer("saw", 0.8, voices=2, detune_cents=5), Layer("square", 0.3, octave=-1)),
    amplifier=Envelope(0.002, 0.5, 0.7, 0.025),
    cutoff_hz=700,
    resonance=0.25,
    filter_envelope=Envelope(0.002, 0.16, 0.15, 0.03),
    envelope_octaves=2.2,
    velocity_octaves=1.5,
)
SQUARE_BASS = Subtractive(
    layers=(Layer("square", 0.7), Layer("pulse", 0.3, voices=2, detune_cents=4)),
    amplifier=Envelope(0.002, 0.6, 0.75, 0.02),
    cutoff_hz=900,
    resonance=0.1,
    slope="two_pole",
    filter_envelope=Envelope(0.002, 0.12, 0.3, 0.02),
    envelope_octaves=1.6,
    velocity_octaves=1.2,
)
SUB_BASS = Subtractive(
    layers=(Layer("sine", 1.0), Layer("triangle", 0.25)),
    amplifier=Envelope(0.006, 0.8, 0.85, 0.04),
    cutoff_hz=650,
    slope="two_pole",
    key_follow=0.8,
    drive=0.3,
)
ACID_BASS = Subtractive(
    layers=(Layer("saw", 1.0),),
    amplifier=Envelope(0.0015, 0.9, 0.3, 0.015),
    cutoff_hz=330,
    resonance=0.86,
    filter_envelope=Envelope(0.0015, 0.17, 0.0, 0.05),
    envelope_octaves=3.2,
    velocity_octaves=2.6,
    key_follow=0.3,
    drive=2.5,
)
REESE_BASS = Subtractive(
    layers=(Layer("saw", 1.0, voices=3, detune_cents=17), Layer("sine", 0.5, octave=0)),
    amplifier=Envelope(0.008, 0.5, 0.9, 0.05),
    cutoff_hz=520,
    resonance=0.2,
    key_follow=0.3,
    sweep_octaves=0.9,
    sweep_hz=0.35,
    velocity_octaves=0.8,
    drive=0.8,
    width=0.35,
)
FM_BASS = FrequencyModulation(
    carriers=(
        Carrier(1.0, 0.8, (Modulator(1.0, 2.6, 0.22, 0.25), Modulator(3.0, 0.8, 0.05))),
        Carrier(2.0, 0.25, (Modulator(1.0, 1.6, 0.12, 0.1),)),
    ),
    amplifier=Envelope(0.0015, 0.7, 0.45, 0.03),
)
BASS_808 = Subtractive(
    layers=(Layer("sine", 1.0),),
    amplifier=Envelope(0.002, 1.6, 0.0, 0.09),
    drive=2.2,
    drop_octaves=1.3,
    drop_seconds=0.014,
)
SUPERSAW = Subtractive(
    layers=(
        Layer("saw", 1.0, voices=7, detune_cents=22),
        Layer("saw", 0.35, octave=1, voices=2, detune_cents=14),
    ),
    amplifier=Envelope(0.004, 0.8, 0.85, 0.12),
    cutoff_hz=6500,
    resonance=0.05,
    slope="two_pole",
    velocity_octaves=1.2,
    key_follow=0.3,
    width=0.8,
)
TRANCE_PLUCK = Subtractive(
    layers=(Layer("saw", 1.0, voices=5, detune_cents=12),),
    amplifier=Envelope(0.0015, 0.32, 0.0, 0.09),
    cutoff_hz=650,
    resonance=0.3,
    filter_envelope=Envelope(0.0015, 0.085, 0.0, 0.06),
    envelope_octaves=3.6,
    velocity_octaves=1.6,
    width=0.6,
)
CHORD_STAB = Subtractive(
    layers=(Layer("saw", 0.8, voices=3, detune_cents=9), Layer("pulse", 0.5, octave=-1)),
    amplifier=Envelope(0.002, 0.28, 0.25, 0.05),
    cutoff_hz=1100,
    resonance=0.4,
    filter_envelope=Envelope(0.004, 0.12, 0.05, 0.05),
    envelope_octaves=1.9,
    velocity_octaves=1.4,
    drive=0.7,
    width=0.5,
)
ARP_SYNTH = Subtractive(
    layers=(Layer("pulse", 0.8), Layer("saw", 0.4, voices=2, detune_cents=6)),
    amplifier=Envelope(0.0015, 0.22, 0.12, 0.06),
    cutoff_hz=1300,
    resonance=0.5,
    filter_envelope=Envelope(0.0015, 0.07, 0.1, 0.05),
    envelope_octaves=1.8,
    velocity_octaves=1.8,
    sweep_octaves=0.8,
    sweep_hz=0.08,
    width=0.4,
)
SQUARE_LEAD = Subtractive(
    layers=(Layer("square", 0.8, voices=2, detune_cents=4),),
    amplifier=Envelope(0.005, 0.6, 0.8, 0.06),
    cutoff_hz=2600,
    resonance=0.2,
    filter_envelope=Envelope(0.004, 0.25, 0.4, 0.08),
    envelope_octaves=1.0,
    velocity_octaves=1.2,
)
SWEEP_PAD = Subtractive(
    layers=(Layer("saw", 0.8, voices=4, detune_cents=11), Layer("pulse", 0.35, voices=2, detune_cents=7)),
    amplifier=Envelope(0.12, 1.0, 0.9, 0.25),
    cutoff_hz=1300,
    resonance=0.45,
    sweep_octaves=1.4,
    sweep_hz=0.17,
    width=0.8,
    is_paraphonic=True,
)
GLASS_PAD = FrequencyModulation(
    carriers=(
        Carrier(1.0, 0.6, (Modulator(2.0, 0.9, 1.2, 0.4),), beat_hz=0.35, pan=-0.6),
        Carrier(1.0, 0.6, (Modulator(3.0, 0.7, 0.9, 0.3),), beat_hz=-0.35, pan=0.6),
        Carrier(4.0, 0.16, (Modulator(7.0, 1.1, 0.35, 0.1),), beat_hz=0.8, pan=0.3),
        Carrier(2.0, 0.2, (), beat_hz=-0.6, pan=-0.3),
    ),
    amplifier=Envelope(0.07, 1.2, 0.7, 0.4),
    velocity_index=0.5,
)
TINE_PIANO = StruckBar(
    ring_seconds=1.9, offset=0.38, swing=0.75, mode_level=0.16, mode_seconds=0.07, is_panned=True
)
REED_PIANO = StruckBar(
    ring_seconds=1.1,
    offset=0.33,
    swing=0.6,
    mode_level=0.10,
    mode_seconds=0.04,
    release_seconds=0.045,
    is_electrostatic=True,
    tremolo_hz=(5.0, 6.0),
)
CLAV = PluckedString()
DRAWBAR_ORGAN = Tonewheels()
