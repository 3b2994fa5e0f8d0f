"""Loops on the command line: a loop's file, and its tail's beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from msanii.cli.options import SharedOptions

if TYPE_CHECKING:
    from torch import Tensor

    from msanii.pipelines import Pipeline


def finish_loop_file(
    ask: SharedOptions, made: Tensor, pipeline: Pipeline, *, rate: int, samples: int, loop_samples: int
) -> None:
    """Write a loop of `samples` at `rate`, made as `loop_samples` and its tail, and say where they are."""
    from msanii.signal.audio_files import Clip, write_clip
    from msanii.signal.loop_finishing import finish_loop

    loop, tail = finish_loop(
        made[0].cpu().numpy(),
        loop_samples=loop_samples,
        samples=samples,
        source_rate=pipeline.rate,
        rate=rate,
    )
    if tail is not None:
        write_clip(tail_path(ask.output), Clip(tail, rate))
    write_clip(ask.output, Clip(loop, rate))
    typer.echo(str(ask.output))
    if tail is not None:
        typer.echo(str(tail_path(ask.output)))


def tail_path(path: Path) -> Path:
    """Where the tail of the loop at `path` lies: beside it, its name with `_tail`."""
    return path.with_name(f"{path.stem}_tail{path.suffix}")
