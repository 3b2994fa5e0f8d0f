"""The commands `takes`, `takes star`, `takes name` and `takes prune`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import LibraryFolder, SettingsFile, plain, read_settings

if TYPE_CHECKING:
    from bridge.library.shelf import Shelf
    from bridge.library.take import Take
    from bridge.listening.other_audio import OtherAudio
    from bridge.settings import Settings

takes_app = typer.Typer(
    help="List, star, name and prune the takes of the library.", invoke_without_command=True
)

_HEADINGS = ("", "take", "name", "length", "bpm", "chords", "sound", "seed", "size", "created (UTC)")
_OTHER_HEADINGS = ("other audio", "length", "bpm", "meter", "key", "chords")
_NOT_HEARD = "not heard yet"
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
    """List takes, newest first, then other audio. Other commands and `/msanii/deck/1/load` take the names."""
    context.obj = read_settings(settings_file, library=library)
    if context.invoked_subcommand is not None:
        return
    from bridge.listening.other_audio import other_audio

    shelf = _shelf(context.obj)
    found = shelf.takes()
    others = other_audio(shelf, [take.path for take in found])
    if as_json:
        print(json.dumps([*map(_as_json, found), *map(_other_as_json, others)], indent=2))
        return
    if not found:
        print(f"no takes in {plain(str(shelf.takes_folder))} yet")
    for line in _table(_HEADINGS, ((take.path.parent, _cells(take)) for take in found)):
        print(line)
    for line in _table(_OTHER_HEADINGS, ((other.path.parent, _other_cells(other)) for other in others)):
        print(line)
    if any(other.heard is None for other in others):
        print("`msanii-bridge listen NAME` hears a file")


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


def _table(headings: tuple[str, ...], files: Iterable[tuple[Path, tuple[str, ...]]]) -> Iterator[str]:
    """Yield the lines of a table for each folder. Names are whole, on a narrow terminal and in a pipe too."""
    folders: dict[str, list[tuple[str, ...]]] = {}
    for folder, cells in files:
        folders.setdefault(plain(str(folder)), [headings]).append(tuple(map(plain, cells)))
    for name, rows in folders.items():
        yield f"{name}:"
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cells(take: Take) -> tuple[str, ...]:
    return (
        "*" if take.starred else "",
        take.name,
        take.label,
        f"{take.seconds:.2f} s",
        "" if take.bpm is None else f"{take.bpm:g}",
        _short(take.chords),
        take.sound,
        str(take.seed),
        f"{take.bytes / 1e6:.1f} MB",
        take.created[:16].replace("T", " "),
    )


def _as_json(take: Take) -> dict[str, object]:
    from dataclasses import asdict

    return {"name": take.name, **asdict(take), "path": str(take.path)}


def _other_cells(other: OtherAudio) -> tuple[str, ...]:
    name, length, heard = other.path.name, f"{other.seconds:.2f} s", other.heard
    if heard is None:
        return name, length, _NOT_HEARD, "", "", ""
    bpm = f"{heard.bpm:g}" if heard.bpm else ""
    return name, length, bpm, _meter(heard.numerator, heard.denominator), heard.key, _short(heard.chords)


def _other_as_json(other: OtherAudio) -> dict[str, object]:
    """The names that a take has, and `heard` with those of `msanii-bridge listen --json`."""
    from dataclasses import asdict, fields

    from bridge.cli.listen import named_values
    from bridge.library.take import Take

    heard = other.heard
    values: dict[str, object] = dict.fromkeys((field.name for field in fields(Take)), "")
    values |= {"seed": None, "bpm": None, "starred": False, **asdict(other), "path": str(other.path)}
    if heard is not None:
        values |= {"bpm": heard.bpm or None, "key": heard.key, "chords": heard.chords}
        values |= {"meter": _meter(heard.numerator, heard.denominator), "heard": named_values(heard)}
    return {"name": other.path.name, **values}


def _meter(numerator: int, denominator: int) -> str:
    return f"{numerator}/{denominator}" if numerator else ""


def _short(chords: str) -> str:
    return chords if len(chords) <= _MOST_CHORD_CHARACTERS else chords[: _MOST_CHORD_CHARACTERS - 1] + "…"
