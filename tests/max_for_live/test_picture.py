"""The picture shows every control where Live would, and the words fit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any
from xml.etree import ElementTree

import pytest

from bridge.settings import DEFAULT_PORT
from max_for_live.controls import CONTROLS, LABELS, STATUS_RECT, WIDTH_PIXELS
from max_for_live.faces import SCRIPT_MISSING
from max_for_live.picture import EXAMPLE, draw
from max_for_live.typography import clipped, room_pixels, text_width, wrapped
from max_for_live.wiring import build_patcher
from tests.max_for_live.played_session import LONGEST_SEED, Session, long_names, played, take_names

STATUS_LINES = 3
MOST_TAKES = 16
MODES = {  # a set's scale, by the name that Live gives it
    "Major": [0, 2, 4, 5, 7, 9, 11], "Minor": [0, 2, 3, 5, 7, 8, 10], "Dorian": [0, 2, 3, 5, 7, 9, 10],
    "Phrygian": [0, 1, 3, 5, 7, 8, 10], "Lydian": [0, 2, 4, 6, 7, 9, 11],
    "Mixolydian": [0, 2, 4, 5, 7, 9, 10], "Locrian": [0, 1, 3, 5, 6, 8, 10],
}  # fmt: skip


@pytest.fixture(scope="module")
def picture() -> ElementTree.Element:
    return ElementTree.fromstring(draw(build_patcher()))  # noqa: S314 - our own text


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    yield from played()


def test_it_is_as_large_as_the_device(picture: ElementTree.Element) -> None:
    assert picture.get("viewBox") == f"0 0 {WIDTH_PIXELS} 169"


def test_every_button_switch_word_and_label_can_be_read(picture: ElementTree.Element) -> None:
    words = " ".join(element.text or "" for element in picture.iter() if element.tag.endswith("text"))
    for control in CONTROLS:
        for text in (control.text, *(shown for _, shown in control.words if control.kind == "tab")):
            assert text in words, control.name
    for label in LABELS:
        assert label.text in words or label.name


def test_nothing_is_drawn_outside(picture: ElementTree.Element) -> None:
    for element in picture.iter():
        if element.tag.endswith("rect"):
            x, y, across, down = (float(element.attrib[side]) for side in ("x", "y", "width", "height"))
            assert x >= 0
            assert y >= 0
            assert x + across <= WIDTH_PIXELS + 0.01
            assert y + down <= 169.01


def test_a_control_that_moves_moves_in_the_picture() -> None:
    patcher: dict[str, Any] = build_patcher()
    before = draw(patcher)
    for entry in patcher["patcher"]["boxes"]:
        if entry["box"].get("varname") == "dice":
            entry["box"]["presentation_rect"][0] += 1.0
    assert draw(patcher) != before


def test_the_example_is_what_the_script_shows(session: Session) -> None:
    session.choose("preset", "piano_loop")
    session.choose("progression", "Pop: I V vi IV")
    session.generate(*take_names("piano_loop", 4))
    session.press("previous")
    session.control("preview", 1)
    told = {name: session.shown(name) for name, text in EXAMPLE.items() if name not in TOLD_OTHERWISE}
    assert told == {name: str(EXAMPLE[name]) for name in told}
    assert EXAMPLE["status"] in session.sentences()
    assert EXAMPLE["daemon_port"] == str(DEFAULT_PORT)


# Controls that the producer moved, the status, whose words come and go, and what the test chose itself.
TOLD_OTHERWISE = ("count", "loop", "status", "progress", "daemon_port")


def test_every_word_that_is_known_in_advance_fits_its_place(session: Session) -> None:
    for preset in session.presets.names():
        session.choose("preset", preset)
    session.generate(*long_names(session.presets, 107)[:MOST_TAKES])
    session.generate(*long_names(session.presets, 107)[-MOST_TAKES:])
    for root, (scale, intervals) in product(range(12), MODES.items()):
        session.follow(tempo=199.9, numerator=15, denominator=16, root=root, scale=scale, intervals=intervals)
    session.choose("preset", "four_parts", sound="strings,finger bass,drum kit,marimba")
    session.gather()
    places = {label.name: ("live.comment", label.rect) for label in LABELS if label.name}
    places |= {each.name: ("live.menu", each.rect) for each in CONTROLS if each.kind == "menu"}
    shown = {name: session.ever[name] for name in places}
    shown["seed"], places["seed"] = {str(LONGEST_SEED)}, ("textedit", _rect("seed"))
    shown["daemon_port"], places["daemon_port"] = {"65535"}, ("textedit", _rect("daemon_port"))
    assert all(shown.values()), "every place was told something"
    assert len(shown["sound"]) > 16
    assert {"4 parts", "the preset's"} <= shown["part"] | shown["sound"]
    cut = {
        text: place
        for place, texts in shown.items()
        for text in texts
        if clipped(text, room_pixels(places[place][0], places[place][1][2])) != text
    }
    assert not cut


def _rect(name: str) -> tuple[int, int, int, int]:
    (rect,) = [control.rect for control in CONTROLS if control.name == name]
    return rect


def test_a_menu_is_cut_as_live_cuts_it() -> None:
    name = "four_parts_120bpm_Cmajor_2bars_572610199_lead_8.wav"
    shown = clipped(name, room_pixels("live.menu", 92))
    assert name.startswith(shown)
    assert text_width(shown) <= 78 < text_width(name[: len(shown) + 1])
    assert clipped("8 lead", 78) == "8 lead"
    patcher = build_patcher()
    for entry in patcher["patcher"]["boxes"]:  # type: ignore[index]
        if entry["box"].get("varname") == "sound":
            entry["box"]["presentation_rect"][2] = 40.0
    assert ">grand<" in draw(patcher)


@pytest.mark.parametrize(
    "sentence",
    [
        SCRIPT_MISSING,
        "Bridge not running: start it with `msanii-bridge serve`.",
        "`chords`: got 'Am H7', expected chords as people write them, one a bar; the second, H7, is none of "
        "them: write it as B7.",
        "Not quite sure: A loop of a long name 12: 120.4 bpm (double the set's tempo), 12/8, F# minor. As "
        "heard takes its chords: F#m:6 D:6 A:6 E:6 F#m:6 D:6 .... Its bars begin on beat 3 of the clip's.",
        "`bars`: 64 at 61 bpm last 251.803 seconds, but expected 0.1 to 190 seconds; ask for fewer.",
    ],
)
def test_sentences_fit_into_the_status(sentence: str) -> None:
    assert len(wrapped(sentence, STATUS_RECT[2] - 4, 9.0)) <= STATUS_LINES


def test_wrapping_loses_no_word() -> None:
    sentence = "one two three four five six seven eight nine ten " * 4
    lines = wrapped(sentence, 100)
    assert " ".join(lines).split() == sentence.split()
    assert all(text_width(line) <= 100 for line in lines)
    assert wrapped("Donaudampfschifffahrtsgesellschaft", 20) == ["Donaudampfschifffahrtsgesellschaft"]
