"""Beats, bars, tempo and meter from what the network hears: a bar pointer model, decoded exactly.

The states are those of Krebs, Böck and Widmer (ISMIR 2015): place in the bar and tempo, which changes at
beats only. Between two beats such a path is determined, so the search goes from beat to beat: the best score
of each beat of the bar at each frame, for each length of the beat before. A beat scores the network's log
odds of one, so that a path is held against silence, and may begin and end where the beats do.

Letters: T frames of the network, N frames of the search (twice as many), B beats in a bar, I lengths of a
beat in frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.listening.config import METERS, HeardMeter

Floats = NDArray[np.float32]

_FINER = 2
_BPM_RANGE = (48.0, 220.0)  # in quarter notes, whatever the beat is
_MOST_LOG_ODDS = 5.0
_START = -2.0  # log of how rarely the beats begin at a given beat of silence
_STEP, _CHANGE, _JUMP = 0.15, 40.0, 9.0
"""nats: of a frame more or less; of each further relative change; the most that any new tempo costs"""
_LEAST_METER = 0.01
_LEAST_BEATS = 4
_LEAST_ACTIVATION = 0.2
_SAME_TEMPO = 0.04
_SAME_INTERVAL = 0.06


@dataclass(frozen=True, eq=False, kw_only=True)
class BarBeats:
    """Beats in bars. `seconds` (beats,) rise; `places` (beats,) are places in the bar, from 0."""

    seconds: NDArray[np.float64]
    places: NDArray[np.int64]

    @property
    def downbeats(self) -> NDArray[np.float64]:
        """The seconds at which bars start."""
        downbeats: NDArray[np.float64] = self.seconds[self.places == 0]
        return downbeats


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid(BarBeats):
    """The beats that are heard.

    `bpm` counts quarter notes and stands for the whole: `steadiness` is the share of beats whose length fits
    it. `certainty`, 0 to 1, is the F-measure that the beats have by the network's own probabilities, times
    the weight of their meter and tempo among the others; a single tempo is sure as `certainty * steadiness`.
    """

    meter: HeardMeter
    bpm: float
    certainty: float
    steadiness: float


@dataclass(frozen=True, eq=False)
class _Path:
    meter: HeardMeter
    frames: NDArray[np.int64]
    places: NDArray[np.int64]
    score: float


def decode_beats(beat: Floats, downbeat: Floats, meter: Floats, frames_per_second: float) -> Grid | None:
    """The likeliest grid; None where there is none of four beats or more.

    `beat` and `downbeat` (T,) are logits, `meter` log probabilities of METERS.
    """
    if len(beat) < 2:
        return None
    finer = np.arange(0, len(beat) - 1 + 1e-9, 1 / _FINER)
    odds, bar_odds = (
        np.clip(np.interp(finer, np.arange(len(beat)), one), -_MOST_LOG_ODDS, _MOST_LOG_ODDS)
        for one in (beat, downbeat)
    )
    paths = [
        path
        for one, prior in zip(METERS, meter.tolist(), strict=True)
        if prior >= np.log(_LEAST_METER)
        and (path := _best_path(odds, bar_odds, one, frames_per_second * _FINER, prior)) is not None
    ]
    paths = [path for path in paths if len(path.frames) >= _LEAST_BEATS and path.score > 0]
    if not paths:
        return None
    best = max(paths, key=lambda path: path.score)
    return _grid(best, paths, beat, frames_per_second)


def _best_path(
    odds: NDArray[np.float64], bar_odds: NDArray[np.float64], meter: HeardMeter, rate: float, prior: float
) -> _Path | None:
    """The best path of a meter, in frames of the search at `rate` a second; None if audio is too short."""
    slowest, fastest = (60 / bpm * meter.quarters * rate for bpm in _BPM_RANGE)
    lengths = np.arange(max(2, int(np.ceil(fastest))), int(slowest) + 1)
    N, B, longest, block = len(odds), meter.beats, int(lengths[-1]), int(lengths[0])
    gain = _gains(odds, bar_odds, B)
    costs = _change_costs(lengths)
    # The best score of a path that goes on from a beat here with a beat of each length: a ring, as no beat
    # looks back further than the longest. A block of the shortest length depends on nothing in itself.
    onward = np.full((longest + block, B, len(lengths)), -np.inf, np.float32)
    came_from = np.empty((N, B, len(lengths)), np.uint8)
    started = np.empty((N, B, len(lengths)), np.bool_)
    best, last = -np.inf, (0, 0, 0)
    for first in range(0, N, block):
        here = np.arange(first, min(first + block, N))
        back = (here[:, None] - lengths) % len(onward)
        before = onward[back, :, np.arange(len(lengths))]  # (n, I, B)
        reached = np.roll(before, 1, axis=2).transpose(0, 2, 1)
        started[here] = reached < _START
        scores = np.maximum(reached, np.float32(_START)) + gain[here][:, :, None]  # (n, B, I)
        top = np.unravel_index(int(scores.argmax()), scores.shape)
        if float(scores[top]) > best:
            best, last = float(scores[top]), (first + int(top[0]), int(top[1]), int(top[2]))
        changed = scores[:, :, :, None] - costs  # (n, B, I before, I after)
        origin = changed.argmax(axis=2)
        onward[here % len(onward)] = np.take_along_axis(changed, origin[:, :, None], axis=2)[:, :, 0]
        came_from[here] = origin
    frames, places = [last[0]], [last[1]]
    frame, place, length = last
    while not started[frame, place, length]:
        frame, place = frame - int(lengths[length]), (place - 1) % B
        length = int(came_from[frame, place, length])
        frames.append(frame)
        places.append(place)
    return _Path(meter, np.array(frames[::-1]), np.array(places[::-1]), best + prior)


def _gains(odds: NDArray[np.float64], bar_odds: NDArray[np.float64], beats: int) -> Floats:
    """(N, B): what a beat at a frame scores, first of its bar or not."""
    starts_bar, goes_on = -np.logaddexp(0, -bar_odds), -np.logaddexp(0, bar_odds)
    gains = np.repeat((odds + goes_on)[:, None], beats, axis=1)
    gains[:, 0] = odds + starts_bar
    return gains.astype(np.float32)


def _change_costs(lengths: NDArray[np.int64]) -> Floats:
    """(I before, I after): a frame more or less is rounding; beyond it, tempo changes little by little."""
    apart = np.abs(lengths[:, None] - lengths)
    relative = np.maximum(apart - 1, 0) / lengths[:, None]
    costs = _STEP * (apart > 0) + _CHANGE * relative
    limited: Floats = np.minimum(costs, _JUMP).astype(np.float32)
    return limited


def _grid(best: _Path, paths: list[_Path], beat: Floats, frames_per_second: float) -> Grid:
    chances = 1 / (1 + np.exp(-beat.astype(np.float64)))
    frames = _refined(best.frames / _FINER, chances)
    seconds = frames / frames_per_second
    bpm, steadiness = _tempo(seconds, best.meter)
    hits = np.array([chances[max(round(at) - 1, 0) : round(at) + 2].max() for at in frames.tolist()])
    # A beat fills a triangle of two frames.
    expected = max(float(chances.sum()) / 2, float(hits.sum()))
    f_measure = 2 * float(hits.sum()) / (len(hits) + expected)
    return Grid(
        seconds=seconds,
        places=best.places,
        meter=best.meter,
        bpm=bpm,
        certainty=f_measure * _weight_among(best, paths, bpm, frames_per_second),
        steadiness=steadiness,
    )


def _refined(frames: NDArray[np.float64], chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frames moved to the centre of the activation about them; they rise still."""
    moved = []
    for at in frames.tolist():
        first = max(round(at) - 1, 0)
        around = chances[first : round(at) + 2]
        centre = first + float((around * np.arange(len(around))).sum() / max(around.sum(), 1e-9))
        # A beat that is only inferred stays where the tempo has it.
        moved.append(centre if around.sum() > _LEAST_ACTIVATION else at)
    made = np.array(moved)
    return made if (np.diff(made) > 0).all() else frames


def _tempo(seconds: NDArray[np.float64], meter: HeardMeter) -> tuple[float, float]:
    """Quarter notes a minute, and the share of beats whose length fits them."""
    lengths = np.diff(seconds)
    typical = float(np.median(lengths))
    fits = np.abs(lengths / typical - 1) < _SAME_INTERVAL + 0.012 / typical
    if fits.all():
        # All at one tempo: a line through the beats tells it far more exactly than any beat does.
        typical = float(np.polyfit(np.arange(len(seconds)), seconds, 1)[0])
    return 60 / typical * meter.quarters, float(fits.mean())


def _weight_among(best: _Path, paths: list[_Path], bpm: float, frames_per_second: float) -> float:
    """The weight of the best path among those of another meter at another tempo.

    Frames are no independent witnesses, so that scores count by the root of the number of beats.
    """
    rivals = 0.0
    for path in paths:
        other = _tempo(path.frames / _FINER / frames_per_second, path.meter)[0]
        if path is not best and abs(other / bpm - 1) > _SAME_TEMPO:
            rivals += float(np.exp((path.score - best.score) / np.sqrt(len(best.frames))))
    return 1 / (1 + rivals)
