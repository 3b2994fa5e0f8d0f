"""`msanii continue`: music rendered bar by bar, from nothing or from an audio file, to a chosen length."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.cli.options import SharedOptions, progress_bar, with_shared_options
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from msanii.rendering.context import ContinuationState
    from msanii.rendering.continuation import Continuation

DEFAULT_BARS = 16


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command("continue")(with_shared_options(continue_))


def continue_(
    ask: SharedOptions,
    source: Annotated[Path | None, typer.Argument(help="The audio file to continue, if any.")] = None,
    bars_per_pass: Annotated[
        int,
        typer.Option(min=1, max=8, help="Bars rendered at once: more is faster, with less context each."),
    ] = 1,
) -> None:
    """Render music bar by bar, each from the last seconds before it; after a source, or from nothing."""
    from msanii.cli.render import load_pipeline, sampling_for
    from msanii.rendering.continuation import bars_length

    bars = _whole_bars(ask)
    score = ask.score(bars=bars, seconds=None)
    pipeline = load_pipeline(ask)
    session = pipeline.continuation()
    rate, head, past = _beginning(ask, source, session, pipeline.rate)
    made: list[NDArray[np.float32]] = []
    with progress_bar("rendering") as on_step:
        for bar in range(0, bars, bars_per_pass):
            count = min(bars_per_pass, bars - bar)

            def on_pass(fraction: float, bar: int = bar, count: int = count) -> None:
                on_step((bar + count * fraction) / bars)

            done = session.bars(
                past,
                score,
                bar,
                seed=ask.seed,
                count=count,
                sampling=sampling_for(ask, pipeline),
                on_step=on_pass,
            )
            made.append(done.audio)
            past = done.past
    _write(ask, head, made, rate, bars_length(score, 0, bars, rate))


def _whole_bars(ask: SharedOptions) -> int:
    if ask.seconds is not None:
        raise MsaniiError("seconds: continue counts in bars; say --bars")
    if ask.end != "cut":
        raise MsaniiError(
            f"end: got {ask.end}, expected cut; continue ends at a bar line, where it can go on"
        )
    bars = DEFAULT_BARS if ask.bars is None else ask.bars
    if bars != int(bars) or bars < 1:
        raise MsaniiError(f"bars: got {bars:g}, expected a whole number from 1 on; continue goes bar by bar")
    return int(bars)


def _beginning(
    ask: SharedOptions, source: Path | None, session: Continuation, model_rate: int
) -> tuple[int, NDArray[np.float32] | None, ContinuationState]:
    """Return the output's rate, the source's audio (C, L) at that rate if any, and the past to begin with."""
    from msanii.signal.audio_files import read_clip

    if source is None:
        rate = ask.rate or model_rate
        return rate, None, session.from_nothing(rate)
    clip = read_clip(source)
    rate = ask.rate or clip.rate
    audio = clip.at(rate)
    return rate, audio, session.from_source(audio, rate)


def _write(
    ask: SharedOptions,
    head: NDArray[np.float32] | None,
    made: list[NDArray[np.float32]],
    rate: int,
    samples: int,
) -> None:
    import numpy as np

    from msanii.signal.audio_files import Clip, write_clip
    from msanii.signal.finishing import check_output, finish, soft_edges
    from msanii.signal.splicing import insert

    line = np.concatenate(made, axis=1)
    if head is None:
        line = finish(line, samples=samples, source_rate=rate, rate=rate, end="cut")
    else:
        start = head.shape[1]
        line = insert(line, head, first=start, start=start, end=start + samples, rate=rate)
        line = soft_edges(line, rate, start=False)
        check_output(line)
    write_clip(ask.output, Clip(line, rate), ask.file_format)
    typer.echo(str(ask.output))
