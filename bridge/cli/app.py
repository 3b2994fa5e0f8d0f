"""The `msanii-bridge` command line. Commands import their dependencies only when they run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli import listen as cli_listen
from bridge.cli import presets as cli_presets
from bridge.cli import stage as cli_stage
from bridge.cli import takes as cli_takes
from bridge.cli import verbs as cli_verbs
from bridge.cli.daw_scripts import command as cli_install
from bridge.cli.doctor import command as cli_doctor
from bridge.cli.installation import autostart as cli_autostart
from bridge.cli.installation import log as cli_log
from bridge.cli.installation import uninstall as cli_uninstall
from bridge.cli.installation import update as cli_update
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
    plain,
    read_settings,
    safe,
    serve_flags,
)
from bridge.cli.packing import command as cli_pack
from bridge.messages import BridgeError

app = typer.Typer(
    name="msanii-bridge",
    help="Render music on request over OSC: audio clips at your tempo, on your chords.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli_verbs.register(app)
cli_stage.register(app)
cli_takes.register(app)
cli_presets.register(app)
cli_listen.register(app)
cli_pack.register(app)
cli_autostart.register(app)
cli_doctor.register(app)
cli_log.register(app)
cli_update.register(app)
cli_uninstall.register(app)
cli_install.register(app)

_ANSWER_SECONDS = 2.0


@app.callback()
def without_command(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        from bridge.cli.overview import overview

        overview()


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors print one sentence and exit with status 1."""
    try:
        app(arguments)
    except BridgeError as error:
        message = "\n".join(map(safe, error.message.split("\n")))
        errors().print(f"[bold red]{message}[/]", soft_wrap=True, highlight=False)
        raise SystemExit(1) from None


@app.command()
def serve(
    settings_file: SettingsFile = None,
    port: Port = None,
    library: LibraryFolder = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    drop_folder: Annotated[
        Path | None, typer.Option(help="Folder to write takes to, instead of the library.")
    ] = None,
    drop_to: Annotated[
        str | None, typer.Option(help="Write takes to Live's User Library: its path, or `live` to find it.")
    ] = None,
    presets_folder: Annotated[Path | None, typer.Option(help="Folder of your own presets.")] = None,
    sounds_folder: Annotated[Path | None, typer.Option(help="Folder of the sounds that you taught.")] = None,
    device: Device = None,
    dtype: Annotated[str | None, typer.Option(help="Floating-point type: auto, float32 or bfloat16.")] = None,
    stream: Annotated[
        bool | None, typer.Option("--stream", help="Play live through an audio device.")
    ] = None,
    audio_device: Annotated[str | None, typer.Option(help="Audio device: its name or number.")] = None,
    audio_rate: Annotated[
        int | None, typer.Option(help="Sample rate in hertz (default: the device's).")
    ] = None,
    audio_channels: Annotated[int | None, typer.Option(help="Output channels to open.")] = None,
    input_: Annotated[
        str | None,
        typer.Option("--input", help="Audio input to catch bars from: its name or number, or `default`."),
    ] = None,
    latency_ms: Annotated[
        float | None, typer.Option(help="How far ahead of playback audio is mixed.")
    ] = None,
    decks: Annotated[int | None, typer.Option(help="Number of decks.")] = None,
    midi: Annotated[bool | None, typer.Option("--midi/--no-midi", help="Listen to MIDI controllers.")] = None,
    midi_api: Annotated[str | None, typer.Option(help="MIDI API, such as UNIX_JACK.")] = None,
    layout: Annotated[
        str | None, typer.Option(help="Memory layout: auto, contiguous or channels_last.")
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Measure again what this machine computes fastest with.")
    ] = False,
    threads: Annotated[int | None, typer.Option(help="CPU threads for rendering; 0 is automatic.")] = None,
    pool: Annotated[
        str | None, typer.Option(help="Render on many machines: local:N, ray://HOST:PORT or auto.")
    ] = None,
    http: Annotated[
        bool | None, typer.Option("--http/--no-http", help="Serve the page in the browser.")
    ] = None,
    http_port: Annotated[int | None, typer.Option(help="TCP port of the page.")] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    lan: Annotated[bool | None, typer.Option("--lan", help="Listen on the network; needs --allow.")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="IP address or network to accept.")] = None,
    notify: Annotated[
        list[str] | None, typer.Option(help="Surface that hears every event, such as 192.168.1.20:9000.")
    ] = None,
    folder: Annotated[
        list[Path] | None, typer.Option(help="Folder from which network clients may name sources.")
    ] = None,
) -> None:
    """Run the daemon until Ctrl-C."""
    from bridge.cli.installation.start import start
    from bridge.library.user_library import drop_folder as chosen_folder

    flags = {
        "port": port, "library": library, "model": model, "models_folder": models_folder, "device": device,
        "drop_folder": chosen_folder(drop_folder, drop_to), "presets_folder": presets_folder, "dtype": dtype,
        "sounds_folder": sounds_folder,
        "layout": layout, "threads": threads, "pool": pool, "http": http, "http_port": http_port, "lan": lan,
        "allow": allow or None,
        "notify": notify or None, "allowed_folders": folder or None,
        "stream": stream, "audio_device": audio_device, "audio_rate": audio_rate,
        "audio_channels": audio_channels, "latency_ms": latency_ms, "decks": decks,
        "input": input_, "midi": midi, "midi_api": midi_api,
    }  # fmt: skip
    start(settings_file, flags, opens_page=open_page, probes_again=probe)


@app.command(context_settings={"ignore_unknown_options": True})
def send(
    address: Annotated[str, typer.Argument(help="An OSC address, such as /msanii/generate.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Its arguments; numbers are sent as numbers.")
    ] = None,
    port: Port = None,
    host: Host = "127.0.0.1",
    settings_file: SettingsFile = None,
) -> None:
    """Send an OSC message and print the replies until it is done."""
    from bridge.cli.client import LOCAL_HOSTS, Client, parse_argument
    from bridge.cli.send import print_answers
    from bridge.cli.whole_paths import with_whole_paths

    words = arguments or []
    if host in LOCAL_HOSTS:
        words = with_whole_paths(address, words)
    with Client(port or read_settings(settings_file).port, host) as client:
        client.hello(_ANSWER_SECONDS)
        answers = client.ask(address, *(parse_argument(word) for word in words))
        has_failed = print_answers(answers, sys.stdout)
    if has_failed:
        raise typer.Exit(1)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Output folder.")] = Path("msanii-demo"),
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
) -> None:
    """Start a daemon, render four bars of Am F C G over OSC, edit a take, and list the files."""
    from bridge.cli.demo import run_demo

    run_demo(out, console(), *serve_flags(model=model, models_folder=models_folder, device=device))


@app.command()
def render(
    take: Annotated[
        Path, typer.Argument(help="A take's name, as `takes` lists it, or a path of a take or recipe.")
    ],
    port: Port = None,
    library: LibraryFolder = None,
    model: Model = None,
    models_folder: ModelsFolder = None,
    settings_file: SettingsFile = None,
) -> None:
    """Render a take again from its recipe, in the running daemon or a temporary one."""
    from bridge.cli.render import find_recipe, rerender
    from bridge.cli.render_bars import rerender_endless
    from bridge.library.bar_recipes import find_endless_recipe
    from bridge.library.recipes import read_recipe

    settings = read_settings(
        settings_file, port=port, library=library, model=model, models_folder=models_folder
    )
    recipe = find_recipe(take, settings)
    if (kept := find_endless_recipe(recipe)) is not None:
        print(rerender_endless(kept, settings, print))
        return
    for path in rerender(read_recipe(recipe), settings, console()):
        print(plain(str(path)))


@app.command("midi")
def midi_ports(
    api: Annotated[str, typer.Option("--midi-api", help="MIDI API, such as UNIX_JACK.")] = "",
    settings_file: SettingsFile = None,
) -> None:
    """List the MIDI ports of this machine, and the map for each."""
    from bridge.cli.midi import print_ports

    settings = read_settings(settings_file, midi_api=api or None)
    if not print_ports(settings, console()):
        raise typer.Exit(1)


@app.command()
def addresses(
    write: Annotated[
        Path | None, typer.Option(help="Update the table in this Markdown file instead.")
    ] = None,
    open_stage_control: Annotated[
        Path | None, typer.Option(help="Write a layout for Open Stage Control to this file instead.")
    ] = None,
) -> None:
    """Print every OSC address."""
    from bridge.addresses.table import help_text, readme_table

    if open_stage_control is not None:
        import json

        from bridge.addresses.open_stage_control import layout

        text = json.dumps(layout(), indent=1) + "\n"
        open_stage_control.write_text(text, encoding="utf-8", newline="\n")
    elif write is None:
        print(help_text())
    else:
        text = write.read_text(encoding="utf-8")
        write.write_text(with_table(text, readme_table()), encoding="utf-8", newline="\n")


_TABLE_BEGIN = "<!-- OSC table"
_TABLE_END = "<!-- end of OSC table -->"


def with_table(text: str, table: str) -> str:
    """Replace the part of `text` between the two table markers by `table`.

    Raises BridgeError if a marker is missing.
    """
    head, begin, rest = text.partition(_TABLE_BEGIN)
    opening, newline, body = rest.partition("\n")
    _, end, tail = body.partition(_TABLE_END)
    if not (begin and newline and end):
        raise BridgeError(
            "value", f"the file has no lines `{_TABLE_BEGIN} ... -->` and `{_TABLE_END}`; add them"
        )
    return f"{head}{begin}{opening}\n{table}\n{end}{tail}"
