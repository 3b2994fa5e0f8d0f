"""The table's rows on signal faults: offset, subsonic energy, clicks, mono cancellation, lost treble.

Clips are measured as they are written to files. Letters: C audio channels, L samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.rows.row import Row, make_row
from msanii.metrics.faults import bandwidth_hz, dc_share, edge_step_db, mono_loss_db, subsonic_share
from msanii.metrics.harmony import Audio
from msanii.music.score import make_score
from msanii.music.sounds import SOUNDS_OF_PART
from msanii.signal.finishing import finish

MOST_DC = 0.01
MOST_SUBSONIC = 0.01
MOST_STEP_DB = -60.0
# Among real renders, FluidR3's clean guitar loses most: 5.6 dB.
MOST_MONO_LOSS_DB = 6.0
_BARS, _BPM, _CHORDS = 4, 113.0, "Am F C G"
# A sound of several parts is measured in the first of these.
_HOMES = ("keys", "pad", "bass", "drums", "lead")
_SALT = 30_000


@dataclass(frozen=True)
class _Metric:
    """A metric of audio (C, L) at a rate, its name, and its largest good value; None: no target."""

    name: str
    of: Callable[[Audio, int], float]
    most: float | None = None
    is_lowest_worst: bool = False


_METRICS = (
    _Metric("offset over RMS", dc_share, MOST_DC),
    _Metric("energy below 25 Hz, share", subsonic_share, MOST_SUBSONIC),
    _Metric("step at an end, dBFS", edge_step_db, MOST_STEP_DB),
    _Metric("lost in mono, dB", mono_loss_db, MOST_MONO_LOSS_DB),
    _Metric("bandwidth, Hz", bandwidth_hz, is_lowest_worst=True),
)


def signal_rows(renderer: ClipRenderer, seeds: int) -> list[Row]:
    """For each metric, the worst of `seeds` clips of every sound, with its name, and how many sounds miss."""
    sounds = [name for name in renderer.sounds for _ in range(seeds)]
    scores = [
        replace(make_score(bars=_BARS, bpm=_BPM, chords=_CHORDS, part=home_of(name)), sounds=(name,))
        for name in sounds
    ]
    found: dict[str, list[tuple[float, str]]] = {metric.name: [] for metric in _METRICS}
    for name, score, clip in zip(sounds, scores, renderer.render(scores, salt=_SALT), strict=True):
        rate = renderer.rate
        audio = finish(clip, samples=score.samples(rate), source_rate=rate, rate=rate, end="cut")
        for metric in _METRICS:
            found[metric.name].append((metric.of(audio, rate), name))
    return [row for metric in _METRICS for row in _rows(metric, found[metric.name])]


def home_of(sound: str) -> str:
    """The part in which a sound is measured."""
    return next(part for part in _HOMES if sound in SOUNDS_OF_PART[part])


def _rows(metric: _Metric, found: list[tuple[float, str]]) -> list[Row]:
    pick = min if metric.is_lowest_worst else max
    value, sound = pick(found, default=(math.nan, "no sound"))
    name = f"signal: {metric.name}"
    worst = f"{name}, worst sound: {sound}"
    if metric.most is None:
        return [make_row(worst, value)]
    missing = {sound for value, sound in found if value > metric.most}
    return [
        make_row(worst, value, f"at most {metric.most:g}", high=metric.most),
        make_row(f"{name}, sounds that miss", len(missing) if found else math.nan),
    ]
