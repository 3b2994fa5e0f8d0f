"""What is measured of one clip, made or real, against what its prompt asks: one dictionary of metrics.

Shapes: C audio channels, L samples. Shares and F-measures are 0 to 1; NaN where there is nothing to measure.
"""

from __future__ import annotations

import numpy as np

from msanii.controls.features import chord_rows
from msanii.metrics.harmony import BASS, MIDDLE, TRITONE, Audio, FloatArray, chord_tone_energy, onset_seconds
from msanii.metrics.rhythm import (
    f_measure,
    grid_agreement,
    measured_density,
    measured_swing,
    strokes,
)
from msanii.metrics.tone import measured_dynamics, measured_register
from msanii.music.score import Note, Score

Metrics = dict[str, float]

FEELS = ("swing", "density", "register", "dynamics")


def score_chords(score: Score) -> FloatArray:
    """The chords of a score over its whole length, as `Events.chords` holds them."""
    events = score.chord_events(0.0, score.seconds)
    return chord_rows((item.start_seconds, item.end_seconds, item.chord) for item in events)


def chord_metrics(audio: Audio, rate: int, chords: FloatArray, part: str) -> Metrics:
    """The share of the energy on the chords' tones, and on those of the chords a tritone away.

    In 35 to 500 Hz for a bass, in 110 to 2,000 Hz for all others; `chords` (N, 16) as in `Events`.
    """
    rows = np.delete(chords, 3, axis=1)
    band = BASS if part == "bass" else MIDDLE
    return {
        "chord_tones": chord_tone_energy(audio, rate, rows, band),
        "chord_tones_away": chord_tone_energy(audio, rate, rows, band, transpose=TRITONE),
    }


def grid_metrics(audio: Audio, rate: int, bpm: float) -> Metrics:
    """The F-measure of the onsets against the eighth notes, and against those half a step later."""
    on, off = grid_agreement(onset_seconds(audio, rate), audio.shape[-1] / rate, bpm)
    return {"grid": on, "grid_shifted": off}


def note_metrics(audio: Audio, rate: int, notes: tuple[Note, ...]) -> Metrics:
    """The F-measure of the onsets against those of the notes; notes struck together are one."""
    seconds = audio.shape[-1] / rate
    asked = np.array([note.onset_seconds for note in notes if note.onset_seconds < seconds])
    return {"notes": f_measure(onset_seconds(audio, rate), strokes(asked))}


def feel_metric(audio: Audio, rate: int, bpm: float, feel: str) -> float:
    """How a clip is played, heard from its audio: one of `FEELS`, in its own unit (dynamics: dB)."""
    match feel:
        case "swing":
            return measured_swing(onset_seconds(audio, rate), bpm)
        case "density":
            return measured_density(onset_seconds(audio, rate), audio.shape[-1] / rate, bpm)
        case "register":
            return measured_register(audio, rate)
        case _:
            return measured_dynamics(audio)
