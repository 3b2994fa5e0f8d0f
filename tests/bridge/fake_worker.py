"""A worker process without a model: the real pipe, loop and files, and every way to go wrong.

What it does is in the request's preset: `plain`, `slow`, `deaf` (hears no cancel), `crash`, `crash once`,
`error`, `surprise`, `memory` or `stuck`.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from bridge.library.loop_marks import LoopMarks
from bridge.messages import BridgeError, Progress, TakeReady
from bridge.messages.bars import BarDone, BarOrder, Maker
from bridge.outputs.drop import write_take
from bridge.system.disk import PART_SUFFIX
from bridge.worker.loop import Emit, ModelReady, Order, StopIfCancelled, WorkerSettings, WorkerUp, serve
from msanii.config import DEFAULT_CONTROLS, ModelConfig, UNetConfig
from msanii.music.sounds import FIRST_SOUNDS
from tests.bridge.render_requests import make_recipe

STEP_SECONDS = 0.01
LONG_STEPS = 200


class FakeRenderer:
    """Renders 0.1 s of a constant for each take."""

    def load(self, model_folder: Path) -> ModelReady:
        return ModelReady(model_folder.name, "f" * 64, "cpu", "float32", 1)

    def render(self, order: Order, emit: Emit, stop_if_cancelled: StopIfCancelled) -> None:
        preset = order.request.preset
        crashed_before = order.paths[0].with_suffix(".crashed")
        for step in range(LONG_STEPS if preset in ("slow", "deaf") else 3):
            time.sleep(STEP_SECONDS)
            if preset != "deaf":
                stop_if_cancelled()
            emit(Progress(order.job_id, (step + 1) / LONG_STEPS))
        if preset == "crash" or (preset == "crash once" and not crashed_before.exists()):
            crashed_before.touch()
            for half in (f".{order.paths[0].name}.half{PART_SUFFIX}", f"{order.paths[0].stem}.json"):
                order.paths[0].with_name(half).write_bytes(b"half a file")
            os._exit(9)
        if preset == "stuck":
            time.sleep(600)
        if preset == "error":
            raise BridgeError("output", "the rendered audio is silent")
        if preset == "surprise":
            raise ZeroDivisionError("by nothing")
        if preset == "memory":
            raise MemoryError
        for index, path in enumerate(order.paths):
            emit(self._take(order, index, path))

    def render_bar(self, order: BarOrder) -> BarDone:
        """Half a second of the bar's number over a thousand; its past is a copy of that.

        Of an answer, the notes are those that it is composed to, an octave higher; without any it is silent.
        """
        if order.request.preset == "crash" and not order.past_path.with_suffix(".crashed").exists():
            order.past_path.with_suffix(".crashed").touch()
            os._exit(9)
        if order.request.preset == "error":
            raise BridgeError("model", "no bar can be made of that")
        time.sleep(STEP_SECONDS)
        notes = {}
        if not order.plays_freely and order.notes is None:
            notes = {
                part: tuple((onset, end, pitch + 12, loud) for onset, end, pitch, loud in played)
                for part, played in order.played.items()
            }
        is_silent = not (notes or order.plays_freely)
        for path in (order.past_path, order.bar_path):
            with path.open("wb") as file:
                np.save(
                    file, np.full((2, order.rate // 2), 0.0 if is_silent else order.bar / 1000, np.float32)
                )
        maker = Maker(order.model_folder.name, "f" * 64, "cpu", "float32", 1)
        return BarDone(order.session, order.bar, STEP_SECONDS, maker, notes)

    def _take(self, order: Order, index: int, path: Path) -> TakeReady:
        recipe = make_recipe(index, **{**order.request.model_dump(), "source": None, "source_b": None})
        write_take(
            path,
            np.full((2, 4_410), 0.25, np.float32),
            44_100,
            format=order.request.format,
            marks=LoopMarks(bpm=order.request.bpm),
            recipe_compact=recipe.compact(),
            recipe_readable=recipe.readable(),
        )
        return TakeReady(order.job_id, index, path, 0.1, order.request.bpm)


def fake_worker(connection: Connection, _settings: WorkerSettings, first_model: Path | None) -> None:
    """The process's main."""
    serve(connection, FakeRenderer, first_model)


def patient_worker(connection: Connection, settings: WorkerSettings, first_model: Path | None) -> None:
    """A worker that starts once a file `go` lies beside its model."""
    while first_model is not None and not first_model.with_name("go").exists():
        time.sleep(STEP_SECONDS)
    fake_worker(connection, settings, first_model)


def fainting_worker(connection: Connection, _settings: WorkerSettings, _first_model: Path | None) -> None:
    """A worker that starts, and ends before it begins what it gets."""
    connection.send(WorkerUp())
    connection.recv()
    os._exit(3)


def broken_worker(_connection: Connection, _settings: WorkerSettings, _first_model: Path | None) -> None:
    """A worker that does not even start."""
    os._exit(3)


def save_model_without_weights(
    folder: Path, *, controls: bool = True, sounds: int = len(FIRST_SOUNDS)
) -> Path:
    """A model folder that passes for one as long as nobody loads it; returns the folder of models.

    It knows the first `sounds`.
    """
    groups = [replace(group, width=sounds) if group.name == "sound" else group for group in DEFAULT_CONTROLS]
    config = ModelConfig(name=folder.name, unet=UNetConfig(controls=tuple(groups) if controls else ()))
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config.to_dict()), encoding="utf-8")
    (folder / "model.safetensors").touch()
    return folder.parent
