"""The command `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.options import (
    Device,
    LibraryFolder,
    Model,
    ModelsFolder,
    Port,
    SettingsFile,
    console,
    plain,
    read_settings,
    serve_flags,
)
from bridge.messages import BridgeError
from bridge.system.probe_file import forget_probes


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(doctor)


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what can be repaired; deletes nothing of yours.")
    ] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Measure again what this machine computes fastest with.")
    ] = False,
    measure: Annotated[bool, typer.Option("--measure", help="Also time the daemon and a render.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the measurements to this file.")
    ] = None,
    port: Port = None,
    library: LibraryFolder = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
    settings_file: SettingsFile = None,
) -> None:
    """Check that everything works on this machine; suggest remedies for what does not."""
    from bridge.cli.doctor.examine import examine
    from bridge.cli.doctor.measure import measure as time_daemon
    from bridge.cli.doctor.repairs import repair, repair_settings
    from bridge.cli.doctor.report import print_checks, print_rows, write_rows

    values = {"port": port, "library": library, "model": model, "models_folder": models_folder}
    if fix:
        print_sentences(repair_settings(settings_file))
    try:
        settings = read_settings(settings_file, **values)
    except BridgeError as error:
        if fix or settings_file is not None:
            raise
        hint = "`msanii-bridge doctor --fix` puts a broken settings file aside"
        raise BridgeError(error.code, f"{error.message}\n{hint}") from error
    if fix:
        print_sentences(repair(settings))
    if probe:
        forget_probes(settings.probe_path)
    flags = serve_flags(model=settings.model, models_folder=settings.models_folder, device=device)
    works = print_checks(examine(settings, flags), console())
    if measure:
        rows = time_daemon(*flags)
        print_rows(rows, console())
        if json_file is not None:
            write_rows(rows, json_file)
    if not works:
        raise typer.Exit(1)


def print_sentences(sentences: list[str]) -> None:
    """Print what was repaired, or why not."""
    for sentence in sentences:
        print(plain(sentence))
