"""Renders one bar of an endless session in the render process; state between bars is kept in files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bridge.messages import BeatNote, BridgeError
from bridge.messages.bars import BarDone, BarMorph, BarOrder, Maker, MorphLoop
from bridge.system.disk import discard, disk_error, part_path
from bridge.worker.score import grooves_of, load_taught, request_sampling, request_score
from msanii.music.midi_notes import together

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from msanii.music.score import Score
    from msanii.pipelines import Pipeline
    from msanii.rendering.morph import Audio, Morph

# Notes of an answer end with its last bar; what still rings fades out.
_FADE_SECONDS = 0.06


def render_bar(pipeline: Pipeline, maker: Maker, order: BarOrder) -> BarDone:
    """Render a bar from the continuation state that the order names; write the bar and the next state.

    Raises MsaniiError; BridgeError `source` for a state of another rate, `model` for a model that plays no
    notes if the bar must, `disk` or `folder` if the files cannot be written.
    """
    import numpy as np

    from msanii.rendering.context import ContinuationState
    from msanii.rendering.continuation import bars_length
    from msanii.signal.finishing import check_output

    began = time.monotonic()
    ask = order.request
    session = pipeline.continuation()
    past = session.from_nothing(order.rate) if order.past is None else ContinuationState.read(order.past)
    if past.rate != order.rate:
        raise BridgeError("source", f"past: got one of {past.rate} Hz, expected the bars' {order.rate} Hz")
    load_taught(pipeline, ask, order.sounds_folder)
    score = request_score(ask)
    if not (pipeline.knows_notes or order.plays_freely):
        raise BridgeError(
            "model", f"`model`: `{maker.model}` plays no notes, so it cannot answer; choose another"
        )
    notes = _notes(order, score) if pipeline.knows_notes and order.morph is None else {}
    if not (notes or order.plays_freely):
        # After silence, the next bar begins afresh.
        audio = np.zeros((2, bars_length(score, order.bar, 1, order.rate)), np.float32)
        next_past = session.from_nothing(order.rate)
    else:
        made = session.bars(
            past,
            score.with_notes(together(notes)) if notes else score,
            order.bar,
            seed=ask.seed,
            sampling=request_sampling(ask),
            loudness_lufs=ask.loudness_lufs,
            morph=None if order.morph is None else _morph(order.morph, ask.bpm, pipeline.rate),
        )
        audio, next_past = made.audio, made.past
    # NaN or infinity would spread to every later bar.
    check_output(audio, clipping=False, silence=False)
    if order.fades:
        _fade(audio, order.rate)
    _write(order.past_path, next_past.save)
    _write(order.bar_path, lambda path: _save(path, lambda file: np.save(file, audio)))
    return BarDone(order.session, order.bar, time.monotonic() - began, maker, notes)


def _notes(order: BarOrder, score: Score) -> Mapping[str, tuple[BeatNote, ...]]:
    """The notes of the bar: those of the order, or else composed ones, if any are asked."""
    from msanii.composer.bars import next_bar
    from msanii.composer.scores import ScoreComposer

    ask = order.request
    if order.notes is not None:
        return order.notes
    if ask.compose == "off":
        return {}
    composer = ScoreComposer(style=ask.style, grooves=grooves_of(order.grooves_folder))
    return next_bar(composer, score, order.bar, order.played, ask.seed)


def _fade(audio: NDArray[np.float32], rate: int) -> None:
    """Fade the end of a bar (C, L) out, in place."""
    import numpy as np

    length = min(audio.shape[1], round(_FADE_SECONDS * rate))
    audio[:, audio.shape[1] - length :] *= np.cos(np.linspace(0, np.pi / 2, length, dtype=np.float32)) ** 2


def _morph(morph: BarMorph, bpm: float, rate: int) -> Morph:
    """Return both loops in the tempo of the bars. Raises AudioError."""
    from msanii.rendering.morph import Morph

    first, second = (_in_tempo(loop, bpm, rate) for loop in (morph.first, morph.second))
    return Morph(first, second, morph.position, morph.strength)


@lru_cache(maxsize=4)
def _in_tempo(loop: MorphLoop, bpm: float, rate: int) -> Audio:
    """Return a loop (C, L) at `rate` hertz, exactly as long as its beats last at `bpm`. Raises AudioError."""
    import numpy as np

    from bridge.time_stretch import stretch
    from msanii.signal.audio_files import read_clip

    audio = np.asarray(read_clip(loop.path).at(rate), np.float32)
    own, wanted = (round(loop.beats * 60 / each * rate) for each in (loop.bpm, bpm))
    audio = np.pad(audio[:, :own], ((0, 0), (0, max(0, own - audio.shape[1]))), mode="wrap")
    audio = np.roll(audio, -round(loop.first_beat_seconds * rate), axis=1)
    if own == wanted:
        return audio
    # Once around before and after, so that the stretched loop meets itself.
    around = stretch(np.concatenate((audio, audio, audio), axis=1), rate, wanted / own)
    begin = round(around.shape[1] / 3)
    return np.ascontiguousarray(around[:, begin : begin + wanted])


def _save(path: Path, save: Callable[[IO[bytes]], None]) -> None:
    with path.open("wb") as file:
        save(file)


def _write(path: Path, save: Callable[[Path], None]) -> None:
    """Write a file atomically, so that a killed worker leaves no partial file that looks finished."""
    part = part_path(path)
    try:
        save(part)
        part.replace(path)
    except OSError as error:
        discard([part])
        raise disk_error(error, path.parent) from error
