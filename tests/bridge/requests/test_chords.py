"""How a progression is understood, and the progressions of the menus."""

from __future__ import annotations

import re

import pytest

from bridge.addresses.table import parse
from bridge.messages import BridgeError, Peer, ReadChords
from bridge.requests.chords import MOST_SHOWN, understood_chords
from msanii.limits import MOST_CHORD_CHARACTERS
from msanii.music.chords import parse_chords
from msanii.music.common_progressions import PROGRESSIONS
from tests.conftest import ROOT

ME = Peer("127.0.0.1", 9)


def read(*arguments: object) -> ReadChords:
    message = parse("/msanii/chords/read", arguments, ME)
    assert isinstance(message, ReadChords)
    return message


def test_each_chord_is_told_with_its_span_name_and_notes() -> None:
    assert understood_chords("Am Bb7:2 C/E:2", "", "4/4") == (
        "", 0.0, 4.0, "Am", "A C E", 4.0, 6.0, "Bb7", "Bb D F Ab", 6.0, 8.0, "C/E", "E G C",
    )  # fmt: skip


def test_degrees_are_read_in_the_key_and_bars_in_the_meter() -> None:
    assert understood_chords("V", "A minor", "3/4")[1:3] == (0.0, 3.0)
    assert str(understood_chords("ii", "C", "4/4")[4]) == "D F A"
    assert understood_chords("N.C.", "", "4/4")[4] == ""


def test_half_a_chord_is_a_problem_and_no_failure() -> None:
    (problem,) = understood_chords("Am Fsus9x", "", "4/4")
    assert "Fsus9x" in str(problem)
    assert understood_chords("", "", "4/4") == ("",)


def test_a_long_progression_is_told_in_part() -> None:
    words = understood_chords(" ".join(["C"] * 200), "", "4/4")
    assert len(words) == 1 + 4 * MOST_SHOWN


def test_the_address_takes_a_text_a_key_and_a_meter() -> None:
    assert read("Am F", "Am", "6/8") == ReadChords("Am F", "Am", "6/8", sender=ME)
    assert read("Am F") == ReadChords("Am F", sender=ME)
    assert read(1564, "C") == ReadChords("1564", "C", sender=ME)


@pytest.mark.parametrize(
    "arguments", [(), (None,), ("A" * (MOST_CHORD_CHARACTERS + 1),), ("A", 2.5), ("A", "C", "4")]
)
def test_what_is_no_text_is_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(BridgeError):
        parse("/msanii/chords/read", arguments, ME)


# --- menus --------------------------------------------------------------------------------------------

_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_SCRIPT_ROW = re.compile(r'\{name: "([^"]+)", major: \[([^\]]*)\],\s*minor: \[([^\]]*)\]\}')
_DEGREE = re.compile(r"([1-7])([Mm]?)(?::(b?)7)?")


def device_chord(text: str, scale: tuple[int, ...]) -> frozenset[int]:
    """The tones that the Max for Live device plays for a degree, above its key."""
    found = _DEGREE.fullmatch(text)
    assert found is not None, text
    degree, quality, flat = int(found[1]) - 1, found[2], found[3]
    steps = [scale[(degree + third) % 7] + 12 * ((degree + third) // 7) for third in (0, 2, 4, 6)]
    root = steps[0]
    if quality:
        steps[1] = root + (4 if quality == "M" else 3)
        steps[2] = root + 7
    if ":" not in text:
        steps.pop()
    elif flat:
        steps[3] = root + 10
    return frozenset(step % 12 for step in steps)


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_the_page_and_the_max_for_live_device_offer_the_same_progressions(mode: str) -> None:
    script = (ROOT / "max_for_live" / "MsaniiLive.js").read_text(encoding="utf-8")
    rows = {name: (major, minor) for name, major, minor in _SCRIPT_ROW.findall(script)}
    assert [row.name for row in PROGRESSIONS] == list(rows)
    for row in PROGRESSIONS:
        degrees = re.findall(r'"([^"]+)"', rows[row.name][mode == "minor"])
        ours = parse_chords(getattr(row, mode), key=f"C {mode}")
        played = [device_chord(degree, _SCALES[mode]) for degree in degrees]
        assert [span.chord.tones for span in ours] == played, row.name
