"""The command `pack`: makes a sample pack from a recipe, in a daemon of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import (
    Device,
    Model,
    ModelsFolder,
    SettingsFile,
    console,
    errors,
    plain,
    read_settings,
)
from bridge.messages import BridgeError

if TYPE_CHECKING:
    from bridge.pack.lists.rights import Maker
    from bridge.pack.making import OnProgress, Progress
    from bridge.pack.planning.recipe import PackRecipe
    from bridge.settings import Settings

_INTERRUPTED = 130
_LINE_EVERY_SECONDS = 30.0


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(pack)


def pack(
    recipe: Annotated[str, typer.Argument(help="A recipe: its path, or the name of one that came along.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the pack, a new one or one to go on with.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the files; make none.")] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Go on with a recipe that was changed.")
    ] = False,
    ahead: Annotated[
        int, typer.Option(min=1, max=64, help="Renders to order at once; with many machines, two for each.")
    ] = 4,
    model: Model = None,
    models_folder: ModelsFolder = None,
    device: Device = None,
    settings_file: SettingsFile = None,
) -> None:
    """Make a sample pack from a recipe: loops, one-shots, their MIDI, a contact sheet and a rights report."""
    from bridge.cli.packing.daemon_renderer import own_renderer
    from bridge.pack.changes import accept, begin, changes, refusal
    from bridge.pack.journal import Journal
    from bridge.pack.lists.writing import CONTACT_SHEET, RIGHTS, TABLE, write_lists
    from bridge.pack.making import Making, left_of
    from bridge.pack.planning.estimate import check_room, clock, estimate
    from bridge.pack.planning.plan import plan
    from bridge.pack.planning.recipe import read_pack_recipe

    settings = read_settings(settings_file, model=model, models_folder=models_folder, device=device)
    asked = read_pack_recipe(_recipe_path(recipe))
    if model is not None:
        asked = asked.model_copy(update={"model": model})
    _check_names(asked, settings)
    items = plan(asked)
    if dry_run:
        for item in items:
            print(plain(f"{item.folder}/{item.stem}"))
        _say(f"{asked.name}: {estimate(items).sentence()}")
        return
    makers = _makers(asked, settings)
    folder = out.absolute()
    if not (folder / ".msanii-pack").is_dir():
        check_room(folder, estimate(items))
    with Journal(folder) as journal:
        if (found := changes(journal, asked, makers[0].fingerprint, items)) is not None:
            if not accept_changes:
                raise refusal(found)
            accept(journal, folder, asked, makers[0].fingerprint, items)
        begin(journal, asked, makers[0].fingerprint)
        left = estimate(left_of(folder, journal, items))
        _say(f"{asked.name}: {estimate(items).sentence()}")
        if left.items < len(items):
            _say(f"{len(items) - left.items} of {len(items)} are made already; the rest takes about "
                 f"{clock(left.render_seconds)}")  # fmt: skip
        check_room(folder, left)
        is_stopped = False
        try:
            if left.items:
                with (
                    own_renderer(journal.hidden, asked.model, settings) as renderer,
                    _progress() as on_progress,
                ):
                    Making(folder, asked, items, journal, renderer, on_progress, ahead).run()
        except KeyboardInterrupt:
            is_stopped = True
        except BridgeError:
            with suppress(BridgeError):  # what stopped it is the error to tell
                write_lists(folder, asked, makers, journal)
            raise
        write_lists(folder, asked, makers, journal)
        states = [outcome.state for outcome in journal.outcomes()]
    kept, rejected = states.count("kept"), states.count("rejected")
    _say(f"{kept} kept, {rejected} not; {folder / CONTACT_SHEET} shows and plays them, {TABLE} and {RIGHTS} "
         "lie beside it")  # fmt: skip
    if is_stopped:
        _say("stopped; the same command goes on from here")
        raise typer.Exit(_INTERRUPTED)
    if missing := len(items) - kept - rejected:
        _say(f"{missing} could not be rendered; the same command tries them again")
        raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """Show progress with the time left: a bar on a terminal, else a line now and then."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    is_terminal = sys.stderr.isatty()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[left]}"),
    )
    last_line = [time.monotonic()]
    with Bar(*columns, console=errors(), transient=True, disable=not is_terminal) as bar:
        task = bar.add_task("loading the model", total=1.0, left="")

        def show(now: Progress) -> None:
            words = _words(now)
            if now.said:
                bar.console.print(plain(now.said), soft_wrap=True, highlight=False, markup=False)
            bar.update(task, completed=now.fraction, description=words, left=_left(now))
            if not is_terminal and time.monotonic() - last_line[0] >= _LINE_EVERY_SECONDS:
                last_line[0] = time.monotonic()
                print(f"{words}{_left(now)}", file=sys.stderr)

        yield show


def _words(now: Progress) -> str:
    return f"{now.kept} kept, {now.rejected} not, of {now.items}"


def _left(now: Progress) -> str:
    from bridge.pack.planning.estimate import clock

    return "" if now.seconds_left is None else f", about {clock(now.seconds_left)} left"


def _recipe_path(text: str) -> Path:
    """Return the path of a recipe, or of one of that name that came along. Raises BridgeError `missing`."""
    from bridge.settings import factory_presets_folder

    path = Path(text).expanduser()
    if path.exists():
        return path
    shipped = factory_presets_folder() / "packs"
    named = shipped / f"{text}.yaml"
    if text.replace("_", "").isalnum() and named.is_file():
        return named
    names = ", ".join(sorted(each.stem for each in shipped.glob("*.yaml")))
    raise BridgeError("missing", f"recipe `{text}`: there is no such file; give a path, or one of {names}")


def _check_names(recipe: PackRecipe, settings: Settings) -> None:
    from bridge.pack.planning.known_names import check_known
    from bridge.render.engine import find_model, sounds_and_parts, styles

    find_model(recipe.model, settings.model_folders)
    sounds, parts = sounds_and_parts(recipe.model, settings.model_folders, settings.sounds_folder)
    meter = recipe.loops.meter if recipe.loops else "4/4"
    numerator, denominator = map(int, meter.split("/"))
    check_known(
        recipe,
        sounds=sounds.split(",") if sounds else (),
        parts=parts.split(",") if parts else (),
        styles=styles(numerator, denominator, settings.grooves_folder),
    )


def _makers(recipe: PackRecipe, settings: Settings) -> list[Maker]:
    from bridge.pack.lists.rights import makers_of

    return makers_of(recipe.model, settings.model_folders)


def _say(line: str) -> None:
    console().print(plain(line), soft_wrap=True, highlight=False, markup=False)
