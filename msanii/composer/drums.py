"""Drums: a groove's strokes, with a player's time and touch."""

from __future__ import annotations

import numpy as np

from msanii.composer.feel.swing import groove_time
from msanii.composer.grooves.form import PHRASE_BARS, GrooveForm
from msanii.composer.grooves.groove import DRUMS, Groove, Stroke
from msanii.composer.plan import Notes, Plan

_NAMES = {pitch: name for name, pitch in DRUMS.items()}
_LENGTH_BEATS = 0.2  # as drum machines write it; a kit rings as it will
_TOUCH = 0.04  # standard deviation of velocity, as a share
_CRASH_VELOCITY = 104
# Time may not wander so far at a quick tempo that strokes change places.
_MOST_BEATS_OFF = 0.06
_TIMEKEEPERS = frozenset(DRUMS[name] for name in ("hat", "open hat", "ride", "ride bell", "shaker"))


def write_drums(plan: Plan, _part: str, random: np.random.Generator) -> Notes:
    """Play the plan's groove over all bars; silent without one. A bar sounds the same in a longer piece."""
    if plan.form is None:
        return ()
    base = int(random.integers(2**62))
    notes: list[tuple[float, float, int, int]] = []
    for bar in range(plan.whole_bars):
        player = np.random.default_rng([base, bar])
        # The strokes that come sometimes come in the same bars of each phrase.
        whims = np.random.default_rng([base, bar % PHRASE_BARS, 1])
        for stroke in _strokes(plan.form, bar):
            if stroke.sometimes and whims.random() < 0.5:
                continue
            notes.append(_played(plan, bar, stroke, player))
    return tuple(sorted(notes))


def human_beats(groove: Groove, name: str, bpm: float, random: np.random.Generator) -> float:
    """How far a player is from the grid, in beats: the groove's lean, and chance."""
    chance = float(np.clip(random.standard_normal(), -2, 2)) * groove.human_ms
    off = (groove.timing_ms.get(name, 0.0) + chance) * bpm / 60_000
    return min(max(off, -_MOST_BEATS_OFF), _MOST_BEATS_OFF)


def inside_bar(beats: float, bar: int, bar_beats: float) -> float:
    """Hold a time inside its bar: an early first beat would belong to the bar before."""
    return min(max(beats, bar * bar_beats), (bar + 1) * bar_beats - 1e-3 * min(bar_beats, 1.0))


def _strokes(form: GrooveForm, bar: int) -> list[Stroke]:
    strokes = list(form.strokes(form.groove.drums, bar))
    if form.groove.crash and form.starts_after_fill(bar):
        strokes = [one for one in strokes if one.beats > 0 or one.drum not in _TIMEKEEPERS]
        strokes.append(Stroke(0.0, _LENGTH_BEATS, DRUMS["crash"], _CRASH_VELOCITY))
    return strokes


def _played(
    plan: Plan, bar: int, stroke: Stroke, player: np.random.Generator
) -> tuple[float, float, int, int]:
    assert plan.form is not None  # noqa: S101  (its stroke is played)
    grid = groove_time(plan, bar * plan.bar_beats + stroke.beats)
    off = human_beats(plan.form.groove, _NAMES[stroke.drum], plan.bpm, player)
    start = inside_bar(grid + off, bar, plan.bar_beats)
    velocity = stroke.velocity * (1 + _TOUCH * float(player.standard_normal()))
    return (
        start,
        start + min(_LENGTH_BEATS, stroke.length_beats),
        stroke.drum,
        int(np.clip(round(velocity), 1, 127)),
    )
