"""The library of grooves: what ships, the user's own, and which one a style, a meter and a tempo find."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from msanii.composer.grooves.groove import KICKS
from msanii.composer.grooves.library import load_grooves, shipped_grooves
from msanii.errors import GrooveError
from msanii.music.chords import Meter

SHIPPED = shipped_grooves().by_name
# What people who use Live make, as users ask for it.
STYLES = (
    "house", "techno", "drum and bass", "Trap", "boom-bap", "lo_fi", "funk", "disco", "rock", "pop ballad",
    "reggaeton", "waltz", "seven eight", "five_four", "six_eight",
)  # fmt: skip
SIMPLE = Meter()


def test_there_are_grooves_for_what_people_make() -> None:
    assert len(SHIPPED) >= 30
    for style in STYLES:
        assert shipped_grooves().of_style(style)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_groove_is_whole(name: str) -> None:
    groove = SHIPPED[name]
    assert groove.description.endswith(".")
    assert groove.families
    assert groove.drums.fills
    assert groove.drums.variations
    assert any(stroke.drum in KICKS for bar in groove.drums.pattern for stroke in bar)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_bass_of_a_shipped_groove_falls_on_its_drums(name: str) -> None:
    groove = SHIPPED[name]
    for bar, line in enumerate(groove.bass.pattern):
        drums = groove.drums.pattern[bar % len(groove.drums.pattern)]
        onsets = {round(stroke.beats, 6) for stroke in drums}
        assert {round(note.beats, 6) for note in line} <= onsets


def test_no_groove_has_the_name_of_a_family() -> None:
    assert not set(SHIPPED) & {family for groove in SHIPPED.values() for family in groove.families}


def test_a_style_is_the_name_of_a_groove_or_of_a_family() -> None:
    grooves = shipped_grooves()
    assert [groove.name for groove in grooves.of_style("Straight Rock")] == ["straight_rock"]
    assert {groove.name for groove in grooves.of_style("waltz")} == {
        "jazz_waltz",
        "quick_waltz",
        "slow_waltz",
    }
    assert grooves.of_style("") == tuple(SHIPPED.values())
    assert {"house", "straight_rock"} <= set(grooves.styles)


def test_an_unknown_style_is_refused_with_the_nearest() -> None:
    with pytest.raises(GrooveError, match=r"style: got `lofi`; did you mean `lo_fi`\?"):
        shipped_grooves().of_style("lofi")
    with pytest.raises(GrooveError, match=r"expected one of afrobeat, .*waltz"):
        shipped_grooves().of_style("zzz")


def test_a_family_plays_what_it_has_in_the_meter() -> None:
    found = shipped_grooves().fitting("rock", Meter(numerator=7, denominator=8), 125)
    assert [groove.name for groove in found] == ["seven_eight_rock"]


def test_without_a_style_the_tempo_chooses() -> None:
    names = {groove.name for groove in shipped_grooves().fitting("", SIMPLE, 174)}
    assert names >= {"two_step_dnb", "liquid_dnb"}
    assert not names & {"soft_ballad", "classic_house"}


def test_a_style_that_makes_no_sense_in_the_meter_is_refused_with_those_that_do() -> None:
    with pytest.raises(GrooveError, match=r"`waltz` is in 3/4, not in 4/4; in 4/4 ask for .*house"):
        shipped_grooves().fitting("waltz", SIMPLE, 120)


def groove_text(kick: str) -> str:
    return f"meter: 4/4\nbpm: 100-120\npattern:\n  kick: {kick}\nbass:\n  pattern: 1...\n"


def test_the_users_grooves_lie_beside_and_a_broken_one_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(groove_text("xxxx"), encoding="utf-8")
    (tmp_path / "broken.yaml").write_text(groove_text("xxx"), encoding="utf-8")
    (tmp_path / "classic_house.yaml").write_text(groove_text("xxxx"), encoding="utf-8")
    (tmp_path / "mine.yml").write_text(groove_text("xxxx"), encoding="utf-8")
    (tmp_path / "README.md").write_text("no groove", encoding="utf-8")
    grooves = load_grooves(tmp_path, tmp_path / "nowhere")
    assert set(grooves.by_name) == {*SHIPPED, "mine"}
    assert grooves.by_name["classic_house"] == SHIPPED["classic_house"]
    assert "line 4" in grooves.problems["broken.yaml"]
    assert "`classic_house` came with the program" in grooves.problems["classic_house.yaml"]
    assert "the name of another file" in grooves.problems["mine.yml"]
    assert set(grooves.problems) == {"broken.yaml", "classic_house.yaml", "mine.yml"}


def test_the_styles_are_read_without_torch() -> None:
    code = (
        "import sys; from msanii.composer.grooves import library; assert library.shipped_grooves().styles; "
        "print([name for name in ('torch', 'numpy', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
