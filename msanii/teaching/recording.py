"""A recording of the calibration: read, checked, and brought to the model's rate and level.

Letters: C audio channels, L samples.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from msanii.errors import AudioError
from msanii.metrics.loudness import loudness
from msanii.signal.audio_files import Audio, Clip, read_clip

CHANNELS = 2
# Below this, converters' noise is as loud as the instrument's decay.
_QUIETEST_LUFS = -60.0
_FULL_SCALE = 0.999
# So many samples in a row at full scale are a cut-off peak; a limiter's single ones are none.
_CLIPPED_RUN = 4
_MOST_CLIPPED_RUNS = 50
_MOST_GAIN = 1000.0
# What models without a figure of their own were trained at.
_USUAL_LUFS = -24.0


def read_recording(path: Path, rate: int, *, seconds: float) -> Clip:
    """Read a recording of at least `seconds` and bring it to `rate`, in stereo.

    Raises AudioError for a file that is no audio, too short, silent, too quiet, clipped or not finite.
    """
    clip = read_clip(path)
    name = path.name
    if clip.seconds < seconds:
        raise AudioError(
            f"recording: `{name}` lasts {_minutes(clip.seconds)}, expected at least {_minutes(seconds)}; "
            "record the whole calibration, from its first note to its last"
        )
    if not np.isfinite(clip.audio).all():
        raise AudioError(f"recording: `{name}` holds samples that are not finite; export it again")
    peak = float(np.abs(clip.audio).max())
    if peak == 0 or loudness(clip.audio, clip.rate) < _QUIETEST_LUFS:
        raise AudioError(
            f"recording: `{name}` is silent; check that the instrument's output is what was recorded"
            if peak == 0
            else f"recording: `{name}` is too quiet (its peak is {20 * np.log10(peak):.0f} dB); record it so "
            "that the loudest notes come near -6 dB"
        )
    if (runs := clipped_runs(clip.audio)) > _MOST_CLIPPED_RUNS:
        raise AudioError(
            f"recording: `{name}` is clipped in {runs} places; turn the instrument or the input down and "
            "record it again"
        )
    two = clip.audio[:CHANNELS] if len(clip.audio) >= CHANNELS else clip.audio.repeat(CHANNELS, axis=0)
    return Clip(Clip(np.ascontiguousarray(two), clip.rate).at(rate), rate)


def clipped_runs(audio: Audio) -> int:
    """How often audio (C, L) stays at full scale for several samples."""
    full = (np.abs(audio) >= _FULL_SCALE).astype(np.int8)
    edges = np.diff(full, axis=1, prepend=0, append=0)
    lengths = np.flatnonzero(edges.ravel() < 0) - np.flatnonzero(edges.ravel() > 0)
    return int((lengths >= _CLIPPED_RUN).sum())


def at_level(clip: Clip, lufs: float | None) -> Audio:
    """The clip's audio (C, L) at the loudness that the model was trained at; None takes the usual one."""
    heard = loudness(clip.audio, clip.rate)
    gain = 10 ** (((_USUAL_LUFS if lufs is None else lufs) - heard) / 20)
    return np.asarray(clip.audio * np.float32(min(gain, _MOST_GAIN)), np.float32)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} minutes"
