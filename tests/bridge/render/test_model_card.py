"""What a model's card says of the tempos and meters that it learned is told in `status.reply`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.render.engine import find_model
from bridge.render.model_card import Learned, read_learned
from tests.conftest import DaemonUnderTest


def _card(folder: Path, text: str) -> Path:
    (folder / "README.md").write_bytes(text.encode())
    return folder


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_cards_head_is_read(tmp_path: Path, newline: str) -> None:
    text = "---\nlicense: mit\nbpm: [60, 154.5]\nmeters: [4/4, 12/8]\n---\n# A model\n---\nbpm: [1, 2]\n"
    card = _card(tmp_path, text.replace("\n", newline))
    assert read_learned(card) == Learned(60, 154.5, "4/4,12/8")


@pytest.mark.parametrize(
    "text",
    [
        "", "# A model\n", "---\nbpm: [60, 154]\n", "---\nbpm: fast\nmeters: most\n---\n",
        "---\nbpm: [60]\nmeters: [four, 4/4]\n---\n", "---\nbpm: [154, 60]\nmeters: [4/3]\n---\n",
        "---\nbpm: [.nan, 154]\n---\n", "---\nbpm: [60, .inf]\n---\n", "---\nbpm: [a, b]\n---\n",
        "---\n- a list\n---\n", "---\nbpm: &a [60, 154]\nmore: *a\n---\n",
        "---\n" + "x: 1\n" * 2000 + "---\n",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_not_said(tmp_path: Path, text: str) -> None:
    assert read_learned(_card(tmp_path, text)) == Learned()


def test_without_a_card_nothing_is_said(tmp_path: Path) -> None:
    assert read_learned(tmp_path) == Learned()


def test_the_model_that_ships_says_what_it_learned() -> None:
    learned = read_learned(find_model("default"))
    assert 0 < learned.bpm_low < 120 < learned.bpm_high
    assert "4/4" in learned.meters.split(",")


def test_status_tells_it(daemon: DaemonUnderTest) -> None:
    status = daemon.status()
    assert (status["bpm_low"], status["bpm_high"], status["meters"]) == (0.0, 0.0, "")
