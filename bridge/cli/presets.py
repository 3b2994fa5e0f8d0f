"""The commands `presets`, `presets rename` and `presets delete`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import SettingsFile, console, plain, read_settings, safe

if TYPE_CHECKING:
    from bridge.requests.preset_folders import Presets

presets_app = typer.Typer(help="List the presets; rename and delete your own.", invoke_without_command=True)

_Name = Annotated[str, typer.Argument(help="Name of a preset of yours.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(presets_app, name="presets")


@presets_app.callback()
def presets(
    context: typer.Context,
    presets_folder: Annotated[Path | None, typer.Option(help="Folder of your own presets.")] = None,
    settings_file: SettingsFile = None,
) -> None:
    """List the presets and the values that they set; say what is wrong with broken files."""
    from bridge.requests.preset_folders import Presets
    from bridge.settings import factory_presets_folder

    settings = read_settings(settings_file, presets_folder=presets_folder)
    context.obj = Presets(factory_presets_folder(), settings.presets_folder)
    if context.invoked_subcommand is None:
        _print_table(context.obj)


@presets_app.command()
def rename(context: typer.Context, name: _Name, new_name: str, yes: _Yes = False) -> None:
    """Give a preset of yours another name, after confirmation: requests must say the new one."""
    path = context.obj.own_path(name)
    if not yes:
        typer.confirm(f"rename {plain(path.name)} to {plain(new_name)}?", abort=True)
    context.obj.rename(name, new_name)


@presets_app.command()
def delete(context: typer.Context, name: _Name, yes: _Yes = False) -> None:
    """Move a preset of yours to the trash, after confirmation."""
    path = context.obj.own_path(name)
    if not yes:
        typer.confirm(f"move {plain(path.name)} to the trash?", abort=True)
    context.obj.delete(name)


def _print_table(presets: Presets) -> None:
    from rich.table import Table

    from bridge.messages import BridgeError

    table, broken = Table(box=None), list[BridgeError]()
    table.add_column("preset", no_wrap=True)
    for heading in ("from", "description", "values"):
        table.add_column(heading)
    for file in presets.files():
        preset = presets.read(file)
        origin = "factory" if file.is_factory else "yours"
        if isinstance(preset, BridgeError):
            broken.append(preset)
            table.add_row(safe(file.name), f"[red]{origin}, broken[/]")
            continue
        values = ", ".join(f"{key} {value}" for key, value in preset.values.items())
        table.add_row(safe(file.name), origin, safe(preset.description), safe(values))
    console().print(table)
    for error in broken:
        console().print(safe(error.message), soft_wrap=True, highlight=False)
