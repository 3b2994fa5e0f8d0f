"""What pages of other sites, names that point here, and programs of the network cannot do."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import aiohttp
import pytest

from bridge.http.safety import lan_address, read_token
from bridge.http.server import MAX_CONNECTIONS
from bridge.messages import BridgeError
from bridge.system.machine_checks import Check
from tests.bridge.files import drop_take
from tests.bridge.http.served import Served, heard, served, served_test, text
from tests.conftest import missing

PATHS = ("/", "/vocabulary", "/takes", "/queue", "/presets", "/?HOST_INFO", "/page/app.js", "/ws")


def network() -> str:
    """An address of this machine that is not its loopback."""
    address = lan_address()
    if address.startswith("127."):
        missing("this machine is on no network")
    return address


def token_of(page: Served) -> str:
    return page.address.partition("token=")[2]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},  # a name of the attacker's that now points to 127.0.0.1
        {"Host": "evil.example:9801"},
        {"Host": ""},
        {"Host": "192.0.2.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},  # another server on this machine
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "websocket"},
    ],
)
@served_test
async def test_no_page_of_another_site_gets_in(tmp_path: Path, headers: dict[str, str]) -> None:
    async with served(tmp_path) as page:
        for path in PATHS:
            answer = await page.get(path, headers=headers)
            assert answer.status == 403, path
            assert answer.json()["code"] == "forbidden"
            assert "Access-Control-Allow-Origin" not in answer.headers
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await page.socket(headers=headers)
        async with page.client.post(f"{page.here}/sources", data={"x": "x"}, headers=headers) as sent:
            assert sent.status == 403
        assert page.seen == []


@served_test
async def test_the_page_itself_and_a_link_to_it_get_in(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        for host in ("127.0.0.1", "localhost"):
            own = f"{host}:{page.port}"
            headers = {"Host": own, "Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"}
            assert (await page.get("/vocabulary", headers=headers)).status == 200
            async with page.socket(headers=headers) as socket:
                await socket.send_str(text("/msanii/hello", "n"))
                assert await heard(socket) == ("/msanii/welcome", ["n"])
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
        assert (await page.get("/", headers=link)).status == 200


@served_test
async def test_every_answer_has_the_policy_and_no_leave_for_others(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        for path in (*PATHS[:-1], "/nope", "/takes/nope.wav"):
            answer = await page.get(path, headers={"Accept": "text/html"})
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "path",
    [
        "/page/../../secret.txt", "/page/..%2f..%2fsecret.txt", "/page/%2e%2e/%2e%2e/secret.txt",
        "/page//etc/passwd", "/page/%2fetc%2fpasswd", "/page/link.js", "/page/folder", "/page/app.js%00.js",
        "/takes/..%2f..%2fsecret.wav", "/takes/%2e%2e", "/takes/link.wav", "/takes/.hidden.wav",
        "/takes/..%5csecret.wav", "/takes/secret.json", "/takes/.msanii%2fpage_token", "/takes/x%00.wav",
        "/takes/link.wav.mid", "/takes/" + "x" * 300 + ".wav", "/takes/link.wav/peaks",
        "/takes/link.wav/picture", "/takes/link.wav/recipe", "/takes/folder.wav", "/takes/fifo.wav",
    ],
)  # fmt: skip
@served_test
async def test_no_path_leads_out_of_the_pages_folder_or_the_library(tmp_path: Path, path: str) -> None:
    import os

    async with served(tmp_path) as page:
        library = page.settings.library
        (tmp_path / "secret.txt").write_text("secret")
        (tmp_path / "secret.js").write_text("secret")
        (tmp_path / "secret.wav").write_text("secret")
        (tmp_path / "page" / "folder").mkdir()
        (tmp_path / "page" / "link.js").symlink_to(tmp_path / "secret.js")
        (library / "link.wav").symlink_to(tmp_path / "secret.wav")
        (library / "link.mid").symlink_to(tmp_path / "secret.txt")
        (library / ".hidden.wav").write_text("secret")
        (library / "secret.json").write_text("secret")
        (library / "folder.wav").mkdir()
        os.mkfifo(library / "fifo.wav")
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        answer = await page.raw(request)
        assert answer.split(b" ")[1] in (b"400", b"403", b"404"), answer[:200]
        assert b"secret\n" not in answer + b"\n" or b'"message"' in answer
        assert b"root:" not in answer


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "POST", "MOVE", "OPTIONS"])
@served_test
async def test_nothing_deletes_or_writes_over_the_network(tmp_path: Path, method: str) -> None:
    async with served(tmp_path) as page:
        take = drop_take(page.settings.library / "one.wav")
        before = take.read_bytes()
        for path in (
            "/takes/one.wav",
            "/takes",
            "/",
            "/page/app.js",
            "/queue",
            "/presets",
            "/takes/one.wav/recipe",
        ):
            async with page.client.request(method, f"{page.here}{path}") as answer:
                assert answer.status in (403, 404, 405), (method, path)
        assert take.read_bytes() == before


@served_test
async def test_a_client_of_the_network_needs_the_token(tmp_path: Path) -> None:
    host = network()
    async with served(tmp_path, lan=True, allow=host) as page:
        assert page.address == f"http://{host}:{page.port}/?token={token_of(page)}"
        base = f"http://{host}:{page.port}"
        for path in PATHS:
            for wrong in (path, f"{path}{'&' if '?' in path else '?'}token=wrong"):
                async with page.client.get(base + wrong) as answer:
                    assert answer.status == 403, wrong
                    assert token_of(page) not in await answer.text()
        async with page.client.get(page.address, headers={"Accept": "text/html"}) as answer:
            assert answer.status == 200
            (cookie,) = answer.cookies.values()
            assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
        carried = {"Cookie": f"{cookie.key}={cookie.value}"}
        async with page.client.get(f"{base}/takes", headers=carried) as answer:
            assert answer.status == 200
        for query, headers in (("", carried), (f"?token={token_of(page)}", {})):
            async with page.client.ws_connect(f"{base}/ws{query}", headers=headers) as socket:
                await socket.send_str(text("/msanii/hello", "n"))
                assert await heard(socket) == ("/msanii/welcome", ["n"])
                sender = page.seen[-1].sender
                assert sender is not None
                assert not sender.is_on_this_machine


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
@served_test
async def test_the_token_does_not_open_the_door_to_other_sites(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    host = network()
    async with (
        served(tmp_path, lan=True, allow=host) as page,
        page.client.get(page.address, headers=headers) as answer,
    ):
        assert answer.status == 403


@served_test
async def test_a_host_that_is_not_allowed_is_not_heard(tmp_path: Path) -> None:
    host = network()
    async with served(tmp_path, lan=True, allow="203.0.113.9") as page:
        with pytest.raises(aiohttp.ClientConnectionError):
            async with page.client.get(page.address):
                pass
        assert (await page.get("/takes")).status == 200
        assert host in page.address


@served_test
async def test_without_lan_nothing_listens_on_the_network(tmp_path: Path) -> None:
    host = network()
    async with served(tmp_path) as page:
        with pytest.raises(aiohttp.ClientConnectionError):
            async with page.client.get(f"http://{host}:{page.port}/takes"):
                pass


@served_test
async def test_the_network_is_told_names_without_folders(tmp_path: Path) -> None:
    host = network()
    async with served(tmp_path, lan=True, allow=host) as page:
        address = f"http://{host}:{page.port}/ws?token={token_of(page)}"
        async with page.client.ws_connect(address) as far, page.socket() as near:
            from bridge.messages import TakeReady

            page.notifier.deliver(TakeReady("j", 0, Path("/home/ada/Music/one.wav"), 1.0, 90.0))
            assert await heard(far) == ("/msanii/take", ["j", 0, "one.wav", 1.0, 90.0])
            assert await heard(near) == ("/msanii/take", ["j", 0, "/home/ada/Music/one.wav", 1.0, 90.0])


@served_test
async def test_the_network_is_told_errors_and_checks_without_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bridge.http.state_routes.check_machine",
        lambda library: [Check("takes folder", True, f"{library}, 9.0 GiB free")],
    )
    host = network()
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    async with served(tmp_path, lan=True, allow=host, exchange_folder=blocked) as page:
        query = f"?token={token_of(page)}"
        async with page.client.get(f"http://{host}:{page.port}/doctor{query}") as answer:
            assert (await answer.json())[1]["detail"] == "library, 9.0 GiB free"
        assert str(tmp_path) in (await page.get("/doctor")).json()[1]["detail"]
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(b"{}"), filename="x.json")
        async with page.client.post(f"http://{host}:{page.port}/sources{query}", data=form) as answer:
            error = await answer.json()
            assert error["code"] == "folder"
            assert str(tmp_path) not in error["message"]


@served_test
async def test_connections_that_say_nothing_do_not_use_up_the_daemons_files(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        silent = [await asyncio.open_connection("127.0.0.1", page.port) for _ in range(MAX_CONNECTIONS + 40)]
        ended = 0
        for reader, _ in silent[MAX_CONNECTIONS:]:
            try:
                async with asyncio.timeout(10):
                    ended += await reader.read(1) == b""
            except ConnectionError:
                ended += 1
        assert ended == 40
        for _, writer in silent:
            writer.close()


def test_a_token_stays_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    first = read_token(path)
    assert len(first) >= 20
    assert read_token(path) == first
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"\xff\xfe")
    assert read_token(path) not in ("", first)


def test_a_token_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    with pytest.raises(BridgeError) as raised:
        read_token(tmp_path / "nowhere" / "token")
    assert raised.value.code == "folder"
