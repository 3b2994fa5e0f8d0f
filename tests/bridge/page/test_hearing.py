"""What is heard in audio, in the browser: in a take, for new music; in a source, which takes follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from bridge.library.recipes import read_recipe
from tests.bridge.page.conftest import LIMIT_SECONDS, Bridge, Visit, Visitor, fresh_session, make_take
from tests.msanii.listening.electronic_loops import RATE, electronic_loop
from tests.patient_client import PatientClient

FOLLOWED = "New takes follow this, or a take's own score, unless you set tempo or chords."


@pytest.fixture(scope="module")
def hearing(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A bridge that hears the sources of requests."""
    running = Bridge.of(tmp_path_factory.mktemp("hearing") / "library", tiny_model.parent)
    running.daemon.wrapper = ["env", "MSANII_HEAR_SOURCES=1"]
    try:
        yield running.start()
    finally:
        running.daemon.stop()


@pytest.fixture
def take(visitor: Visitor) -> str:
    """The name of a take that the page has just made."""
    return make_take(visitor)


@dataclass(frozen=True)
class Told:
    """What the bridge tells of an audio file; the shipped listener hears all of it in this loop."""

    bpm: str
    first_beat: int
    key: str
    chords: str

    @classmethod
    def of(cls, bridge: Bridge, path: Path) -> Told:
        with PatientClient(bridge.daemon.port) as client:
            client.send("/msanii/listen", str(path))
            answer = client.wait_for("/msanii/heard", timeout_seconds=LIMIT_SECONDS)
        _, bpm, _, _, first_beat, key, chords, _ = answer.arguments
        assert chords
        assert isinstance(bpm, float)
        assert isinstance(first_beat, int)
        return cls(f"{round(bpm, 2):g}", first_beat, str(key), str(chords))

    def expect_in_the_form(self, page: Page) -> None:
        expect(page.locator("#panel-make")).to_be_visible()
        expect(page.locator("[data-path='param/bpm'] input[type=number]")).to_have_value(self.bpm)
        expect(page.get_by_label("Key", exact=True)).to_have_value(self.key)
        expect(page.get_by_label("Chords", exact=True)).to_have_value(self.chords)
        expect(page.locator("#panel-make .understood b").first).to_have_text(self.chords.split()[0])


def test_what_is_heard_in_a_take_is_used_for_the_next(visitor: Visitor, bridge: Bridge, take: str) -> None:
    soundfile.write(bridge.library / take, electronic_loop(1).audio, RATE)
    told = Told.of(bridge, bridge.library / take)
    page = visitor.page
    page.locator("input[name=verb][value=vary]").check(force=True)
    visitor.tab("Takes")
    page.locator(".row .about", has_text=take).click()
    hear = page.get_by_role("button", name=f"Hear {take}")
    hear.focus()
    hear.press("Enter")
    heard = page.locator(".detail .heard")
    expect(heard).to_contain_text(re.compile(rf"{told.bpm} bpm \(\d+ % sure\) · 4/4 · {told.key}"))
    expect(heard).to_contain_text(f"from the first downbeat on, sample {told.first_beat}: {told.chords}")
    expect(page.locator("#said")).to_contain_text(told.chords)
    use = heard.get_by_role("button", name="Use tempo, meter, key and chords")
    use.focus()
    use.press("Enter")
    told.expect_in_the_form(page)
    expect(page.locator("#generate")).to_have_text("Generate")


def test_a_source_is_heard_and_followed_with_nothing_to_press(
    visit: Visit, hearing: Bridge, tmp_path: Path
) -> None:
    fresh_session(hearing)
    visitor = visit(hearing)
    page = visitor.page
    page.locator("input[name=verb][value=vary]").check(force=True)
    slot = page.locator(".file-slot[data-name=source]")
    heard, hear = slot.locator(".heard"), slot.get_by_role("button", name="Hear Source")
    expect(hear).to_be_hidden()
    loop, silence = tmp_path / "loop.wav", tmp_path / "silence.wav"
    soundfile.write(loop, electronic_loop(1).audio, RATE)
    soundfile.write(silence, np.zeros(RATE), RATE)
    slot.locator("input[type=file]").set_input_files(silence)
    hear.click()
    expect(heard).to_contain_text("no sure tempo · no sure key")
    expect(heard).to_contain_text("no sure chords")
    expect(heard.locator(".hint")).to_have_count(0)
    slot.locator("input[type=file]").set_input_files(loop)
    expect(heard).to_be_hidden()
    hear.click()
    expect(heard.locator(".hint")).to_have_text(FOLLOWED)
    told = Told.of(hearing, loop)
    expect(heard).to_contain_text(f"{told.bpm} bpm")
    expect(heard).to_contain_text(told.chords)
    expect(heard.get_by_role("button")).to_have_count(0)
    page.locator("#generate").click()
    words = page.locator(".job-words")
    expect(words).to_contain_text(re.compile("ready: .*vary_"))
    made = words.inner_text().removeprefix("ready: ").split(", ")[0]
    assert {"bpm", "chords"} <= {*read_recipe(hearing.library / made).request.heard_values}
    slot.get_by_role("button", name="Clear Source").click()
    expect(hear).to_be_hidden()
    assert visitor.complaints == []


def test_of_two_sources_the_first_is_followed(visit: Visit, hearing: Bridge, tmp_path: Path) -> None:
    page = visit(hearing).page
    page.locator("input[name=verb][value=interpolate]").check(force=True)
    slot = page.locator(".file-slot[data-name=source_b]")
    loop = tmp_path / "loop.wav"
    soundfile.write(loop, electronic_loop(1).audio, RATE)
    slot.locator("input[type=file]").set_input_files(loop)
    slot.get_by_role("button", name="Hear Source B").click()
    expect(slot.locator(".heard .hint")).to_have_text("New takes follow Source, not this.")


def test_a_bridge_that_hears_no_sources_does_not_say_that_they_are_followed(
    visitor: Visitor, bridge: Bridge, tmp_path: Path
) -> None:
    page = visitor.page
    page.locator("input[name=verb][value=vary]").check(force=True)
    slot = page.locator(".file-slot[data-name=source]")
    loop = tmp_path / "loop.wav"
    soundfile.write(loop, electronic_loop(1).audio, RATE)
    slot.locator("input[type=file]").set_input_files(loop)
    slot.get_by_role("button", name="Hear Source").click()
    expect(slot.locator(".heard")).to_contain_text(Told.of(bridge, loop).chords)
    expect(slot.locator(".heard .hint, .heard button")).to_have_count(0)


def test_audio_that_is_gone_is_refused_in_words(visitor: Visitor, bridge: Bridge, take: str) -> None:
    page = visitor.page
    visitor.tab("Takes")
    page.locator(".row .about", has_text=take).click()
    (bridge.library / take).unlink()
    page.get_by_role("button", name=f"Hear {take}").click()
    expect(page.locator(".detail .heard").get_by_role("alert")).to_contain_text(take)
    visitor.complaints.clear()  # its waveform may be missed in the console
