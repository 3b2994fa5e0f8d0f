"""Caught bars on their way from the audio child to a file: errors, names, notes and decks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import soundfile

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.library.caught_bars import read_caught
from bridge.library.takes import Library
from bridge.messages import BridgeError, Peer
from bridge.messages import stage as s
from bridge.outputs.stream import ChildLost
from bridge.stage.catching import Catching, with_seam
from bridge.stage.child_link import StageLink
from bridge.stage.decks import Master, take_file
from tests.bridge.outlets import RecordingOutlet
from tests.bridge.small_disk import mounted_disk

RATE = 8_000
BEFORE = 40
SENDER = Peer("127.0.0.1", 9)
OK = r.Caught(0, Path(), 2 * RATE, BEFORE, RATE, 1, 120.0, 4.0, 0.5, 0, 0, True)


class Desk:
    """Catching, and an audio child that answers as it is told."""

    def __init__(self, library: Library) -> None:
        self.outlet = RecordingOutlet()
        self.held: list[tuple[int, Path]] = []
        self.is_up, self.is_float = True, False
        self.answer: Callable[[p.Catch], object] = lambda order: self.caught(order)
        self.stream = SimpleNamespace(input="box")
        self.link: Any = SimpleNamespace(
            master=Master(), tell=self._tell, require=lambda: self.stream, desk=self._desk
        )
        self.catching = Catching(
            cast(StageLink, self.link), library, self.outlet, lambda: self.is_float,
            lambda deck, path: self.held.append((deck, path)),
        )  # fmt: skip

    def catch(self, bars: int = 1, deck: int | None = None) -> Path:
        message = s.Catch(bars, deck, about="/msanii/catch", sender=SENDER)
        asyncio.run(self.catching.catch(message))
        to, address, *words = self.outlet.replies[-1]
        assert (to, address) == (SENDER, "catch.reply")
        return Path(str(words[0]))

    def why(self, deck: int | None = None) -> tuple[str, str]:
        with pytest.raises(BridgeError) as caught:
            self.catch(1, deck)
        assert self.outlet.replies == []
        return caught.value.code, caught.value.message

    def caught(self, order: p.Catch, **values: Any) -> r.Caught:
        audio = np.random.default_rng(1).uniform(-0.5, 0.5, (BEFORE + 2 * RATE, 2)).astype(np.float32)
        with order.path.open("xb") as file:
            np.save(file, audio)
        return replace(OK, number=order.number, path=order.path, **values)

    def _tell(self, command: object) -> bool:
        if self.is_up:
            assert isinstance(command, p.Catch)
            self.link.on_input(self.answer(command))
        return self.is_up

    def _desk(self, deck: int) -> None:
        if deck > 4:
            raise BridgeError("value", f"deck {deck}: there are 4")


@pytest.fixture
def library(tmp_path: Path) -> Any:
    one = Library(tmp_path / "library")
    yield one
    one.close()


@pytest.fixture
def desk(library: Library) -> Desk:
    return Desk(library)


def test_a_file_is_named_and_marked_and_known_to_decks(desk: Desk, library: Library) -> None:
    desk.link.master.meter, desk.link.master.bar_beats = "4/4", 4.0
    path = desk.catch()
    assert path.parent == library.takes_folder
    assert path.name.startswith("caught_")
    assert path.name.endswith("_120bpm_4-4_1bar.wav")
    assert desk.outlet.replies == [(SENDER, "catch.reply", str(path), 1, 120.0, "")]
    assert desk.outlet.events == [s.CaughtBars(str(path), 1, 120.0, "4/4", "")]
    assert (soundfile.info(path).subtype, soundfile.info(path).frames) == ("PCM_24", 2 * RATE)
    assert take_file(path) == p.TakeFile(path, 120.0, 4.0)
    again = desk.catch()
    assert again != path
    assert not list(library.inner.glob("catch-*"))
    assert desk.held == []


def test_bars_of_seven_eighths_are_known_though_acid_cannot_hold_them(desk: Desk) -> None:
    desk.link.master.meter, desk.link.master.bar_beats = "7/8", 3.5
    frames = round(1.75 * RATE)
    desk.is_float = True

    def shorter(order: p.Catch) -> r.Caught:
        report = desk.caught(order)
        cut = np.load(order.path)[: BEFORE + frames]
        order.path.unlink()
        with order.path.open("xb") as file:
            np.save(file, cut)
        return replace(report, frames=frames, bar_beats=3.5)

    desk.answer = shorter
    path = desk.catch()
    known = read_caught(path)
    assert known is not None
    assert (known.numerator, known.denominator) == (7, 8)
    assert take_file(path) == p.TakeFile(path, 120.0, 3.5)
    assert soundfile.info(path).subtype == "FLOAT"


def test_with_a_deck_it_is_loaded_there(desk: Desk) -> None:
    path = desk.catch(deck=2)
    assert desk.held == [(2, path)]
    desk.outlet.replies.clear()
    assert desk.why(deck=9)[0] == "value"


def test_what_may_be_wrong_is_told(desk: Desk) -> None:
    desk.answer = lambda order: desk.caught(order, clipped=7, damaged=3, is_whole=False)
    desk.catch()
    note = str(desk.outlet.replies[-1][-1])
    assert "clipped (7 samples): turn it down" in note
    assert "3 samples were no numbers" in note
    assert "skipped some samples" in note


def test_silence_makes_no_file(desk: Desk, library: Library) -> None:
    desk.answer = lambda order: desk.caught(order, peak=0.00005)
    code, why = desk.why()
    assert code == "value"
    assert "silent" in why
    assert not list(library.takes_folder.glob("caught_*"))
    assert not list(library.inner.glob("catch-*"))


def test_without_an_input_or_a_child_it_says_what_to_do(desk: Desk) -> None:
    desk.stream.input = ""
    assert "no input is open: choose one" in desk.why()[1]
    desk.stream.input = "box"
    desk.is_up = False
    assert desk.why()[0] == "busy"
    desk.is_up = True
    desk.answer = lambda order: r.CatchFailed(order.number, "missing", "the transport stands")
    assert desk.why() == ("missing", "the transport stands")
    desk.answer = lambda _order: ChildLost("killed", None, on_purpose=False)
    assert "the stream was lost" in desk.why()[1]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with mounted_disk(tmp_path / "small", 1) as disk:
        library = Library(tmp_path / "library", drop_folder=disk)
        try:
            desk = Desk(library)
            ballast = disk / "ballast"
            ballast.write_bytes(bytes(990_000))
            assert desk.why()[0] == "disk"
            assert [path.name for path in disk.iterdir() if path.is_file()] == ["ballast"]
            ballast.unlink()
            assert desk.catch().parent == disk
        finally:
            library.close()


def test_the_state_of_the_input_is_told(desk: Desk) -> None:
    assert desk.catching.status() == ("input_state", "off")
    desk.link.on_input(r.InputReport("open", "Box", RATE, 2, 0.0125, True, ""))
    assert desk.outlet.events == [s.InputChanged("open", "Box", "")]
    pairs = desk.catching.status()
    known = dict(zip(pairs[::2], pairs[1::2], strict=True))
    assert (known["input_state"], known["input"], known["input_latency_ms"]) == ("open", "Box", 12.5)


def test_a_seam_leads_from_the_end_to_the_start_and_changes_nothing_that_does_so_already() -> None:
    loop = np.random.default_rng(2).uniform(-1, 1, (1_000, 1)).astype(np.float32)
    assert np.array_equal(with_seam(np.concatenate([loop[-BEFORE:], loop]), BEFORE), loop)
    steps = np.concatenate([np.zeros((BEFORE, 1)), np.ones((1_000, 1))]).astype(np.float32)
    made = with_seam(steps, BEFORE)
    assert (made[: 1_000 - BEFORE + 1] == 1).all()
    assert made[-1, 0] == pytest.approx(1 / BEFORE)
    assert (np.diff(made[:, 0]) <= 0).all()
