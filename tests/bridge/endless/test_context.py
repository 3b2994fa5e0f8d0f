"""Endless mode through the daemon with a model that sees context: one pass a bar, and every bar again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Client
from bridge.endless.kept_bars import write_kept
from bridge.library.bar_recipes import EndlessRecipe, find_endless_recipe
from bridge.messages.bars import BarOrder
from bridge.worker.loop import WorkerSettings
from bridge.worker.process import PipelineRenderer
from tests.conftest import ROOT

pytestmark = [pytest.mark.calm, pytest.mark.timeout(120)]


def test_changes_come_with_the_bar_that_is_named_in_one_pass_and_the_kept_bars_come_again(
    make_daemon: Any, tiny_context_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = make_daemon(models=tiny_context_model.parent, flags=["--stream"]).start()
    client = daemon.client()
    client.send("/msanii/notify", 1)
    client.send("/msanii/transport/tempo", 240)
    client.send(
        "/msanii/endless/start", 1, "chords", "Am F", "steps", 2, "iterations", 1, "ahead", 2, "seed", 4,
        "guidance", 2.0,
    )  # fmt: skip
    client.wait_for("/msanii/endless/event/bar")
    client.send("/msanii/endless/set", "chords", "C G")
    _, chords_bar = client.wait_for("/msanii/endless/set.reply").arguments
    _rendered(client, int(str(chords_bar)))
    client.send("/msanii/param/guidance", 3.0)
    _, knob_bar = client.wait_for("/msanii/endless/set.reply").arguments
    assert isinstance(chords_bar, int)
    assert isinstance(knob_bar, int)
    assert 1 <= chords_bar < knob_bar
    _plays(client, knob_bar)
    client.send("/msanii/endless/keep", 1, knob_bar)
    _, path, first, bars, has_recipe = client.wait_for("/msanii/endless/keep.reply").arguments
    assert has_recipe == 1
    daemon.stop()

    recipe = find_endless_recipe(Path(str(path)))
    assert recipe is not None
    assert (recipe.first_bar, recipe.bars) == (first, bars)
    told = [(one.bar, one.request.chords, one.request.guidance) for one in recipe.changes]
    assert told == [(0, "Am F", 2.0), (chords_bar, "C G", 2.0), (knob_bar, "C G", 3.0)]

    # Made here, where RePaint is out of order, they are the same samples.
    def repaint(*_: object) -> None:
        raise AssertionError("a model with context needs no RePaint")

    monkeypatch.setattr("msanii.rendering.continuation.infill", repaint)
    kept = _samples(Path(str(path)))
    assert np.array_equal(kept, _samples(_made_here(recipe, tiny_context_model, tmp_path)))
    again = subprocess.run(
        [
            *(sys.executable, "-m", "bridge", "render", str(path)),
            *("--library", str(daemon.library), "--models-folder", str(tiny_context_model.parent)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    assert np.array_equal(kept, _samples(Path(again.stdout.splitlines()[-1])))


def _rendered(client: Client, bar: int) -> None:
    while client.wait_for("/msanii/endless/event/bar").arguments[1] != bar:
        pass


def _plays(client: Client, bar: int) -> None:
    while True:
        client.send("/msanii/endless/status")
        playing = client.wait_for("/msanii/endless/status.reply").arguments[1]
        if isinstance(playing, int) and playing >= bar:
            return
        client.receive(0.2)


def _made_here(recipe: EndlessRecipe, model: Path, folder: Path) -> Path:
    """The recipe's bars by a renderer of this process, as a file."""
    renderer = PipelineRenderer(WorkerSettings(device="cpu", threads=1))
    past: Path | None = None
    assert recipe.made[0] == 0
    for bar in recipe.made:
        order = BarOrder(
            session="here", bar=bar, request=recipe.request_of(bar), model_folder=model, rate=recipe.rate,
            past=past, bar_path=folder / f"{bar}.npy", past_path=folder / f"{bar}.npz", urgent_at=0.0,
            notes=recipe.notes_of(bar),
        )  # fmt: skip
        renderer.render_bar(order)
        past = order.past_path
    paths = [folder / f"{bar}.npy" for bar in recipe.made if bar >= recipe.first_bar]
    return write_kept(folder, paths, recipe)


def _samples(path: Path) -> Any:
    return soundfile.read(path, dtype="int32")[0]
