"""Dynamics of training takes: wide, shared by a stroke's notes, and within the instrument's range."""

from __future__ import annotations

import numpy as np

from msanii.data.bar_time import METERS, BarNote, BarSong
from msanii.data.dynamics import WIDENED_SHARE, with_wide_dynamics
from msanii.data.instruments.table import INSTRUMENTS
from msanii.data.midi_take import MidiTake, Voice

STROKES = 64


def take_of(sound: str = "grand piano") -> MidiTake:
    """A chord of three equally loud notes on every beat."""
    notes = tuple(BarNote(beat, beat + 0.9, pitch, 80) for beat in range(STROKES) for pitch in (60, 64, 67))
    song = BarSong(meter=METERS["4/4"], bars=STROKES // 4, tracks={}, chords=())
    voice = Voice(part="keys", sound=sound, notes=notes)
    return MidiTake(song=song, part="keys", voices=(voice,), bpm=100.0, off_beat=0.5, seed=1)


def velocities_of(seed: int, sound: str = "grand piano") -> np.ndarray:
    """(strokes, 3)"""
    (voice,) = with_wide_dynamics(take_of(sound), np.random.default_rng(seed)).voices
    return np.array([note.velocity for note in voice.notes]).reshape(STROKES, 3)


def test_most_takes_become_wide_and_the_others_stay() -> None:
    drawn = [velocities_of(seed) for seed in range(300)]
    widened = [one for one in drawn if one.std() > 0]
    assert abs(len(widened) / len(drawn) - WIDENED_SHARE) < 0.1
    spreads = [one.mean(axis=1).std() for one in widened]
    assert np.median(spreads) > 15  # of songs: 7
    assert np.percentile(spreads, 95) < 40


def test_the_notes_of_a_stroke_share_its_accent() -> None:
    for seed in range(40):
        strokes = velocities_of(seed)
        assert strokes.std(axis=1).mean() < 8


def test_a_velocity_stays_in_the_range_of_the_instrument() -> None:
    for sound, instrument in INSTRUMENTS.items():
        softest, loudest = instrument.velocities
        wide = np.concatenate([velocities_of(seed, sound) for seed in range(12)])
        moved = wide[wide != 80]  # a take that was not widened is as it was
        assert softest <= moved.min()
        assert moved.max() <= loudest


def test_equal_seeds_draw_equal_dynamics_and_nothing_else_changes() -> None:
    assert np.array_equal(velocities_of(3), velocities_of(3))
    before, after = take_of(), with_wide_dynamics(take_of(), np.random.default_rng(3))
    for old, new in zip(before.voices[0].notes, after.voices[0].notes, strict=True):
        assert (old.onset, old.end, old.pitch) == (new.onset, new.end, new.pitch)
