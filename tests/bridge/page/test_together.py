"""Several pages and programs: all see the same state; a bridge that dies and comes back finds its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.bridge.page.conftest import Bridge, Visit, Visitor, make_take
from tests.patient_client import PatientClient


def tempo(visitor: Visitor) -> Locator:
    return visitor.page.locator("[data-path='param/bpm'] input[type=number]")


@pytest.fixture
def listener(bridge: Bridge) -> Iterator[PatientClient]:
    with PatientClient(bridge.daemon.port) as client:
        client.send("/msanii/notify", 1)
        client.wait_for("/msanii/notify.reply")
        yield client


def test_two_pages_and_a_controller_stay_in_step(visit: Visit, listener: PatientClient) -> None:
    one, other = visit(), visit()
    tempo(one).fill("97.3")
    tempo(one).press("Enter")
    expect(tempo(other)).to_have_value("97.3")
    listener.wait_for_value("/msanii/param/bpm", pytest.approx(97.3))
    listener.send("/msanii/param/bpm", 120.0)
    for visitor in (one, other):
        expect(tempo(visitor)).to_have_value("120")
        assert visitor.complaints == []


def test_a_value_that_somebody_set_is_taken_back_on_another_page(
    visit: Visit, listener: PatientClient
) -> None:
    one, other = visit(), visit(viewport={"width": 360, "height": 740}, touch=True)
    back = [visitor.page.get_by_role("button", name="Reset Tempo") for visitor in (one, other)]
    for button in back:
        expect(button).to_be_hidden()
    tempo(one).fill("97")
    tempo(one).press("Enter")
    for button in back:
        expect(button).to_be_visible()
    box = back[1].bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 32
    back[1].click()
    for visitor, button in zip((one, other), back, strict=True):
        expect(tempo(visitor)).to_have_value("120")
        expect(button).to_be_hidden()
    one.page.get_by_label("Chords", exact=True).fill("Dm G")
    listener.send("/msanii/param/parts", "keys,bass")
    expect(one.page.get_by_role("button", name="Reset Parts")).to_be_visible()
    expect(other.page.get_by_role("button", name="Reset Chords")).to_be_visible()
    one.tab("Presets")
    session = one.page.locator(".differs").first
    expect(session).to_contain_text("Dm G")
    one.page.get_by_role("button", name="Reset all").click()
    expect(session).not_to_contain_text("Dm G")
    for name in ("Chords", "Parts", "Preset"):
        expect(other.page.get_by_role("button", name=f"Reset {name}")).to_be_hidden()
    assert other.complaints == one.complaints == []


def test_a_slider_that_is_dragged_moves_on_the_other_page(visit: Visit) -> None:
    one, other = visit(), visit()
    slider = one.page.locator("[data-path='param/dynamics'] input[type=range]")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    value = one.page.locator("[data-path='param/dynamics'] input[type=number]").input_value()
    assert float(value) > 1
    expect(other.page.locator("[data-path='param/dynamics'] input[type=number]")).to_have_value(value)


def test_a_preset_that_one_page_loads_and_a_star_are_seen_on_the_other(visit: Visit) -> None:
    one, other = visit(), visit()
    one.page.get_by_label("Preset", exact=True).select_option("waltz")
    expect(other.page.get_by_label("Preset", exact=True)).to_have_value("waltz")
    expect(other.page.locator("[data-path='param/numerator'] input[type=number]")).to_have_value("3")
    one.page.get_by_label("Preset", exact=True).select_option("piano_loop")
    expect(other.page.locator("[data-path='param/numerator'] input[type=number]")).to_have_value("4")
    take = make_take(one)
    for visitor in (one, other):
        visitor.tab("Takes")
    one.page.get_by_role("button", name=f"Star {take}", exact=True).click()
    starred = other.page.get_by_role("button", name=f"Star {take}", exact=True)
    expect(starred).to_have_attribute("aria-pressed", "true")


def test_a_job_of_another_program_is_in_the_queue(visitor: Visitor, listener: PatientClient) -> None:
    visitor.tab("Queue")
    listener.send("/msanii/generate", "terminal-1", "bars", 1)
    expect(visitor.page.locator(".job", has_text="terminal-1")).to_contain_text("ready")


def test_a_bridge_that_dies_is_said_to_be_lost_and_found_when_it_is_back(
    visit: Visit, tiny_model: Path, tmp_path: Path
) -> None:
    bridge = Bridge.of(tmp_path / "library", tiny_model.parent).start()
    try:
        visitor = visit(bridge)
        tempo(visitor).fill("90")
        tempo(visitor).press("Enter")
        bridge.daemon.kill()
        expect(visitor.page.locator("#connection")).to_contain_text("Connection lost")
        expect(visitor.page.locator("#reconnect")).to_be_visible()
        visitor.page.get_by_role("button", name="Generate", exact=True).click()
        expect(visitor.page.get_by_role("alert").filter(has_text="There is no connection")).to_be_visible()
        bridge.start()
        expect(visitor.page.locator("#connection")).to_contain_text("Connected")
        expect(visitor.page.locator("body[data-ready]")).to_be_attached()
        # State is read again: the session of the new bridge is a new one.
        expect(tempo(visitor)).to_have_value("120")
        assert make_take(visitor)
    finally:
        bridge.daemon.stop()
