"""What the commands that make data and train have in common: options, progress, a last line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.errors import DataError

if TYPE_CHECKING:
    from msanii.data.synthesizer import DataSummary, OnSong

CONFIGS_FOLDER = Path(__file__).parents[1] / "configs"

Jobs = Annotated[int | None, typer.Option(min=1, help="Parallel processes. Default: one per core.")]
Settings = Annotated[Path, typer.Argument(help="YAML file, or the name of a shipped one.")]
Out = Annotated[Path, typer.Option(help="Folder of the run; an interrupted run continues.")]
Minutes = Annotated[
    float | None,
    typer.Option(help="Train for so long, instead of a number of steps; the rate falls to zero in time."),
]
StepsOverride = Annotated[int | None, typer.Option(min=1, help="Overrides the settings' steps.")]
BatchOverride = Annotated[int | None, typer.Option(min=1, help="Overrides the settings' batch size.")]
SeedOverride = Annotated[int | None, typer.Option(min=0, help="Overrides the settings' seed.")]
Compiled = Annotated[
    bool | None,
    typer.Option("--compile", help="Use torch.compile; on a CPU it needs a C++ compiler."),
]


def shipped_settings(path: Path) -> Path:
    """The given file, or the shipped one of that name."""
    shipped = CONFIGS_FOLDER / path.name
    return shipped if not path.exists() and shipped.is_file() else path


@contextmanager
def song_progress() -> Iterator[OnSong]:
    from rich.progress import Progress

    with Progress(transient=True) as progress:
        task = progress.add_task("songs", total=None)

        def on_song(name: str, done: int, total: int) -> None:
            progress.update(task, description=name, completed=done, total=total)

        yield on_song


def report(summary: DataSummary, out: Path) -> None:
    for sentence in summary.failed:
        typer.echo(sentence, err=True)
    if not summary.rendered and not summary.skipped:
        raise DataError(f"{out}: no song could be used; see the lines above")
    typer.echo(
        f"{out}: {summary.rendered} new, {summary.skipped} already there, {len(summary.failed)} left out"
    )
