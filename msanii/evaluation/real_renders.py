"""A score's notes as training data has them: played by the instrument of the palette, not by a model.

Letters: L samples.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from msanii.data.instruments.playing import RATE, PlayedNote
from msanii.data.instruments.rendering import render_voice
from msanii.metrics.harmony import Audio
from msanii.music.score import Score
from msanii.music.sounds import FIRST_SOUNDS

_PEAK = 0.98


def render_real(score: Score, soundfont: Path, seed: int) -> Audio:
    """Play the notes of a score on its first sound: (2, L) at `RATE`, as long as the score.

    `seed` draws what a synthesizer and its treatment leave to chance; the first sounds stay as the
    sound font has them. Raises DataError if FluidSynth fails, or renders silence.
    """
    sound = score.sounds[0]
    notes = [
        PlayedNote(note.onset_seconds, note.end_seconds - note.onset_seconds, note.pitch, note.velocity)
        for note in sorted(score.notes, key=lambda note: (note.onset_seconds, note.pitch))
    ]
    random = None if sound in FIRST_SOUNDS else np.random.default_rng(seed)
    audio = render_voice(sound, notes, score.samples(RATE) / RATE, soundfont, random)
    return np.ascontiguousarray(audio * np.float32(min(1.0, _PEAK / max(float(np.abs(audio).max()), _PEAK))))
