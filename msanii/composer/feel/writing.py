"""Feel, written into notes: swing, density, register and dynamics measure as they are asked for.

Measured as `msanii.controls.features.measured_feel` and `msanii.metrics.rhythm.measured_swing` do: swing
within 0.02, density within 10 % (or the nearest whole number of strokes), register within 2 semitones,
dynamics within 5, wherever the instrument's range, and 40 ms between strokes, leave room for it.
"""

from __future__ import annotations

from msanii.composer.feel.density import with_density
from msanii.composer.feel.register import RANGES, with_register
from msanii.composer.feel.swing import STRAIGHT, swing_of, swung_time, with_swing
from msanii.composer.plan import Notes, Plan
from msanii.music.parts import part_of_name

_LOUDEST = 127


def with_feel(plan: Plan, part: str, notes: Notes) -> Notes:
    """The notes of one part, all in bars that the plan writes, with the plan's feel.

    Without an asked swing, pitched parts have that of the drums and the bass that they play with.
    """
    if not notes:
        return ()
    kind = part_of_name(part)
    feel = plan.feel
    swing = swing_of(plan) if feel.swing is not None or _has_groove(plan) else (STRAIGHT, STRAIGHT)
    if feel.swing is not None:
        notes = _in_their_bars(plan, notes, with_swing(notes, feel.swing))
    elif kind not in ("drums", "bass") and swing != (STRAIGHT, STRAIGHT):
        notes = tuple(sorted((swung_time(start, *swing), swung_time(end, *swing), pitch, velocity)
                             for start, end, pitch, velocity in notes))  # fmt: skip
    if feel.density is not None:
        notes = with_density(plan, kind, notes, feel.density, swing)
    if feel.register is not None and kind in RANGES:
        notes = with_register(notes, feel.register, kind, plan)
    if feel.dynamics is not None:
        notes = with_dynamics(notes, feel.dynamics)
    return notes


def with_dynamics(notes: Notes, dynamics: float) -> Notes:
    """Move all velocities alike, so that their mean is `dynamics`, 1 to 127."""
    low, high = -float(_LOUDEST), float(_LOUDEST)
    while high - low > 1e-3:
        middle = (low + high) / 2
        mean = sum(min(max(note[3] + middle, 1), _LOUDEST) for note in notes) / len(notes)
        low, high = (middle, high) if mean < dynamics else (low, middle)
    return tuple(
        (start, end, pitch, min(max(round(velocity + high), 1), _LOUDEST))
        for start, end, pitch, velocity in notes
    )


def _has_groove(plan: Plan) -> bool:
    """Whether the piece has a style, or drums or bass that play one."""
    kinds = {part_of_name(part) for part in (*plan.parts, *plan.given)}
    return bool(plan.style) or not kinds.isdisjoint(("drums", "bass"))


def _in_their_bars(plan: Plan, before: Notes, after: Notes) -> Notes:
    """Hold moved notes inside the bars that are written, which bar lines off the quarters may cut."""
    if all(plan.writes(note[0]) and note[0] < plan.beats for note in after):
        return after
    allowed = {plan.bar_at(note[0]) for note in before}
    held = []
    for start, end, pitch, velocity in after:
        bar = plan.bar_at(start)
        if bar not in allowed:
            start = bar * plan.bar_beats - 1e-3 if bar - 1 in allowed else (bar + 1) * plan.bar_beats
        start = min(start, plan.beats - 1e-3)
        held.append((start, max(end, start + 1e-3), pitch, velocity))
    return tuple(sorted(held))
