"""Names that musicians give their takes: kept beside the stars, they stand for a take where it is alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.library.labels import read_labels
from bridge.library.shelf import Shelf
from bridge.library.takes import Library, name_take, star
from bridge.messages import BridgeError
from bridge.settings import load_settings
from bridge.stage.find_take import TakeFinder
from bridge.values import MAX_NAME_CHARACTERS, check_label
from tests.bridge.files import drop_take


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "library")
    for number in (1, 2):
        drop_take(opened.folder / f"take_{number}.wav")
    yield opened
    opened.close()


def labels_of(folder: Path) -> dict[str, str]:
    return {take.name: take.label for take in Shelf(folder).takes()}


def test_a_label_outlives_the_index_and_the_file_keeps_its_name(library: Library) -> None:
    named = name_take(library, "take_1.wav", " Größer \u0041\u030a ")  # A and a ring become one letter
    assert (named.name, named.label) == ("take_1.wav", "Größer Å")
    library.close()
    library.index_path.unlink()
    Library(library.folder).close()
    assert labels_of(library.folder) == {"take_1.wav": "Größer Å", "take_2.wav": ""}


def test_an_empty_label_takes_it_away(library: Library) -> None:
    name_take(library, "take_1.wav", "Chorus")
    name_take(library, str(library.folder / "take_1.wav"), " ")
    assert labels_of(library.folder) == {"take_1.wav": "", "take_2.wav": ""}


def test_a_label_stands_for_the_take_and_a_file_counts_for_more(library: Library) -> None:
    name_take(library, "take_1.wav", "Chorus 1/2")
    assert library.find("chorus 1/2") == library.folder / "take_1.wav"
    assert star(library, "Chorus 1/2", True).name == "take_1.wav"
    assert name_take(library, "Chorus 1/2", "take_2.wav").name == "take_1.wav"
    assert library.find("take_2.wav") == library.folder / "take_2.wav"
    assert library.find("Chorus 1/2") is None
    name_take(library, "take_1.wav", "song.mid")
    exchange = library.folder / "exchange"
    assert library.named("song.mid", exchange) == "take_1.wav"
    exchange.mkdir()
    (exchange / "song.mid").touch()
    assert library.named("song.mid", exchange) == "song.mid"


def test_a_label_of_two_takes_names_none_until_one_is_gone(library: Library) -> None:
    name_take(library, "take_1.wav", "Chorus")
    name_take(library, "take_2.wav", "CHORUS")
    with pytest.raises(BridgeError, match=r"2 takes are named `Chorus`.*such as `take_1\.wav`") as caught:
        star(library, "Chorus", True)
    assert caught.value.code == "value"
    (library.folder / "take_2.wav").unlink()
    assert star(library, "Chorus", True).name == "take_1.wav"


def test_a_deck_finds_a_take_by_its_label(library: Library) -> None:
    name_take(library, "take_2.wav", "Chorus")
    finder = TakeFinder(load_settings(None, {"library": str(library.folder)}), library)
    assert asyncio.run(finder.find("Chorus", None, None)).path == library.folder / "take_2.wav"


def test_a_take_that_is_not_there_gets_no_label(library: Library) -> None:
    with pytest.raises(BridgeError, match="not in this library") as caught:
        name_take(library, "nothing.wav", "Chorus")
    assert caught.value.code == "missing"
    assert not library.labels_path.exists()


def test_who_may_not_replace_labels_gives_new_ones_to_takes_without(library: Library) -> None:
    name_take(library, "take_1.wav", "Chorus", may_replace=False)
    name_take(library, "take_1.wav", "Chorus", may_replace=False)  # as it is
    for take, label in (("take_1.wav", "Verse"), ("take_1.wav", ""), ("take_2.wav", "chorus")):
        with pytest.raises(BridgeError, match="`network_may_overwrite`") as caught:
            name_take(library, take, label, may_replace=False)
        assert caught.value.code == "forbidden"
    assert labels_of(library.folder) == {"take_1.wav": "Chorus", "take_2.wav": ""}


@pytest.mark.parametrize(
    "label",
    ["x" * 10_000, "a\nb", "\x1b]0;owned\x07", "\u202egnp.", "\ud800", "/etc/passwd", "~/a.wav",
     "\\\\host\\a", "C:\\a.wav"],
)  # fmt: skip
def test_what_cannot_be_a_label_is_refused(library: Library, label: str) -> None:
    with pytest.raises(BridgeError, match=r"`label`: got .* choose such a name") as caught:
        name_take(library, "take_1.wav", label)
    assert caught.value.code == "value"
    assert len(caught.value.message) < 250
    assert not library.labels_path.exists()


def test_labels_are_of_any_script_and_may_end_in_brackets_and_slashes() -> None:
    for label in ("音楽 🎹", "B: verse (slow)", "6/8 [take 2] \\", "x" * MAX_NAME_CHARACTERS):
        assert check_label(label) == label


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"[1]", b"null", b'{"a.wav": 1}', b'{"a.wav": ""}', b'{"a.wav": "\\u001b"}',
     b"[" * 99_999],
)  # fmt: skip
def test_a_damaged_list_is_set_aside_with_a_word_and_the_rest_starts(
    library: Library, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    library.labels_path.write_bytes(data)
    assert labels_of(library.folder) == {"take_1.wav": "", "take_2.wav": ""}
    library.close()
    with caplog.at_level(logging.ERROR):
        Library(library.folder).close()
    (aside,) = library.inner.glob("labels.json.damaged-*")
    assert aside.read_bytes() == data
    assert f"it is kept as `{aside.name}`" in caplog.text
    name_take(library, "take_1.wav", "Chorus")
    assert read_labels(library.labels_path) == {"take_1.wav": "Chorus"}


def test_a_list_that_cannot_be_read_is_told_and_takes_are_still_made(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.labels_path.mkdir()
    library.close()
    with caplog.at_level(logging.ERROR):
        Library(library.folder).close()
    assert "cannot be read" in caplog.text
    assert star(library, "take_1.wav", True).starred
    assert labels_of(library.folder) == {"take_1.wav": "", "take_2.wav": ""}
    with pytest.raises(BridgeError, match="cannot be read") as caught:
        name_take(library, "take_1.wav", "Chorus")
    assert caught.value.code == "folder"


def test_a_list_that_is_a_link_leaves_alone_what_it_leads_to(library: Library, tmp_path: Path) -> None:
    victim = tmp_path / "victim.json"
    victim.write_text("{}", encoding="utf-8")
    library.labels_path.symlink_to(victim)
    name_take(library, "take_1.wav", "Chorus")
    assert victim.read_text("utf-8") == "{}"
