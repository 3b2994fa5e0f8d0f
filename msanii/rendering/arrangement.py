"""Arrangements: parts on the same chords and grid, rendered as one batch, balanced by loudness and mixed.

Letters: B parts, C audio channels, L samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from msanii.choices import LATEST_EDITION, Edition
from msanii.errors import ScoreError
from msanii.limits import LOUDNESS_LUFS, PEAK_DBTP
from msanii.metrics.loudness import loudness
from msanii.music.parts import part_names
from msanii.music.score import Note, Score
from msanii.music.sounds import require_sound
from msanii.signal.finishing import check_audible, check_output, resample, shape_end, soft_edges
from msanii.signal.limiting import Audio, Limiter, true_peak_dbtp
from msanii.signal.loop_finishing import loops_at_loudness, resample_loop

# Loudness of each part relative to a mix of all five, in LU: means over 16 mixes of the test split, played
# like the training data, rounded to half a LU. Pads are at -15.5 there; they are raised here so that even
# with eight parts none is more than 12 LU below the mix.
PLACE_LU: Mapping[str, float] = {
    "keys": -5.5, "lead": -8.0, "pad": -10.0, "bass": -7.0, "drums": -8.0, "mix": 0.0,
}  # fmt: skip
# A part that would need more gain was hardly played: it is mostly vocoder noise, which should stay quiet.
MOST_GAIN_DB = 30.0
# Edition 1's fixed gains, which ignore loudness.
_GAIN_DB_BEFORE = {"keys": -3.0, "lead": -1.0, "pad": -7.0, "bass": -3.0, "drums": -3.0, "mix": 0.0}


@dataclass(frozen=True)
class Arrangement:
    """The parts (C, L) by their names, in order, and their sum."""

    parts: dict[str, Audio]
    mix: Audio


def part_scores(
    score: Score,
    parts: Sequence[str],
    sounds: Sequence[str] = (),
    notes: Sequence[tuple[Note, ...]] = (),
) -> tuple[Score, ...]:
    """Return the score once for each part; `sounds` and `notes`, if given, have one entry per part, in order.

    The score's mixes are those of `sounds`.

    Raises ScoreError if the number of sounds differs from the number of parts.
    """
    if sounds and len(sounds) != len(parts):
        raise ScoreError(
            f"sounds: got {len(sounds)} for {len(parts)} parts, expected one for each, in the parts' order"
        )
    own: list[tuple[str, ...]] = [(require_sound(name),) for name in sounds] or [()] * len(parts)
    mixes = [(mix,) if mix else () for mix in score.mixes] or [()] * len(parts)
    played = notes or [score.notes] * len(parts)
    return tuple(
        replace(score, part=part, sounds=sound, mixes=mix, notes=plays)
        for part, sound, mix, plays in zip(parts, own, mixes, played, strict=True)
    )


def finish_arrangement(
    made: NDArray[np.float32],
    parts: Sequence[str],
    *,
    samples: int,
    source_rate: int,
    rate: int,
    loop: bool = False,
    fade: bool = False,
    loudness_lufs: float | None = LOUDNESS_LUFS,
    levels_db: Sequence[float] = (),
    edition: Edition = LATEST_EDITION,
) -> Arrangement:
    """Finish rendered parts (B, C, L) as files (C, samples) at `rate`: one gain per part, then one for all.

    A part's gain brings its loudness to its place in the mix, offset by its entry in `levels_db` (in the
    order of the parts; empty: all 0). The mix is the parts' sum, sample by sample, at `loudness_lufs` within
    0.1 LU; None leaves it as balanced. One limiter turns all parts down together wherever the mix or a part
    would exceed -1 dBTP; where that would take more than 12 dB, the peak wins. Raises OutputError for audio
    that is not finite, silent or too short.
    """
    lines = [
        _shaped(
            audio, samples=samples, source_rate=source_rate, rate=rate, loop=loop, fade=fade, edition=edition
        )
        for audio in made
    ]
    levels = levels_db or [0.0] * len(lines)
    gains_db = [
        (_GAIN_DB_BEFORE[part] if edition == 1 else _place_gain_db(part, line, rate)) + level
        for part, line, level in zip(parts, lines, levels, strict=True)
    ]
    balanced = [line * np.float32(10 ** (gain / 20)) for line, gain in zip(lines, gains_db, strict=True)]
    if edition < 3 or loudness_lufs is None:
        gain = np.float32(_gain([_sum(balanced), *balanced], rate, loudness_lufs))
        scaled = [line * gain for line in balanced]
    elif loop:
        scaled = loops_at_loudness([_sum(balanced), *balanced], rate, loudness_lufs, PEAK_DBTP)[1:]
    else:
        limiter = Limiter(_sum(balanced), rate, PEAK_DBTP, balanced)
        scaled = limiter.all_at_loudness(loudness_lufs)[1:]
    mix = _sum(scaled)
    for line in (mix, *scaled):
        check_output(line)
    return Arrangement(dict(zip(part_names(parts), scaled, strict=True)), mix)


def _shaped(
    audio: Audio, *, samples: int, source_rate: int, rate: int, loop: bool, fade: bool, edition: Edition
) -> Audio:
    check_output(audio, clipping=False)
    if loop:
        line = resample_loop(audio, samples)
    else:
        line = shape_end(resample(audio, source_rate, rate), samples, rate, "fade" if fade else "cut")
    if edition == 1:
        return line
    check_audible(line, rate)
    return line if loop else soft_edges(line, rate)


def _place_gain_db(part: str, line: Audio, rate: int) -> float:
    """The gain in dB that brings a part (C, L) to its place in a mix of the usual loudness."""
    return min(LOUDNESS_LUFS + PLACE_LU[part] - loudness(line, rate), MOST_GAIN_DB)


def _sum(lines: Sequence[Audio]) -> Audio:
    return np.asarray(np.sum(np.stack(lines), axis=0), dtype=np.float32)


def _gain(lines: Sequence[Audio], rate: int, loudness_lufs: float | None) -> float:
    """The gain that brings the first signal to its loudness, as far as the peaks of all of them allow."""
    peak = max(true_peak_dbtp(line) for line in lines)
    wanted = 0.0 if loudness_lufs is None else loudness_lufs - loudness(lines[0], rate)
    return float(10 ** (min(wanted, PEAK_DBTP - peak) / 20))
