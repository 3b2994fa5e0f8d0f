"""Groove files: what a musician writes is what is played, and a mistake is named with its line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msanii.composer.grooves.files import MAX_BYTES, parse_groove, read_groove
from msanii.composer.grooves.groove import BASS_SIGNS, DRUMS, Groove
from msanii.composer.grooves.library import shipped_grooves, shipped_grooves_folder
from msanii.errors import GrooveError

TEXT = """\
description: A test.
families: funk, soul
meter: 4/4
bpm: 92-112
swing_16ths: 0.54
timing_ms:
  snare: 6
crash: no
pattern:
  kick:  X... ..x. .... .... | X...
  snare: .... X... .... X..g
variations:
  - hat: x.x.x.x.x.x.x.x.
fills:
  - snare: ... ... ... 369
bass:
  pattern: 1__. ..8. .... ..a.
  gate: 0.8
"""


def parsed(text: str) -> Groove:
    return parse_groove(text.encode(), "mine", file_name="mine.yaml")


def test_rows_become_strokes() -> None:
    groove = parsed(TEXT.replace(" | X...", " | X... .... .... ...."))
    assert groove.styles == ("mine", "funk", "soul")
    assert (groove.bpm, groove.swing_16ths, groove.timing_ms, groove.crash) == (
        (92, 112),
        0.54,
        {"snare": 6},
        False,
    )
    first, second = groove.drums.pattern
    assert [(one.beats, one.drum, one.velocity) for one in first] == [
        (0.0, 36, 110), (1.0, 38, 110), (1.5, 36, 84), (3.0, 38, 110), (3.75, 38, 38)
    ]  # fmt: skip
    assert [one.beats for one in second if one.drum == DRUMS["kick"]] == [0.0]
    # A variation adds its rows to the pattern's; a fill's row replaces the pattern's.
    assert len(groove.drums.variations[0][0]) == len(first) + 8
    snares = [(round(one.beats, 6), one.velocity) for one in groove.drums.fills[0][0] if one.drum == 38]
    assert snares == [(3.0, 42), (3.333333, 84), (3.666667, 126)]
    assert groove.bass.pattern == (((0.0, 0.75, "1"), (1.5, 0.25, "8"), (3.5, 0.25, "a")),)


def test_each_row_has_its_own_count() -> None:
    text = TEXT.replace(" | X...", "").replace("meter: 4/4", "meter: 7/8")
    text = re.sub(r"kick:.*", "kick: X . . X . X .", text)
    text = re.sub(r"snare: \.\.\.\. X.*", "snare: .. .. X. .. .. X. gg", text)
    text = re.sub(r"hat:.*", "hat: xxxxxxx", text)
    text = re.sub(r"snare: \.\.\. .*", "snare: .....X.", text)
    groove = parsed(re.sub(r"pattern: 1.*", "pattern: 1 _ _ 5 . . .", text))
    (bar,) = groove.drums.pattern
    assert [one.beats for one in bar if one.drum == 36] == [0.0, 1.5, 2.5]
    assert [one.beats for one in bar if one.drum == 38] == [1.0, 2.5, 3.0, 3.25]


def test_an_open_hi_hat_is_not_closed_at_once() -> None:
    text = TEXT.replace(" | X...", "").replace(
        "  snare: .... X", "  hat: x.x.x.x.\n  open hat: ..x.....\n  snare: .... X"
    )
    (bar,) = parsed(text).drums.pattern
    assert [one.beats for one in bar if one.drum == DRUMS["hat"]] == [0.0, 2.0, 3.0]
    assert [one.beats for one in bar if one.drum == DRUMS["open hat"]] == [1.0]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("kick:  X...", "kick:  X..", 10, "`kick` in bar 1 has 15 signs; a bar of 4/4 takes 4 (quarters)"),
        ("| X...", "| .", 10, "`kick` in bar 2 has 1 signs"),
        ("  kick:", "  kik:", 10, "`kik` is no drum; did you mean `kick`?"),
        ("X..g", "X..q", 11, "`snare`: `q` is no sign; expected . g ? x X 1"),
        ("- hat: x.x.", "- hat: | x.x.", 13, "not YAML near line 13"),
        ("  - hat: x.x.x.x.x.x.x.x.", "  hat: xxxx", 13, "expected a list for `variations`"),
        ("fills:\n  - snare", "fills:\n  - {}\n  - snare", 15, "one of the fills is empty"),
        ("1__.", "_1..", 17, "`_` holds a note within a bar"),
        ("1__.", "x__.", 17, "the bass: `x` is no sign; expected . _ 1 2"),
        ("gate: 0.8", "gate: 8", 18, "`gate`: got `8`, expected a number from 0.1 to 1"),
        ("gate: 0.8", "gate: nan", 18, "`gate`: got `nan`"),
        ("gate: 0.8", "gait: 0.8", 18, "`gait` is nothing that `bass` has; did you mean `gate`?"),
        ("meter: 4/4", "meter: 4/5", 3, "`meter`: got `4/5`, expected a meter such as 4/4"),
        ("meter: 4/4", "meter: [4, 4]", 3, "expected text on one line for `meter`"),
        ("bpm: 92-112", "bpm: 112-92", 4, "`bpm`: got `112-92`"),
        ("bpm: 92-112", "bpm: 100", 4, "such as 118-128"),
        ("swing_16ths: 0.54", "swing_16ths: 0.9", 5, "`swing_16ths`: got `0.9`, expected a number from 0.5"),
        ("swing_16ths: 0.54", "swing_16: 0.5", 5, "did you mean `swing_16ths`?"),
        ("  snare: 6", "  snar: 6", 7, "`snar` is nothing that `timing_ms` has; did you mean `snare`?"),
        ("  snare: 6", "  snare: inf", 7, "`snare`: got `inf`"),
        ("crash: no", "crash: maybe", 8, "`crash`: got `maybe`, expected yes or no"),
        ("families: funk, soul", "families: R&B", 2, "`families`: got `R&B`"),
        ("bpm: 92-112\n", "", 1, "`bpm` is missing"),
        ("  pattern: 1__. ..8. .... ..a.\n", "", 17, "`bass` has no `pattern`"),
        ("crash: no", "crash: no\ncrash: yes", 9, "`crash` is given twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, said: str) -> None:
    text = TEXT if old == "| X..." else TEXT.replace(" | X...", " | X... .... .... ....")
    assert old in text
    with pytest.raises(GrooveError) as raised:
        parsed(text.replace(old, new, 1))
    assert "`mine.yaml`" in str(raised.value)
    assert f"line {line}" in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"- a", "expected lines of `name: value`"),
        (b"\xff\xfe\x00", "not a text in UTF-8"),
        (b"a: &b 1\nc: *b", "aliases"),
        (b"a: [[[[1]]]]", "nested too deep"),
        (b"description: House: the old kind", "a colon inside the text on line 1; put the text in quotes"),
    ],
)
def test_what_is_no_groove_at_all_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(GrooveError, match=re.escape(said)):
        parse_groove(data, "mine", file_name="mine.yaml")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(GrooveError, match=r"mine\.yaml"):
        parse_groove(data, "mine", file_name="mine.yaml")


def test_a_file_that_is_too_large_or_missing_or_misnamed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(GrooveError, match="more than 65536 bytes"):
        read_groove(tmp_path / "big.yaml")
    with pytest.raises(GrooveError, match="not a regular file"):
        read_groove(tmp_path / "missing.yaml")
    (tmp_path / "My Groove.yaml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(GrooveError, match="rename the file"):
        read_groove(tmp_path / "My Groove.yaml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(GrooveError, match="not a regular file"):
        read_groove(tmp_path / "pipe.yaml")


README = (shipped_grooves_folder() / "README.md").read_text(encoding="utf-8")


def test_the_example_in_the_readme_is_a_groove() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    groove = parse_groove(block.encode(), "my_funk", file_name="my_funk.yaml")
    assert groove.families == ("funk", "soul")
    assert "my_funk" not in shipped_grooves().by_name


def test_the_readme_names_every_drum_sign_and_line() -> None:
    assert [name for name in DRUMS if f"`{name}`" not in README] == []
    assert [sign for sign in BASS_SIGNS if not sign.isdigit() and f"| `{sign}` |" not in README] == []
    lines = set(Groove.__dataclass_fields__) - {"name", "drums"} | {"pattern", "variations", "fills"}
    assert [line for line in sorted(lines) if f"`{line}`" not in README and f"{line}:" not in README] == []
