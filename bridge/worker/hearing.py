"""Hears each take in the render process: what it was asked to play, and how much of that is heard."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.messages import BeatNote, HeardTake, RenderRequest
from bridge.messages.requests import keeps_bars
from bridge.parameters import NEW_MUSIC
from bridge.worker.listener_folder import listener_version
from bridge.worker.score import bars_anew, played_parts, request_score
from msanii.music.bars import bar_regions
from msanii.music.parts import part_names, part_of_name

if TYPE_CHECKING:
    from msanii.listening.activations import Ears
    from msanii.listening.judging import Asked, Span
    from msanii.music.score import Score
    from msanii.pipelines import Pipeline
    from msanii.takes import Take

_log = logging.getLogger(__name__)


class TakeListener:
    """Hears takes. The listener is loaded at the first of them, and stays beside the model."""

    def __init__(self) -> None:
        self._resident: tuple[tuple[object, ...], Ears] | None = None

    def heard(
        self, folder: Path, pipeline: Pipeline, request: RenderRequest, index: int, take: Take
    ) -> HeardTake:
        """Hear a take of a request with the listener in `folder`; both numbers are unknown if that fails."""
        from msanii.listening.judging import judge
        from msanii.signal.audio_files import Clip

        try:
            asked = asked_of(request, index, take)
            found = judge(self._ears(folder, pipeline), Clip(take.audio, take.rate), asked)
        except Exception:
            # Whatever keeps a take from being heard, it is finished and is somebody's music.
            _log.exception("take %d was not heard", index)
            return HeardTake()
        numbers = (None if value is None else round(value, 4) for value in (found.chords, found.onsets))
        return HeardTake(*numbers)

    def _ears(self, folder: Path, pipeline: Pipeline) -> Ears:
        from msanii.listening.activations import Ears
        from msanii.listening.weights import load_listener

        version = (*listener_version(folder), pipeline.placement)
        if self._resident is None or self._resident[0] != version:
            self._resident = version, Ears(load_listener(folder), pipeline.placement)
        return self._resident[1]


def asked_of(request: RenderRequest, index: int, take: Take) -> Asked:
    """Return what a take was asked to play, and where it is new. Raises MsaniiError."""
    from msanii.listening.judging import Asked

    seconds = take.audio.shape[1] / take.rate
    score = request_score(request, None if request.verb in NEW_MUSIC else seconds)
    begins = request.score_start(seconds)
    notes = _played_notes(request, index, take)
    # The notes of an outpainted take are those of all of it, at a steady tempo.
    at = score.seconds_at if request.verb != "outpaint" else lambda beats: beats * 60 / request.bpm
    onsets = [at(onset) for played in notes.values() for onset, *_ in played]
    if not take.notes:
        onsets = [note.onset_seconds + begins for note in score.notes]
    parts = {part_of_name(name) for name in notes} or {request.part_of(index)}
    return Asked.by(score, parts, onsets, begins=begins, spans=_new_spans(request, score, take, begins))


def _played_notes(request: RenderRequest, index: int, take: Take) -> Mapping[str, tuple[BeatNote, ...]]:
    """The notes of the parts that this take plays, of all those that were rendered together."""
    together = part_names(request.arrangement)
    own = together[index : index + 1] if together else played_parts(request)
    return {part: notes for part, notes in take.notes.items() if not own or part in own}


def _new_spans(request: RenderRequest, score: Score, take: Take, begins: float) -> tuple[Span, ...]:
    """Where a take is new, without what rings on after its score."""
    samples = take.audio.shape[1]
    if keeps_bars(request):
        bars = bars_anew(request, score)
        line = partial(score.bar_line, rate=take.rate)
        regions = bar_regions(bars, line, count=score.whole_bars, samples=samples)
        return tuple((start / take.rate, end / take.rate) for start, end in regions)
    if request.verb == "inpaint":
        return ((request.from_seconds or 0.0, request.to_seconds or samples / take.rate),)
    return ((begins, begins + score.seconds),)
