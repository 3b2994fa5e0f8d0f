"""Renders one bar of an endless session in the render process; state between bars is kept in files."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bridge.messages import BridgeError
from bridge.messages.bars import BarDone, BarOrder, Maker
from bridge.system.disk import discard, disk_error, part_path
from bridge.worker.score import request_sampling, request_score

if TYPE_CHECKING:
    from msanii.pipelines import Pipeline


def render_bar(pipeline: Pipeline, maker: Maker, order: BarOrder) -> BarDone:
    """Render a bar from the continuation state that the order names; write the bar and the next state.

    Raises MsaniiError; BridgeError `source` for a state of another rate, `disk` or `folder` if the files
    cannot be written.
    """
    import numpy as np

    from msanii.rendering.context import ContinuationState
    from msanii.signal.finishing import check_output

    began = time.monotonic()
    ask = order.request
    session = pipeline.continuation()
    past = session.from_nothing(order.rate) if order.past is None else ContinuationState.read(order.past)
    if past.rate != order.rate:
        raise BridgeError("source", f"past: got one of {past.rate} Hz, expected the bars' {order.rate} Hz")
    made = session.bars(
        past,
        request_score(ask),
        order.bar,
        seed=ask.seed,
        sampling=request_sampling(ask),
        loudness_lufs=ask.loudness_lufs,
    )
    # NaN or infinity would spread to every later bar.
    check_output(made.audio, clipping=False, silence=False)
    _write(order.past_path, made.past.save)
    _write(order.bar_path, lambda path: _save(path, lambda file: np.save(file, made.audio)))
    return BarDone(order.session, order.bar, time.monotonic() - began, maker)


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
