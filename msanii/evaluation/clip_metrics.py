"""Metrics of a clip, generated or real, against its prompt.

Shapes: C audio channels, L samples. Shares and F-measures are 0 to 1; NaN if there is nothing to measure.
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
    """A score's chords over its whole length, as in `Events.chords`."""
    events = score.chord_events(0.0, score.seconds)
    return chord_rows((item.start_seconds, item.end_seconds, item.chord) for item in events)


def chord_metrics(audio: Audio, rate: int, chords: FloatArray, part: str) -> Metrics:
    """The share of energy on the chords' tones, and on those of the chords a tritone away.

    From 35 to 500 Hz for a bass, else from 110 to 2,000 Hz; `chords` (N, 16) as in `Events`.
    """
    rows = np.delete(chords, 3, axis=1)
    band = BASS if part == "bass" else MIDDLE
    return {
        "chord_tones": chord_tone_energy(audio, rate, rows, band),
        "chord_tones_away": chord_tone_energy(audio, rate, rows, band, transpose=TRITONE),
    }


def grid_metrics(audio: Audio, rate: int, bpm: float) -> Metrics:
    """The F-measure of the onsets against the eighth-note grid, and against the grid half a step later."""
    on, off = grid_agreement(onset_seconds(audio, rate), audio.shape[-1] / rate, bpm)
    return {"grid": on, "grid_shifted": off}


def note_metrics(audio: Audio, rate: int, notes: tuple[Note, ...]) -> Metrics:
    """The F-measure of the onsets against those of the notes; notes struck together count once."""
    seconds = audio.shape[-1] / rate
    asked = np.array([note.onset_seconds for note in notes if note.onset_seconds < seconds])
    return {"notes": f_measure(onset_seconds(audio, rate), strokes(asked))}


def feel_metric(audio: Audio, rate: int, bpm: float, feel: str) -> float:
    """Measure one of `FEELS` from a clip's audio, in its own unit (dynamics: dB)."""
    match feel:
        case "swing":
            return measured_swing(onset_seconds(audio, rate), bpm)
        case "density":
            return measured_density(onset_seconds(audio, rate), audio.shape[-1] / rate, bpm)
        case "register":
            return measured_register(audio, rate)
        case _:
            return measured_dynamics(audio)
