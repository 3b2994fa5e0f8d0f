"""Some bars of a score composed anew, the others as they are.

Times are beats, that is quarter notes from the start of the piece.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from msanii.composer.plan import Notes
from msanii.composer.scores import ScoreComposer, Written
from msanii.music.midi_notes import together
from msanii.music.score import Score

_NEAR = 1e-6


def rewritten(
    composer: ScoreComposer,
    score: Score,
    given: Mapping[str, Notes],
    parts: Sequence[str],
    *,
    bars: Collection[int] = (),
    seed: int = 0,
) -> Written:
    """Return a score that plays what is given for `parts`, with new notes in `bars`, counted from 0.

    The new notes fit the other parts in `given` too. What sounds in any other bar stays: notes end where a
    new bar begins, and new notes where the old ones go on. A part of `parts` without notes is composed as a
    whole where `bars` are all bars. Raises as `ScoreComposer.written`.
    """
    notes = {part: tuple(given.get(part, ())) for part in parts}
    if bars:
        sounds = [score.sounds[0] if score.sounds and len(parts) == 1 else "" for _ in parts]
        new = composer.written(replace(score, notes=()), parts, sounds, seed, given=given, write=bars)
        bar_beats = float(score.meter.bar_beats)
        if len(set(bars)) < score.whole_bars:
            new = {part: _fitted(played, set(bars), bar_beats) for part, played in new.items()}
        notes |= new
    return Written(
        score=replace(score, notes=score.timed(together(notes))),
        notes={**given, **notes},
        sounds=dict.fromkeys(parts, (*score.sounds, "")[0]),
    )


def _fitted(notes: Iterable[tuple[float, float, int, int]], bars: set[int], bar_beats: float) -> Notes:
    """End notes at the next line between a bar that stays and one that is new."""
    fitted = []
    for onset, end, pitch, velocity in notes:
        bar = int(onset / bar_beats + _NEAR)
        line = bar + 1
        while line * bar_beats < end and (line in bars) == (bar in bars):
            line += 1
        until = min(end, line * bar_beats)
        fitted.append((onset, until, pitch, velocity))
    return tuple(fitted)
