"""The picture shows every control where Live would, and the words fit."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from max_for_live.controls import CONTROLS, LABELS, STATUS_RECT
from max_for_live.faces import SCRIPT_MISSING
from max_for_live.picture import draw
from max_for_live.typography import text_width, wrapped
from max_for_live.wiring import build_patcher

STATUS_LINES = 3


@pytest.fixture(scope="module")
def picture() -> ElementTree.Element:
    return ElementTree.fromstring(draw(build_patcher()))  # noqa: S314 - our own text


def test_it_is_as_large_as_the_device(picture: ElementTree.Element) -> None:
    assert picture.get("viewBox") == "0 0 480 169"


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
            assert x + across <= 480.01
            assert y + down <= 169.01


def test_a_control_that_moves_moves_in_the_picture() -> None:
    patcher: dict[str, Any] = build_patcher()
    before = draw(patcher)
    for entry in patcher["patcher"]["boxes"]:
        if entry["box"].get("varname") == "dice":
            entry["box"]["presentation_rect"][0] += 1.0
    assert draw(patcher) != before


@pytest.mark.parametrize(
    "sentence",
    [
        SCRIPT_MISSING,
        "Bridge not running: start it with `msanii-bridge serve`.",
        "`chords`: got 'Am H7', expected chords as people write them, one a bar; the second, H7, is none of "
        "them: write it as B7.",
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
