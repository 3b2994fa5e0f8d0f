"""The commands `takes`, `takes star` and `takes prune`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import LibraryFolder, SettingsFile, console, read_settings, safe

if TYPE_CHECKING:
    from bridge.library.takes import Library
    from bridge.settings import Settings

takes_app = typer.Typer(help="List, star and prune the takes of the library.", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(takes_app, name="takes")


@takes_app.callback()
def takes(context: typer.Context, library: LibraryFolder = None, settings_file: SettingsFile = None) -> None:
    """List the takes, oldest first."""
    context.obj = read_settings(settings_file, library=library)
    if context.invoked_subcommand is None:
        from rich.table import Table

        table = Table("", "take", "length", "bpm", "size", "created (UTC)", box=None)
        with _library(context.obj) as shelf:
            for take in shelf.takes():
                star, size = "*" if take.starred else "", f"{take.bytes / 1e6:.1f} MB"
                length, made = f"{take.seconds:.2f} s", take.created[:16].replace("T", " ")
                table.add_row(star, safe(take.name), length, f"{take.bpm:g}" if take.bpm else "", size, made)
        console().print(table)


@takes_app.command()
def star(
    context: typer.Context,
    take: Annotated[str, typer.Argument(help="The take's file name or path.")],
    off: Annotated[bool, typer.Option("--off", help="Remove the star.")] = False,
) -> None:
    """Star a take, to keep it when pruning."""
    with _library(context.obj) as shelf:
        shelf.star(take, not off)


@takes_app.command()
def prune(context: typer.Context) -> None:
    """Move all takes without a star to the trash, after confirmation."""
    with _library(context.obj) as shelf:
        candidates = shelf.prune_candidates()
        megabytes = sum(take.bytes for take in candidates) / 1e6
        if not candidates:
            print("there is no take without a star")
            return
        typer.confirm(
            f"move {len(candidates)} takes without a star ({megabytes:.1f} MB) to the trash?", abort=True
        )
        print(f"{len(shelf.prune(candidates))} takes moved to the trash")


@contextmanager
def _library(settings: Settings) -> Iterator[Library]:
    from bridge.library.takes import Library

    shelf = Library(settings.library, drop_folder=settings.drop_folder, exclusive=False)
    try:
        yield shelf
    finally:
        shelf.close()
