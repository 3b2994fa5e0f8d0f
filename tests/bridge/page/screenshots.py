"""`python -m tests.bridge.page.screenshots FOLDER`: the README's pictures of the page.

A daemon renders five takes with the shipped model, and the page shows them. Needs Chromium.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

import msanii
from tests.bridge.page.conftest import CHROMIUM_FLAGS, LIMIT_SECONDS, Bridge, Visitor
from tests.conftest import need_browser
from tests.patient_client import PatientClient

_SHIPPED = Path(msanii.__file__).parent / "pretrained"
_WIDTH, _TAKES_HEIGHT, _EDIT_HEIGHT = 1180, 960, 720
_SHARED = ("bpm", 96, "bars", 4, "chords", "Am7 Dm7 G7 Cmaj7", "key", "A minor")
_PRESETS = ("electric_keys", "drum_loop", "bass_line", "warm_pad", "marimba_lead")
_FIRST_SEED = 11


def main() -> None:
    """Write page_takes.png and page_edit.png."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        bridge = Bridge.of(Path(place) / "library", _SHIPPED, model="default").start()
        try:
            takes = _takes(bridge)
            chromium = playwright.chromium.launch(executable_path=need_browser(), args=CHROMIUM_FLAGS)
            page = chromium.new_page(viewport={"width": _WIDTH, "height": _TAKES_HEIGHT})
            page.set_default_timeout(1000 * LIMIT_SECONDS)
            page.goto(bridge.address)
            expect(page.locator("body[data-ready]")).to_be_attached()
            _show_takes(page, takes[0])
            page.screenshot(path=folder / "page_takes.png")
            page.set_viewport_size({"width": _WIDTH, "height": _EDIT_HEIGHT})
            _show_edit(page)
            page.screenshot(path=folder / "page_edit.png")
            chromium.close()
        finally:
            bridge.daemon.stop()


def _takes(bridge: Bridge) -> list[str]:
    """Render a take of each preset; name the first."""
    names = []
    with PatientClient(bridge.daemon.port) as client:
        for number, preset in enumerate(_PRESETS):
            client.send("/msanii/generate", preset, "preset", preset, "seed", _FIRST_SEED + number, *_SHARED)
            take = client.wait_for("/msanii/take", about=preset, timeout_seconds=LIMIT_SECONDS)
            names.append(Path(str(take.arguments[2])).name)
            client.wait_for("/msanii/done", about=preset, timeout_seconds=LIMIT_SECONDS)
        client.send("/msanii/take/name", names[0], "Verse keys")
        client.wait_for("/msanii/take/name.reply", timeout_seconds=LIMIT_SECONDS)
    return names


def _show_takes(page: Page, name: str) -> None:
    """The first take plays; its spectrogram is drawn."""
    Visitor(page).tab("Takes")
    page.get_by_placeholder("name, chords, sound, seed").fill("96bpm")
    page.locator(".row .about", has_text="Verse keys").click()
    detail = page.locator(".detail")
    expect(detail.locator("canvas.small-roll")).to_be_visible()
    detail.get_by_role("button", name="Spectrogram").click()
    expect(detail.locator(".more-about img")).to_be_visible()
    page.wait_for_load_state("networkidle")  # every row has its waveform
    detail.get_by_role("button", name="Play").click()
    expect(page.locator("#player")).to_contain_text("Verse keys")
    page.wait_for_timeout(4_000)  # some of it has been played


def _show_edit(page: Page) -> None:
    """Another chord in bar 3, and bar 4 chosen."""
    page.locator("#player .stop").click()
    page.locator(".detail").get_by_role("button", name="Edit").click()
    chord = page.get_by_label("Chord of bar 3")
    expect(chord).to_have_value("G7")
    chord.fill("G7:2 E7:2")
    chord.press("Enter")
    page.get_by_label("Choose bar 4").check()
    expect(page.locator(".what")).to_contain_text("composes bar 4 anew")


if __name__ == "__main__":
    main()
