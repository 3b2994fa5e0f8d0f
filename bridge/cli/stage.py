"""The commands `devices`, `measure-latency`, and `bench` with `stage`, `pool`, `growth` and `message`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from bridge.cli.options import Device, Model, ModelsFolder, SettingsFile, safe

_FIGURES = ("figure", "measured", "meaning")
bench_app = typer.Typer(help="Measure performance on this machine.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(devices)
    app.command()(measure_latency)
    app.add_typer(bench_app, name="bench")


def devices() -> None:
    """List the audio devices that `serve --stream` can play through and, with `--input`, listen to."""
    from rich.console import Console
    from rich.table import Table

    from bridge.audio_child.device import list_devices, that_play

    table = Table("", "number", "name", "system", "outputs", "inputs", "rate", box=None)
    found = list_devices()
    for device in found:
        default = "*" if device.is_default or device.is_default_input else ""
        row = (str(device.index), safe(device.name), safe(device.host), str(device.channels))
        table.add_row(default, *row, str(device.inputs), f"{device.rate} Hz")
    if not that_play(found):
        print("no audio device can play: connect one, or start the sound server")
        raise typer.Exit(1)
    Console().print(table)


def measure_latency(
    input_: Annotated[
        str | None, typer.Option("--input", help="Audio input: its name or number, or `default`.")
    ] = None,
    audio_device: Annotated[str | None, typer.Option(help="Audio device: its name or number.")] = None,
    audio_rate: Annotated[
        int | None, typer.Option(help="Sample rate in hertz (default: the device's).")
    ] = None,
    latency_ms: Annotated[
        float | None, typer.Option(help="How far ahead of playback audio is mixed.")
    ] = None,
    save: Annotated[bool, typer.Option(help="Keep it in your settings, as `round_trip_ms`.")] = True,
    settings_file: SettingsFile = None,
) -> None:
    """Play noise from the output to the input, by a cable, and find how much later it comes back."""
    from bridge.cli.measure_latency import measure_round_trip
    from bridge.settings import default_settings_path, load_settings
    from bridge.stage.child_link import stream_settings
    from bridge.system.yaml_files import set_in_yaml

    flags = {
        "input": input_, "audio_device": audio_device, "audio_rate": audio_rate, "latency_ms": latency_ms,
    }  # fmt: skip
    settings = load_settings(settings_file, flags)
    asked = stream_settings(settings.model_copy(update={"input": settings.input or "default"}))
    found = measure_round_trip(asked)
    print(
        f"the input `{found.device}` is {found.frames} samples at {found.rate} Hz "
        f"({found.milliseconds:.3f} ms) later than the output; the drivers say {found.reported_ms:.3f} ms"
    )
    if save:
        path = settings_file or default_settings_path()
        set_in_yaml(path, "round_trip_ms", found.milliseconds, code="value")
        print(f"kept as `round_trip_ms` in {path}")


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
    from bridge.cli.bench_stage import bench_stage
    from bridge.settings import load_settings

    flags = {
        "audio_device": audio_device, "latency_ms": latency_ms, "model": model,
        "models_folder": models_folder, "device": device,
    }  # fmt: skip
    rows = bench_stage(load_settings(settings_file, flags), minutes, print)
    _print_table(_FIGURES, [(row.name, row.figure, row.meaning) for row in rows])


@bench_app.command()
def pool(
    jobs: Annotated[int, typer.Option(min=2, max=10_000, help="Jobs for each figure.")] = 20,
    seconds: Annotated[float, typer.Option(min=0.5, max=380, help="Length of each take in seconds.")] = 4.0,
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
    settings_file: SettingsFile = None,
) -> None:
    """Render jobs directly and by one and two renderers of a pool; print what a pool costs and brings."""
    from bridge.cli.pool.bench import bench_pool
    from bridge.settings import load_settings

    flags = {"model": model, "models_folder": models_folder, "device": device}
    rows = bench_pool(load_settings(settings_file, flags), jobs, seconds, print)
    _print_table(_FIGURES, [(row.name, row.figure, row.meaning) for row in rows])


@bench_app.command()
def growth(
    lengths: Annotated[str, typer.Option(help="Lengths in seconds with commas, the shortest first.")] = "",
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
    settings_file: SettingsFile = None,
) -> None:
    """Render takes of 95, 190 and 380 s; print how time and memory of each stage grow with the length."""
    from bridge.cli.bench_growth import bench_growth, growth_rows, read_lengths
    from bridge.settings import load_settings

    flags = {"model": model, "models_folder": models_folder, "device": device}
    asked = read_lengths(lengths)
    found = bench_growth(load_settings(settings_file, flags), asked, print)
    lengths_told = (f"{seconds:g} s" for seconds in asked)
    _print_table(("processor seconds", *lengths_told, "growth"), growth_rows(found))


@bench_app.command()
def message(
    turns: Annotated[int, typer.Option(min=1, max=1_000, help="Messages to the warm daemon.")] = 3,
    audio_device: Annotated[str | None, typer.Option(help="Audio device: its name or number.")] = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
    settings_file: SettingsFile = None,
) -> None:
    """Ask for one bar on a deck, cold and warm; print the time until it sounds, beside what bounds it."""
    from bridge.cli.bench_message import bench_message
    from bridge.settings import load_settings

    flags = {
        "audio_device": audio_device, "model": model, "models_folder": models_folder, "device": device,
    }  # fmt: skip
    rows = bench_message(load_settings(settings_file, flags), flags, turns, print)
    told = [(row.name, f"{row.cold:.3f}", f"{row.warm:.3f}", row.meaning) for row in rows]
    _print_table(("seconds", "cold", "warm", "meaning"), told)


def _print_table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
