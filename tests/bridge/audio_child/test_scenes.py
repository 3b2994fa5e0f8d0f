"""A scene's takes come together on one sample, whatever their files take; so does its tempo, and undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.loading import Loader
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.orders import Orders
from tests.bridge.audio_child.simulated_child import LaterLoader
from tests.bridge.audio_child.sounds import BAR, RATE, SEAM, Audio, noise, render

BEAT = RATE // 2
DECKS = 4


class Child:
    """Orders and a mixer; each deck's sound is kept apart, from the first frame of the mix on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mixer, self.loader = Mixer(RATE, DECKS), LaterLoader()
        self.reports: list[Any] = []
        unused: Any = None
        renderer: Any = type("Renderer", (), {"hush": lambda _self: None})()
        self.orders = Orders(self.mixer, renderer, cast(Loader, self.loader), unused, self.reports.append)
        self._heard: dict[int, list[Audio]] = {deck: [] for deck in range(DECKS + 1)}
        self.mixer.tap = self

    def hear(self, deck: int, block: Audio) -> None:
        self._heard[deck].append(block.copy())

    def wants(self, deck: int) -> bool:
        return deck > 0

    def deck(self, number: int) -> Audio:
        return np.concatenate(self._heard[number])

    def take(self, seed: int, bpm: float = 120.0) -> tuple[p.TakeFile, Audio]:
        """A loop of one bar; the seed is its name."""
        audio = noise(round(4 * RATE * 60 / bpm), seed)
        path = self.folder / f"{seed}.wav"
        soundfile.write(path, audio, RATE, subtype="FLOAT")
        return p.TakeFile(path, bpm, 4.0), audio

    def obey(self, command: object) -> None:
        self.orders.obey(command)

    def launch(self, deck: int, file: p.TakeFile) -> None:
        self.obey(p.LoadDeck(deck, file))
        self.load()
        self.obey(p.LaunchDeck(deck))

    def load(self) -> None:
        """The loader works until it has nothing to do."""
        render(self.mixer, 512)
        while self.loader.tasks:
            self.loader.work()
        render(self.mixer, 512)

    def play_to(self, frame: int, block: int = 512) -> None:
        while self.mixer.frame < frame:
            self.mixer.render(min(block, frame - self.mixer.frame))

    def starts(self, deck: int, frame: int, audio: Audio, fade: int = SEAM) -> bool:
        """Whether that audio has begun on that frame of the deck; it is compared after the crossfade."""
        heard = self.deck(deck)[frame + fade : frame + 4 * SEAM]
        return len(heard) > 0 and bool((heard == audio[fade : fade + len(heard)]).all())

    def activity(self, deck: int) -> str:
        return self.mixer.decks[deck].state().activity


@pytest.fixture
def playing(tmp_path: Path) -> tuple[Child, int, list[tuple[p.TakeFile, Audio]]]:
    """Decks 1 and 2 play takes 0 and 1; also the frame on which they have begun, and takes 0 to 4."""
    child = Child(tmp_path)
    takes = [child.take(seed) for seed in range(5)]
    child.launch(1, takes[0][0])
    child.launch(2, takes[1][0])
    begun = child.mixer.transport.boundary_frame(0.0)
    child.play_to(begun + 2 * BAR + BEAT)
    return child, begun, takes


def test_all_decks_change_on_one_sample_however_late_one_of_the_files_is_loaded(playing: Any) -> None:
    child, begun, takes = playing
    child.obey(p.LaunchScene({1: takes[2][0], 3: takes[3][0]}, frozenset({2})))
    # The first file is there at once. The second takes more than a bar.
    render(child.mixer, 512)
    child.loader.work()
    child.play_to(begun + 3 * BAR + 5 * BEAT)
    assert (child.activity(1), child.activity(3)) == ("playing", "empty")
    assert child.starts(1, begun + 3 * BAR, takes[0][1]), "it went on without the other"
    child.load()
    assert [child.activity(deck) for deck in (1, 2, 3)] == ["armed", "stopping", "armed"]
    child.play_to(begun + 6 * BAR)
    line = begun + 5 * BAR
    assert child.starts(1, line, takes[2][1])
    assert child.starts(3, line, takes[3][1], fade=0)
    assert (child.deck(2)[line - SEAM : line] != 0).all()
    assert not child.deck(2)[line + SEAM :].any()
    assert not child.deck(3)[:line].any()
    assert not child.deck(4).any()


def test_the_line_is_of_the_widest_grid_among_the_scene_s_decks(playing: Any) -> None:
    child, begun, takes = playing
    for deck, quantise in ((1, "off"), (2, "4"), (3, "8")):
        child.obey(p.SetDeck(deck, "quantise", quantise))
    child.obey(p.LaunchScene({1: takes[2][0], 2: takes[3][0]}, frozenset()))
    child.load()
    child.play_to(begun + 5 * BAR)
    assert child.starts(1, begun + 4 * BAR, takes[2][1])
    assert child.starts(2, begun + 4 * BAR, takes[3][1])


def test_a_stopped_stage_starts_with_the_scene_and_a_scene_that_only_stops_starts_nothing(
    tmp_path: Path,
) -> None:
    child = Child(tmp_path)
    (one, audio), (two, other) = child.take(1), child.take(2)
    child.obey(p.LaunchScene({}, frozenset({1, 2})))
    child.load()
    child.play_to(4 * 512)
    assert not child.mixer.transport.playing
    child.obey(p.LaunchScene({1: one, 2: two}, frozenset()))
    child.load()
    begun = child.mixer.transport.boundary_frame(0.0)
    child.play_to(begun + BAR)
    assert child.starts(1, begun, audio, fade=0)
    assert child.starts(2, begun, other, fade=0)
    child.obey(p.StopTransport())
    child.obey(p.LaunchScene({1: two}, frozenset(), starts_transport=False))
    child.load()
    child.play_to(begun + 2 * BAR)
    assert not child.mixer.transport.playing, "an external clock leads"
    assert child.activity(1) == "armed"


@pytest.mark.parametrize("bpm", [93.7, 141.3])
@pytest.mark.parametrize("block", [64, 512, 4_096])
def test_the_tempo_changes_exactly_on_the_scene_s_line(playing: Any, bpm: float, block: int) -> None:
    child, begun, _takes = playing
    file, audio = child.take(9, bpm)
    child.obey(p.LaunchScene({1: file}, frozenset(), bpm=bpm, tempo_count=7))
    child.load()
    line = begun + 3 * BAR
    child.play_to(line - 1, block)
    assert child.mixer.transport.bpm == 120
    child.play_to(line + 3 * len(audio), block)
    heard = child.deck(1)[line:]
    # From the second repeat on: each begins on its own sample of the new grid, bit for bit.
    for bar in (1, 2):
        at = round(bar * 4 * RATE * 60 / bpm)
        assert (heard[at : at + len(audio) // 2] == audio[: len(audio) // 2]).all()
    assert child.starts(1, line, audio)
    (told,) = [report for report in child.mixer.reports if isinstance(report, r.TempoReport)]
    assert told == r.TempoReport(bpm, 7)


def test_undo_takes_back_a_whole_scene_and_its_tempo(playing: Any) -> None:
    child, begun, takes = playing
    child.obey(p.LaunchScene({1: takes[2][0], 3: takes[3][0]}, frozenset({2}), bpm=120.5))
    child.load()
    child.play_to(begun + 4 * BAR)
    assert [child.activity(deck) for deck in (1, 2, 3)] == ["playing", "stopped", "playing"]
    child.obey(p.Undo())
    child.play_to(begun + 4 * BAR + 512)
    assert child.mixer.transport.bpm == 120
    states = {deck: child.mixer.decks[deck].state() for deck in (1, 2, 3)}
    assert [states[deck].activity for deck in (1, 2, 3)] == ["playing", "playing", "stopped"]
    assert states[1].path == takes[0][0].path
    assert (states[2].path, states[2].held) == (takes[1][0].path, takes[1][0].path)


def test_undo_cancels_a_scene_that_waits_or_still_loads(playing: Any) -> None:
    child, _begun, takes = playing
    for loads in (True, False):
        child.obey(p.LaunchScene({1: takes[2][0], 3: takes[3][0]}, frozenset({2}), bpm=99))
        if loads:
            child.load()
            assert child.activity(1) == "armed"
        else:
            render(child.mixer, 512)
        child.obey(p.Undo())
        child.load()
        frame = child.mixer.frame
        child.play_to(frame + 2 * BAR)
        assert [child.activity(deck) for deck in (1, 2)] == ["playing", "playing"]
        assert child.activity(3) != "playing"
        assert child.mixer.transport.bpm == 120
        assert child.mixer.decks[1].state().held == takes[0][0].path
    assert [report.deck for report in child.reports if isinstance(report, r.NotLoaded)] == [1, 3]


def test_a_deck_that_was_stopped_by_hand_since_stays_silent_when_its_scene_is_undone(playing: Any) -> None:
    child, begun, takes = playing
    child.obey(p.LaunchScene({1: takes[2][0]}, frozenset({2})))
    child.load()
    child.play_to(begun + 4 * BAR)
    child.obey(p.StopDeck(2))
    child.play_to(begun + 5 * BAR)
    child.obey(p.Undo())
    child.play_to(begun + 6 * BAR)
    assert [child.activity(deck) for deck in (1, 2)] == ["playing", "stopped"]


@pytest.mark.parametrize("order", [p.StopDeck(1), p.Panic()])
def test_a_stop_or_panic_while_files_are_read_takes_the_launch_away(playing: Any, order: object) -> None:
    child, begun, takes = playing
    child.obey(p.LaunchScene({1: takes[2][0], 3: takes[3][0]}, frozenset({2}), bpm=99))
    render(child.mixer, 512)
    child.loader.work()
    child.obey(order)
    child.load()
    child.play_to(begun + 5 * BAR)
    assert child.activity(1) == "stopped"
    is_panic = isinstance(order, p.Panic)
    assert child.activity(3) == ("stopped" if is_panic else "playing")
    assert child.mixer.transport.bpm == (120 if is_panic else 99)
    if not is_panic:
        assert child.activity(2) == "stopped"


def test_a_deck_launched_by_hand_while_a_scene_loads_is_not_stopped_by_it(playing: Any) -> None:
    child, begun, takes = playing
    child.obey(p.LaunchScene({1: takes[2][0]}, frozenset({2})))
    render(child.mixer, 512)
    child.obey(p.LaunchDeck(2))
    child.load()
    child.play_to(begun + 4 * BAR)
    assert child.activity(2) == "playing"


def test_a_file_that_cannot_be_loaded_leaves_its_deck_and_the_rest_launches(playing: Any) -> None:
    child, begun, takes = playing
    gone = p.TakeFile(child.folder / "gone.wav", 120.0, 4.0)
    child.obey(p.LaunchScene({1: gone, 3: takes[3][0]}, frozenset()))
    child.load()
    child.play_to(begun + 4 * BAR)
    assert child.activity(1) == "playing"
    assert child.mixer.decks[1].state().path == takes[0][0].path
    assert child.starts(3, begun + 3 * BAR, takes[3][1], fade=0)
    (failed,) = [report for report in child.reports if isinstance(report, r.DeckFailed)]
    assert (failed.deck, failed.code) == (1, "source")
    assert "gone.wav" in failed.message


def test_a_tempo_that_is_set_while_a_scene_waits_counts_for_more(playing: Any) -> None:
    child, begun, takes = playing
    child.obey(p.LaunchScene({1: takes[2][0]}, frozenset(), bpm=99))
    child.load()
    child.obey(p.SetStage("tempo", 121.0))
    child.play_to(begun + 5 * BAR)
    assert child.mixer.transport.bpm == 121
    assert not [report for report in child.mixer.reports if isinstance(report, r.TempoReport)]


def test_a_jump_moves_all_decks_of_a_waiting_scene_to_one_line(playing: Any) -> None:
    child, _begun, takes = playing
    for deck, quantise in ((1, "beat"), (3, "2")):
        child.obey(p.SetDeck(deck, "quantise", quantise))
    child.obey(p.LaunchScene({1: takes[2][0], 3: takes[3][0]}, frozenset(), bpm=99))
    child.load()
    child.obey(p.Locate(41.0))
    render(child.mixer, 512)
    assert {child.mixer.decks[deck].state().line for deck in (1, 3)} == {48.0}
    child.play_to(child.mixer.frame + 3 * BAR)
    assert child.mixer.transport.bpm == 99
