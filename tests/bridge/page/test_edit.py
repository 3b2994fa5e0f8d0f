"""The piano roll: notes and chords change, and the render has them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from bridge.library.recipes import Recipe, read_recipe
from tests.bridge.page.conftest import Bridge, Visitor, make_take

ROW_PIXELS = 12


@pytest.fixture
def roll(visitor: Visitor, request: pytest.FixtureRequest) -> Locator:
    """The roll with a take that the page has just made, its name in `visitor.take`."""
    name = make_take(visitor)
    request.node.take = name
    visitor.tab("Takes")
    visitor.page.locator(".row .about", has_text=name).click()
    visitor.page.locator(".detail").get_by_role("button", name="Edit").click()
    canvas = visitor.page.locator("canvas.roll")
    expect(canvas).to_be_visible()
    expect(visitor.page.get_by_label("Chord of bar 4")).to_have_value("G")
    return canvas


@pytest.fixture
def before(roll: Locator, bridge: Bridge, request: pytest.FixtureRequest) -> Recipe:
    return read_recipe(bridge.library / request.node.take)


def rendered(visitor: Visitor, bridge: Bridge) -> Recipe:
    """Press Render; the recipe of the new take."""
    page = visitor.page
    page.get_by_role("button", name="Render", exact=True).click()
    expect(page.locator(".result b")).to_be_visible()
    return read_recipe(bridge.library / page.locator(".result b").inner_text())


def heard(recipe: Recipe) -> set[tuple[float, float, int, int]]:
    return {note for notes in recipe.heard_notes.values() for note in notes}


def said(visitor: Visitor) -> Locator:
    return visitor.page.locator("#said")


def test_a_note_moved_by_keyboard_is_rendered_and_the_take_has_a_parent(
    visitor: Visitor, bridge: Bridge, roll: Locator, before: Recipe, request: pytest.FixtureRequest
) -> None:
    roll.focus()
    roll.press("]")
    expect(said(visitor)).to_contain_text("bar 1")
    roll.press("ArrowUp")
    roll.press("ArrowUp")
    expect(visitor.page.locator(".what")).to_have_text("Render plays your notes in bar 1.")
    after = rendered(visitor, bridge)
    assert after.request.parent == request.node.take
    (gone,) = heard(before) - heard(after)
    (new,) = heard(after) - heard(before)
    assert new == (gone[0], gone[1], gone[2] + 2, gone[3])


def test_a_note_is_added_by_mouse_and_removed_by_undo(visitor: Visitor, roll: Locator) -> None:
    page = visitor.page
    render = page.get_by_role("button", name="Render", exact=True)
    expect(render).to_be_disabled()
    page.get_by_label("Draw").check()
    box = roll.bounding_box()
    assert box is not None
    scroller = page.locator(".roll-scroller").bounding_box()
    assert scroller is not None
    x, y = scroller["x"] + scroller["width"] / 2 + 3, scroller["y"] + scroller["height"] - ROW_PIXELS * 3
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    expect(page.locator(".what")).to_contain_text("plays your notes in bar 3")
    expect(render).to_be_enabled()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(render).to_be_disabled()


def test_a_note_is_dragged_by_mouse_to_another_pitch(visitor: Visitor, roll: Locator, before: Recipe) -> None:
    page = visitor.page
    start, end, pitch, _ = min(heard(before))
    pitches = [note[2] for notes in before.notes.values() for note in notes]
    high = max(max(pitches) + 7, max(0, min(pitches) - 7) + 24)
    box = roll.bounding_box()
    assert box is not None
    beats = 4 * 4
    x = box["x"] + (start + (end - start) / 3) / beats * box["width"]
    y = (high - pitch) * ROW_PIXELS + ROW_PIXELS / 2
    page.locator(".roll-scroller").evaluate("(one, y) => { one.scrollTop = y - 80; }", y)
    box = roll.bounding_box()
    assert box is not None
    page.mouse.move(x, box["y"] + y)
    page.mouse.down()
    page.mouse.move(x, box["y"] + y - 3 * ROW_PIXELS, steps=5)
    page.mouse.up()
    expect(page.locator(".what")).to_have_text("Render plays your notes in bar 1.")
    roll.focus()
    roll.press("ArrowUp")
    expect(said(visitor)).to_contain_text("bar 1, beat")


def test_another_chord_in_a_bar_is_composed_and_the_other_bars_stay(
    visitor: Visitor, bridge: Bridge, roll: Locator, before: Recipe
) -> None:
    page = visitor.page
    page.get_by_label("Chord of bar 3").fill("Dm")
    page.get_by_label("Chord of bar 3").press("Enter")
    expect(page.locator(".what")).to_have_text("Render changes the chords of bar 3.")
    after = rendered(visitor, bridge)
    assert after.request.chords.replace("|", " ").split() == ["Am", "F", "Dm", "G"]
    # A note that rang into bar 3 may end with bar 2 now.
    kept = [{(note[0], *note[2:]) for note in heard(one) if not 8 <= note[0] < 12} for one in (before, after)]
    assert kept[0] == kept[1]


def test_a_wrong_chord_is_refused_beside_its_bar(visitor: Visitor, roll: Locator) -> None:
    page = visitor.page
    chord = page.get_by_label("Chord of bar 2")
    chord.fill("Hkaputt")
    chord.press("Enter")
    expect(chord).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".edit-body > .error")).to_contain_text("Bar 2")
    expect(page.get_by_role("button", name="Render", exact=True)).to_be_disabled()


def test_chosen_bars_are_composed_anew(
    visitor: Visitor, bridge: Bridge, roll: Locator, before: Recipe
) -> None:
    page = visitor.page
    page.get_by_label("Choose bar 4").check()
    expect(page.locator(".what")).to_have_text("Render composes bar 4 anew.")
    after = rendered(visitor, bridge)
    assert after.request.renew_bars == "4"
    # A note that rang into bar 4 may end with bar 3 now.
    kept = [{(note[0], *note[2:]) for note in heard(one) if note[0] < 12} for one in (before, after)]
    assert kept[0] == kept[1]


def test_notes_and_chords_together_are_explained_not_sent(visitor: Visitor, roll: Locator) -> None:
    page = visitor.page
    roll.focus()
    roll.press("]")
    roll.press("Delete")
    page.get_by_label("Choose bar 2").check()
    expect(page.locator(".what")).to_contain_text("Render them alone")
    expect(page.get_by_role("button", name="Render", exact=True)).to_be_disabled()
