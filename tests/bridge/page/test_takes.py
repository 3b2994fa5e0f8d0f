"""Takes in the browser: made, heard, found, dragged out; files dropped in."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import soundfile
from playwright.sync_api import JSHandle, Page, Route, expect

from bridge.http.safety import lan_address
from bridge.library.recipes import read_recipe
from tests.bridge.files import drop_take
from tests.bridge.page.conftest import LIMIT_SECONDS, Bridge, Visit, Visitor, make_take, until

SILENT_DB = -60.0
ROWS = 500


DROPPED = """([name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  return data;
}"""


def dropped(page: Page, file: Path, kind: str) -> JSHandle:
    """What a drop of a file from the desktop carries."""
    return page.evaluate_handle(DROPPED, [file.name, kind, list(file.read_bytes())])


@pytest.fixture
def take(visitor: Visitor) -> str:
    """The name of a take that the page has just made."""
    return make_take(visitor)


def test_a_take_that_the_page_made_is_heard(visitor: Visitor, bridge: Bridge, take: str) -> None:
    assert (bridge.library / take).is_file()
    visitor.tab("Takes")
    page = visitor.page
    page.get_by_role("button", name=f"Play {take}", exact=True).click()
    expect(page.locator("#player")).to_contain_text(take)
    # The analyser sits behind the volume: what it measures is what goes to the speakers.
    until(page, f"document.getElementById('player-level').value > {SILENT_DB}")
    until(page, "document.querySelector('#player .place').value > 0")
    page.locator("#player .stop").click()
    expect(page.locator("#player")).to_be_hidden()
    until(page, f"document.getElementById('player-level').value <= {SILENT_DB}")


def test_panic_silences_the_page_too(visitor: Visitor, take: str) -> None:
    visitor.tab("Takes")
    page = visitor.page
    page.get_by_role("button", name=f"Play {take}", exact=True).click()
    until(page, f"document.getElementById('player-level').value > {SILENT_DB}")
    page.locator("#panic").click()
    expect(page.locator("#player")).to_be_hidden()


DRAGGED = """one => {
  const data = new DataTransfer();
  one.dispatchEvent(new DragEvent("dragstart", { dataTransfer: data, bubbles: true }));
  return data.getData("DownloadURL");
}"""


def test_dragging_a_row_out_gives_the_file_and_its_handle_the_midi_file(
    visitor: Visitor, bridge: Bridge, take: str
) -> None:
    visitor.tab("Takes")
    page = visitor.page
    row = page.locator(".row", has=page.get_by_role("button", name=f"Play {take}", exact=True))
    for part, name, kind in (
        (row, take, "audio/wav"),
        (row.locator(".midi-file"), take.replace(".wav", ".mid"), "audio/midi"),
    ):
        said, file, address = part.evaluate(DRAGGED).split(":", 2)
        assert (said, file) == (kind, name)
        assert page.request.get(address).body() == (bridge.library / name).read_bytes()


def test_a_take_is_downloaded_under_its_name(visitor: Visitor, bridge: Bridge, take: str) -> None:
    visitor.tab("Takes")
    page = visitor.page
    page.locator(".row .about", has_text=take).click()
    with page.expect_download() as waiting:
        page.locator(".detail").get_by_role("link", name="Audio file").click()
    assert waiting.value.suggested_filename == take
    assert Path(waiting.value.path()).read_bytes() == (bridge.library / take).read_bytes()


def test_the_details_show_waveform_notes_and_on_demand_the_spectrogram(visitor: Visitor, take: str) -> None:
    visitor.tab("Takes")
    page = visitor.page
    page.locator(".row .about", has_text=take).click()
    drawn = """one => { const image = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
      return image.some((value) => value > 120); }"""
    for canvas in (".big-wave", ".small-roll"):
        expect(page.locator(canvas)).to_be_visible()
        until(page, f"({drawn})(document.querySelector('{canvas}'))")
    page.get_by_role("button", name="Spectrogram").click()
    until(page, "document.querySelector('.detail img')?.naturalWidth > 100")


# A canvas is fitted to its place on the screen as it is drawn.
DRAWN = """() => {
  const canvas = document.querySelector(".row:not([hidden]) canvas.wave");
  return canvas.width === Math.round(canvas.clientWidth * Math.min(2, devicePixelRatio));
}"""


def test_a_waveform_that_comes_while_its_row_is_away_is_drawn_with_the_row(
    visitor: Visitor, take: str
) -> None:
    held: list[Route] = []
    is_held = True
    page = visitor.page
    page.route(re.compile(r"/peaks"), lambda route: held.append(route) if is_held else route.continue_())
    page.reload()
    visitor.tab("Takes")
    row = page.get_by_role("button", name=f"Play {take}", exact=True)
    expect(row).to_be_visible()
    search = page.get_by_label("Search takes")
    search.fill("no take is called that")
    expect(row).to_be_hidden()
    with page.expect_response(lambda answer: "/peaks" in answer.url and take in answer.url):
        is_held = False
        for route in held:
            route.continue_()
    search.fill(take)
    expect(row).to_be_visible()
    until(page, f"({DRAWN})()")


def test_search_and_star_narrow_the_list(visitor: Visitor, bridge: Bridge, take: str) -> None:
    visitor.tab("Takes")
    page = visitor.page
    page.get_by_role("button", name=f"Star {take}", exact=True).click()
    expect(page.get_by_role("button", name=f"Star {take}", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_label("Starred").check()
    expect(page.locator(".row:not([hidden]) .name").first).to_have_text(take)
    page.get_by_label("Search takes").fill(take)
    expect(page.locator(".count")).to_have_text("1 take")
    page.get_by_label("Search takes").fill("no such take")
    expect(page.locator(".count")).to_have_text("0 takes")
    page.get_by_label("Search takes").fill("")
    expect(page.locator(".row:not([hidden]) .name").first).to_have_text(take)


def test_a_take_is_named_on_one_page_and_called_so_on_the_other(
    visit: Visit, visitor: Visitor, bridge: Bridge, take: str
) -> None:
    other = visit()
    for one in (visitor, other):
        one.tab("Takes")
        one.page.locator(".row .about", has_text=take).click()
    label = f"Chorus {take[-8:-4]}"
    field = visitor.page.get_by_label("Name", exact=True)
    field.fill(label)
    field.press("Enter")
    for page in (visitor.page, other.page):
        expect(page.locator(".detail h2")).to_have_text(label)
        expect(page.get_by_label("Name", exact=True)).to_have_value(label)
        expect(page.get_by_role("button", name=f"Play {label}", exact=True)).to_be_visible()
        expect(page.locator(".detail > .facts").first).to_contain_text(take)
    other.page.get_by_label("Search takes").fill(label.lower())
    expect(other.page.locator(".count")).to_have_text("1 take")
    field.fill("a\tb" + "x" * 100)
    field.press("Enter")
    expect(visitor.page.locator(".take-name .error")).to_contain_text("printable characters")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("")
    field.press("Enter")
    expect(other.page.locator(".detail h2")).to_have_text(take)
    expect(visitor.page.locator(".take-name .error")).to_be_empty()
    assert (bridge.library / take).is_file()


def test_a_take_is_shown_in_the_file_manager_of_this_machine_alone(
    visit: Visit, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, program = tmp_path / "opened", tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}.new"; mv "{opened}.new" "{opened}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":none")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    bridge = Bridge.of(tmp_path / "library", tiny_model.parent, "--lan", "--allow", lan_address())
    try:
        drop_take(bridge.start().library / "take_1.wav")
        here = f"http://127.0.0.1:{urlsplit(bridge.address).port}"
        (bridge.address,) = re.findall(r"the page is at (\S+)", bridge.words())
        far = visit(bridge)
        bridge.address = here
        near = visit(bridge)
        for visitor, count in ((far, 0), (near, 1)):
            visitor.tab("Takes")
            visitor.page.locator(".row .about", has_text="take_1.wav").click()
            expect(visitor.page.locator(".detail h2")).to_have_text("take_1.wav")
            expect(visitor.page.get_by_role("button", name="Show in folder")).to_have_count(count)
        near.page.get_by_role("button", name="Show in folder").click()
        until_file(near.page, opened)
        assert opened.read_text() == str(bridge.library)
        program.write_text("#!/bin/sh\nexit 3\n")
        near.page.get_by_role("button", name="Show in folder").click()
        expect(near.page.get_by_role("alert")).to_contain_text("reaches no file manager")
    finally:
        bridge.daemon.stop()


def until_file(page: Page, path: Path) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not path.exists():
        assert time.monotonic() < end, path
        page.wait_for_timeout(20)


def test_of_500_takes_only_those_in_view_have_elements(visitor: Visitor) -> None:
    page = visitor.page
    row = {"seconds": 8.0, "bpm": 120.0, "meter": "4/4", "chords": "Am F C G", "sound": "", "part": "keys",
           "star": False, "has_notes": False, "parent": "", "made": "", "seed": 1, "label": ""}  # fmt: skip
    takes = [{**row, "name": f"take_{number}.wav"} for number in range(ROWS)]

    def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        begin, count = int(asked["from"][0]), int(asked["count"][0])
        route.fulfill(json=takes[begin : begin + count], headers={"X-Total-Count": str(ROWS)})

    page.route(re.compile(r"/takes\?"), answer)
    peaks = {"low": [-0.5] * 160, "high": [0.5] * 160}
    page.route(re.compile(r"/peaks"), lambda route: route.fulfill(json=peaks))
    page.reload()
    visitor.tab("Takes")
    expect(page.locator(".count")).to_have_text(f"{ROWS} takes")
    page.locator(".scroller").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name=f"Play take_{ROWS - 1}.wav")).to_be_visible()
    assert page.locator(".row").count() < 60
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="Play take_0.wav", exact=True)).to_be_visible()
    assert page.locator(".row").count() < 60
    expect(page.locator(".detail h2")).to_have_text("take_0.wav")


def test_a_dropped_file_is_the_source_of_a_variation(
    visitor: Visitor, bridge: Bridge, take: str, tmp_path: Path
) -> None:
    page = visitor.page
    audio, rate = soundfile.read(bridge.library / take)
    mine = tmp_path / "my riff.wav"
    soundfile.write(mine, audio[: 2 * rate], rate)
    visitor.tab("Make")
    page.locator("input[name=verb][value=vary]").check(force=True)
    data = dropped(page, mine, "audio/wav")
    page.dispatch_event(".file-slot[data-name=source]", "drop", {"dataTransfer": data})
    expect(page.locator(".file-slot[data-name=source] output")).to_have_text("my riff.wav")
    page.locator("#generate").click()
    expect(page.locator(".job-words")).to_contain_text(re.compile("ready: .*vary_"))
    made = page.locator(".job-words").inner_text().removeprefix("ready: ")
    source = read_recipe(bridge.library / made).request.source
    assert source is not None
    assert source.name.startswith("my_riff")


def test_a_midi_file_that_is_dropped_anywhere_gives_the_notes(
    visitor: Visitor, bridge: Bridge, take: str, tmp_path: Path
) -> None:
    page = visitor.page
    mine = tmp_path / "my song.mid"
    mine.write_bytes((bridge.library / take).with_suffix(".mid").read_bytes())
    visitor.tab("Queue")
    page.dispatch_event("#panel-queue", "drop", {"dataTransfer": dropped(page, mine, "audio/midi")})
    expect(page.locator("#panel-make")).to_be_visible()
    expect(page.locator(".file-slot[data-name=notes] output")).to_have_text("my song.mid")
    made = make_take(visitor)
    played, wanted = (read_recipe(bridge.library / name).heard_notes for name in (made, take))
    pitches = [sorted(note[2] for notes in of.values() for note in notes) for of in (played, wanted)]
    assert pitches[0] == pitches[1]


def test_a_file_that_is_no_audio_is_refused_with_the_bridges_sentence(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    mine = tmp_path / "letter.txt"
    mine.write_text("Dear musicians")
    page.dispatch_event("#panel-make", "drop", {"dataTransfer": dropped(page, mine, "text/plain")})
    expect(page.get_by_role("alert").filter(has_text="letter")).to_be_visible()
    visitor.complaints.clear()  # the console notes the refusal as well


def test_without_a_source_the_page_says_what_is_missing(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("input[name=verb][value=outpaint]").check(force=True)
    page.locator("#generate").click()
    expect(page.get_by_role("alert").filter(has_text="Outpaint needs Source")).to_be_visible()


def test_a_job_is_cancelled_from_the_queue(visit: Visit, visitor: Visitor) -> None:
    page = visitor.page
    page.locator("details.more").evaluate("one => { one.open = true; }")
    steps = page.locator("[data-path='param/steps'] input[type=number]")
    before = steps.input_value()
    steps.fill("1000")
    steps.press("Enter")
    page.get_by_role("button", name="Generate", exact=True).click()
    other = visit()  # it opens in the middle of the render, and finds it
    other.tab("Queue")
    other.page.locator(".job").filter(has_text="generate").first.get_by_role("button").click()
    visitor.tab("Queue")
    expect(page.locator(".job").first).to_contain_text("cancelled")
    steps_again = page.locator("[data-path='param/steps'] input[type=number]")
    visitor.tab("Make")
    steps_again.fill(before)
    steps_again.press("Enter")
