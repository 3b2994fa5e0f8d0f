"""The chord field: each chord as it is understood, and what is wrong beside the field."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.bridge.page.conftest import Visitor


def names(visitor: Visitor) -> list[str]:
    return visitor.page.locator("#panel-make .understood b").all_inner_texts()


def test_each_chord_is_shown_with_its_tones_and_bar(visitor: Visitor) -> None:
    field = visitor.page.get_by_label("Chords", exact=True)
    field.fill("Am7 F:2 G:2 C/E")
    chips = visitor.page.locator("#panel-make .chip")
    expect(chips).to_have_count(4)
    # The chords of before were four too.
    expect(visitor.page.locator("#panel-make .understood b")).to_have_text(["Am7", "F", "G", "C/E"])
    expect(chips.nth(0)).to_contain_text("A C E G")
    expect(chips.nth(3)).to_contain_text("bar 3")


def test_a_chord_that_cannot_be_read_is_named_and_not_sent(visitor: Visitor) -> None:
    page = visitor.page
    field = page.get_by_label("Chords", exact=True)
    field.fill("Am F")
    expect(page.locator("#panel-make .chip")).to_have_count(2)
    field.fill("Am Fkaputt")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".chord-field .error").first).to_contain_text("Fkaputt")
    page.reload()
    expect(page.get_by_label("Chords", exact=True)).to_have_value("Am F")


@pytest.mark.parametrize(("key", "tones"), [("C major", "C E G"), ("A minor", "A C E")])
def test_a_progression_is_written_in_the_key(visitor: Visitor, key: str, tones: str) -> None:
    page = visitor.page
    page.get_by_label("Key", exact=True).select_option(key)
    progression = page.get_by_label("Progression")
    progression.select_option(index=1)
    expect(page.locator("#panel-make .chip").first).to_contain_text(tones)
    assert len(names(visitor)) >= 2
    page.get_by_label("Key", exact=True).select_option("")
    page.get_by_label("Chords", exact=True).fill("Am F C G")
    expect(page.locator("#panel-make .chip")).to_have_count(4)
