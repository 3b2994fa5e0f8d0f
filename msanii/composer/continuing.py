"""New bars for a piece whose notes are known: a region composed anew, or bars added at its end or its start.

Times are beats from the start of the piece where a name does not say otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from msanii.choices import Side
from msanii.composer.bars import turned
from msanii.composer.plan import Notes
from msanii.composer.scores import ScoreComposer, Written
from msanii.music.midi_notes import together
from msanii.music.score import Score

# A bar line may fall between two samples.
SAME_SECONDS = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """`shown` is the score with the notes that the model sees, `whole` the piece with all its notes."""

    shown: Score
    whole: Written


def recomposed(
    composer: ScoreComposer,
    score: Score,
    given: Mapping[str, Notes],
    region_seconds: tuple[float, float],
    seed: int,
) -> Continued:
    """Compose what begins within a region of a piece anew; `score` and the notes `given` are the piece's.

    A score with notes of its own plays those. Raises as `ScoreComposer`.
    """
    if score.notes:
        return Continued(shown=score, whole=Written(score=score, notes=_own(score, given, 0.0)))
    bar_beats = float(score.meter.bar_beats)
    begin, end = map(score.quarters_at, region_seconds)
    bars = range(int(begin / bar_beats + 1e-6), math.ceil(end / bar_beats - 1e-6))
    new = composer.written(score, tuple(given), _sounds(score, given), seed, given=given, write=bars)
    notes = {
        part: tuple(
            sorted(
                (
                    *(note for note in given[part] if not begin <= note[0] < end),
                    *(note for note in new[part] if begin <= note[0] < end),
                )
            )
        )
        for part in given
    }
    shown = replace(score, notes=score.timed(together(notes)), knows_beat=True)
    return Continued(shown=shown, whole=Written(score=score, notes=notes, sounds=_by_part(score, given)))


def continued(
    composer: ScoreComposer,
    score: Score,
    given: Mapping[str, Notes],
    *,
    source_seconds: float,
    side: Side,
    seed: int,
) -> Continued:
    """Compose bars after or before a piece of `source_seconds`; `score` is that of the new bars.

    What comes first has to end on a bar line, see `ends_on_bar_line`. The shown score counts from the first
    new sample, as `Pipeline.outpaint` does. A score with notes of its own plays those. Raises as
    `ScoreComposer`.
    """
    bar_beats = float(score.meter.bar_beats)
    bar_seconds = bar_beats * 60 / score.bpm
    source_bars, new_bars = round(source_seconds / bar_seconds), round(score.seconds / bar_seconds)
    start = source_bars * bar_beats if side == "after" else 0.0
    kept = (
        given if side == "after" else {p: _moved(notes, new_bars * bar_beats) for p, notes in given.items()}
    )
    total_seconds = source_seconds + score.seconds
    piece = replace(
        score,
        seconds=total_seconds,
        bars=total_seconds / bar_seconds,
        chords=turned(score.chords, -start),
        notes=(),
    )
    new: Mapping[str, Notes]
    if score.notes:
        new = _own(score, given, start)
    else:
        first = source_bars if side == "after" else 0
        last = math.ceil(piece.bars - 1e-6) if side == "after" and piece.bars else new_bars
        bars = range(first, last)
        new = composer.written(piece, tuple(given), _sounds(score, given), seed, given=kept, write=bars)
        until = start if side == "after" else new_bars * bar_beats
        new = {
            part: tuple(note for note in notes if (note[0] < until - 1e-6) == (side == "before"))
            for part, notes in new.items()
        }
    parts = {**kept, **new}
    notes = {part: tuple(sorted((*kept.get(part, ()), *new.get(part, ())))) for part in parts}
    heard = _moved(together(notes), -start)
    shown = replace(score, notes=score.timed(heard), knows_beat=True)
    return Continued(shown=shown, whole=Written(score=piece, notes=notes, sounds=_by_part(score, given)))


def ends_on_bar_line(score: Score, source_seconds: float, side: Side) -> bool:
    """Whether what comes first, a source or the new bars of `score` before it, is a whole number of bars."""
    first = source_seconds if side == "after" else score.seconds
    bar_seconds = float(score.meter.bar_beats) * 60 / score.bpm
    return abs(first - round(first / bar_seconds) * bar_seconds) < SAME_SECONDS


def _own(score: Score, given: Mapping[str, Notes], start: float) -> dict[str, Notes]:
    """The score's own notes, as those of the piece's first part, from `start` on."""
    per_second = score.bpm / 60
    beats = [
        (note.onset_seconds * per_second, note.end_seconds * per_second, note.pitch, note.velocity)
        for note in score.notes
    ]
    return {next(iter(given)): _moved(beats, start)}


def _sounds(score: Score, given: Mapping[str, Notes]) -> tuple[str, ...]:
    return score.sounds[:1] if len(given) == 1 else ()


def _by_part(score: Score, given: Mapping[str, Notes]) -> dict[str, str]:
    return dict(zip(given, _sounds(score, given), strict=False))


def _moved(notes: Iterable[tuple[float, float, int, int]], beats: float) -> Notes:
    return tuple((round(on + beats, 6), round(end + beats, 6), pitch, loud) for on, end, pitch, loud in notes)
