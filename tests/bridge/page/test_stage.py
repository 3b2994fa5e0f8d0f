"""The Stage tab in front of a stream that nobody hears."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bridge.deck_values import DECK_VALUES
from tests.bridge.page.conftest import Bridge, Visit, Visitor, make_take, until


@pytest.fixture(scope="module")
def stage(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    folder = tmp_path_factory.mktemp("stage")
    bridge = Bridge.of(folder / "library", tiny_model.parent, "--stream", "--decks", "2")
    bridge.daemon.wrapper = ["env", "JACK_NO_START_SERVER=1", "JACK_DEFAULT_SERVER=msb-nobody"]
    try:
        yield bridge.start()
    finally:
        bridge.daemon.stop()


@pytest.fixture
def on_stage(visit: Visit, stage: Bridge) -> Iterator[Visitor]:
    visitor = visit(stage)
    visitor.tab("Stage")
    yield visitor
    assert visitor.complaints == []


def test_each_deck_has_every_value_of_the_table(on_stage: Visitor) -> None:
    expect(on_stage.page.locator(".deck")).to_have_count(2)
    for row in DECK_VALUES:
        expect(on_stage.page.locator(f"[data-path='deck/2/{row.name}']")).to_have_count(1)


def test_a_take_is_loaded_and_a_gain_is_the_same_on_two_pages(
    on_stage: Visitor, visit: Visit, stage: Bridge
) -> None:
    name = make_take(on_stage)
    other = visit(stage)
    for visitor in (on_stage, other):
        visitor.tab("Stage")
    load = on_stage.page.get_by_label("Load a take on deck 1")
    load.focus()
    expect(load.locator("option", has_text=name)).to_be_attached()
    load.select_option(name)
    for visitor in (on_stage, other):
        expect(visitor.page.locator(".deck").first).to_contain_text(name)
    gain = "[data-path='deck/1/gain'] input[type=number]"
    on_stage.page.locator(gain).fill("-6.5")
    on_stage.page.locator(gain).press("Enter")
    expect(other.page.locator(gain)).to_have_value("-6.5")
    mute = "[data-path='deck/1/mute'] input"
    other.page.locator(mute).check(force=True)
    expect(on_stage.page.locator(mute)).to_be_checked()
    on_stage.page.locator(mute).uncheck(force=True)
    expect(other.page.locator(mute)).not_to_be_checked()


def test_a_deck_that_plays_moves_its_meter_and_the_master_until_panic(on_stage: Visitor) -> None:
    page = on_stage.page
    take = make_take(on_stage)
    on_stage.tab("Takes")
    page.locator(".row .about", has_text=take).click()
    page.get_by_label("Load on a deck").select_option("1")
    on_stage.tab("Stage")
    deck = page.locator(".deck").first
    expect(deck).to_contain_text(take)
    deck.get_by_role("button", name="Launch").click()
    expect(deck).to_have_attribute("data-activity", "playing")
    loud = "document.querySelector('{}').value > -50"
    until(page, loud.format(".deck .level"))
    until(page, loud.format(".transport .level"))
    expect(page.locator(".beat")).to_have_text(re.compile(r"\d+ \. \d"))
    page.locator("#panic").click()
    until(page, "document.querySelector('.deck .level').value <= -50")
    expect(deck).to_have_attribute("data-activity", "stopped")


def test_quantise_of_all_decks_is_shown_on_each(on_stage: Visitor) -> None:
    on_stage.page.locator("[data-path='quantise'] select").select_option("4")
    for deck in (1, 2):
        expect(on_stage.page.locator(f"[data-path='deck/{deck}/quantise'] select")).to_have_value("4")


def test_panic_is_said_and_reaches_the_bridge(on_stage: Visitor) -> None:
    on_stage.page.locator("#panic").click()
    expect(on_stage.page.locator("#said")).to_contain_text("Panic")


def test_endless_chords_are_checked_and_what_is_wrong_is_said(on_stage: Visitor) -> None:
    on_stage.page.get_by_label("Endless chords").fill("Am Q")
    expect(on_stage.page.locator(".endless .error")).to_contain_text("Q")
    on_stage.page.get_by_label("Endless chords").fill("Am F")
    expect(on_stage.page.locator(".endless .chip")).to_have_count(2)


def test_takes_have_decks_to_be_loaded_on(on_stage: Visitor, stage: Bridge) -> None:
    name = make_take(on_stage)
    on_stage.tab("Takes")
    on_stage.page.locator(".row .about", has_text=name).click()
    on_stage.page.get_by_label("Load on a deck").select_option("2")
    on_stage.tab("Stage")
    expect(on_stage.page.locator(".deck").nth(1)).to_contain_text(name)


def test_a_scene_is_stored_named_and_launched_and_another_page_shows_it(
    on_stage: Visitor, visit: Visit, stage: Bridge
) -> None:
    name = make_take(on_stage)
    on_stage.tab("Takes")
    on_stage.page.locator(".row .about", has_text=name).click()
    on_stage.page.get_by_label("Load on a deck").select_option("1")
    on_stage.tab("Stage")
    other = visit(stage)
    other.tab("Stage")
    deck = on_stage.page.locator(".deck").first
    expect(deck).to_contain_text(name)
    deck.get_by_role("button", name="Launch").click()
    expect(deck).to_have_attribute("data-activity", "playing")
    on_stage.page.get_by_role("button", name="Store scene 4").click()
    row = other.page.locator(".scene").nth(3)
    expect(row).to_contain_text(f"1: {name}")
    expect(row).to_have_attribute("data-activity", "playing")
    expect(other.page.locator(".scene")).to_have_count(5)
    on_stage.page.get_by_label("Name of scene 4").fill("Chorus")
    on_stage.page.get_by_label("Name of scene 4").press("Enter")
    deck.get_by_role("button", name="Stop").click()
    expect(row).to_have_attribute("data-activity", "stopped")
    row.get_by_role("button", name="Chorus").click()
    expect(deck).to_have_attribute("data-activity", "playing")
    expect(row).to_have_attribute("data-activity", "playing")
    row.get_by_role("button", name="Clear scene 4").click()
    expect(on_stage.page.locator(".scene").nth(3)).to_have_attribute("data-activity", "empty")
    on_stage.page.locator("#panic").click()
