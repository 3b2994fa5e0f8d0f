"""A daemon that renders in a pool on this machine, as a user starts it."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import psutil
import pytest

from bridge.cli.client import Client
from bridge.library.recipes import read_recipe
from tests.conftest import DaemonUnderTest, missing

pytestmark = pytest.mark.timeout(600)


def nodes_of(client: Client) -> list[dict[str, Any]]:
    client.send("/msanii/status")
    words = client.wait_for("/msanii/status.reply").arguments
    found = json.loads(str(dict(zip(words[::2], words[1::2], strict=True))["nodes"]))
    assert isinstance(found, list)
    return found


def test_a_pool_of_this_machine_renders_and_ends_with_the_daemon(make_daemon: Any) -> None:
    if importlib.util.find_spec("ray") is None:
        missing("ray is not installed")
    daemon: DaemonUnderTest = make_daemon(flags=["--pool", "local:2"])
    daemon.start()
    client = daemon.client()
    answers = client.ask("/msanii/generate", "pooled", "seconds", 1.0, "count", 2, "steps", 2, "batch", 1)
    takes = [answer for answer in answers if answer.address == "/msanii/take"]
    assert len(takes) == 2, answers
    recipe = read_recipe(next(daemon.library.glob("*.wav")))
    assert recipe.request.batch == 1
    assert recipe.processor
    nodes = nodes_of(client)
    assert len(nodes) == 2
    assert any((node["model"], node["device"]) == ("tiny", "cpu") for node in nodes)
    processes = psutil.Process(daemon.pid).children(recursive=True)
    assert any("raylet" in process.name() for process in processes)
    listening = [
        place for process in processes for place in process.net_connections() if place.status == "LISTEN"
    ]
    assert listening
    assert {place.laddr.ip.removeprefix("::ffff:") for place in listening} <= {"127.0.0.1", "::1"}, listening
    assert daemon.stop() == 0
    _, left = psutil.wait_procs(processes, timeout=240)
    assert not left
    assert "raylet" not in daemon.words()


def test_a_daemon_without_a_pool_has_no_nodes(daemon: DaemonUnderTest, client: Client) -> None:
    assert nodes_of(client) == []


@pytest.mark.parametrize("pool", ["local:0", "local:x", "ray://farm"])
def test_a_pool_that_is_none_ends_the_start_with_a_sentence(make_daemon: Any, pool: str) -> None:
    daemon: DaemonUnderTest = make_daemon(flags=["--pool", pool])
    assert daemon.spawn().wait(120) == 1
    assert f"`pool`: got {pool}" in daemon.words().replace("'", "").replace('"', "")
