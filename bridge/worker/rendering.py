"""Renders a request's takes in the render process, according to its verb."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bridge.messages.requests import keeps_bars
from bridge.parameters import NEW_MUSIC
from bridge.worker.loop import Order
from bridge.worker.score import (
    bars_anew,
    given_notes,
    grooves_of,
    load_taught,
    notes_of_parts,
    played_parts,
    request_sampling,
    request_score,
)
from msanii.music.parts import levels_of, read_parts
from msanii.music.score_request import over_source
from msanii.music.taught.asked import read_sounds

if TYPE_CHECKING:
    from msanii.pipelines import Pipeline
    from msanii.takes import Take


def render_takes(
    order: Order, batch: range, pipeline: Pipeline, on_step: Callable[[float], None]
) -> Iterator[Take]:
    """Sample a batch of an order's takes together, then finish and yield them one by one. Raises MsaniiError.

    The candidates of a take, or of an arrangement, come one after another.
    """
    from msanii.score_takes import ScoreRenderer
    from msanii.signal.audio_files import read_clip

    request = order.request
    load_taught(pipeline, request, order.sounds_folder)
    sources = [read_clip(path) for path in order.sources]
    score = request_score(request, None if request.verb in NEW_MUSIC else sources[0].seconds)
    followed = over_source(score, knows_tempo=bool(request.beat_seconds))
    keeps_source = request.verb in ("inpaint", "outpaint")
    takes = ScoreRenderer(
        pipeline=pipeline,
        seed=request.seed + batch.start * request.candidates,
        count=request.candidates * (1 if request.arrangement else len(batch)),
        sampling=request_sampling(request),
        rate=None if keeps_source else request.rate,
        end=request.end,
        loop=bool(request.loop),
        loudness_lufs=request.loudness_lufs,
        allow_clipping=request.format == "float",
        compose=request.compose,
        style=request.style,
        grooves=grooves_of(order.grooves_folder),
        groove_seed=request.groove_seed,
        on_step=on_step,
    )
    parts = played_parts(request)
    match request.verb:
        case "inpaint" if keeps_bars(request):
            bars, given = bars_anew(request, score), given_notes(request)
            return takes.renew(sources[0], bars, score, given, parts, repaint=request.repaint)
        case "generate" if parts:
            return takes.rewrite(bars_anew(request, score), score, given_notes(request), parts)
        case "generate" if request.parts:
            together = read_parts(request.parts)
            levels_db = levels_of(request.level_db, together)
            return takes.arrange(
                score,
                together,
                sounds=read_sounds(request.sound, request.taught),
                levels_db=levels_db,
                notes=notes_of_parts(request, score),
            )
        case "generate":
            return takes.generate(score)
        case "vary":
            return takes.vary(sources[0], followed, strength=request.strength)
        case "interpolate":
            first, second = sources
            return takes.interpolate(first, second, request.ratio, followed, strength=request.strength)
        case "inpaint":
            region = request.from_seconds, request.to_seconds
            return takes.inpaint(
                sources[0], *region, followed, repaint=request.repaint, notes=request.source_notes
            )
        case "outpaint":
            return takes.outpaint(
                sources[0],
                score,
                request.side,
                followed,
                repaint=request.repaint,
                notes=request.source_notes,
            )
