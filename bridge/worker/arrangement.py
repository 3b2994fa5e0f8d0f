"""The render process's side of an arrangement: parts rendered as one batch, then their mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.messages import RenderRequest
from msanii.music.parts import levels_of, read_parts
from msanii.music.score import Score
from msanii.music.sounds import read_sounds

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from msanii.pipelines import Pipeline, Sampling


def arranged(
    request: RenderRequest,
    pipeline: Pipeline,
    score: Score,
    sampling: Sampling,
    *,
    channels: int,
    on_step: Callable[[float], None],
) -> list[NDArray[np.float32]]:
    """Each part (C, L) at the request's rate, in order, then their sum. Raises MsaniiError."""
    from msanii.rendering.arrangement import finish_arrangement, part_scores

    parts = read_parts(request.parts)
    levels = levels_of(request.level_db, parts)
    made = pipeline.generate(
        part_scores(score, parts, read_sounds(request.sound)),
        seeds=[request.seed_of(take) for take in range(len(parts))],
        channels=channels,
        sampling=sampling,
        loop=bool(request.loop),
        on_step=on_step,
    )
    done = finish_arrangement(
        made.cpu().numpy(),
        parts,
        samples=score.samples(request.rate),
        source_rate=pipeline.rate,
        rate=request.rate,
        loop=bool(request.loop),
        fade=request.end == "fade" and not request.loop,
        loudness_lufs=request.loudness_lufs,
        levels_db=levels,
        edition=request.edition,
    )
    return [*done.parts.values(), done.mix]
