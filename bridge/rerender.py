"""`msanii-bridge render RECIPE`: the whole batch again, by the daemon that runs or one of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.client import Client
from bridge.launch import DaemonStatus, launched, wait_for_model
from bridge.messages import Argument, BridgeError, RenderRequest, SourceAudio
from bridge.parameters import for_verb
from bridge.recipes import Recipe

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.settings import Settings

_HELLO_SECONDS = 0.5


def rerender(recipe: Recipe, settings: Settings, console: Console) -> list[Path]:
    """The new take of the recipe's variation, first, and those of its batch.

    Raises BridgeError when the model is another one, or the render fails.
    """
    with _daemon(settings) as client:
        _same_model(recipe, wait_for_model(client), console)
        takes: dict[int, Path] = {}
        for answer in client.ask(f"/msanii/{recipe.request.verb}", *request_arguments(recipe.request)):
            match answer.address, answer.arguments:
                case "/msanii/take", (_, int(index), str(path), *_):
                    takes[index] = Path(path)
                case "/msanii/fail", (_, str(code), str(sentence)):
                    raise BridgeError(code, sentence)
    return [takes.pop(recipe.index), *takes.values()]


def request_arguments(request: RenderRequest) -> list[Argument]:
    """The complete request as the `key value` pairs of an OSC message; sources go by their hash."""
    arguments: list[Argument] = []
    for parameter in for_verb(request.verb):
        value = getattr(request, parameter.name)
        # A length in bars was turned into seconds; to say both would be a contradiction.
        if value is None or (parameter.name == "seconds" and request.bars is not None):
            continue
        arguments += [parameter.name, value.sha256 if isinstance(value, SourceAudio) else value]
    return arguments


@contextmanager
def _daemon(settings: Settings) -> Iterator[Client]:
    """A client of the daemon that runs at the settings' port; without one, of a daemon of our own."""
    with Client(settings.port) as client:
        try:
            client.hello(_HELLO_SECONDS)
        except BridgeError:
            pass
        else:
            yield client
            return
    flags = {
        "--model": settings.model,
        "--models-folder": settings.models_folder,
        "--drop-folder": settings.drop_folder,
    }
    given = [word for name, value in flags.items() if value is not None for word in (name, str(value))]
    with launched("--library", str(settings.library), *given) as daemon:
        yield daemon.client


def _same_model(recipe: Recipe, status: DaemonStatus, console: Console) -> None:
    """Another machine or count of threads may change the last bits; another model changes everything."""
    if status["fingerprint"] != recipe.model_fingerprint:
        raise BridgeError(
            "model",
            f"the recipe needs the model `{recipe.model_name}`, fingerprint {recipe.model_fingerprint}; "
            f"the daemon has `{status['model']}`, fingerprint {status['fingerprint']}; install its own",
        )
    for field in ("device", "dtype", "threads"):
        was, now = getattr(recipe, field), status[field]
        if was != now:
            console.print(f"{field}: {was} then, {now} now: the last bits may differ", highlight=False)
