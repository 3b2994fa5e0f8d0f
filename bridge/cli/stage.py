"""The commands `devices` and `bench stage`."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.options import Device, Model, ModelsFolder, SettingsFile, safe

bench_app = typer.Typer(help="Measure performance on this machine.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(devices)
    app.add_typer(bench_app, name="bench")


def devices() -> None:
    """List the audio devices that `serve --stream` can play through."""
    from rich.console import Console
    from rich.table import Table

    from bridge.audio_child.device import list_devices

    table = Table("", "number", "name", "system", "channels", "rate", box=None)
    found = list_devices()
    for device in found:
        default, rate = "*" if device.is_default else "", f"{device.rate} Hz"
        row = (str(device.index), safe(device.name), safe(device.host), str(device.channels), rate)
        table.add_row(default, *row)
    if not found:
        print("no audio device can play: connect one, or start the sound server")
        raise typer.Exit(1)
    Console().print(table)


@bench_app.command()
def stage(
    minutes: Annotated[float, typer.Option(min=0.1, max=600, help="Duration in minutes.")] = 0.5,
    audio_device: Annotated[str | None, typer.Option(help="Audio device: its name or number.")] = None,
    latency_ms: Annotated[
        float | None, typer.Option(help="How far ahead of playback audio is mixed.")
    ] = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
    settings_file: SettingsFile = None,
) -> None:
    """Play four decks, one of them endless, and print how well this machine keeps up."""
    from rich.console import Console
    from rich.table import Table

    from bridge.cli.bench_stage import bench_stage
    from bridge.settings import load_settings

    flags = {
        "audio_device": audio_device, "latency_ms": latency_ms, "model": model,
        "models_folder": models_folder, "device": device,
    }  # fmt: skip
    table = Table("figure", "measured", "meaning", box=None)
    for row in bench_stage(load_settings(settings_file, flags), minutes, print):
        table.add_row(row.name, row.figure, row.meaning)
    Console().print(table)
