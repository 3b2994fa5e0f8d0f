"""Swing: where the second eighth of a quarter and the second sixteenth of an eighth fall. Pure Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from msanii.composer.plan import Notes, Plan

STRAIGHT = 0.5
# Where `msanii.metrics.rhythm.measured_swing` looks for the second eighth, and a margin around.
_OFF_BEATS = (0.46, 0.735)
_MARGIN = 0.012
# How far a player's time may be from the swing that is asked, in beats.
_HUMAN_BEATS = 0.01
_NEAR_BEATS = 0.035
_HEARD_AS_STRAIGHT = 0.02


def swung_time(beats: float, eighth: float, sixteenth: float = STRAIGHT) -> float:
    """The time of a straight position: `eighth` is the second eighth's place in its quarter, and so on."""
    quarter = math.floor(beats + 1e-9)
    position = max(beats - quarter, 0.0)
    if sixteenth != STRAIGHT:
        half = math.floor(2 * position + 1e-9) / 2
        position = half + 0.5 * _bent(min(2 * (position - half), 1.0), sixteenth)
    return quarter + _bent(position, eighth)


def measured(onsets: Sequence[float]) -> float | None:
    """The swing of onsets in beats: the median place of those on a second eighth; None without any."""
    places = [onset % 1.0 for onset in onsets if _OFF_BEATS[0] < onset % 1.0 < _OFF_BEATS[1]]
    return median(places) if places else None


def with_swing(notes: Notes, swing: float) -> Notes:
    """Move notes from the swing that they have to another, so that it measures within 0.02."""
    now = measured([note[0] for note in notes])
    former = min(max(now if now is not None else STRAIGHT, 0.3), 0.75)
    moved = set()
    for start, end, pitch, velocity in notes:
        new_start = moved_time(start, former, swing)
        new_end = max(moved_end(end, former, swing), new_start + min(end - start, 0.05))
        moved.add((new_start, new_end, pitch, velocity))
    return _without_doubles(moved)


def moved_time(beats: float, former: float, swing: float) -> float:
    """An onset's time at another swing. What would count as a second eighth is on it, or is moved there."""
    straight = _unbent_time(beats, former)
    quarter = math.floor(straight + 1e-9)
    off = straight - quarter - STRAIGHT
    if abs(off) <= _NEAR_BEATS:
        return quarter + swing + min(max(off, -_HUMAN_BEATS), _HUMAN_BEATS)
    new = quarter + _bent(max(straight - quarter, 0.0), swing)
    if _OFF_BEATS[0] - _MARGIN < new - quarter < _OFF_BEATS[1] + _MARGIN:
        return quarter + swing
    return new


def moved_end(beats: float, former: float, swing: float) -> float:
    """The time at another swing of an end, which is no onset and may be anywhere."""
    straight = _unbent_time(beats, former)
    quarter = math.floor(straight + 1e-9)
    return quarter + _bent(max(straight - quarter, 0.0), swing)


def _unbent_time(beats: float, swing: float) -> float:
    quarter = math.floor(beats + 1e-9)
    position = max(beats - quarter, 0.0)
    if position < swing:
        return quarter + position * STRAIGHT / swing
    return quarter + STRAIGHT + (position - swing) * STRAIGHT / (1 - swing)


def _bent(position: float, share: float) -> float:
    """Move the middle of a span, 0 to 1, to `share`, and stretch both halves evenly."""
    if position < STRAIGHT:
        return position * 2 * share
    return share + (position - STRAIGHT) * 2 * (1 - share)


def _without_doubles(notes: set[tuple[float, float, int, int]]) -> Notes:
    """Sorted; of two notes of one pitch at one time the louder."""
    louder: dict[tuple[float, int], tuple[float, float, int, int]] = {}
    for note in sorted(notes, key=lambda note: note[3]):
        louder[round(note[0], 6), note[2]] = note
    return tuple(sorted(louder.values()))


def swing_of(plan: Plan) -> tuple[float, float]:
    """The swing of eighths and of sixteenths: what is asked, else the given drums', else the groove's."""
    # A first beat off the quarters would swing too.
    is_even = (plan.bar_beats % 1.0) == 0.0
    sixteenths = plan.form.groove.swing_16ths if plan.form is not None and is_even else STRAIGHT
    if plan.feel.swing is not None:
        return plan.feel.swing, sixteenths
    heard = measured([note[0] for note in plan.given_drums()])
    if not is_even or (heard is None and plan.form is None):
        return STRAIGHT, sixteenths
    eighths = heard if heard is not None else groove_swing(plan)
    return (eighths if eighths > STRAIGHT + _HEARD_AS_STRAIGHT else STRAIGHT), sixteenths


def groove_swing(plan: Plan) -> float:
    """The swing at which the plan's groove is played when no other is asked: also of one in triplets."""
    if plan.form is None or plan.bar_beats % 1.0:
        return STRAIGHT
    groove = plan.form.groove
    places = [
        swung_time(stroke.beats, groove.swing)
        for bar in groove.drums.pattern
        for stroke in bar
        if not stroke.sometimes
    ]
    return measured(places) or groove.swing


def groove_time(plan: Plan, beats: float) -> float:
    """When the plan's groove plays what is written at a time, by its own swing."""
    if plan.form is None or plan.bar_beats % 1.0:
        return beats
    return swung_time(beats, plan.form.groove.swing, plan.form.groove.swing_16ths)


def counts_as_off_beat(beats: float, but_for: float) -> bool:
    """Whether an onset would be measured as a second eighth that is not at the swing `but_for`."""
    place = beats % 1.0
    return abs(place - but_for) > _HUMAN_BEATS and _OFF_BEATS[0] - _MARGIN < place < _OFF_BEATS[1] + _MARGIN
