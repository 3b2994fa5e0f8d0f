"""What the commands share: options, settings, consoles."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.settings import Settings

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file in YAML.")]
Port = Annotated[int | None, typer.Option(help="The daemon's UDP port.")]
Host = Annotated[str, typer.Option(help="The machine where the daemon runs.")]
LibraryFolder = Annotated[Path | None, typer.Option("--library", help="Where takes are written.")]
Model = Annotated[str | None, typer.Option(help="The name of the model.")]
ModelsFolder = Annotated[Path | None, typer.Option(help="Where further models lie, one folder each.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")]


def read_settings(path: Path | None, **flags: object) -> Settings:
    """The settings file, under the flags that were given. Raises BridgeError."""
    from bridge.settings import load_settings

    return load_settings(path, flags)


def serve_flags(**values: object) -> list[str]:
    """Flags for a `serve` of our own, for those values that were given."""
    given: Mapping[str, object] = {name: value for name, value in values.items() if value is not None}
    return [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def safe(text: str) -> str:
    """Text that rich prints as it is."""
    from rich.markup import escape

    return escape(text)


def console() -> Console:
    """Where results are printed."""
    from rich.console import Console

    return Console()


def errors() -> Console:
    """Where failures are printed."""
    from rich.console import Console

    return Console(file=sys.stderr)
