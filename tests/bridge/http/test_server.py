"""The page of a real daemon: its start, its port, two daemons, and what it hears over each of its doors."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bridge.cli.client import Client
from bridge.cli.doctor.examine import check_page
from bridge.cli.serve import tell_page
from bridge.http.server import PAGE_FOLDER
from bridge.http.vocabulary import vocabulary
from bridge.messages import BridgeError
from bridge.parameters import PARAMETERS
from bridge.settings import Settings
from tests.bridge.http.served import answer_to, served, served_test, text
from tests.conftest import NO_MODEL, DaemonUnderTest

MakeDaemon = Callable[..., DaemonUnderTest]
QUICK = ("bars", 1, "steps", 2, "iterations", 2)


def page_of(running: DaemonUnderTest) -> str:
    """The address of the page, as the daemon prints it."""
    while True:
        found = re.search(r"the page is at (\S+)", running.words())
        if found:
            return found[1]
        assert running.process is not None
        assert running.process.poll() is None
        time.sleep(0.02)


@pytest.fixture(scope="module")
def with_page(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonUnderTest]:
    library = tmp_path_factory.mktemp("with_page") / "library"
    running = DaemonUnderTest(library, tiny_model.parent, flags=["--http", "--http-port", "0"])
    try:
        yield running.start()
    finally:
        running.stop()


def read_json(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  (our own server)
        return json.loads(answer.read())


def test_a_take_is_made_over_a_socket_and_heard_of_over_udp_and_http(with_page: DaemonUnderTest) -> None:
    address = page_of(with_page)
    udp = with_page.client()
    udp.send("/msanii/notify", 1)
    udp.wait_for("/msanii/notify.reply")

    async def make() -> list[Any]:
        async with aiohttp.ClientSession() as client, client.ws_connect(f"{address}/ws") as page:
            await page.send_str(text("/msanii/generate", "from-page", *QUICK, "chords", "Am F"))
            await answer_to(page, "/msanii/queued")
            take = await answer_to(page, "/msanii/take")
            await answer_to(page, "/msanii/done")
            await page.send_str(text("/msanii/take/star", take[2]))
            assert await answer_to(page, "/msanii/take/starred") == [Path(take[2]).name, 1]
            return take

    job_id, _, path, *_ = asyncio.run(make())
    assert job_id == "from-page"
    assert udp.wait_for("/msanii/take", about="from-page").arguments[2] == path
    (listed,) = read_json(f"{address}/takes")
    assert (listed["name"], listed["star"], listed["chords"]) == (Path(path).name, True, "Am F")
    with urllib.request.urlopen(f"{address}/takes/{listed['name']}", timeout=30) as audio:  # noqa: S310
        assert audio.read() == Path(path).read_bytes()
    assert read_json(f"{address}/queue") == []


def test_values_of_the_session_are_the_same_over_udp_a_socket_and_oscquery(
    with_page: DaemonUnderTest,
) -> None:
    address = page_of(with_page)
    udp = with_page.client()
    udp.send("/msanii/param01/guidance", 0.25)
    udp.send("/msanii/sync", 1)
    udp.wait_for("/msanii/synced")
    for path in ("param/guidance", "param01/guidance", "fader/param/guidance"):
        expected = 5.0 if path == "param/guidance" else 0.25
        assert read_json(f"{address}/msanii/{path}?VALUE") == {"VALUE": [expected]}
    tree = read_json(f"{address}/")
    assert tree["CONTENTS"]["msanii"]["CONTENTS"]["param"]["CONTENTS"]["guidance"]["VALUE"] == [5.0]
    presets = {preset["name"]: preset for preset in read_json(f"{address}/presets")}
    assert presets["waltz"]["factory"]
    assert presets["waltz"]["values"]["numerator"] == 3


def test_a_taken_port_is_said_and_the_daemon_goes_on_without_a_page(make_daemon: MakeDaemon) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        running = make_daemon(model=NO_MODEL, flags=["--http", "--http-port", str(port)]).start()
        client = running.client()
        while f"port {port} is taken" not in running.words():
            client.hello(5.0)
        assert "all else works" in running.words()
        assert not check_page(port).works
    client.hello(5.0)
    assert running.stop() == 0


def test_two_daemons_have_a_page_each(make_daemon: MakeDaemon, tmp_path: Path) -> None:
    flags = ["--http", "--http-port", "0"]
    first = make_daemon(model=NO_MODEL, flags=flags).start()
    second = make_daemon(tmp_path / "second" / "library", model=NO_MODEL, flags=flags).start()
    pages = {page_of(first), page_of(second)}
    assert len(pages) == 2
    for page in pages:
        assert check_page(int(page.rpartition(":")[2])).detail == f"a running daemon serves it at {page}"
        assert read_json(f"{page}/takes") == []


def test_without_http_there_is_no_page(make_daemon: MakeDaemon) -> None:
    running = make_daemon(model=NO_MODEL, flags=["--no-http"]).start()
    assert running.stop() == 0
    assert "the page is at" not in running.words()


def test_what_fails_over_a_socket_is_told_to_the_others(with_page: DaemonUnderTest) -> None:
    address = page_of(with_page)
    udp: Client = with_page.client()
    udp.send("/msanii/notify", 1)
    udp.wait_for("/msanii/notify.reply")

    async def fail() -> None:
        async with aiohttp.ClientSession() as client, client.ws_connect(f"{address}/ws") as page:
            await page.send_str(text("/msanii/generate", "bad", "bpm", -3))
            about, code, _ = await answer_to(page, "/msanii/fail")
            assert (about, code) == ("bad", "value")

    asyncio.run(fail())
    assert udp.wait_for("/msanii/refused", about="bad").arguments[1] == "value"


def test_the_vocabulary_is_that_of_the_tables(tmp_path: Path) -> None:
    told: Any = json.loads(json.dumps(vocabulary(Settings(library=tmp_path))))
    assert [row["name"] for row in told["parameters"]] == list(PARAMETERS)
    bpm = next(row for row in told["parameters"] if row["name"] == "bpm")
    assert (bpm["low"], bpm["default"], bpm["group"], bpm["curve"]) == (20, 120, "music", "exponential")
    assert all("/" in row["address"] for row in told["addresses"])
    assert "grand piano" in told["sounds_of_part"]["keys"]
    assert len(told["sounds_of_part"]["keys"]) == len(set(told["sounds_of_part"]["keys"]))
    assert {"name": "gain", "kind": "number"}.items() <= told["deck_values"][0].items()
    assert "/msanii/transport/tempo" in [row["address"] for row in told["stage_values"]]


@served_test
async def test_the_pages_files_have_their_type_and_are_asked_for_anew(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        answer = await page.get("/page/make/chords.js")
        assert (answer.status, answer.content_type) == (200, "text/javascript")
        assert answer.headers["Cache-Control"] == "no-cache"
        again = await page.get("/page/make/chords.js", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
        assert (await page.get("/page/nope.js")).json()["code"] == "missing"


@served_test
async def test_the_queue_is_told_oldest_first_with_what_renders(tmp_path: Path) -> None:
    from bridge.messages import Done, Progress
    from tests.bridge.render_requests import make_job

    async with served(tmp_path) as page:
        for name in "ab":
            page.queue.put(make_job(name, chords="Am"))
        page.queue.take_next()
        page.progress.event(Progress("a", 0.5))
        jobs = (await page.get("/queue")).json()
        assert [(job["job_id"], job["state"], job["fraction"]) for job in jobs] == [
            ("a", "rendering", 0.5), ("b", "waiting", 0.0),
        ]  # fmt: skip
        page.queue.end("a", "done")
        page.progress.event(Done("a"))
        (left,) = (await page.get("/queue")).json()
        assert (left["job_id"], left["chords"]) == ("b", "Am")


@served_test
async def test_the_doctors_rows_are_those_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bridge.http import state_routes
    from bridge.system.machine_checks import Check

    asked: list[Path] = []

    def check(library: Path) -> list[Check]:
        asked.append(library)
        return [Check("PyTorch", True, "torch 2")]

    monkeypatch.setattr(state_routes, "check_machine", check)
    async with served(tmp_path) as page:
        for _ in range(2):
            rows = (await page.get("/doctor")).json()
            assert [row["name"] for row in rows] == ["model", "PyTorch"]
            assert rows[1] == {
                "name": "PyTorch",
                "works": True,
                "detail": "torch 2",
                "remedy": "",
                "needed": True,
                "purpose": "render",
            }
        assert asked == [page.settings.library]


def test_the_daemon_loads_the_web_server_only_after_its_start() -> None:
    code = "import bridge.daemon, sys; print('aiohttp' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_the_pages_address_is_a_qr_code_too(capsys: pytest.CaptureFixture[str]) -> None:
    address = "http://192.168.1.2:9801/?token=abc"
    tell_page(address, with_code=False, opens=False)
    assert capsys.readouterr().out == f"the page is at {address}\n"
    tell_page(address, with_code=True, opens=False)
    first, *code = capsys.readouterr().out.splitlines()
    assert first.endswith(address)
    # Two rows of modules a line, with the quiet zone of four modules around a code of version 3.
    assert len(code) >= 18


def test_the_pages_folder_is_inside_the_package() -> None:
    assert PAGE_FOLDER.parent.name == "bridge"


def test_a_port_that_nobody_may_listen_on_is_an_error_of_ours(tmp_path: Path) -> None:
    async def start() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            async with served(tmp_path, http_port=taken.getsockname()[1]):
                pass

    with pytest.raises(BridgeError, match="is taken") as raised:
        asyncio.run(start())
    assert raised.value.code == "busy"
