"""Finishing rendered audio for a file: rate, exact length, ending, loudness, and a final check.

Letters: C audio channels, L samples. All audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

import numpy as np

from msanii.choices import LATEST_EDITION, Edition, End
from msanii.errors import OutputError
from msanii.limits import LOUDNESS_LUFS, PEAK_DBTP
from msanii.metrics.faults import subsonic_share
from msanii.signal.limiting import Audio, Limiter

FADE_SECONDS = 0.25
# Too short to be heard as a fade, but long enough to prevent a click at the start or end of a file.
EDGE_SECONDS = 0.001
# A larger share of energy below 25 Hz is an offset or a drift; shorter sounds cannot be told from one.
MOST_SUBSONIC_SHARE, SHORTEST_SUBSONIC_SECONDS = 0.1, 1.0
# -80 dBFS: about one piano key hit very softly, at the bottom of the 16-bit range.
SILENCE_PEAK = 1e-4
# Samples that are checked at once: minutes would take as much memory again.
_PIECE = 1 << 16
# The level at which a ringing tail has become inaudible, relative to its own peak.
TAIL_FLOOR = 1e-3


def finish(
    audio: Audio,
    *,
    samples: int,
    source_rate: int,
    rate: int,
    end: End,
    loudness_lufs: float | None = LOUDNESS_LUFS,
    peak_dbtp: float = PEAK_DBTP,
    edition: Edition = LATEST_EDITION,
) -> Audio:
    """Turn rendered audio (C, L) at `source_rate` into a file's (C, samples) at `rate`, and check it.

    Audio beyond `samples` is dropped, or with `end="ring"` kept as a decaying tail, which makes the result
    longer. `loudness_lufs` is reached within 0.1 LU by a gain and a gentle look-ahead limiter that holds the
    true peak under `peak_dbtp`; where that would take more than 12 dB of limiting, the peak wins. None leaves
    the level alone. From edition 2 on both ends are faded over a millisecond. Raises OutputError for audio
    that is not finite, silent, too short, clipped, or more than a tenth of it subsonic.
    """
    check_output(audio, clipping=False)
    line = shape_end(resample(audio, source_rate, rate), samples, rate, end)
    if edition > 1:
        check_audible(line, rate)
        _soften(line, rate)
    if loudness_lufs is not None:
        line = Limiter(line, rate, peak_dbtp).at_loudness(loudness_lufs)
    check_output(line)
    return line


def soft_edges(audio: Audio, rate: int, *, start: bool = True, end: bool = True) -> Audio:
    """Fade audio (C, L) in at its `start` and out at its `end`, over a millisecond each."""
    line = audio.copy()
    _soften(line, rate, start=start, end=end)
    return line


def _soften(line: Audio, rate: int, *, start: bool = True, end: bool = True) -> None:
    """Fade a line (C, L) as in `soft_edges`, in place."""
    fall = _falling(min(round(EDGE_SECONDS * rate), line.shape[1] // 2))
    if start:
        line[:, : len(fall)] *= fall[::-1]
    if end:
        line[:, line.shape[1] - len(fall) :] *= fall


def check_audible(audio: Audio, rate: int) -> None:
    """Raise OutputError if more than a tenth of the energy of audio (C, L) lies below 25 Hz."""
    if audio.shape[1] < SHORTEST_SUBSONIC_SECONDS * rate:
        return
    share = subsonic_share(audio, rate)
    if share > MOST_SUBSONIC_SHARE:
        raise OutputError(
            f"{share:.0%} of the rendered audio lies below 25 Hz, where nobody hears it; "
            "try another seed or a lower guidance, and if it stays, the model is damaged"
        )


def check_output(audio: Audio, *, clipping: bool = True, silence: bool = True) -> None:
    """Raise OutputError for audio (C, L) that is malformed, not finite, silent or clipped."""
    if audio.ndim != 2 or 0 in audio.shape:
        raise OutputError(f"the rendered audio has shape {audio.shape}, expected channels and samples")
    pieces = [audio[:, begin : begin + _PIECE] for begin in range(0, audio.shape[1], _PIECE)]
    broken = sum(int(np.count_nonzero(~np.isfinite(piece))) for piece in pieces)
    if broken:
        raise OutputError(
            f"the rendered audio holds {broken} samples that are not finite; "
            "try another seed or a lower guidance, and if it stays, the model is damaged"
        )
    peak = max(float(np.abs(piece).max()) for piece in pieces)
    if silence and peak < SILENCE_PEAK:
        raise OutputError("the rendered audio is silent; try another seed, more steps or a louder source")
    if clipping and peak > 1.0:
        raise OutputError(
            f"the rendered audio clips (its peak is {peak:.3f}, full scale is 1); ask for less loudness"
        )


def resample(audio: Audio, source_rate: int, rate: int) -> Audio:
    """Resample audio (C, L) with soxr's best filter."""
    if source_rate == rate:
        return audio
    import soxr

    # soxr takes (L, C).
    return np.ascontiguousarray(soxr.resample(audio.T, source_rate, rate, quality="VHQ").T, dtype=np.float32)


def shape_end(audio: Audio, samples: int, rate: int, end: End) -> Audio:
    """Give audio (C, L) its length and ending: (C, samples), longer if it rings.

    Raises OutputError if more than two samples are missing (resampling may lose that many to rounding).
    """
    missing = samples - audio.shape[1]
    if missing > 2:
        raise OutputError(f"the rendered audio is {missing} samples short of the {samples} asked for")
    if missing > 0:
        audio = np.pad(audio, ((0, 0), (0, missing)), mode="edge")
    if end == "ring":
        return np.concatenate((audio[:, :samples], decayed(audio[:, samples:])), axis=1)
    line = audio[:, :samples].copy()
    if end == "fade":
        fade = _falling(min(round(FADE_SECONDS * rate), samples // 2))
        line[:, samples - len(fade) :] *= fade
    return line


def ended(audio: Audio, samples: int, rate: int, end: End) -> Audio:
    """Give audio (C, L), whose bar line is at `samples`, the ending that `shape_end` gives, at its length."""
    line = audio.copy()
    if end == "ring":
        line[:, samples:] *= _falling(line.shape[1] - samples) ** 2
    if end == "fade":
        fade = _falling(min(round(FADE_SECONDS * rate), samples // 2))
        line[:, samples - len(fade) :] *= fade
    return line


def _falling(samples: int) -> Audio:
    """A half-cosine fade from 1 to 0."""
    return (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, samples))).astype(np.float32)


def decayed(tail: Audio) -> Audio:
    """Fade out a tail (C, L), and cut off its inaudible end."""
    if tail.shape[1] == 0:
        return tail
    tail = tail * _falling(tail.shape[1]) ** 2
    loudest = np.abs(tail).max(axis=0)
    audible = np.flatnonzero(loudest > TAIL_FLOOR * loudest.max())
    return tail[:, : int(audible[-1]) + 1] if len(audible) else tail[:, :0]
