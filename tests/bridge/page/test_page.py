"""The page as a whole: it loads under its strict policy, on every screen, for everybody, from the tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize, expect

import bridge as bridge_package
from bridge.parameters import PARAMETERS, for_verb
from tests.bridge.page.conftest import Bridge, Visit, Visitor

FOLDER = Path(bridge_package.__file__).parent / "page"
TABS = ("Make", "Queue", "Takes", "Edit", "Stage", "MIDI", "Presets", "Settings")
MOST_BYTES = 250_000
MOST_LINES = 300
NAMES_SHOWN = """all => all.filter((one) => one.offsetParent).map((one) =>
  (one.dataset.path ?? '').replace('param/', '') || one.dataset.name || one.className)"""
PHONE: ViewportSize = {"width": 360, "height": 740}


def test_every_tab_opens_under_the_strict_policy_without_a_word_in_the_console(
    visitor: Visitor, bridge: Bridge
) -> None:
    answer = visitor.page.request.get(bridge.address, headers={"Accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for tab in TABS:
        visitor.tab(tab)
        panel = visitor.page.locator(f"#panel-{tab.lower()}")
        expect(panel.locator("button:visible, .empty:visible").first).to_be_visible()


def test_the_page_names_no_other_place_than_its_own(visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.reload()
    expect(visitor.page.locator("body[data-ready]")).to_be_attached()
    own = visitor.page.url.split("#")[0]
    assert asked
    assert [url for url in asked if not url.startswith((own, own.replace("http", "ws", 1)))] == []


def test_every_parameter_of_a_verb_has_a_control_and_none_of_another(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("details.more").evaluate("one => { one.open = true; }")
    for verb in ("generate", "inpaint", "outpaint", "vary", "interpolate"):
        page.locator(f"input[name=verb][value={verb}]").check(force=True)
        expect(page.locator("#generate")).to_have_text(verb.capitalize())
        shown = set(page.eval_on_selector_all("#panel-make .field", NAMES_SHOWN))
        own = {"seed": "field seed", "chords": "field chord-field", "parts": "field parts"}
        for row in PARAMETERS.values():
            if row.name == "level_db":  # only beside several parts
                continue
            is_shown = own.get(row.name, row.name) in shown
            assert is_shown == (row in for_verb(verb)), f"{row.name} of {verb}"


def test_ranges_and_choices_are_those_of_the_tables(visitor: Visitor) -> None:
    box = visitor.page.locator("[data-path='param/bpm'] input[type=number]")
    bpm = PARAMETERS["bpm"]
    assert (float(box.get_attribute("min") or 0), float(box.get_attribute("max") or 0)) == (bpm.low, bpm.high)
    words = visitor.page.locator("[data-path='param/end'] .segment").all_inner_texts()
    assert tuple(words) == PARAMETERS["end"].choices
    help_text = visitor.page.locator("[data-path='param/guidance'] .unseen").text_content()
    assert help_text == PARAMETERS["guidance"].help


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_no_tab_is_wider_than_the_screen(visit: Visit, width: int) -> None:
    visitor = visit(viewport={"width": width, "height": 740}, touch=width == PHONE["width"])
    for tab in TABS:
        visitor.tab(tab)
        wide = visitor.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{tab} is {wide} pixels wide"


def test_on_a_phone_panic_is_on_every_tab_and_fingers_find_every_button(visit: Visit) -> None:
    visitor = visit(viewport=PHONE, touch=True)
    for tab in TABS:
        visitor.tab(tab)
        panic = visitor.page.locator("#panic").bounding_box()
        assert panic is not None
        assert panic["x"] + panic["width"] <= PHONE["width"]
        assert panic["height"] >= 40
        small = visitor.page.eval_on_selector_all(
            "main button, main select, header button",
            "all => all.filter((one) => one.offsetParent && one.getBoundingClientRect().height < 32)"
            ".map((one) => one.outerHTML)")  # fmt: skip
        assert small == []


def test_axe_finds_nothing_serious_on_any_tab(visitor: Visitor) -> None:
    for tab in TABS:
        visitor.tab(tab)
        found = Axe().run(visitor.page).response["violations"]
        serious = [
            f"{tab}: {one['id']}, {one['help']}: {one['nodes'][0]['html'][:200]}"
            for one in found
            if one["impact"] in ("serious", "critical", "moderate")
        ]
        assert serious == []


def test_tabs_are_reached_with_the_arrow_keys_and_by_their_address(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("tab", name="Make").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Takes")).to_be_focused()
    expect(page.locator("#panel-takes")).to_be_visible()
    assert page.url.endswith("#takes")
    page.keyboard.press("End")
    expect(page.locator("#panel-settings")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel-takes")).to_be_visible()


def test_the_stage_without_a_stream_says_how_to_get_one(visitor: Visitor) -> None:
    visitor.tab("Stage")
    expect(visitor.page.locator("#panel-stage")).to_contain_text("msanii-bridge serve --stream")
    assert visitor.page.locator(".deck").count() == 0


def test_all_files_are_small_and_none_is_long() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".md"]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < MOST_LINES, path
        foreign = [url for url in re.findall(r"https?://[^\s\"'`]+", text) if "www.w3.org" not in url]
        assert foreign == [], path
