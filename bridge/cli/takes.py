"""The commands `takes`, `takes star`, `takes name` and `takes prune`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import LibraryFolder, SettingsFile, plain, read_settings

if TYPE_CHECKING:
    from bridge.library.shelf import Shelf
    from bridge.library.take import Take
    from bridge.settings import Settings

takes_app = typer.Typer(
    help="List, star, name and prune the takes of the library.", invoke_without_command=True
)

_HEADINGS = ("", "take", "name", "length", "bpm", "chords", "sound", "seed", "size", "created (UTC)")
# Chords of an hour would push the other columns off any screen; `--json` has them whole.
_MOST_CHORD_CHARACTERS = 32


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(takes_app, name="takes")


@takes_app.callback()
def takes(
    context: typer.Context,
    library: LibraryFolder = None,
    settings_file: SettingsFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list with everything.")] = False,
) -> None:
    """List the takes, newest first. Other commands and `/msanii/deck/1/load` take their names."""
    context.obj = read_settings(settings_file, library=library)
    if context.invoked_subcommand is not None:
        return
    shelf = _shelf(context.obj)
    found = shelf.takes()
    if as_json:
        print(json.dumps([_as_json(take) for take in found], indent=2))
    elif not found:
        print(f"no takes in {plain(str(shelf.takes_folder))} yet")
    else:
        for line in _table(found):
            print(line)


@takes_app.command()
def star(
    context: typer.Context,
    take: Annotated[str, typer.Argument(help="The take's file name or path, or the name that it has.")],
    off: Annotated[bool, typer.Option("--off", help="Remove the star.")] = False,
) -> None:
    """Star a take, to keep it when pruning."""
    from bridge.library.takes import star as set_star

    set_star(_shelf(context.obj), take, not off)


@takes_app.command()
def name(
    context: typer.Context,
    take: Annotated[str, typer.Argument(help="The take's file name or path, or the name that it has.")],
    label: Annotated[str, typer.Argument(help="The name to give it; without one it loses its name.")] = "",
) -> None:
    """Name a take. The name stands for it in other commands; its file keeps its own."""
    from bridge.library.takes import name_take

    name_take(_shelf(context.obj), take, label)


@takes_app.command()
def prune(context: typer.Context) -> None:
    """Move all takes without a star to the trash, after confirmation."""
    shelf = _shelf(context.obj)
    candidates = shelf.prune_candidates()
    megabytes = sum(take.bytes for take in candidates) / 1e6
    if not candidates:
        print("there is no take without a star")
        return
    typer.confirm(
        f"move {len(candidates)} takes without a star ({megabytes:.1f} MB) to the trash?", abort=True
    )
    print(f"{len(shelf.prune(candidates))} takes moved to the trash")


def _shelf(settings: Settings) -> Shelf:
    from bridge.library.shelf import Shelf

    return Shelf(settings.library, settings.drop_folder)


def _table(takes: Iterable[Take]) -> Iterator[str]:
    """Yield the lines of a table for each folder. Names are whole, on a narrow terminal and in a pipe too."""
    folders: dict[str, list[tuple[str, ...]]] = {}
    for take in takes:
        folders.setdefault(plain(str(take.path.parent)), [_HEADINGS]).append(tuple(map(plain, _cells(take))))
    for folder, rows in folders.items():
        yield f"{folder}:"
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip()


def _cells(take: Take) -> tuple[str, ...]:
    chords = take.chords
    if len(chords) > _MOST_CHORD_CHARACTERS:
        chords = chords[: _MOST_CHORD_CHARACTERS - 1] + "…"
    return (
        "*" if take.starred else "",
        take.name,
        take.label,
        f"{take.seconds:.2f} s",
        "" if take.bpm is None else f"{take.bpm:g}",
        chords,
        take.sound,
        str(take.seed),
        f"{take.bytes / 1e6:.1f} MB",
        take.created[:16].replace("T", " "),
    )


def _as_json(take: Take) -> dict[str, object]:
    from dataclasses import asdict

    return {"name": take.name, **asdict(take), "path": str(take.path)}
