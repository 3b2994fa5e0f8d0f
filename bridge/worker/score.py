"""A request in the model's own terms: its score, and how carefully it is rendered."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from bridge.messages import RenderRequest
from msanii.music.note_files import score_notes
from msanii.music.score import Feel, Score, make_score
from msanii.music.sounds import read_sounds

if TYPE_CHECKING:
    from msanii.rendering.job import Sampling


def request_score(request: RenderRequest, seconds: float | None = None) -> Score:
    """The request's tempo, meter and chords, `seconds` long if given. Raises MsaniiError."""
    bars = request.bars if seconds is None else None
    return make_score(
        bars=bars,
        seconds=(request.seconds if seconds is None else seconds) if bars is None else None,
        bpm=request.bpm,
        numerator=request.numerator,
        denominator=request.denominator,
        chords=request.chords,
        key=request.key,
        notes=score_notes(request.notes or (), request.bpm),
        sounds=read_sounds(request.sound),
        part=request.part,
        feel=Feel(
            swing=request.swing,
            density=request.density,
            register=request.register_pitch,
            dynamics=request.dynamics,
        ),
    )


def followed_score(request: RenderRequest, source_seconds: float) -> Score | None:
    """What a verb with a source follows: over the source, for outpaint over the new music; None for nothing.

    Without chords or notes nobody knows where the source's beats are, so that tempo and meter say nothing.
    Raises MsaniiError.
    """
    score = request_score(request, None if request.verb == "outpaint" else source_seconds)
    if score.chords or score.notes:
        return score
    # Swing is between beats.
    score = replace(score, knows_beat=False, feel=replace(score.feel, swing=None))
    return score if score.asked() else None


def request_sampling(request: RenderRequest) -> Sampling:
    """The request's steps, guidance and phase, which have one name on both sides. Raises MsaniiError."""
    from msanii.rendering.job import Sampling

    return Sampling(**{field.name: getattr(request, field.name) for field in fields(Sampling)})
