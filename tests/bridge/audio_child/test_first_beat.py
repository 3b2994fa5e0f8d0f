"""A take begins at its first bar line to the sample, also if its tempo becomes known after it was loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile

from bridge.audio_child import protocol as p
from bridge.audio_child.decks.varispeed import MARGIN
from bridge.audio_child.loading import Loader, load_take
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.orders import Orders
from tests.bridge.audio_child.simulated_child import LaterLoader
from tests.bridge.audio_child.sounds import BAR, RATE, SEAM, Audio, aligned, noise, render

PICKUP_SECONDS = 0.35
PICKUP = round(PICKUP_SECONDS * RATE)
FADE = RATE // 1_000


def write(path: Path, audio: Audio, rate: int = RATE) -> Path:
    soundfile.write(path, audio, rate, subtype="FLOAT")
    return path


def played(file: p.TakeFile, rate: int = RATE) -> Audio:
    """What of a file is played, in one turn."""
    return load_take(file, rate).padded[MARGIN:-MARGIN]


class Desk:
    """A mixer with one deck, which obeys as the test says."""

    def __init__(self) -> None:
        self.mixer, self.loader, self.reports = Mixer(RATE, 1), LaterLoader(), list[object]()
        unused: Any = None
        self.orders = Orders(self.mixer, unused, cast(Loader, self.loader), unused, self.reports.append)

    def obey(self, *commands: object) -> None:
        for command in commands:
            self.orders.obey(command)

    def load_all(self) -> None:
        """Do what the loader has to do, and what follows from it."""
        for _ in range(4):
            self.loader.work()
            render(self.mixer, 1)


def test_a_loop_begins_at_its_first_bar_line_and_goes_round_exactly(tmp_path: Path) -> None:
    audio, desk = noise(BAR), Desk()
    file = p.TakeFile(write(tmp_path / "loop.wav", audio), 120.0, 4.0, PICKUP_SECONDS)
    desk.obey(p.LoadDeck(1, file, "1"))
    desk.loader.work()
    heard = aligned(desk.mixer, 3 * BAR)
    expected = np.tile(audio, (4, 1))[PICKUP:][: 3 * BAR]
    assert (heard[FADE:] == expected[FADE:]).all()
    # From silence into the middle of a sound: a rise instead of a click.
    assert 0 < np.abs(heard[0]).max() < 0.05 * np.abs(expected[0]).max()


def test_of_a_file_at_another_rate_it_is_the_same_place(tmp_path: Path) -> None:
    path = write(tmp_path / "loop.wav", noise(88_200), 44_100)
    whole = played(p.TakeFile(path, 120.0, 4.0))
    assert len(whole) == BAR
    assert (played(p.TakeFile(path, 120.0, 4.0, PICKUP_SECONDS)) == np.roll(whole, -PICKUP, axis=0)).all()


@pytest.mark.parametrize(("frames", "beats"), [(BAR - 5_000, None), (BAR + RATE, 4.0), (BAR, None)])
def test_of_what_is_no_loop_the_pickup_is_left_out(tmp_path: Path, frames: int, beats: float | None) -> None:
    audio = noise(frames)
    path = write(tmp_path / "song.wav", audio)
    assert (played(p.TakeFile(path, 120.0, beats, PICKUP_SECONDS)) == audio[PICKUP:]).all()


def test_silence_before_a_loop_makes_it_no_longer(tmp_path: Path) -> None:
    loop = noise(BAR)
    path = write(tmp_path / "late.wav", np.concatenate((np.zeros((PICKUP, 2), np.float32), loop)))
    take = load_take(p.TakeFile(path, 120.0, None, PICKUP_SECONDS), RATE)
    assert (take.beats, take.frames) == (4.0, BAR)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 2.0, 1e9])
def test_a_bar_line_outside_the_file_is_none(tmp_path: Path, seconds: float) -> None:
    audio = noise(BAR)
    path = write(tmp_path / "loop.wav", audio)
    assert (played(p.TakeFile(path, 120.0, 4.0, seconds)) == audio).all()


@pytest.mark.parametrize("when", ["loading", "launched", "loaded", "armed"])
def test_a_tempo_that_comes_before_a_take_sounds_is_its_own_from_the_first_sample(
    tmp_path: Path, when: str
) -> None:
    audio, desk = noise(BAR), Desk()
    path = write(tmp_path / "loop.wav", audio)
    desk.obey(p.LoadDeck(1, p.TakeFile(path)))
    if when in ("loaded", "armed"):
        desk.load_all()
    if when in ("launched", "armed"):
        desk.obey(p.PlayTransport())
        render(desk.mixer, RATE // 4)  # it waits for the next bar
        desk.obey(p.LaunchDeck(1))
    desk.obey(p.Retime(1, p.TakeFile(path, 120.0, 4.0, PICKUP_SECONDS)))
    desk.load_all()
    if when in ("loading", "loaded"):
        desk.obey(p.LaunchDeck(1))
    heard = render(desk.mixer, 4 * BAR)
    begin = int(np.flatnonzero(heard.any(axis=1))[0])
    expected = np.tile(audio, (5, 1))[PICKUP:][: len(heard) - begin]
    assert (heard[begin + FADE :] == expected[FADE:]).all()
    assert desk.mixer.decks[1].state().fits
    assert not desk.reports


def test_what_sounds_goes_on_as_it_is_and_its_next_launch_has_the_tempo(tmp_path: Path) -> None:
    audio, desk = noise(BAR - 5_000), Desk()
    path = write(tmp_path / "loop.wav", audio)
    desk.obey(p.LoadDeck(1, p.TakeFile(path), "1"))
    desk.loader.work()
    parts = [render(desk.mixer, 100 * 512)]
    desk.obey(p.Retime(1, p.TakeFile(path, 120.0, None, PICKUP_SECONDS)))
    for _ in range(4):
        desk.loader.work()
        parts.append(render(desk.mixer, 512))
    parts.append(render(desk.mixer, 150 * 512))
    desk.obey(p.LaunchDeck(1))
    parts.append(render(desk.mixer, 400 * 512))
    heard = np.concatenate(parts)[desk.mixer.delay :]
    line = 2 * BAR
    assert (heard[:line] == np.tile(audio, (3, 1))[:line]).all()
    assert (heard[line + SEAM : line + BAR // 2] == audio[PICKUP + SEAM : PICKUP + BAR // 2]).all()


@pytest.mark.parametrize("undone", ["armed", "launched", "another", "the same again"])
def test_undo_lets_it_sound_as_it_did_and_its_next_launch_has_the_tempo(tmp_path: Path, undone: str) -> None:
    audio, desk = noise(BAR - 5_000), Desk()
    path = write(tmp_path / "loop.wav", audio)
    other = p.TakeFile(write(tmp_path / "other.wav", noise(BAR, seed=1)), 120.0, 4.0)
    desk.obey(p.LoadDeck(1, p.TakeFile(path), "1"))
    desk.load_all()
    if undone == "the same again":
        desk.obey(p.LoadDeck(1, p.TakeFile(path)))
        desk.load_all()
    desk.obey(p.Retime(1, p.TakeFile(path, 120.0, None, PICKUP_SECONDS)))
    desk.load_all()
    if undone == "another":
        desk.obey(p.LoadDeck(1, other))
        desk.load_all()
    elif undone != "the same again":  # which has armed it
        desk.obey(p.LaunchDeck(1))
    render(desk.mixer, BAR // 2 if undone == "armed" else 5 * BAR // 4)
    launched = desk.mixer.decks[1].sounding()
    assert launched is not None
    assert (launched.bpm is None) == (undone == "armed")

    def play(frames: int) -> tuple[int, Audio]:
        """The frame of the mix at which a sound begins, and the sound."""
        return desk.mixer.frame - desk.mixer.delay, render(desk.mixer, frames)

    desk.obey(p.Undo())
    render(desk.mixer, 4 * SEAM)
    begin, heard = play(BAR // 8)
    assert (heard == np.take(audio, range(begin, begin + BAR // 8), axis=0, mode="wrap")).all()
    take = desk.mixer.decks[1].take
    assert take is not None
    assert (take.path, take.bpm) == (path, 120.0)
    desk.obey(p.LaunchDeck(1))
    begin, heard = play(2 * BAR)
    line = -begin % BAR
    assert (heard[line + SEAM : line + BAR // 2] == audio[PICKUP + SEAM : PICKUP + BAR // 2]).all()


def test_undo_holds_the_version_for_the_tempo_that_the_stage_has(tmp_path: Path) -> None:
    desk = Desk()
    path = write(tmp_path / "loop.wav", noise(BAR))
    desk.obey(p.SetStage("tempo", 100.0), p.LoadDeck(1, p.TakeFile(path), "1"))
    desk.load_all()
    desk.obey(p.Retime(1, p.TakeFile(path, 120.0, 4.0)))
    desk.load_all()
    desk.obey(p.LaunchDeck(1), p.Swap(1, p.TakeFile(path, 100.0, 4.0)))
    desk.load_all()
    desk.obey(p.Undo())
    render(desk.mixer, 1)
    take, sounding = desk.mixer.decks[1].take, desk.mixer.decks[1].sounding()
    assert take is not None
    assert sounding is not None
    assert (take.bpm, sounding.bpm) == (100.0, None)


def test_a_stop_of_the_transport_pauses_the_take_as_it_was(tmp_path: Path) -> None:
    audio, desk = noise(BAR - 5_000), Desk()
    path = write(tmp_path / "loop.wav", audio)
    desk.obey(p.LoadDeck(1, p.TakeFile(path), "1"))
    desk.loader.work()
    render(desk.mixer, RATE)
    desk.obey(p.StopTransport(), p.Retime(1, p.TakeFile(path, 120.0, None, PICKUP_SECONDS)))
    desk.load_all()
    desk.obey(p.PlayTransport())
    heard = aligned(desk.mixer, RATE)
    place = int(np.flatnonzero((audio == heard[SEAM]).all(axis=1))[0])
    assert (heard[SEAM : RATE // 2] == audio[place : place + RATE // 2 - SEAM]).all()


def test_a_tempo_is_for_no_other_take_and_for_none_that_has_one(tmp_path: Path) -> None:
    desk = Desk()
    one, other = (write(tmp_path / f"{name}.wav", noise(BAR)) for name in ("one", "other"))
    heard = p.TakeFile(one, 120.0, 4.0, PICKUP_SECONDS)
    desk.obey(p.LoadDeck(1, p.TakeFile(one)), p.LoadDeck(1, p.TakeFile(other)), p.Retime(1, heard))
    desk.load_all()
    desk.load_all()
    take = desk.mixer.decks[1].take
    assert take is not None
    assert (take.path, take.bpm) == (other, None)
    desk.obey(p.LoadDeck(1, p.TakeFile(one, 122.0)), p.Retime(1, heard))
    desk.load_all()
    take = desk.mixer.decks[1].take
    assert take is not None
    assert (take.path, take.bpm, take.begins_inside) == (one, 122.0, False)
