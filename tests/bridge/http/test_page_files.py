"""The page's files: kept by browsers for as long as none of them changes, and sent packed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.bridge.http.served import Served, served, served_test

INDEX = '<!doctype html><script type="module" src="/page/app.js"></script>'


async def named(page: Served) -> str:
    """The path of `app.js` as the index names it."""
    answer = await page.get("/", headers={"Accept": "text/html"})
    assert answer.headers["Cache-Control"] == "no-cache"
    (path,) = re.findall(r'src="(.+?)"', answer.body.decode())
    return str(path)


@served_test
async def test_a_file_has_another_address_once_any_has_changed(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        (tmp_path / "page" / "index.html").write_text(INDEX)
        first = await named(page)
        assert await named(page) == first
        answer = await page.get(first)
        assert (answer.body, answer.content_type) == (b"export {};\n", "text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
        other = tmp_path / "page" / "make" / "chords.js"
        other.write_text("export const chords = 1;\n")
        second = await named(page)
        assert second != first
        # A page that was opened before gets what there is, and asks again.
        old = await page.get(first)
        assert (old.status, old.body, old.headers["Cache-Control"]) == (200, answer.body, "no-cache")
        beside = await page.get(second.replace("app.js", "make/chords.js"))
        assert beside.body == other.read_bytes()
        os.utime(other, ns=(1, 1))
        assert await named(page) not in (first, second)


@served_test
async def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        file = tmp_path / "page" / "app.js"
        before = await page.get("/page/app.js")
        file.write_text("export const changed = 1;\n")
        after = await page.get("/page/app.js", headers={"If-None-Match": before.headers["ETag"]})
        assert (after.status, after.body) == (200, file.read_bytes())
        file.unlink()
        assert (await page.get("/page/app.js")).status == 404


@served_test
async def test_who_unpacks_is_sent_less(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        text = "export const word = 1;\n" * 500
        (tmp_path / "page" / "app.js").write_text(text)
        for path in ("/page/app.js", "/vocabulary"):
            packed = await page.get(path, headers={"Accept-Encoding": "gzip"})
            plain = await page.get(path, headers={"Accept-Encoding": "identity"})
            assert packed.body == plain.body  # the client unpacks
            assert packed.headers["Content-Encoding"] == "gzip"
            assert "Content-Encoding" not in plain.headers
            assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 3
            assert packed.headers["Vary"] == "Accept-Encoding"
        (tmp_path / "page" / "picture.png").write_bytes(b"a picture")
        picture = await page.get("/page/picture.png", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in picture.headers
