"""The pool on a real Ray cluster: two nodes on this machine, whose renderers have no model."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge.library.recipes import read_recipe
from bridge.messages import BridgeError, Progress, TakeReady
from tests.bridge.pool.conftest import RayCluster
from tests.bridge.pool.pools import START_SECONDS, Pool, pool
from tests.bridge.waiting import until

pytestmark = pytest.mark.timeout(600)


@dataclass
class Shared:
    """A pool for all tests of this file, and the loop that it lives in."""

    loop: asyncio.AbstractEventLoop
    pool: Pool

    def run(self, story: Callable[[Pool], Coroutine[Any, Any, None]]) -> None:
        """Run a test's story, once both nodes render."""

        async def whole() -> None:
            await self.pool.ready(2)
            self.pool.events.clear()
            await story(self.pool)

        self.loop.run_until_complete(whole())


@pytest.fixture(scope="module")
def shared(ray_cluster: RayCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """The pool."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        running = runner.run(stack.enter_async_context(pool(tmp_path_factory.mktemp("pool"))))
        yield Shared(runner.get_loop(), running)
        runner.run(stack.aclose())


def test_jobs_are_spread_over_both_nodes(shared: Shared, pool_flags: Path) -> None:
    async def story(running: Pool) -> None:
        jobs = [asyncio.create_task(running.render(name, preset="held")) for name in ("spread1", "spread2")]
        await until(lambda: len(list(pool_flags.glob("spread? *"))) == 2, START_SECONDS)
        by_node = {node.job_id for node in running.engine.nodes if node.state == "rendering"}
        assert by_node == {"spread1", "spread2"}
        assert set(running.engine.rendering) == by_node
        pids = {flag.name.split()[-1] for flag in pool_flags.glob("spread? *")}
        assert len(pids) == 2
        for name in ("spread1", "spread2"):
            (pool_flags / f"go {name}").touch()
        takes = await asyncio.gather(*jobs)
        assert [[take.index for take in found] for found in takes] == [[0], [0]]
        assert all(take.path.is_file() for found in takes for take in found)

    shared.run(story)


def test_variations_are_divided_and_their_recipes_say_how(shared: Shared, pool_flags: Path) -> None:
    async def story(running: Pool) -> None:
        job = asyncio.create_task(running.render("divided", preset="held", count=4))
        await until(lambda: len(list(pool_flags.glob("divided *"))) == 2, START_SECONDS)
        (pool_flags / "go divided").touch()
        takes = await job
        assert sorted(take.index for take in takes) == [0, 1, 2, 3]
        assert {read_recipe(take.path).request.batch for take in takes} == {2}
        starts = {flag.name.split()[1] for flag in pool_flags.glob("divided *")}
        assert starts == {"0", "2"}
        shares = [event.fraction for event in running.events if isinstance(event, Progress)]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0

    shared.run(story)


def test_two_hundred_jobs_are_rendered_once_each(shared: Shared) -> None:
    async def story(running: Pool) -> None:
        names = [f"short{number}" for number in range(200)]
        takes = await asyncio.gather(*(running.render(name, preset="plain") for name in names))
        assert [len(found) for found in takes] == [1] * 200
        told = Counter(take.job_id for found in takes for take in found)
        assert told == Counter(names)
        files = {take.path for found in takes for take in found}
        assert len(files) == 200
        assert files <= set(running.library.takes_folder.glob("*.wav"))

    shared.run(story)


def test_a_job_can_be_cancelled_while_it_waits_and_while_it_is_rendered(
    shared: Shared, pool_flags: Path
) -> None:
    async def story(running: Pool) -> None:
        names = ("cancel1", "cancel2", "cancel3")
        jobs = [asyncio.create_task(running.render(name, preset="held")) for name in names]
        await until(lambda: len(list(pool_flags.glob("cancel? *"))) == 2, START_SECONDS)
        assert not running.engine.cancel("another")
        for name in reversed(names):
            assert running.engine.cancel(name)
        for job in jobs:
            with pytest.raises(BridgeError) as caught:
                await job
            assert caught.value.code == "cancelled"
        assert not [event for event in running.events if isinstance(event, TakeReady)]
        assert await running.render("after", preset="plain")

    shared.run(story)


def test_a_renderer_that_dies_costs_a_retry_elsewhere(shared: Shared, pool_flags: Path) -> None:
    async def story(running: Pool) -> None:
        (take,) = await running.render("dying", preset="die once")
        assert take.path.is_file()
        dead = int((pool_flags / "dying").read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(dead, 0)
        with pytest.raises(BridgeError, match="3 renderers of the pool ended"):
            await running.render("deadly", preset="always dies")
        await running.ready(2)

    shared.run(story)


def test_a_node_that_dies_in_a_render_costs_a_retry_elsewhere(
    ray_cluster: RayCluster, shared: Shared, pool_flags: Path
) -> None:
    async def story(running: Pool) -> None:
        third = await asyncio.to_thread(ray_cluster.do, "add")
        await running.ready(3)
        jobs = [asyncio.create_task(running.render(f"lost{n}", preset="held")) for n in range(3)]
        await until(lambda: len(list(pool_flags.glob("lost? *"))) == 3, START_SECONDS)
        await asyncio.to_thread(ray_cluster.do, f"remove {third}")
        await until(lambda: any(node.state == "lost" for node in running.engine.nodes), START_SECONDS)
        for n in range(3):
            (pool_flags / f"go lost{n}").touch()
        takes = await asyncio.gather(*jobs)
        assert sorted(take.job_id for found in takes for take in found) == ["lost0", "lost1", "lost2"]
        assert all(take.path.is_file() for found in takes for take in found)

    shared.run(story)


def test_without_memory_for_all_takes_they_are_rendered_a_few_at_a_time(shared: Shared) -> None:
    async def story(running: Pool) -> None:
        takes = await running.render("greedy", preset="greedy", count=4)
        assert sorted(take.index for take in takes) == [0, 1, 2, 3]
        assert {read_recipe(take.path).request.batch for take in takes} == {1}

    shared.run(story)


def test_a_crash_of_the_pool_process_costs_the_jobs_in_it_alone(shared: Shared, pool_flags: Path) -> None:
    async def story(running: Pool) -> None:
        job = asyncio.create_task(running.render("crash", preset="held"))
        await until(lambda: len(list(pool_flags.glob("crash *"))) == 1, START_SECONDS)
        os.kill(running.engine.status.pid, signal.SIGKILL)
        with pytest.raises(BridgeError, match="the pool ended during the render"):
            await job
        assert all(node.state == "lost" for node in running.engine.nodes)
        waiting = asyncio.create_task(running.render("waits", preset="plain"))
        await running.engine.start()
        assert await waiting

    shared.run(story)
