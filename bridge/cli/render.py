"""`msanii-bridge render RECIPE`: renders a recipe's batch again, in the running daemon or a temporary one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.client import Client
from bridge.cli.options import plain, safe, serve_flags
from bridge.cli.own_daemon import launched, wait_for_model
from bridge.library.folders import LibraryFolders
from bridge.library.recipes import Recipe, read_recipe
from bridge.messages import Argument, BridgeError, RenderRequest, SourceAudio
from bridge.messages.requests import keeps_bars
from bridge.parameters import NEW_MUSIC, PARAMETERS, for_verb
from bridge.render.engine import model_fingerprints
from bridge.requests.lending import FEEL
from bridge.requests.notes import write_notes
from bridge.system.disk import make_folder
from msanii.music.taught.asked import with_pins

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.settings import Settings

_HELLO_SECONDS = 0.5


def find_recipe(take: Path, settings: Settings) -> Path:
    """Return the path of a recipe or take, given by its path or by its name in the library.

    Raises BridgeError `missing` if there is no such file.
    """
    found = take if take.exists() else LibraryFolders(settings.library, settings.drop_folder).find(str(take))
    if found is None:
        places = f"neither a file nor a take in `{settings.drop_folder or settings.library}`"
        raise BridgeError("missing", f"take `{take}`: {places}; `msanii-bridge takes` lists the takes")
    return found


def rerender(recipe: Recipe, settings: Settings, console: Console) -> list[Path]:
    """Render the recipe's batch; return the new takes, the recipe's own variation first.

    Raises BridgeError if the model is a different one, or the render fails.
    """
    with daemon_for(settings) as client:
        request = recipe.request_with_notes()
        known = _check_model(recipe, settings, client)
        is_edit = keeps_bars(recipe.request)
        arguments = (
            edit_arguments(recipe.request)
            if is_edit
            else request_arguments(recipe, _preset(recipe.request.preset, client, console))
        )
        if request.notes:
            # The notes are only in the recipe: pass them to the daemon as a file in the exchange folder.
            make_folder(settings.exchange_folder)
            beats = _beats(request) if is_edit else None
            written = write_notes(settings.exchange_folder, request.notes, request.note_parts, beats)
            arguments += ["notes", str(written)]
            # They are counted from bar 1 already, whatever the session says.
            arguments += [] if is_edit else ["notes_from_beats", 0.0]
        takes: dict[int, Path] = {}
        for answer in client.ask(f"/msanii/{'edit' if is_edit else recipe.request.verb}", *arguments):
            match answer.address, answer.arguments:
                case "/msanii/take", (_, int(index), str(path), *_):
                    takes[index] = Path(path)
                case "/msanii/fail", (_, str(code), str(sentence)):
                    raise BridgeError(code, sentence)
    again = takes.pop(recipe.index)
    _compare(recipe, read_recipe(again), known, console)
    return [again, *takes.values()]


def _beats(request: RenderRequest) -> float:
    """The length of a request's music in quarter notes."""
    if request.bars is None:
        return request.timeline.quarters_at(request.seconds)
    return request.bars * float(request.meter.bar_beats)


def edit_arguments(request: RenderRequest) -> list[Argument]:
    """Return the edit of a take of which bars were kept, but for its notes, as arguments of an OSC message.

    The take is named by the hash of the library's copy, whose recipe has all other values.
    """
    if request.source is None:
        raise BridgeError("source", "recipe: its source is missing; it was changed after it was made")
    arguments: list[Argument] = [request.source.sha256, "renew", request.renew_bars]
    for name in ("chords", "seed", "count", "candidates", "keep", "batch", "style", *FEEL, "name_template"):
        value = getattr(request, name)
        arguments += [] if value in (None, "") else [name, value]
    return arguments


def request_arguments(recipe: Recipe, preset: str) -> list[Argument]:
    """Return the complete request as `key value` pairs of an OSC message, with sources by hash.

    They include every parameter of the verb but those of notes, so that the daemon's session and presets add
    none.
    A tempo that nobody knows is left out too, so that the new take's name does not claim it.
    """
    request = recipe.request_with_notes()
    # New music after a source of unknown tempo is as long as its bars are at `bpm`.
    needs_bpm = request.knows_tempo or request.verb in NEW_MUSIC
    left_out = {"notes", "notes_from_beats"} | (set() if needs_bpm else {"bpm"})
    # Inpainting keeps the source's length, so the region ends by default where the take ends. Subtract a
    # little: at another rate the source may be half a sample shorter, and the region must not exceed it.
    given = {"preset": preset, "keep": 0, "from_seconds": 0.0, "to_seconds": recipe.seconds - 1e-9}
    arguments: list[Argument] = []
    for parameter in for_verb(request.verb):
        value = getattr(request, parameter.name)
        if parameter.name in left_out:
            continue
        if value is None or parameter.name == "preset":
            value = given.get(parameter.name)
        if parameter.name == "sound":
            value = with_pins(request.sound, request.taught)
        # Bars and seconds exclude each other; a region is given by its ends.
        is_redundant = request.bars is not None or request.verb == "inpaint"
        if value is None or (parameter.name == "seconds" and is_redundant):
            continue
        arguments += [parameter.name, value.sha256 if isinstance(value, SourceAudio) else value]
    return arguments


@contextmanager
def daemon_for(settings: Settings) -> Iterator[Client]:
    """Yield a client of the daemon at the settings' port; if none is running, of a temporary daemon."""
    with Client(settings.port) as client:
        try:
            client.hello(_HELLO_SECONDS)
        except BridgeError:
            pass
        else:
            yield client
            return
    flags = serve_flags(
        library=settings.library,
        model=settings.model,
        models_folder=settings.models_folder,
        drop_folder=settings.drop_folder,
        presets_folder=settings.presets_folder,
        sounds_folder=settings.sounds_folder,
    )
    with launched(*flags) as daemon:
        yield daemon.client


def _check_model(recipe: Recipe, settings: Settings, client: Client) -> tuple[str, ...]:
    """Check the recipe's fingerprint against the model that it names, which need not be the resident one.

    Returns all fingerprints by which recipes may refer to that model.
    """
    name, wanted = recipe.request.model, recipe.model_fingerprint
    try:
        found = model_fingerprints(name, settings.model_folders)
        problem = f"the model of that name here has the fingerprint {found[0]}"
    except BridgeError as error:
        found, problem = (), error.message
    # The daemon may have been started with another models folder.
    if wanted not in (*found, _resident_fingerprint(name, client)):
        raise BridgeError(
            "model", f"the recipe needs the model `{name}`, fingerprint {wanted}; {problem}; install its own"
        )
    return found


def _resident_fingerprint(name: str, client: Client) -> str:
    """Return the fingerprint of the daemon's resident model if it has this name, else ""."""
    with suppress(BridgeError):
        status = wait_for_model(client)
        return str(status["fingerprint"]) if status["model"] == name else ""
    return ""


def _preset(name: str, client: Client, console: Console) -> str:
    """Return the recipe's preset, or the default one if it is gone: the recipe has all values anyway.

    A request that names none would use the session's preset, which may be gone too.
    """
    listed = [
        answer.arguments
        for answer in client.ask("/msanii/preset/list")
        if answer.address == "/msanii/preset/list.reply"
    ]
    if any(name in names for names in listed):
        return name
    usual = str(PARAMETERS["preset"].default)
    console.print(
        plain(f"preset: there is no {name} any more; {usual} takes its place, with the recipe's own values"),
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    return usual


def _compare(recipe: Recipe, again: Recipe, known: tuple[str, ...], console: Console) -> None:
    """Report differences between then and now. Raises BridgeError `model` for a different model.

    Another device, number format or thread count may only change the last bits. All fingerprints in `known`
    are of the same model.
    """
    both = {again.model_fingerprint, recipe.model_fingerprint}
    if len(both) > 1 and not both <= set(known):
        raise BridgeError(
            "model",
            f"the recipe needs the model `{recipe.model_name}`, fingerprint {recipe.model_fingerprint}; "
            f"the daemon rendered with `{again.model_name}`, fingerprint {again.model_fingerprint}",
        )
    for field in ("device", "dtype", "layout", "threads", "processor"):
        was, now = getattr(recipe, field), getattr(again, field)
        if was and was != now:
            line = f"{field}: {was} then, {now} now: the last bits may differ"
            console.print(safe(line), highlight=False)
