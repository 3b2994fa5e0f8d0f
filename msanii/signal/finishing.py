"""From rendered samples to a file's: rate, exact length, ending, loudness, and the check before "done".

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
# So short a fade is no fade to the ear, and keeps a file from beginning and ending with a click.
EDGE_SECONDS = 0.001
# More of a sound than this below 25 Hz is an offset or a drift; shorter sounds cannot be told from one.
MOST_SUBSONIC_SHARE, SHORTEST_SUBSONIC_SECONDS = 0.1, 1.0
# About one piano key hit very softly, at the far end of a 16-bit file.
SILENCE_PEAK = 1e-4
# Where a ringing tail has become inaudible, against its own peak.
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
    """Make rendered audio (C, L) at `source_rate` into a file's (C, samples) at `rate`, checked.

    What lies beyond `samples` is dropped, or with `end="ring"` kept as a tail that decays, so that the result
    is longer. `loudness_lufs` is reached within 0.1 LU by a gain and a gentle look-ahead limiter that holds
    the true peak under `peak_dbtp`; where that would take more than 12 dB of limiting, the peak wins. None
    leaves the level alone. From edition 2 on both ends are faded over a millisecond. Raises OutputError for
    audio that is not finite, silent, too short, clipped, or mostly below hearing.
    """
    check_output(audio, clipping=False)
    line = shape_end(resample(audio, source_rate, rate), samples, rate, end)
    if edition > 1:
        check_audible(line, rate)
        line = soft_edges(line, rate)
    if loudness_lufs is not None:
        line = Limiter(line, rate, peak_dbtp).at_loudness(loudness_lufs)
    check_output(line)
    return line


def soft_edges(audio: Audio, rate: int, *, start: bool = True, end: bool = True) -> Audio:
    """Audio (C, L) that begins and ends at nothing, where it is to, by fades of a millisecond."""
    fall = _falling(min(round(EDGE_SECONDS * rate), audio.shape[1] // 2))
    line = audio.copy()
    if start:
        line[:, : len(fall)] *= fall[::-1]
    if end:
        line[:, line.shape[1] - len(fall) :] *= fall
    return line


def check_audible(audio: Audio, rate: int) -> None:
    """Raise OutputError where more than a tenth of what sounds (C, L) lies below 25 Hz."""
    if audio.shape[1] < SHORTEST_SUBSONIC_SECONDS * rate:
        return
    share = subsonic_share(audio, rate)
    if share > MOST_SUBSONIC_SHARE:
        raise OutputError(
            f"{share:.0%} of the rendered audio lies below 25 Hz, where nobody hears it; "
            "try another seed or a lower guidance, and if it stays, the model is damaged"
        )


def check_output(audio: Audio, *, clipping: bool = True, silence: bool = True) -> None:
    """Raise OutputError where audio (C, L) must not be called done; the last two checks can be left out."""
    if audio.ndim != 2 or 0 in audio.shape:
        raise OutputError(f"the rendered audio has shape {audio.shape}, expected channels and samples")
    broken = int(np.count_nonzero(~np.isfinite(audio)))
    if broken:
        raise OutputError(
            f"the rendered audio holds {broken} samples that are not finite; "
            "try another seed or a lower guidance, and if it stays, the model is damaged"
        )
    peak = float(np.abs(audio).max())
    if silence and peak < SILENCE_PEAK:
        raise OutputError("the rendered audio is silent; try another seed, more steps or a louder source")
    if clipping and peak > 1.0:
        raise OutputError(
            f"the rendered audio clips (its peak is {peak:.3f}, full scale is 1); ask for less loudness"
        )


def resample(audio: Audio, source_rate: int, rate: int) -> Audio:
    """Audio (C, L) at another sample rate, by soxr's best filter."""
    if source_rate == rate:
        return audio
    import soxr

    # soxr reads frames: (L, C).
    return np.ascontiguousarray(soxr.resample(audio.T, source_rate, rate, quality="VHQ").T, dtype=np.float32)


def shape_end(audio: Audio, samples: int, rate: int, end: End) -> Audio:
    """Audio (C, L) with the ending asked for: (C, samples), longer where it rings.

    Raises OutputError where more than two samples are missing (rounding at another rate may cost those).
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


def _falling(samples: int) -> Audio:
    """From 1 to 0 along half a cosine."""
    return (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, samples))).astype(np.float32)


def decayed(tail: Audio) -> Audio:
    """A tail (C, L) that has faded at its end, without what is inaudible there."""
    if tail.shape[1] == 0:
        return tail
    tail = tail * _falling(tail.shape[1]) ** 2
    loudest = np.abs(tail).max(axis=0)
    audible = np.flatnonzero(loudest > TAIL_FLOOR * loudest.max())
    return tail[:, : int(audible[-1]) + 1] if len(audible) else tail[:, :0]
