"""Several parts on the same chords and grid: rendered as one batch, given one gain, and added up to a mix.

Letters: B parts, C audio channels, L samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from msanii.errors import ScoreError
from msanii.finishing import check_output, resample, shape_end
from msanii.limiting import Audio, loudness, true_peak_dbtp
from msanii.loop_finishing import resample_loop
from msanii.score import Score
from msanii.sounds import require_part, require_sound

MOST_PARTS = 8
LOUDNESS_LUFS, PEAK_DBTP = -18.0, -1.0
# How loud each part is beside the others, as in the mixes that the default model learned from.
BALANCE_DB = {"keys": -3.0, "lead": -1.0, "pad": -7.0, "bass": -3.0, "drums": -3.0, "mix": 0.0}


@dataclass(frozen=True)
class Arrangement:
    """The parts (C, L) by their names, in order, and their sum."""

    parts: dict[str, Audio]
    mix: Audio


def read_parts(text: str) -> tuple[str, ...]:
    """The parts that a person wrote, between commas. Raises ScoreError."""
    parts = tuple(require_part(name) for name in text.split(",") if name.strip())
    if not 1 <= len(parts) <= MOST_PARTS:
        raise ScoreError(f"parts: got {len(parts)}, expected 1 to {MOST_PARTS}, such as keys,bass,drums,lead")
    return parts


def part_scores(score: Score, parts: Sequence[str], sounds: Sequence[str] = ()) -> tuple[Score, ...]:
    """The score once for each part; `sounds`, where given, are the parts' in their order.

    Raises ScoreError for a number of sounds other than the parts'.
    """
    if sounds and len(sounds) != len(parts):
        raise ScoreError(
            f"sounds: got {len(sounds)} for {len(parts)} parts, expected one for each, in the parts' order"
        )
    own: list[tuple[str, ...]] = [(require_sound(name),) for name in sounds] or [()] * len(parts)
    return tuple(replace(score, part=part, sounds=sound) for part, sound in zip(parts, own, strict=True))


def part_names(parts: Sequence[str]) -> tuple[str, ...]:
    """A name for each part, those that come again with a number: keys, keys_2."""
    names: list[str] = []
    for place, part in enumerate(parts):
        before = parts[:place].count(part)
        names.append(f"{part}_{before + 1}" if before else part)
    return tuple(names)


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
) -> Arrangement:
    """Rendered parts (B, C, L) as files' (C, samples) at `rate`, balanced, with one gain for all.

    The mix is their sum, sample by sample, at `loudness_lufs` (None: as rendered) or as near below it as its
    true peak and the parts' allow: a limiter on one of them would part it from the others. Raises OutputError
    for audio that is not finite, silent or short.
    """
    lines: list[Audio] = []
    for part, audio in zip(parts, made, strict=True):
        check_output(audio, clipping=False)
        if loop:
            line = resample_loop(audio, samples)
        else:
            line = shape_end(resample(audio, source_rate, rate), samples, rate, "fade" if fade else "cut")
        lines.append(line * np.float32(10 ** (BALANCE_DB[part] / 20)))
    gain = np.float32(_gain([_sum(lines), *lines], rate, loudness_lufs))
    scaled = [line * gain for line in lines]
    mix = _sum(scaled)
    for line in (mix, *scaled):
        check_output(line)
    return Arrangement(dict(zip(part_names(parts), scaled, strict=True)), mix)


def _sum(lines: Sequence[Audio]) -> Audio:
    return np.asarray(np.sum(np.stack(lines), axis=0), dtype=np.float32)


def _gain(lines: Sequence[Audio], rate: int, loudness_lufs: float | None) -> float:
    """What brings the first line to its loudness, no more than every line's peak allows."""
    peak = max(true_peak_dbtp(line) for line in lines)
    wanted = 0.0 if loudness_lufs is None else loudness_lufs - loudness(lines[0], rate)
    return float(10 ** (min(wanted, PEAK_DBTP - peak) / 20))
