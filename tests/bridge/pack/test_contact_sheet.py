"""The contact sheet in Chromium, from the disk and with no network: it shows, finds and plays the sounds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bridge.pack.journal import Journal
from bridge.pack.lists.rights import Maker, makers_of
from bridge.pack.lists.writing import write_lists
from bridge.pack.making import Making
from bridge.pack.planning.plan import plan
from bridge.pack.planning.recipe import PackRecipe
from tests.bridge.pack.recipes import SMALL, Drawn
from tests.bridge.page.conftest import until

pytestmark = pytest.mark.timeout(600)
HOSTILE = "</script><script>window.broken = 1</script> & <b>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished pack of five loops."""
    base = tmp_path_factory.mktemp("pack")
    one = base / "my pack #1"
    recipe = PackRecipe.model_validate({**SMALL, "description": HOSTILE, "author": "Ann"})
    with Journal(one) as journal:
        Making(one, recipe, plan(recipe), journal, Drawn(base / "scratch"), lambda _: None).run()
        write_lists(one, recipe, makers_of("default", ()), journal)
    return one


@pytest.fixture
def sheet(browser: Browser, folder: Path) -> Iterator[Page]:
    """The opened sheet; at the end nothing was complained of, and nothing was asked of the network."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((folder / "contact_sheet.html").as_uri())
    yield page
    # Chromium says so itself of a file that is missing; what was drawn and asked says all else.
    assert [words for words in complaints if "ERR_FILE_NOT_FOUND" not in words] == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    context.close()


def test_it_shows_a_waveform_for_each_sound(sheet: Page) -> None:
    expect(sheet.locator("li")).to_have_count(5)
    expect(sheet.locator("h1")).to_have_text("Small")
    expect(sheet.locator("#about")).to_contain_text(HOSTILE)
    assert sheet.evaluate("window.broken") is None
    painted = """() => [...document.querySelectorAll("canvas")].every((one) => one.width > 100 &&
      one.getContext("2d").getImageData(0, 0, one.width, one.height).data.some((value) => value))"""
    until(sheet, f"({painted})()")
    assert "240 bpm" in sheet.locator("li").last.inner_text()


def test_it_finds_sounds_by_words_and_by_part(sheet: Page) -> None:
    sheet.get_by_label("Search").fill("cm i-iv")
    expect(sheet.locator("li:visible")).to_have_count(1)
    expect(sheet.locator("#count")).to_have_text("1 of 5 sounds")
    sheet.get_by_label("Search").fill("")
    sheet.get_by_label("Part").select_option("drums")
    expect(sheet.locator("li:visible")).to_have_count(1)
    sheet.get_by_label("Search").fill("nothing like it")
    expect(sheet.locator("#none")).to_be_visible()


def test_it_plays_one_sound_at_a_time_and_the_keys_go_on(sheet: Page) -> None:
    plays = sheet.get_by_role("button", name="Play Small_keys")
    sheet.get_by_label("repeat loops").check()
    plays.nth(0).click()
    expect(sheet.locator("li.playing")).to_have_count(1)
    until(sheet, "player.currentTime > 0 && player.loop")
    first = sheet.locator("li.playing .name").inner_text()
    sheet.locator("h1").click()
    sheet.keyboard.press("ArrowRight")
    expect(sheet.locator("li.playing .name")).not_to_have_text(first)
    until(sheet, "player.currentTime > 0")
    sheet.keyboard.press("Space")
    expect(sheet.locator("li.playing")).to_have_count(0)
    assert sheet.evaluate("player.paused")
    expect(sheet.locator("#problem")).to_be_empty()


def test_a_sound_that_was_moved_away_is_told(sheet: Page, folder: Path) -> None:
    drums = next((folder / "Loops" / "drums").glob("*[0-9].wav"))
    moved = drums.with_suffix(".moved")
    drums.rename(moved)
    try:
        sheet.get_by_role("button", name="Play Small_drums").click()
        expect(sheet.locator("#problem")).to_contain_text("does not play: is it still in the pack's folder?")
        expect(sheet.locator("li.playing")).to_have_count(0)
    finally:
        moved.rename(drums)


def test_every_link_leads_to_a_file(sheet: Page, folder: Path) -> None:
    links = sheet.locator("a").evaluate_all("all => all.map((one) => one.href)")
    assert len(links) == 5 * 3 + 2
    for link in links:
        assert link.startswith(folder.as_uri())
        assert Path.from_uri(link).is_file() if hasattr(Path, "from_uri") else True


def test_it_fits_a_phone(browser: Browser, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.goto((folder / "contact_sheet.html").as_uri())
    expect(page.locator("li")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


# --- the lists beside it --------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_sound(folder: Path) -> None:
    with (folder / "files.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert all((folder / row["path"]).is_file() for row in rows)
    assert {row["bpm"] for row in rows} == {"240.0"}
    assert {row["model_fingerprint"] for row in rows} == {"0" * 16}


def test_the_rights_report_says_what_made_the_pack_and_what_may_be_done_with_it(folder: Path) -> None:
    words = (folder / "rights.md").read_text(encoding="utf-8")
    for part in (
        "Pack by Ann",
        "fingerprint 0000000000000000: 5 sounds",
        "POP909",
        "FluidR3",
        "no credit is owed",
    ):
        assert part in words
    assert (folder / "model_card.md").read_text(encoding="utf-8").startswith("---")


def test_a_foreign_model_is_not_spoken_for(folder: Path, tmp_path: Path) -> None:
    from bridge.pack.lists.rights import rights_report

    recipe = PackRecipe.model_validate(SMALL)
    words = rights_report(recipe, [Maker("mine", tmp_path, "f" * 16, is_bundled=False)], [])
    assert "its card does not say; ask whoever made it" in words
    assert "the program cannot say" in words
    assert "no credit is owed" not in words
