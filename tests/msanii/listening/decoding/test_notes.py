"""Notes from what a network says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from msanii.listening.config import LOWEST_PITCH
from msanii.listening.decoding.notes import decode_notes
from tests.msanii.listening.played import RATE

Floats = NDArray[np.float32]


def logits(
    notes: list[tuple[int, int, int]], frames: int = 200, sure: float = 4.0
) -> tuple[Floats, Floats, Floats]:
    """`onset`, `sustain`, `velocity` of (pitch, first frame, frame after the last)."""
    onset, sustain = (np.full((88, frames), -sure, np.float32) for _ in range(2))
    for pitch, first, after in notes:
        onset[pitch - LOWEST_PITCH, first] = sure
        sustain[pitch - LOWEST_PITCH, first:after] = sure
    return onset, sustain, np.zeros((88, frames), np.float32)


def test_notes_come_back_as_they_were() -> None:
    played = [(60, 10, 40), (64, 10, 25), (60, 40, 80), (21, 0, 199), (108, 150, 200)]
    found = decode_notes(*logits(played), RATE)
    said = {(note.pitch, round(note.onset_seconds * RATE), round(note.end_seconds * RATE)) for note in found}
    assert said == set(played)
    assert [note.onset_seconds for note in found] == sorted(note.onset_seconds for note in found)
    assert {note.velocity for note in found} == {64}


def test_a_note_needs_an_attack_and_a_sound() -> None:
    onset, sustain, velocity = logits([(60, 10, 40)])
    no_sound = decode_notes(onset, np.full_like(sustain, -4.0), velocity, RATE)
    no_attack = decode_notes(np.full_like(onset, -6.0), np.where(sustain > 0, 0.5, -4.0), velocity, RATE)
    assert no_sound == ()
    assert len(no_attack) <= 1


def test_a_gap_in_the_sound_does_not_end_a_note() -> None:
    onset, sustain, velocity = logits([(60, 10, 40)])
    sustain[60 - LOWEST_PITCH, 20] = -0.5
    (note,) = decode_notes(onset, sustain, velocity, RATE)
    assert note.end_seconds == pytest.approx(40 / RATE)


def test_silence_has_no_notes() -> None:
    assert decode_notes(*logits([]), RATE) == ()
    assert decode_notes(*logits([], frames=0), RATE) == ()
