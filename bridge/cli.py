"""The `msanii-bridge` command. Each command imports what it needs when it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.messages import BridgeError

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.settings import Settings
    from bridge.takes import Library

app = typer.Typer(
    name="msanii-bridge",
    help="Ask for music over OSC; get audio clips in tempo, on your chords.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
takes_app = typer.Typer(help="List, star and prune the takes of the library.", invoke_without_command=True)
app.add_typer(takes_app, name="takes")

_ANSWER_SECONDS = 2.0

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file in YAML.")]
Port = Annotated[int | None, typer.Option(help="The daemon's UDP port.")]
Host = Annotated[str, typer.Option(help="The machine where the daemon runs.")]
LibraryFolder = Annotated[Path | None, typer.Option("--library", help="Where takes are written.")]
Model = Annotated[str | None, typer.Option(help="The name of the model.")]
ModelsFolder = Annotated[Path | None, typer.Option(help="Where further models lie, one folder each.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a failure is one sentence and exit status 1."""
    try:
        app(arguments)
    except BridgeError as error:
        _errors().print(f"[bold red]{_safe(error.message)}[/]", soft_wrap=True, highlight=False)
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
    presets_folder: Annotated[Path | None, typer.Option(help="Where presets of your own are saved.")] = None,
    device: Device = None,
    dtype: Annotated[str | None, typer.Option(help="auto, float32 or bfloat16.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads of the render worker; 0 chooses.")] = None,
    lan: Annotated[bool | None, typer.Option("--lan", help="Hear the network too; needs --allow.")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="An IP address or network that may ask.")] = None,
    folder: Annotated[
        list[Path] | None, typer.Option(help="A folder whose files the network may name.")
    ] = None,
) -> None:
    """Run the daemon until Ctrl-C."""
    import logging

    from bridge.daemon import Daemon, version
    from bridge.daemon import serve as run

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    flags = {
        "port": port, "library": library, "model": model, "models_folder": models_folder, "device": device,
        "drop_folder": drop_folder, "presets_folder": presets_folder, "dtype": dtype, "threads": threads,
        "lan": lan, "allow": allow or None, "allowed_folders": folder or None,
    }  # fmt: skip
    settings = _settings(settings_file, **flags)

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
    from bridge.client import Client, parse_argument

    with Client(port or _settings(settings_file).port, host) as client:
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
    from bridge.demo import run_demo

    run_demo(out, _console(), *_flags(model=model, models_folder=models_folder, device=device))


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
    from bridge.recipes import read_recipe
    from bridge.rerender import rerender

    settings = _settings(settings_file, port=port, library=library, model=model, models_folder=models_folder)
    for path in rerender(read_recipe(recipe), settings, _console()):
        print(path)


@app.command()
def presets(settings_file: SettingsFile = None) -> None:
    """List the presets and what they change."""
    from rich.table import Table

    from bridge.presets import Presets
    from bridge.settings import factory_presets_folder

    known = Presets(factory_presets_folder(), _settings(settings_file).presets_folder)
    table = Table("preset", "from", "what it is", "what it sets", box=None)
    for name in known.names():
        preset = known.get(name)
        values = ", ".join(f"{key} {value}" for key, value in preset.values.items())
        table.add_row(
            name, "factory" if preset.is_factory else "yours", _safe(preset.description), _safe(values)
        )
    _console().print(table)


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
    from bridge.doctor import examine, print_checks, print_rows, write_rows
    from bridge.measure import measure as time_daemon

    settings = _settings(settings_file, port=port, library=library, model=model, models_folder=models_folder)
    flags = _flags(model=settings.model, models_folder=settings.models_folder, device=device)
    works = print_checks(examine(settings.library, settings.port, flags), _console())
    if measure:
        rows = time_daemon(*flags)
        print_rows(rows, _console())
        if json_file is not None:
            write_rows(rows, json_file)
    if not works:
        raise typer.Exit(1)


@app.command()
def addresses(
    write: Annotated[Path | None, typer.Option(help="Renew the table in this Markdown file instead.")] = None,
) -> None:
    """Print every OSC address."""
    from bridge.addresses import help_text, readme_table

    if write is None:
        print(help_text())
        return
    text = write.read_text(encoding="utf-8")
    write.write_text(with_table(text, readme_table()), encoding="utf-8", newline="\n")


@takes_app.callback()
def takes(context: typer.Context, library: LibraryFolder = None, settings_file: SettingsFile = None) -> None:
    """List the takes, oldest first."""
    context.obj = _settings(settings_file, library=library)
    if context.invoked_subcommand is None:
        from rich.table import Table

        table = Table("", "take", "length", "bpm", "size", "made (UTC)", box=None)
        with _library(context.obj) as shelf:
            for take in shelf.takes():
                star, size = "*" if take.starred else "", f"{take.bytes / 1e6:.1f} MB"
                length, made = f"{take.seconds:.2f} s", take.created[:16].replace("T", " ")
                table.add_row(star, _safe(take.name), length, f"{take.bpm:g}", size, made)
        _console().print(table)


@takes_app.command()
def star(
    context: typer.Context,
    take: Annotated[str, typer.Argument(help="The take's file name or path.")],
    off: Annotated[bool, typer.Option("--off", help="Take the star away.")] = False,
) -> None:
    """Mark a take as one to keep."""
    with _library(context.obj) as shelf:
        shelf.star(take, not off)


@takes_app.command()
def prune(context: typer.Context) -> None:
    """Move every take without a star to the trash, after asking."""
    with _library(context.obj) as shelf:
        candidates = shelf.prune_candidates()
        megabytes = sum(take.bytes for take in candidates) / 1e6
        if not candidates:
            print("there is no take without a star")
            return
        typer.confirm(
            f"move {len(candidates)} takes without a star ({megabytes:.1f} MB) to the trash?", abort=True
        )
        print(f"{len(shelf.prune(candidates))} takes moved to the trash")


# --- helpers --------------------------------------------------------------------------------------------

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


def _settings(path: Path | None, **flags: object) -> Settings:
    from bridge.settings import load_settings

    return load_settings(path, flags)


def _flags(**values: object) -> list[str]:
    """Flags for a `serve` of our own, for those values that were given."""
    given: Mapping[str, object] = {name: value for name, value in values.items() if value is not None}
    return [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", str(value))]


@contextmanager
def _library(settings: Settings) -> Iterator[Library]:
    from bridge.takes import Library

    shelf = Library(settings.library, drop_folder=settings.drop_folder, exclusive=False)
    try:
        yield shelf
    finally:
        shelf.close()


def _safe(text: str) -> str:
    """Text that rich prints as it is."""
    from rich.markup import escape

    return escape(text)


def _console() -> Console:
    from rich.console import Console

    return Console()


def _errors() -> Console:
    from rich.console import Console

    return Console(file=sys.stderr)
