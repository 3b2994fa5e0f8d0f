"""The `msanii-bridge` command. Each command imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli import stage as cli_stage
from bridge.cli import takes as cli_takes
from bridge.cli.options import (
    Device,
    Host,
    LibraryFolder,
    Model,
    ModelsFolder,
    Port,
    SettingsFile,
    console,
    errors,
    read_settings,
    safe,
    serve_flags,
)
from bridge.messages import BridgeError

app = typer.Typer(
    name="msanii-bridge",
    help="Ask for music over OSC; get audio clips in tempo, on your chords.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli_stage.register(app)
cli_takes.register(app)

_ANSWER_SECONDS = 2.0


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a failure is one sentence and exit status 1."""
    try:
        app(arguments)
    except BridgeError as error:
        errors().print(f"[bold red]{safe(error.message)}[/]", soft_wrap=True, highlight=False)
        raise SystemExit(1) from None


@app.command()
def serve(
    settings_file: SettingsFile = None,
    port: Port = None,
    library: LibraryFolder = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    drop_folder: Annotated[
        Path | None, typer.Option(help="Write takes here instead of into the library.")
    ] = None,
    drop_to: Annotated[
        str | None, typer.Option(help="Write takes into Live's User Library: its path, or `live`.")
    ] = None,
    presets_folder: Annotated[Path | None, typer.Option(help="Where presets of your own are saved.")] = None,
    device: Device = None,
    dtype: Annotated[str | None, typer.Option(help="auto, float32 or bfloat16.")] = None,
    stream: Annotated[
        bool | None, typer.Option("--stream", help="Play on stage, through an audio device.")
    ] = None,
    audio_device: Annotated[str | None, typer.Option(help="What to play through: a name or number.")] = None,
    audio_rate: Annotated[int | None, typer.Option(help="Its rate in hertz; left out, its own.")] = None,
    audio_channels: Annotated[int | None, typer.Option(help="How many channels to open.")] = None,
    latency_ms: Annotated[float | None, typer.Option(help="How far ahead of the device is mixed.")] = None,
    decks: Annotated[int | None, typer.Option(help="How many decks the stage has.")] = None,
    midi: Annotated[bool | None, typer.Option("--midi/--no-midi", help="Hear MIDI controllers.")] = None,
    midi_api: Annotated[str | None, typer.Option(help="Which MIDI system, as UNIX_JACK.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads of the render worker; 0 chooses.")] = None,
    lan: Annotated[bool | None, typer.Option("--lan", help="Hear the network too; needs --allow.")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="An IP address or network that may ask.")] = None,
    folder: Annotated[
        list[Path] | None, typer.Option(help="A folder whose files the network may name.")
    ] = None,
) -> None:
    """Run the daemon until Ctrl-C."""
    import logging

    from bridge.cli.serve import serve as run
    from bridge.daemon import Daemon
    from bridge.library.user_library import drop_folder as chosen_folder
    from bridge.render.status import version

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    flags = {
        "port": port, "library": library, "model": model, "models_folder": models_folder, "device": device,
        "drop_folder": chosen_folder(drop_folder, drop_to), "presets_folder": presets_folder, "dtype": dtype,
        "threads": threads, "lan": lan, "allow": allow or None, "allowed_folders": folder or None,
        "stream": stream, "audio_device": audio_device, "audio_rate": audio_rate,
        "audio_channels": audio_channels, "latency_ms": latency_ms, "decks": decks,
        "midi": midi, "midi_api": midi_api,
    }  # fmt: skip
    settings = read_settings(settings_file, **flags)

    def ready(daemon: Daemon) -> None:
        # Programs that start a daemon read this line.
        print(f"msanii-bridge {version()} listens on {settings.host}:{daemon.port}", flush=True)
        print(f"takes go to {settings.drop_folder or settings.library}", flush=True)

    run(settings, ready)


@app.command(context_settings={"ignore_unknown_options": True})
def send(
    address: Annotated[str, typer.Argument(help="An OSC address, as /msanii/generate.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Its arguments; numbers are sent as numbers.")
    ] = None,
    port: Port = None,
    host: Host = "127.0.0.1",
    settings_file: SettingsFile = None,
) -> None:
    """Send one OSC message, and print the replies until done."""
    from bridge.cli.client import Client, parse_argument

    with Client(port or read_settings(settings_file).port, host) as client:
        client.hello(_ANSWER_SECONDS)
        failed = False
        for answer in client.ask(address, *(parse_argument(word) for word in arguments or [])):
            print(" ".join([answer.address, *(str(argument) for argument in answer.arguments)]), flush=True)
            failed = failed or answer.address == "/msanii/fail"
    if failed:
        raise typer.Exit(1)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the files go.")] = Path("msanii-demo"),
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
) -> None:
    """Start a daemon, ask it over UDP for four bars of Am F C G, show what came."""
    from bridge.cli.demo import run_demo

    run_demo(out, console(), *serve_flags(model=model, models_folder=models_folder, device=device))


@app.command()
def render(
    recipe: Annotated[Path, typer.Argument(help="A take's .json file, or the take itself.")],
    port: Port = None,
    library: LibraryFolder = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    settings_file: SettingsFile = None,
) -> None:
    """Render a take again from its recipe, with the daemon that runs or one of our own."""
    from bridge.cli.render import rerender
    from bridge.cli.render_bars import rerender_endless
    from bridge.library.bar_recipes import find_endless_recipe
    from bridge.library.recipes import read_recipe

    settings = read_settings(
        settings_file, port=port, library=library, model=model, models_folder=models_folder
    )
    if (kept := find_endless_recipe(recipe)) is not None:
        print(rerender_endless(kept, settings, print))
        return
    for path in rerender(read_recipe(recipe), settings, console()):
        print(path)


@app.command()
def presets(settings_file: SettingsFile = None) -> None:
    """List the presets and what they change."""
    from rich.table import Table

    from bridge.requests.presets import Presets
    from bridge.settings import factory_presets_folder

    known = Presets(factory_presets_folder(), read_settings(settings_file).presets_folder)
    table = Table("preset", "from", "what it is", "what it sets", box=None)
    for name in known.names():
        preset = known.get(name)
        values = ", ".join(f"{key} {value}" for key, value in preset.values.items())
        table.add_row(
            name, "factory" if preset.is_factory else "yours", safe(preset.description), safe(values)
        )
    console().print(table)


@app.command("midi")
def midi_ports(
    api: Annotated[str, typer.Option("--midi-api", help="Which MIDI system, as UNIX_JACK.")] = "",
    settings_file: SettingsFile = None,
) -> None:
    """List the MIDI ports of this machine, and the map that answers for each."""
    from bridge.cli.midi import print_ports

    settings = read_settings(settings_file, midi_api=api or None)
    if not print_ports(settings, console()):
        raise typer.Exit(1)


@app.command("install-device")
def install_device(
    to: Annotated[Path | None, typer.Option(help="Live's User Library; left out, it is looked for.")] = None,
) -> None:
    """Copy the Max for Live device into Live's User Library."""
    from bridge.cli.install_device import install_device as install

    for sentence in install(to):
        print(sentence)
    print("in Live's browser: User Library > Presets > Audio Effects > Max Audio Effect > Msanii")


@app.command()
def doctor(
    measure: Annotated[bool, typer.Option("--measure", help="Also time the daemon and a render.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    port: Port = None,
    library: LibraryFolder = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
    settings_file: SettingsFile = None,
) -> None:
    """Say what works on this machine, what does not, and the remedy."""
    from bridge.cli.doctor import examine, print_checks, print_rows, write_rows
    from bridge.cli.measure import measure as time_daemon

    settings = read_settings(
        settings_file, port=port, library=library, model=model, models_folder=models_folder
    )
    flags = serve_flags(model=settings.model, models_folder=settings.models_folder, device=device)
    works = print_checks(examine(settings.library, settings.port, flags), console())
    if measure:
        rows = time_daemon(*flags)
        print_rows(rows, console())
        if json_file is not None:
            write_rows(rows, json_file)
    if not works:
        raise typer.Exit(1)


@app.command()
def addresses(
    write: Annotated[Path | None, typer.Option(help="Renew the table in this Markdown file instead.")] = None,
) -> None:
    """Print every OSC address."""
    from bridge.addresses.table import help_text, readme_table

    if write is None:
        print(help_text())
        return
    text = write.read_text(encoding="utf-8")
    write.write_text(with_table(text, readme_table()), encoding="utf-8", newline="\n")


_TABLE_BEGIN = "<!-- OSC table"
_TABLE_END = "<!-- end of OSC table -->"


def with_table(text: str, table: str) -> str:
    """`text` with the part between its two markers replaced by `table`.

    Raises BridgeError when a marker is missing.
    """
    head, begin, rest = text.partition(_TABLE_BEGIN)
    opening, newline, body = rest.partition("\n")
    _, end, tail = body.partition(_TABLE_END)
    if not (begin and newline and end):
        raise BridgeError(
            "value", f"the file has no lines `{_TABLE_BEGIN} ... -->` and `{_TABLE_END}`; add them"
        )
    return f"{head}{begin}{opening}\n{table}\n{end}{tail}"
