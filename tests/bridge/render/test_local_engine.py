"""The engine on this machine: renders, cancels, and outlives its worker."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import soundfile

from bridge.library.takes import Library
from bridge.messages import BridgeError, Event, Progress, TakeReady
from bridge.render.engine import WorkerDiedError
from bridge.render.local_engine import LocalEngine
from bridge.worker.loop import Target
from tests.bridge.fake_worker import (
    broken_worker,
    fake_worker,
    patient_worker,
    save_model_without_weights,
)
from tests.bridge.render_requests import make_job, make_request
from tests.bridge.waiting import until


@asynccontextmanager
async def running(
    folder: Path, *, target: Target = fake_worker, **settings: Any
) -> AsyncIterator[tuple[LocalEngine, Library]]:
    library = Library(folder / "library")
    models = save_model_without_weights(folder / "models" / "default")
    engine = LocalEngine(library, model_folders=[models], target=target, **settings)
    await engine.start()
    try:
        yield engine, library
    finally:
        await engine.stop()
        library.close()


async def render(engine: LocalEngine, library: Library, job_id: str = "a", **values: Any) -> list[Event]:
    job = make_job(job_id, **values)
    events: list[Event] = []
    await engine.render(job, library.allocate_names(job), events.append)
    return events


def test_a_job_becomes_takes_and_progress(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as (engine, library):
            events = await render(engine, library, preset="plain", count=2)
            progress = [event.fraction for event in events if isinstance(event, Progress)]
            takes = [event for event in events if isinstance(event, TakeReady)]
            assert progress == sorted(progress)
            assert [take.index for take in takes] == [0, 1]
            assert all(soundfile.info(take.path).frames == 4_410 for take in takes)
            assert engine.status.state == "ready"
            assert (engine.status.model, engine.status.device) == ("default", "cpu")

    asyncio.run(story())


def test_candidates_need_a_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with running(tmp_path) as (engine, _):
            several = make_request(candidates=2)
            others = (make_request(), make_request(candidates=2, keep=1))
            engine.check(several)
            monkeypatch.setattr("msanii.__file__", str(tmp_path / "msanii" / "__init__.py"))
            for other in others:
                engine.check(other)
            with pytest.raises(BridgeError, match="no listener is installed"):
                engine.check(several)

    asyncio.run(story())


@pytest.mark.parametrize("hear_takes", [True, False])
def test_takes_are_heard_if_the_settings_say_so_and_candidates_always(
    tmp_path: Path, hear_takes: bool
) -> None:
    async def story() -> None:
        async with running(tmp_path, hear_takes=hear_takes) as (engine, _):
            takes, candidates = make_job(), make_job(candidates=2)
            assert (engine.order_of(takes, ()).listener_folder is not None) == hear_takes
            assert engine.order_of(candidates, ()).listener_folder is not None

    asyncio.run(story())


def test_the_loop_answers_while_the_worker_starts(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, target=patient_worker) as (engine, _):
            assert engine.status.state == "loading"
            # A loop that waited for the worker would never come to this.
            (tmp_path / "models" / "go").touch()
            await until(lambda: engine.status.state == "ready")

    asyncio.run(story())


def test_cancel_stops_a_render_at_its_next_step(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as (engine, library):
            rendering = asyncio.create_task(render(engine, library, preset="slow"))
            await until(lambda: engine.status.state == "rendering")
            pid = engine.status.pid
            assert not engine.cancel("another")
            assert engine.cancel("a")
            with pytest.raises(BridgeError) as caught:
                await asyncio.wait_for(rendering, 60)
            assert caught.value.code == "cancelled"
            assert await render(engine, library, "b", preset="plain")
            assert engine.status.pid == pid

    asyncio.run(story())


def test_a_render_that_hears_no_cancel_is_ended_with_its_process(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, cancel_grace_seconds=0.1) as (engine, library):
            job, events = make_job("a", preset="deaf"), list[Event]()
            rendering = asyncio.create_task(engine.render(job, library.allocate_names(job), events.append))
            # A cancel that comes before the first step is heard.
            await until(lambda: any(isinstance(event, Progress) and event.fraction > 0 for event in events))
            engine.cancel("a")
            with pytest.raises(BridgeError) as caught:
                await asyncio.wait_for(rendering, 60)
            assert caught.value.code == "cancelled"
            assert "SIGKILL" in await engine.exited()

    asyncio.run(story())


def test_a_job_can_be_cancelled_before_the_worker_is_up(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as (engine, library):
            rendering = asyncio.create_task(render(engine, library, preset="plain"))
            await asyncio.sleep(0)
            assert engine.cancel("a")
            with pytest.raises(BridgeError, match="cancelled"):
                await asyncio.wait_for(rendering, 60)

    asyncio.run(story())


def test_a_worker_killed_mid_render_is_told_apart_from_a_failed_render(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path) as (engine, library):
            rendering = asyncio.create_task(render(engine, library, preset="slow"))
            await until(lambda: engine.status.state == "rendering")
            psutil.Process(engine.status.pid).kill()
            with pytest.raises(WorkerDiedError, match="SIGKILL"):
                await asyncio.wait_for(rendering, 60)
            assert engine.status.state == "down"
            await engine.start()
            assert await render(engine, library, preset="plain")

    asyncio.run(story())


def test_a_worker_without_a_sign_of_life_is_ended(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, stall_seconds=0.5) as (engine, library):
            await until(lambda: engine.status.state == "ready")
            with pytest.raises(WorkerDiedError):
                await asyncio.wait_for(render(engine, library, preset="stuck"), 60)

    asyncio.run(story())


def test_a_worker_that_does_not_start_fails_the_job_with_a_reason(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, target=broken_worker, start_seconds=0.1) as (engine, library):
            await engine.exited()
            with pytest.raises(BridgeError, match=r"does not start \(it ended by itself with exit code 3\)"):
                await render(engine, library)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("preset", "code", "words"),
    [
        ("error", "output", "silent"),
        ("surprise", "render", "ZeroDivisionError: by nothing"),
        ("memory", "render", "not enough memory"),
    ],
)
def test_a_failed_render_leaves_the_worker_alive(tmp_path: Path, preset: str, code: str, words: str) -> None:
    async def story() -> None:
        async with running(tmp_path) as (engine, library):
            with pytest.raises(BridgeError, match=words) as caught:
                await render(engine, library, preset=preset)
            assert caught.value.code == code
            assert not isinstance(caught.value, WorkerDiedError)
            assert await render(engine, library, "b", preset="plain")

    asyncio.run(story())


def test_without_its_model_the_worker_says_so_and_takes_another(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, model="gone") as (engine, library):
            assert engine.status.state == "no model"
            assert "there is no `gone` here" in engine.status.problem
            assert await render(engine, library, preset="plain")
            assert (engine.status.state, engine.status.problem) == ("ready", "")

    asyncio.run(story())


def test_stop_leaves_no_process_behind(tmp_path: Path) -> None:
    async def story() -> int:
        async with running(tmp_path) as (engine, library):
            rendering = asyncio.create_task(render(engine, library, preset="slow"))
            await until(lambda: engine.status.state == "rendering")
            pid = engine.status.pid
            rendering.cancel()
            await asyncio.gather(rendering, return_exceptions=True)
        return pid

    assert not psutil.pid_exists(asyncio.run(story()))


def test_nothing_heavy_is_loaded_by_the_daemons_side() -> None:
    program = (
        "import sys, bridge.system.supervisor, bridge.render.local_engine\n"
        "heavy = {'torch', 'torchaudio', 'diffusers', 'scipy', 'soundfile', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
