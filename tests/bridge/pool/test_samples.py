"""A real model in the pool: the same samples as on this machine, and what travels to the nodes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.library.recipes import read_recipe
from bridge.library.takes import Library
from bridge.messages import TakeReady
from bridge.pool.shipping import NodeCache, folder_ref
from bridge.render.local_engine import LocalEngine
from bridge.worker.loop import WorkerSettings
from bridge.worker.process import PipelineRenderer
from tests.bridge.pool.conftest import RayCluster
from tests.bridge.pool.pools import pool
from tests.bridge.render_requests import make_job

pytestmark = pytest.mark.timeout(600)

MUSIC: dict[str, Any] = {
    "model": "tiny", "seconds": 1.0, "bars": None, "steps": 2, "scheduler": "ddim", "guidance": 1.5,
    "iterations": 2,
}  # fmt: skip


async def on_this_machine(folder: Path, models: Path, *jobs: dict[str, Any]) -> list[list[TakeReady]]:
    """Render with the local engine, on one thread as the nodes do."""
    library = Library(folder / "local")
    engine = LocalEngine(
        library,
        model="tiny",
        model_folders=[models],
        hear_takes=False,
        settings=WorkerSettings("cpu", "float32", 1),
    )
    await engine.start()
    found = []
    try:
        for number, values in enumerate(jobs):
            job = make_job(f"here{number}", **values)
            events: list[Any] = []
            await engine.render(job, library.allocate_names(job), events.append)
            found.append([event for event in events if isinstance(event, TakeReady)])
    finally:
        await engine.stop()
        library.close()
    return found


def samples(take: TakeReady) -> Any:
    return soundfile.read(take.path, dtype="int32", always_2d=True)[0]


def test_the_samples_are_those_of_this_machine(
    ray_cluster: RayCluster, tiny_model: Path, tmp_path: Path
) -> None:
    async def story() -> None:
        async with pool(tmp_path, models=tiny_model.parent, renderer=PipelineRenderer) as running:
            # Ray remembers nodes that other tests have killed.
            nodes = [node for node in running.engine.nodes if node.works]
            assert {(node.model, node.device) for node in nodes} == {("tiny", "cpu")}
            (whole,) = await running.render("whole", **MUSIC)
            # Said, as the first one's renderer may not be free yet. `test_pool.py` has it divided by itself.
            divided = await running.render("divided", **MUSIC, count=4, batch=2)
            source = running.library.keep_source(str(whole.path), None)
            (varied,) = await running.render(
                "varied", **MUSIC | {"seconds": 0.0}, verb="vary", source=source, strength=0.5
            )
            # Shipped once, though two renderers have one disk.
            cache = NodeCache(str(tmp_path / "node_cache"))
            assert cache.has(folder_ref(tiny_model))
            written = cache.path(folder_ref(tiny_model)).stat().st_mtime_ns

        recipe = read_recipe(divided[0].path)
        assert (recipe.request.batch, recipe.threads, recipe.device) == (2, 1, "cpu")
        assert recipe.processor
        again = {"count": 4, "batch": recipe.request.batch}
        library_copy = Library(tmp_path / "local")
        library_copy.keep_source(str(whole.path), None)
        library_copy.close()
        jobs = (
            MUSIC,
            MUSIC | again,
            MUSIC | {"seconds": 0.0, "verb": "vary", "source": source, "strength": 0.5},
        )
        here = await on_this_machine(tmp_path, tiny_model.parent, *jobs)
        there = [[whole], sorted(divided, key=lambda take: take.index), [varied]]
        for mine, theirs in zip(here, there, strict=True):
            for own, other in zip(mine, theirs, strict=True):
                assert np.array_equal(samples(own), samples(other)), other.path.name
                assert np.abs(samples(own)).max() > 0

        async with pool(tmp_path, models=tiny_model.parent, renderer=PipelineRenderer) as running:
            await running.render("later", **MUSIC)
        assert cache.path(folder_ref(tiny_model)).stat().st_mtime_ns == written

    asyncio.run(story())
