"""The piano roll under a finger: taps choose, drags move, double taps add and delete, swipes scroll."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from playwright.sync_api import CDPSession, Locator, Page, ViewportSize, expect

from bridge.library.recipes import Recipe, read_recipe
from tests.bridge.page.conftest import LIMIT_SECONDS, Bridge, Visit, Visitor, make_take

PHONE: ViewportSize = {"width": 390, "height": 844}
ROW_PIXELS = 18
BARS_PIXELS = 60  # above the roll, and over it once that is scrolled
BEATS = 16.0
# More than the page takes for a hold, and for a double tap.
HOLD_SECONDS = 0.8
APART_SECONDS = 0.6

Place = tuple[float, float]


@dataclass
class Finger:
    """A finger on the roll of an open take. Places are pixels from the roll's corner."""

    page: Page
    roll: Locator
    touches: CDPSession
    recipe: Recipe

    def put(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        self.touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def on_screen(self, place: Place) -> Place:
        box, view = self.roll.bounding_box(), self.page.locator(".roll-scroller").bounding_box()
        assert box is not None
        assert view is not None
        x, y = box["x"] + place[0], box["y"] + place[1]
        assert view["x"] < x < view["x"] + view["width"]
        assert view["y"] + BARS_PIXELS < y < view["y"] + view["height"]
        return x, y

    def tap(self, place: Place) -> None:
        """One tap, well apart from the one before."""
        time.sleep(APART_SECONDS)
        self.page.touchscreen.tap(*self.on_screen(place))

    def double_tap(self, place: Place, becomes: str) -> None:
        """Two taps, again where a busy machine put them so far apart that they were two single ones."""
        x, y = self.on_screen(place)
        end = time.monotonic() + LIMIT_SECONDS
        while self.page.locator(".what").inner_text() != becomes:
            assert time.monotonic() < end
            time.sleep(APART_SECONDS)
            self.page.touchscreen.tap(x, y)
            self.page.touchscreen.tap(x, y)
            self.page.wait_for_timeout(200)

    def swipe(self, start: Place, by: Place, first: Callable[[], None] = lambda: None) -> None:
        """Drag so that the roll scrolls; again, from `first` on, if a busy machine made a hold of it."""
        end = time.monotonic() + LIMIT_SECONDS
        self.show(self.highest)
        before = self.scrolled()
        while self.scrolled() == before:
            assert time.monotonic() < end
            first()
            self.show(self.highest)
            self.drag(start, by)
            self.page.wait_for_timeout(200)

    def drag(self, start: Place, by: Place, hold_seconds: float = 0.0) -> None:
        x, y = self.on_screen(start)
        self.put("touchStart", (x, y))
        time.sleep(hold_seconds)
        for step in range(1, 9):
            self.put("touchMove", (x + by[0] * step / 8, y + by[1] * step / 8))
        self.put("touchEnd")

    def scrolled(self) -> Sequence[float]:
        found: Sequence[float] = self.page.locator(".roll-scroller").evaluate(
            "one => [one.scrollLeft, one.scrollTop]"
        )
        return found

    @property
    def notes(self) -> list[tuple[float, float, int, int]]:
        return sorted(note for notes in self.recipe.heard_notes.values() for note in notes)

    @property
    def highest(self) -> int:
        pitches = [note[2] for notes in self.recipe.notes.values() for note in notes]
        return max(max(pitches) + 7, max(0, min(pitches) - 7) + 24)

    def place(self, beat: float, pitch: float) -> Place:
        box = self.roll.bounding_box()
        assert box is not None
        return beat / BEATS * box["width"], (self.highest - pitch + 0.5) * ROW_PIXELS

    def show(self, pitch: int) -> None:
        """Bring a pitch to the middle of the roll."""
        top = (self.highest - pitch) * ROW_PIXELS
        self.page.locator(".roll-scroller").evaluate("(one, top) => { one.scrollTop = top - 150; }", top)


@pytest.fixture
def finger(visit: Visit, bridge: Bridge) -> Iterator[Finger]:
    visitor: Visitor = visit(viewport=PHONE, touch=True)
    name = make_take(visitor)
    page = visitor.page
    visitor.tab("Takes")
    page.locator(".row .about", has_text=name).click()
    page.locator(".detail").get_by_role("button", name="Edit").click()
    roll = page.locator("canvas.roll")
    expect(roll).to_be_visible()
    expect(page.get_by_label("Chord of bar 4")).to_have_value("G")
    page.locator(".roll-scroller").scroll_into_view_if_needed()
    yield Finger(page, roll, page.context.new_cdp_session(page), read_recipe(bridge.library / name))
    assert visitor.complaints == []


def what(finger: Finger) -> Locator:
    return finger.page.locator(".what")


def said_after_key(finger: Finger, key: str) -> Locator:
    """What is said of the chosen notes."""
    finger.roll.press(key)
    return finger.page.locator("#said")


def first_alone(finger: Finger) -> tuple[float, float, int, int]:
    """The first note that ends where no other is near."""
    for note in finger.notes:
        others = [other for other in finger.notes if other is not note]
        if all(abs(other[2] - note[2]) > 1 or other[0] > note[1] or other[1] < note[0] for other in others):
            return note
    raise AssertionError(finger.notes)


def test_a_tap_chooses_a_note_and_one_beside_all_leaves_none(finger: Finger) -> None:
    start, end, pitch, _ = first_alone(finger)
    finger.show(pitch)
    finger.tap(finger.place((start + end) / 2, pitch))
    finger.page.get_by_role("button", name="Longer").click()
    expect(what(finger)).to_contain_text("plays your notes in bar")
    finger.page.get_by_role("button", name="Undo").click()
    expect(what(finger)).to_have_text("Move notes, change a chord, or choose bars.")
    finger.tap(finger.place((start + end) / 2, pitch))
    expect(said_after_key(finger, "Shift+ArrowRight")).to_contain_text(f"bar {int(start // 4) + 1}, ")
    finger.show(finger.highest)
    finger.tap(finger.place(0.1, finger.highest - 1))
    expect(said_after_key(finger, "Control+y")).to_have_text("No note is chosen.")


def test_a_drag_moves_a_note_and_the_page_stays_where_it_is(finger: Finger) -> None:
    start, end, pitch, velocity = first_alone(finger)
    finger.show(pitch)
    before = finger.scrolled()
    finger.drag(finger.place(start + (end - start) / 3, pitch), (0, -3 * ROW_PIXELS))
    expect(what(finger)).to_contain_text("plays your notes in bar")
    assert finger.scrolled() == before
    length = f"{round(end - start, 3):g}"
    expect(said_after_key(finger, "Alt+ArrowUp")).to_contain_text(
        f"{length} beats long, velocity {min(127, velocity + 8)}"
    )


def test_a_finger_that_shakes_moves_nothing(finger: Finger) -> None:
    start, end, pitch, _ = first_alone(finger)
    finger.show(pitch)
    finger.drag(finger.place(start + (end - start) / 3, pitch), (6, 5))
    expect(what(finger)).to_have_text("Move notes, change a chord, or choose bars.")


def test_a_double_tap_adds_a_note_and_another_deletes_it(finger: Finger) -> None:
    pitch = finger.highest - 2
    finger.show(pitch)
    place = finger.place(9.1, pitch)
    finger.double_tap(place, becomes="Render plays your notes in bar 3.")
    expect(said_after_key(finger, "Alt+ArrowUp")).to_contain_text("bar 3, beat 2, 0.25 beats long")
    finger.double_tap(place, becomes="Move notes, change a chord, or choose bars.")


def test_a_swipe_beside_the_notes_scrolls_and_changes_nothing(finger: Finger) -> None:
    for way in ((-80, 0), (0, -60)):
        finger.swipe(finger.place(7.6, finger.highest - 6), way)
    left, top = finger.scrolled()
    assert left > 0
    assert top > 0
    expect(what(finger)).to_have_text("Move notes, change a chord, or choose bars.")


def test_a_swipe_leaves_the_choice_as_it_is(finger: Finger) -> None:
    start, end, pitch, _ = first_alone(finger)

    def choose() -> None:
        finger.show(pitch)
        finger.tap(finger.place((start + end) / 2, pitch))

    finger.swipe(finger.place(9, finger.highest - 5), (0, -60), first=choose)
    expect(said_after_key(finger, "Alt+ArrowUp")).to_contain_text("beats long")


def test_holding_an_empty_place_and_dragging_chooses_several(finger: Finger) -> None:
    finger.show(finger.highest)
    before = finger.scrolled()
    top = finger.place(0.05, finger.highest - 1)
    finger.drag(top, (200, 260), hold_seconds=HOLD_SECONDS)
    assert finger.scrolled() == before
    last, low = 200 / finger.place(1, 0)[0] + 0.05, finger.highest - 1 - round(260 / ROW_PIXELS)
    inside = [note for note in finger.notes if note[0] < last and note[2] > low]
    assert len(inside) > 1
    expect(said_after_key(finger, "Alt+ArrowUp")).to_contain_text("notes are chosen")
