"""Pools that cannot be: each says what to do."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.messages import BridgeError
from bridge.pool import cluster
from bridge.pool.choosing import engine_for
from bridge.pool.engine import PoolEngine
from bridge.pool.messages import PoolPlan
from bridge.render.local_engine import LocalEngine
from bridge.settings import Settings, load_settings
from bridge.system.pool_address import PoolAddress, parse_pool
from tests.bridge.pool.conftest import RayCluster
from tests.bridge.pool.pools import START_SECONDS, pool
from tests.bridge.waiting import until
from tests.conftest import ROOT, missing

needs_ray = pytest.mark.usefixtures("ray_cluster")
pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto", PoolAddress("auto")),
        ("local:2", PoolAddress("local", count=2)),
        ("ray://farm.lan:10001", PoolAddress("ray", host="farm.lan", port=10001)),
        ("ray://[::1]:10001", PoolAddress("ray", host="::1", port=10001)),
    ],
)
def test_addresses(text: str, expected: PoolAddress) -> None:
    assert parse_pool(text) == expected


@pytest.mark.parametrize(
    "text", ["local:0", "local:65", "local:x", "local:", "local:-1", "ray://farm", "ray://farm:0", "ray://:1",
             "ray://farm:99999", "http://farm:1", "ray://a b:1", "nonsense", "local:2 "[:-1] + "é"],
)  # fmt: skip
def test_an_address_that_is_none_says_what_was_expected(text: str) -> None:
    with pytest.raises(BridgeError, match=r"`pool`: got .*expected"):
        load_settings(None, {"pool": text}, {})


def test_without_the_extra_the_daemon_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    settings = load_settings(None, {"pool": "local:2", "library": tmp_path}, {})
    with pytest.raises(BridgeError, match=r"pip install 'msanii-bridge\[pool\]'"):
        engine_for(settings, worker(settings))


def test_nothing_of_a_pool_is_imported_without_one(tmp_path: Path) -> None:
    code = (
        "import sys; from bridge.daemon import Daemon; from bridge.settings import load_settings\n"
        f"Daemon(load_settings(None, {{'library': {str(tmp_path)!r}}}, {{}}))\n"
        "print(sorted({'ray', 'bridge.pool.engine', 'bridge.pool.child'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_daemon_imports_no_ray_for_a_pool_either(tmp_path: Path) -> None:
    if importlib.util.find_spec("ray") is None:
        missing("ray is not installed")
    code = (
        "import sys; from bridge.daemon import Daemon; from bridge.settings import load_settings\n"
        f"Daemon(load_settings(None, {{'library': {str(tmp_path)!r}, 'pool': 'local:2'}}, {{}}))\n"
        "print('bridge.pool.child' in sys.modules, 'ray' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True False"


def worker(settings: Settings) -> LocalEngine:
    from bridge.library.folders import LibraryFolders

    return LocalEngine(LibraryFolders(settings.library))


async def problem_of(tmp_path: Path, address: str, **plan: Any) -> str:
    """What the pool process says before it ends."""
    settings = load_settings(None, {"library": tmp_path}, {})
    engine = PoolEngine(PoolPlan(parse_pool(address), **plan), worker(settings))
    await engine.start()
    async with asyncio.timeout(START_SECONDS):
        reason = await engine.exited()
    assert engine.status.problem == reason
    return reason


@needs_ray
def test_no_cluster_there(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        problem = asyncio.run(problem_of(tmp_path, f"ray://127.0.0.1:{port}"))
    assert f"no Ray cluster is at 127.0.0.1:{port}" in problem
    assert "ray start --head" in problem


@needs_ray
def test_no_cluster_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{closed.getsockname()[1]}")
        problem = asyncio.run(problem_of(tmp_path, "auto"))
    assert "no Ray cluster is at" in problem


@needs_ray
def test_a_name_that_nobody_has(tmp_path: Path) -> None:
    problem = asyncio.run(problem_of(tmp_path, "ray://no-such-host.invalid:10001"))
    assert "no Ray cluster is at no-such-host.invalid:10001" in problem


@needs_ray
def test_a_firewall_that_swallows_everything(tmp_path: Path) -> None:
    with socket.socket() as full:
        # A queue of one that nobody empties: the system drops further connections, as firewalls do.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        held = [socket.socket() for _ in range(4)]
        try:
            for one in held:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            problem = asyncio.run(problem_of(tmp_path, f"ray://127.0.0.1:{port}", connect_seconds=0.5))
        finally:
            for one in held:
                one.close()
    assert "firewall" in problem
    assert f"TCP port {port}" in problem


def test_another_version_of_ray_there(ray_cluster: RayCluster, tmp_path: Path) -> None:
    ray_cluster.do("pretend 1.13.0")
    try:
        problem = asyncio.run(problem_of(tmp_path, "auto"))
    finally:
        ray_cluster.do("pretend")
    assert "another version of Ray or Python" in problem
    assert "1.13.0" in problem
    assert "pip install" in problem


def test_a_node_with_another_version_of_ours_is_refused(
    ray_cluster: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with pool(tmp_path, renderer=fake_renderer_of_old_version, renderers=0) as running:
            await until(
                lambda: (
                    {node.state for node in running.engine.nodes} == {"refused"}
                    and len(running.engine.nodes) == 2
                ),
                START_SECONDS,
            )
            problem = running.engine.nodes[0].problem
            assert "msanii-bridge 0.0.1 is installed on" in problem
            assert cluster.INSTALL in problem

    from tests.bridge.pool_renderers import fake_renderer_of_old_version

    asyncio.run(story())


def test_a_pool_is_reached_by_rays_client_too(ray_cluster: RayCluster, tmp_path: Path) -> None:
    async def story() -> None:
        async with pool(tmp_path, f"ray://127.0.0.1:{ray_cluster.client_port}") as running:
            takes = await running.render("by_client", preset="plain", count=2)
            assert sorted(take.index for take in takes) == [0, 1]

    asyncio.run(story())
