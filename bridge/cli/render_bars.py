"""`msanii-bridge render` for saved endless bars: renders the chain that leads to them, in its own worker."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bridge.endless.kept_bars import find_past, pasts_folder, write_kept
from bridge.endless.turns import Turns
from bridge.library.bar_recipes import EndlessRecipe
from bridge.library.folders import LibraryFolders
from bridge.messages import BridgeError, ChildRestarted, Event
from bridge.messages.bars import BarDone, BarOrder, Maker
from bridge.render.engine import find_model, model_fingerprints
from bridge.render.local_engine import LocalEngine
from bridge.settings import Settings
from bridge.system.disk import make_folder
from bridge.system.supervisor import Supervisor
from bridge.worker.loop import WorkerSettings

_SESSION = "again"


def rerender_endless(recipe: EndlessRecipe, settings: Settings, say: Callable[[str], None]) -> Path:
    """Render the saved bars to a new file beside the takes; return its path.

    `say` is called with a sentence for each difference from the time they were saved, and each restart of
    the worker. Raises BridgeError `model` if the model is a different one, `source` if the recipe is
    incomplete or the past that it begins with is gone, or whatever stops the render.
    """
    if not recipe.is_whole:
        raise BridgeError(
            "source", "the model was changed while these bars were made, so no recipe leads to them"
        )
    folders = settings.model_folders
    _check_model(recipe, folders)
    library = LibraryFolders(settings.library, settings.drop_folder)
    make_folder(library.takes_folder)
    past = find_past(recipe, pasts_folder(library.folder))
    engine = LocalEngine(
        library,
        model=recipe.model_name,
        model_folders=folders,
        settings=WorkerSettings(settings.device, recipe.dtype, recipe.threads, recipe.layout),
    )
    with tempfile.TemporaryDirectory(prefix="msanii-again-") as folder:
        orders = [
            replace(order, sounds_folder=settings.sounds_folder)
            for order in _orders(recipe, find_model(recipe.model_name, folders), past, Path(folder))
        ]
        maker = asyncio.run(_made(engine, orders, say))
        _compare(recipe, maker, say)
        kept = [order.bar_path for order in orders if order.bar >= recipe.first_bar]
        return write_kept(library.takes_folder, kept, recipe.made_by(maker))


def _check_model(recipe: EndlessRecipe, folders: Sequence[Path]) -> None:
    found = model_fingerprints(recipe.model_name, folders)
    if recipe.model_fingerprint not in found:
        raise BridgeError(
            "model",
            f"the recipe needs the model `{recipe.model_name}`, fingerprint {recipe.model_fingerprint}; the "
            f"model of that name here has the fingerprint {found[0]}; install its own",
        )


def _orders(recipe: EndlessRecipe, model_folder: Path, past: Path | None, folder: Path) -> list[BarOrder]:
    """Return the orders for all bars of the chain, each continuing the previous one."""
    orders: list[BarOrder] = []
    turns = Turns(recipe.turn_bars) if recipe.turn_bars else None
    for bar in recipe.made:
        orders.append(
            BarOrder(
                session=_SESSION,
                bar=bar,
                request=recipe.request_of(bar),
                model_folder=model_folder,
                rate=recipe.rate,
                past=orders[-1].past_path if orders else past,
                bar_path=folder / f"bar_{bar}.npy",
                past_path=folder / f"past_{bar}.npz",
                urgent_at=0.0,
                notes=recipe.notes_of(bar),
                plays_freely=turns is None,
                fades=turns is not None and turns.ends_answer(bar),
            )
        )
    return orders


async def _made(engine: LocalEngine, orders: list[BarOrder], say: Callable[[str], None]) -> Maker:
    """Render the bars one after the other; return the model and machine that rendered them."""

    def restarted(event: Event) -> None:
        if isinstance(event, ChildRestarted):
            say(f"the {event.child} ended ({event.reason}) and is restarted")

    supervisor = Supervisor(restarted)
    await supervisor.watch(engine)
    try:
        done: list[BarDone] = [await engine.bars.render(order) for order in orders]
    finally:
        await supervisor.stop()
    return done[-1].maker


def _compare(recipe: EndlessRecipe, maker: Maker, say: Callable[[str], None]) -> None:
    for field in ("device", "dtype", "layout", "threads"):
        was, now = getattr(recipe, field), getattr(maker, field)
        if was != now:
            say(f"{field}: {was} then, {now} now: the last bits may differ")
