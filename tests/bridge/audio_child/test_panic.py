"""Panic, loads, undo and relaunches: what may sound, and when, to the sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.mixer import Mixer
from tests.bridge.audio_child.simulated_child import SimulatedChild, simulated_child
from tests.bridge.audio_child.sounds import RATE, aligned, held, loop, noise, render

BAR = 2 * RATE
HEARD_WITHIN = 0.03


@pytest.fixture
def child() -> Iterator[SimulatedChild]:
    with simulated_child(RATE, decks=2) as running:
        yield running


def file(folder: Path, name: str, level: float) -> p.TakeFile:
    """A loop of a bar that holds one level."""
    path = folder / f"{name}.wav"
    soundfile.write(path, np.full((BAR, 2), level, np.float32), RATE, subtype="FLOAT")
    return p.TakeFile(path, 120.0, 4.0)


def load(child: SimulatedChild, deck: int, take: p.TakeFile) -> None:
    child.orders.obey(p.LoadDeck(deck, take))
    child.loader.work()
    child.play(1_024)


def start(child: SimulatedChild, deck: int, take: p.TakeFile) -> None:
    """Load a take and let it play."""
    load(child, deck, take)
    child.orders.obey(p.LaunchDeck(deck))
    child.play(child.ring.filled)
    assert child.play(1_024).any()


def last_of(child: SimulatedChild, deck: int) -> r.DeckReport:
    told: list[r.DeckReport] = [one for one in child.told() if isinstance(one, r.DeckReport)]
    return [one for one in told if one.deck == deck][-1]


@pytest.mark.parametrize("latency_seconds", [0.02, 0.1, 0.5, 2.0])
@pytest.mark.parametrize("period", [64, 512, 700])
def test_panic_is_heard_within_30_ms_however_full_the_ring_is(
    tmp_path: Path, latency_seconds: float, period: int
) -> None:
    with simulated_child(RATE, decks=1, latency_seconds=latency_seconds) as child:
        start(child, 1, file(tmp_path, "a", 0.25))
        child.orders.obey(p.Panic())
        heard = child.play(round((latency_seconds + 1.0) * RATE), period)
        assert not heard[round(HEARD_WITHIN * RATE) :].any()
        # It fades out, and does not click.
        assert np.abs(np.diff(heard[:, 0])).max() < 0.25 * 0.01
        child.orders.obey(p.LaunchDeck(1))
        assert child.play(3 * BAR)[-1, 0] == 0.25


def test_a_launch_that_follows_panic_at_once_is_heard(child: SimulatedChild, tmp_path: Path) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    child.orders.obey(p.SetDeck(1, "quantise", "off"))
    child.orders.obey(p.Panic())
    child.orders.obey(p.LaunchDeck(1))
    assert (child.play(RATE)[-100:] == 0.25).all()


@pytest.mark.parametrize("coming", ["load", "launched load", "resume", "endless", "armed"])
def test_after_panic_nothing_that_was_on_its_way_starts(
    child: SimulatedChild, tmp_path: Path, coming: str
) -> None:
    take = file(tmp_path, "a", 0.25)
    np.save(tmp_path / "bar.npy", np.full((2, BAR), 0.25, np.float32))
    obey = child.orders.obey
    obey(p.PlayTransport())
    child.play(1_024)
    match coming:
        case "load":
            obey(p.LoadDeck(1, take))
            obey(p.LaunchDeck(1))
        case "launched load":
            obey(p.LoadDeck(1, take, "1"))
        case "resume":
            obey(p.Resume(1, take, -4.0))
        case "endless":
            obey(p.OpenEndless(1, 4.0))
            obey(p.BarReady(1, 0, tmp_path / "bar.npy", RATE))
            obey(p.LaunchDeck(1))
        case "armed":
            load(child, 1, take)
            obey(p.LaunchDeck(1))
    child.play(1_024)
    obey(p.Panic())
    child.loader.work()
    assert not child.play(4 * BAR).any()
    obey(p.StopTransport())
    obey(p.PlayTransport())
    obey(p.Undo())
    assert not child.play(2 * BAR).any()
    obey(p.LaunchDeck(1))
    assert child.play(2 * BAR)[-1, 0] == 0.25


def test_a_launch_after_panic_counts_though_the_take_was_loading_before(
    child: SimulatedChild, tmp_path: Path
) -> None:
    child.orders.obey(p.LoadDeck(1, file(tmp_path, "a", 0.25), "1"))
    child.orders.obey(p.Panic())
    child.orders.obey(p.LaunchDeck(1))
    child.loader.work()
    assert child.play(BAR).any()


def test_a_load_after_the_transport_s_stop_starts_nothing_and_play_does_not_either(
    child: SimulatedChild, tmp_path: Path
) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    child.orders.obey(p.StopTransport())
    child.play(RATE)
    assert last_of(child, 1).activity == "armed"
    load(child, 1, file(tmp_path, "b", 0.5))
    assert not child.play(2 * BAR).any()
    report = last_of(child, 1)
    assert (report.activity, report.path, report.held) == ("stopped", tmp_path / "b.wav", tmp_path / "b.wav")
    assert not child.mixer.transport.playing
    child.orders.obey(p.PlayTransport())
    assert not child.play(2 * BAR).any()
    child.orders.obey(p.LaunchDeck(1))
    assert child.play(2 * BAR)[-1, 0] == 0.5


def test_a_launch_that_is_still_loading_as_the_transport_stops_waits_for_its_start(
    child: SimulatedChild, tmp_path: Path
) -> None:
    child.orders.obey(p.PlayTransport())
    child.orders.obey(p.LoadDeck(1, file(tmp_path, "a", 0.25)))
    child.orders.obey(p.LaunchDeck(1))
    child.orders.obey(p.StopTransport())
    child.loader.work()
    assert not child.play(BAR).any()
    assert last_of(child, 1).activity == "armed"
    child.orders.obey(p.PlayTransport())
    assert child.play(2 * BAR)[-1, 0] == 0.25


def test_a_launch_that_starts_the_clock_is_told_and_so_is_its_stop(
    child: SimulatedChild, tmp_path: Path
) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    child.orders.obey(p.StopTransport())
    child.play(1_024)
    told = [one.playing for one in child.told() if isinstance(one, r.TransportReport)]
    assert told == [True, False]


def test_a_change_is_told_as_armed_with_its_line_and_as_playing_when_it_sounds(
    child: SimulatedChild, tmp_path: Path
) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    child.orders.obey(p.SetDeck(1, "quantise", "4"))
    child.told()
    load(child, 1, file(tmp_path, "b", 0.5))
    told = last_of(child, 1)
    assert (told.activity, told.path, told.line) == ("armed", tmp_path / "b.wav", 16.0)
    assert child.play(2 * BAR)[-1, 0] == 0.25
    assert not child.told()
    assert child.play(2 * BAR)[-1, 0] == 0.5
    told = last_of(child, 1)
    assert (told.activity, told.path, told.line) == ("playing", tmp_path / "b.wav", None)
    child.orders.obey(p.StopDeck(1))
    child.play(1_024)
    told = last_of(child, 1)
    assert (told.activity, told.path, told.line) == ("stopping", tmp_path / "b.wav", 32.0)


def test_undo_names_the_take_that_sounds(child: SimulatedChild, tmp_path: Path) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    load(child, 1, file(tmp_path, "b", 0.5))
    assert child.play(2 * BAR)[-1, 0] == 0.5
    child.orders.obey(p.Undo())
    assert child.play(RATE)[-1, 0] == 0.25
    report = last_of(child, 1)
    assert (report.activity, report.path, report.held) == ("playing", tmp_path / "a.wav", tmp_path / "a.wav")


def test_undo_takes_back_a_launch_that_is_still_loading(child: SimulatedChild, tmp_path: Path) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    child.orders.obey(p.LoadDeck(2, file(tmp_path, "b", 0.5)))
    child.orders.obey(p.LaunchDeck(2))
    child.play(1_024)
    child.orders.obey(p.Undo())
    child.loader.work()
    assert (child.play(4 * BAR)[-1] == 0.25).all()
    assert last_of(child, 2).activity == "stopped"


def test_undo_after_a_stop_stays_silent_and_holds_what_was_held_before(
    child: SimulatedChild, tmp_path: Path
) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    load(child, 1, file(tmp_path, "b", 0.5))
    child.play(2 * BAR)
    child.orders.obey(p.StopDeck(1))
    child.play(2 * BAR)
    child.orders.obey(p.Undo())
    assert not child.play(2 * BAR).any()
    report = last_of(child, 1)
    assert (report.activity, report.path) == ("stopped", tmp_path / "a.wav")


@pytest.mark.parametrize("halted", [False, True])
def test_undo_while_the_transport_is_stopped_makes_no_sound(
    child: SimulatedChild, tmp_path: Path, halted: bool
) -> None:
    start(child, 1, file(tmp_path, "a", 0.25))
    load(child, 1, file(tmp_path, "b", 0.5))
    child.play(2 * BAR)
    if halted:
        child.orders.obey(p.StopTransport())
        child.play(RATE)
    child.orders.obey(p.Undo())
    assert child.play(RATE)[-1].any() != halted
    child.orders.obey(p.PlayTransport())
    assert child.play(RATE)[-1, 0] == 0.25


def test_a_loop_launched_over_itself_is_no_louder_and_unlike_sounds_cross_with_equal_power() -> None:
    mixer = Mixer(RATE, 1, crossfade_seconds=0.02)
    deck = mixer.decks[1]
    seconds = np.arange(BAR) / RATE
    sine = np.repeat(0.25 * np.sin(2 * np.pi * 500 * seconds)[:, None], 2, axis=1).astype(np.float32)
    deck.hold(held(sine, 120, 4))
    mixer.launch(deck)
    render(mixer, 1_024)
    mixer.launch(deck)
    begun = mixer.frame
    heard = aligned(mixer, BAR)
    np.testing.assert_allclose(heard, np.roll(sine, -begun, axis=0), atol=1e-6)

    hiss, other = (noise(BAR, seed) - np.float32(0.11) for seed in (1, 2))
    deck.hold(held(hiss, 120, 4))
    mixer.launch(deck)
    render(mixer, 2 * BAR)
    deck.hold(held(other, 120, 4))
    mixer.launch(deck)
    line = -mixer.frame % BAR
    crossed = aligned(mixer, line + 960)[line:]
    expected = float(np.std(hiss))
    assert np.std(crossed) == pytest.approx(expected, rel=0.05)


def test_a_swap_replaces_a_take_that_waits_or_is_paused(child: SimulatedChild) -> None:
    mixer = child.mixer
    deck = mixer.decks[1]
    (old, take), (new, swapped) = loop(120, seed=1), loop(120, seed=2)
    deck.hold(take)
    mixer.launch(deck)
    render(mixer, 1_024)
    mixer.stop()
    deck.swap(swapped, mixer.frame)
    mixer.play()
    render(mixer, 4_096)
    assert deck.sounding() is swapped
    deck.hold(take)
    mixer.launch(deck)
    deck.swap(swapped, mixer.frame)
    render(mixer, BAR)
    assert deck.sounding() is swapped
    assert len(old) == len(new)


def test_a_jump_leaves_a_take_that_rejoins_in_its_place(child: SimulatedChild) -> None:
    mixer = child.mixer
    deck = mixer.decks[1]
    audio, take = loop(120, bars=2)
    mixer.play()
    render(mixer, 1_024)
    deck.rejoin(take, -4.0, mixer.frame)
    mixer.locate(7.0)
    render(mixer, RATE)  # the line at beat 8 is half a second away
    state: Any = deck.state()
    assert (state.activity, state.launch_beat) == ("playing", -4.0)
    place = round((mixer.transport.beat_at(mixer.frame) + 4.0) * RATE / 2) % len(audio)
    np.testing.assert_array_equal(aligned(mixer, 1_024), audio[place : place + 1_024])
