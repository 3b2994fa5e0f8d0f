"""Presets, settings, and learning a knob with a real MIDI port."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect

from tests.bridge.midi_stage import Player, midi_server
from tests.bridge.page.conftest import Bridge, Visit, Visitor
from tests.conftest import missing

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="module")
def hands(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bridge, Player]]:
    """A bridge with MIDI over a JACK server of its own, and a program with a knob."""
    with midi_server(f"page-{WORKER}") as server:
        bridge = Bridge.of(
            tmp_path_factory.mktemp("hands") / "library",
            tiny_model.parent,
            "--midi",
            "--midi-api",
            "UNIX_JACK",
        )
        names = ("JACK_NO_AUDIO_RESERVATION", "JACK_NO_START_SERVER", "JACK_DEFAULT_SERVER")
        bridge.daemon.wrapper = ["env", *(f"{name}={server.environment[name]}" for name in names)]
        try:
            bridge.start()
            player = Player(server, "Page pad")
            yield bridge, player
            player.close()
        finally:
            bridge.daemon.stop()


def test_a_knob_is_learned_by_a_click_and_a_move_and_then_moves_the_slider(
    visit: Visit, hands: tuple[Bridge, Player]
) -> None:
    bridge, player = hands
    visitor = visit(bridge)
    page = visitor.page
    visitor.tab("MIDI")
    expect(page.locator("#panel-midi td", has_text=player.output).first).to_be_visible()
    page.get_by_role("button", name="Learn", exact=True).click()
    visitor.tab("Make")
    page.locator("[data-path='param/dynamics'] .label").click()
    expect(page.locator("#learning")).to_contain_text("Move a knob or hit a pad for dynamics")
    player.send([0xB2, 20, 10], [0xB2, 20, 11], [0xB2, 20, 12])
    expect(page.get_by_text("dynamics is cc 20, channel 3")).to_be_visible()
    page.locator("#learning").get_by_role("button", name="Done").click()
    learned = bridge.library.parent / "presets" / "midi" / "learned.yaml"
    (row,) = [one for one in yaml.safe_load(learned.read_text())["controls"] if one.get("cc") == 20]
    assert row["parameter"] == "dynamics"
    player.send([0xB2, 20, 127])
    expect(page.locator("[data-path='param/dynamics'] input[type=number]")).to_have_value("127")
    visitor.tab("MIDI")
    taught = page.locator("#panel-midi tr", has_text="learned").filter(has_text="dynamics").first
    expect(taught).to_be_visible()
    taught.get_by_role("button", name="Forget").click()
    expect(page.locator("#panel-midi tr", has_text="learned").filter(has_text="dynamics")).to_have_count(0)
    assert visitor.complaints == []


def test_while_learning_a_click_on_a_control_does_nothing_else(
    visit: Visit, hands: tuple[Bridge, Player]
) -> None:
    visitor = visit(hands[0])
    page = visitor.page
    visitor.tab("MIDI")
    page.get_by_role("button", name="Learn", exact=True).click()
    visitor.tab("Make")
    page.locator("#generate").click()
    expect(page.locator("#learning")).to_contain_text("generate")
    page.keyboard.press("Escape")
    expect(page.locator("#learning")).to_be_hidden()
    assert page.locator(".job-words").inner_text() == ""


def test_a_preset_is_saved_shown_by_what_differs_and_replaced_only_when_asked(visitor: Visitor) -> None:
    page = visitor.page
    tempo = page.locator("[data-path='param/bpm'] input[type=number]")
    tempo.fill("101")
    tempo.press("Enter")
    visitor.tab("Presets")
    expect(page.locator("#panel-presets .differs").first).to_contain_text("101")
    page.get_by_label("Save as").fill("my page preset")
    page.get_by_role("button", name="Save", exact=True).click()
    card = page.get_by_role("article", name="my page preset")
    expect(card).to_contain_text("101")
    visitor.tab("Make")
    tempo.fill("102")
    tempo.press("Enter")
    visitor.tab("Presets")
    for answer, bpm in (("Keep the old one", "101"), ("Replace", "102")):
        page.get_by_label("Save as").fill("my page preset")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name=answer).click()
        expect(card).to_contain_text(bpm)
    page.get_by_role("button", name="Load piano_loop").click()
    expect(page.get_by_role("article", name="piano_loop")).to_have_class("preset loaded")


def test_a_preset_of_the_program_is_not_replaced(visitor: Visitor) -> None:
    visitor.tab("Presets")
    page = visitor.page
    expect(page.get_by_role("article", name="waltz")).to_be_visible()
    page.get_by_label("Save as").fill("waltz")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="comes with the program")).to_be_visible()


def test_settings_tell_the_model_and_the_doctor_what_works(visitor: Visitor, bridge: Bridge) -> None:
    visitor.tab("Settings")
    page = visitor.page
    expect(page.locator("#panel-settings")).to_contain_text(str(bridge.library))
    expect(page.locator(".facts-list").first).to_contain_text("tiny")
    page.get_by_role("button", name="Examine this computer").click()
    expect(page.locator(".checks li").nth(3)).to_be_visible()
    expect(page.locator(".checks")).to_contain_text("PyTorch")


def test_settings_show_the_machines_of_a_pool(visit: Visit, tiny_model: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec("ray") is None:
        missing("ray is not installed")
    alone = visit()
    alone.tab("Settings")
    expect(alone.page.locator(".facts-list").first).to_contain_text("tiny")
    expect(alone.page.get_by_role("region", name="Machines")).to_be_hidden()
    pooled = Bridge.of(tmp_path / "library", tiny_model.parent, "--pool", "local:1")
    try:
        visitor = visit(pooled.start())
        visitor.tab("Settings")
        machines = visitor.page.get_by_role("region", name="Machines")
        expect(machines.get_by_role("row")).to_have_count(2)
        expect(machines.get_by_role("row").last).to_contain_text("ready")
        expect(machines.get_by_role("row").last).to_contain_text("cpu")
        expect(machines.get_by_role("row").last).to_contain_text("tiny")
        assert visitor.complaints == []
    finally:
        pooled.daemon.stop()
