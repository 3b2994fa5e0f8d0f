"""The commands `install` and `install-device`: our scripts in other programs' folders."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import console, plain, safe
from bridge.messages import BridgeError

if TYPE_CHECKING:
    from bridge.cli.daw_scripts.records import Records


class Name(StrEnum):
    """What scripts can be installed for."""

    MAX = "max"
    LIVE = "live"
    BITWIG = "bitwig"
    REAPER = "reaper"
    ARDOUR = "ardour"
    PURE_DATA = "pure-data"
    SUPERCOLLIDER = "supercollider"


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(install)
    app.command("install-device")(install_device)


def install(
    name: Annotated[Name | None, typer.Argument(help="The program to install scripts for.")] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="The folder where the program looks for scripts; for Live, its User Library."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take them away again.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List the programs, and what is installed.")] = False,
) -> None:
    """Copy our scripts to where another program looks for them. A file that you changed is kept."""
    from bridge.cli.daw_scripts.programs import PROGRAMS
    from bridge.cli.daw_scripts.records import user_records
    from bridge.render.status import version

    records = user_records()
    if show:
        _print_list(records, version())
        return
    if name is None:
        raise BridgeError("value", f"which program? Give one of {', '.join(PROGRAMS)}; --list says more")
    program = PROGRAMS[name]
    base = program.base(to, records)
    said = program.remove(base, records) if remove else program.install(base, records, version())
    is_empty = True
    for sentence in said:
        is_empty = False
        print(plain(sentence))
    if remove and is_empty:
        print(plain(f"nothing is installed in {base / program.below}"))
    elif not remove:
        print(plain(f"next, {program.next_steps}"))


def install_device(
    to: Annotated[Path | None, typer.Option(help="Live's User Library (default: find it).")] = None,
) -> None:
    """Copy the Max for Live device into Live's User Library; `install max` does the same."""
    install(Name.MAX, to)


def _print_list(records: Records, version: str) -> None:
    from rich.table import Table

    from bridge.cli.daw_scripts.programs import PROGRAMS

    table = Table("name", "program", "installed", "where", box=None, pad_edge=False)
    for program in PROGRAMS.values():
        try:
            base = program.base(None, records)
            row = program.state(base, records, version), str(base / program.below)
        except BridgeError as error:
            row = "not found", error.message
        table.add_row(program.name, program.title, *map(safe, row))
    console().print(table)
