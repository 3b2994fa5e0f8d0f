"""Options, settings and consoles shared by the commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.settings import Settings

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="YAML settings file.")]
Port = Annotated[int | None, typer.Option(help="UDP port of the daemon.")]
Host = Annotated[str, typer.Option(help="Host name or IP address of the daemon.")]
LibraryFolder = Annotated[Path | None, typer.Option("--library", help="Folder of the library of takes.")]
Model = Annotated[str | None, typer.Option(help="Name of the model.")]
ModelsFolder = Annotated[Path | None, typer.Option(help="Folder of further models, one subfolder each.")]
Device = Annotated[str | None, typer.Option(help="Compute device: auto, cpu, cuda or mps.")]


def read_settings(path: Path | None, **flags: object) -> Settings:
    """Read the settings file, overridden by the flags that are not None. Raises BridgeError."""
    from bridge.settings import load_settings

    return load_settings(path, flags)


def serve_flags(**values: object) -> list[str]:
    """Return the values that are not None as command line flags of `serve`."""
    given: Mapping[str, object] = {name: value for name, value in values.items() if value is not None}
    return [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def plain(text: str) -> str:
    """Show control characters as Python's escapes: in a stranger's file they could steer the terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def safe(text: str) -> str:
    """Escape text so that rich prints it verbatim, as `plain` shows it."""
    from rich.markup import escape

    return escape(plain(text))


def console() -> Console:
    """Return the console for results."""
    from rich.console import Console

    return Console()


def errors() -> Console:
    """Return the console for errors."""
    from rich.console import Console

    return Console(file=sys.stderr)
