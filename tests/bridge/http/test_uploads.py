"""Uploads: into their folder alone, whole or not at all, and never over another file."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bridge.http.uploads import Uploads
from bridge.messages import BridgeError
from tests.bridge.files import write_tone
from tests.bridge.http.served import Served, served, served_test
from tests.bridge.waiting import until

NOTES = b'{"notes": [{"pitch": 60, "start_beats": 0, "duration_beats": 1, "velocity": 90}]}'


async def sent(page: Served, name: str, data: bytes) -> tuple[int, dict[str, Any]]:
    form = aiohttp.FormData(quote_fields=False)  # as browsers send names
    form.add_field("file", io.BytesIO(data), filename=name)
    async with page.client.post(f"{page.here}/sources", data=form) as answer:
        return answer.status, await answer.json()


def kept(page: Served) -> list[Path]:
    folder = page.settings.uploads_folder
    return sorted(folder.iterdir()) if folder.exists() else []


@served_test
async def test_a_file_lies_whole_in_the_folder_for_uploads(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        data = write_tone(tmp_path / "x.wav", 0.5).read_bytes()
        for _ in range(2):
            status, answer = await sent(page, "My Loop.WAV", data)
            assert status == 201
            path = Path(answer["path"])
            assert path.read_bytes() == data
            assert (path.parent, path.suffix) == (page.settings.uploads_folder, ".wav")
            assert path.name.startswith("My_Loop-")
        assert len(kept(page)) == 2
        assert page.settings.uploads_folder.is_relative_to(page.settings.exchange_folder)


@served_test
async def test_edited_notes_are_taken_too(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        status, answer = await sent(page, "edited.json", NOTES)
        assert (status, Path(answer["path"]).read_bytes()) == (201, NOTES)


@pytest.mark.parametrize(
    "name",
    ["../../evil.json", "/etc/evil.json", "..\\..\\evil.json", "C:\\evil.json", ".json.json", "ü\t*?.json",
     "x" * 5_000 + ".json", "~/.json.json", "con.json"],
)  # fmt: skip
@served_test
async def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    async with served(tmp_path) as page:
        before = {path for path in tmp_path.rglob("*") if path.is_file()}
        status, answer = await sent(page, name, NOTES)
        after = {path for path in tmp_path.rglob("*") if path.is_file()}
        if status == 201:
            assert after - before == {Path(answer["path"])} == set(kept(page))
            assert Path(answer["path"]).name.isprintable()
        else:
            assert after == before


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.exe", b"MZ"), ("x", b"data"), ("x.wav", b"no audio"), ("x.wav", b""), ("x.mid", b"no MIDI"),
        ("x.json", b"{}"), ("x.mid", b"MThd" + b"\x00" * 3_000_000), ("x.html", b"<script>"),
    ],
)  # fmt: skip
@served_test
async def test_what_is_no_music_is_refused_and_leaves_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    async with served(tmp_path) as page:
        status, answer = await sent(page, name, data)
        assert status == 400
        assert answer["code"] in ("type", "source", "value")
        assert answer["message"]
        assert kept(page) == []


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        (b"x", {"Content-Type": "text/plain"}),
        (b"x", {"Content-Type": "multipart/form-data"}),
        (b"x", {"Content-Type": "multipart/form-data; boundary=b"}),
        (b"--b\r\n\r\nno headers\r\n--b--", {"Content-Type": "multipart/form-data; boundary=b"}),
        (b"--b--", {"Content-Type": "multipart/form-data; boundary=b"}),
    ],
)
@served_test
async def test_a_form_that_is_none_is_an_error(tmp_path: Path, data: bytes, headers: dict[str, str]) -> None:
    async with (
        served(tmp_path) as page,
        page.client.post(f"{page.here}/sources", data=data, headers=headers) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["code"] in ("type", "malformed", "value")


@served_test
async def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
        writer.write(
            b"POST /sources HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.wav"\r\n\r\n' + b"x" * 100_000
        )
        await until(lambda: len(kept(page)) == 1)
        writer.close()
        await until(lambda: kept(page) == [])
        assert not await reader.read(1)


async def codes_of(uploads: Uploads, data: bytes) -> list[str]:
    """The codes of the errors when a WAV is sent to a route of these uploads."""
    codes: list[str] = []

    async def take(request: web.Request) -> web.Response:
        try:
            return await uploads.take(request)
        except BridgeError as error:
            codes.append(error.code)
            return web.Response(status=400)

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(data), filename="x.wav")
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with aiohttp.ClientSession() as client, client.post(address, data=form) as answer:
        assert answer.status in (201, 400)
    await runner.cleanup()
    return codes


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"largest_bytes": 1_000}, "value"),
        ({"most_kept_bytes": -1}, "disk"),
        ({"least_free_bytes": 1 << 60}, "disk"),
    ],
)
@served_test
async def test_what_is_too_much_is_refused(tmp_path: Path, limits: dict[str, int], code: str) -> None:
    data = write_tone(tmp_path / "x.wav", 0.5).read_bytes()
    assert await codes_of(Uploads(tmp_path / "uploads", **limits), data) == [code]
    assert [*(tmp_path / "uploads").iterdir()] == []
    assert await codes_of(Uploads(tmp_path / "uploads"), data) == []


@served_test
async def test_a_disk_that_fills_up_meanwhile_is_said_and_keeps_no_half_file(
    tmp_path: Path, small_disk: Path
) -> None:
    data = write_tone(tmp_path / "x.wav", 20.0).read_bytes()
    assert len(data) > 1 << 20
    assert await codes_of(Uploads(small_disk / "uploads", least_free_bytes=0), data) == ["disk"]
    assert [*(small_disk / "uploads").iterdir()] == []


@served_test
async def test_a_full_disk_is_said_and_the_server_goes_on(tmp_path: Path, small_disk: Path) -> None:
    async with served(tmp_path, exchange_folder=small_disk / "exchange") as page:
        data = write_tone(tmp_path / "x.wav", 20.0).read_bytes()
        assert len(data) > 1 << 20
        status, answer = await sent(page, "x.wav", data)
        assert (status, answer["code"]) == (507, "disk")
        assert kept(page) == []
        assert (await page.get("/takes")).status == 200
