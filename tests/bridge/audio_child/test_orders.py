"""Commands that come before what they need, or that are overtaken before they are obeyed."""

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
from bridge.audio_child.renderer import Renderer
from bridge.audio_child.ring import Ring
from bridge.audio_child.shared_memory.counters import CounterBoard, Counters
from bridge.audio_child.shared_memory.snapshot import Snapshot, SnapshotBoard, SnapshotReader, SnapshotWriter
from bridge.stage.decks import Master
from tests.bridge.audio_child.simulated_child import LaterLoader
from tests.bridge.audio_child.sounds import RATE, aligned, noise, render


@pytest.mark.parametrize("stopped", [False, True])
def test_an_endless_deck_starts_with_its_first_bar_however_early_it_is_launched(
    tmp_path: Path, stopped: bool
) -> None:
    mixer, loader = Mixer(RATE, 1), LaterLoader()
    unused: Any = None
    orders = Orders(mixer, unused, cast(Loader, loader), unused, unused)
    bar = noise(2 * RATE)
    np.save(tmp_path / "bar.npy", bar.T)
    orders.obey(p.OpenEndless(1, 4.0))
    orders.obey(p.BarReady(1, 0, tmp_path / "bar.npy", RATE))
    orders.obey(p.LaunchDeck(1))
    assert not render(mixer, 4_096).any()
    if stopped:
        orders.obey(p.StopDeck(1))
        render(mixer, 4_096)
    loader.work()
    heard = render(mixer, len(bar) - 4_096)
    if stopped:
        assert not heard.any()
        return
    begin = int(np.flatnonzero(heard.any(axis=1))[0])
    assert (heard[begin:] == bar[: len(heard) - begin]).all()
    assert not [report for report in mixer.reports if isinstance(report, r.BehindReport)]


def test_a_bar_that_comes_late_is_not_played_in_another_session_nor_launches_a_take(tmp_path: Path) -> None:
    mixer, loader, trouble = Mixer(RATE, 1), LaterLoader(), list[object]()
    unused: Any = None
    orders = Orders(mixer, unused, cast(Loader, loader), unused, trouble.append)
    np.save(tmp_path / "old.npy", noise(2 * RATE, 1).T)
    new = noise(2 * RATE, 2)
    np.save(tmp_path / "new.npy", new.T)
    orders.obey(p.OpenEndless(1, 4.0))
    orders.obey(p.BarReady(1, 7, tmp_path / "old.npy", RATE))
    orders.obey(p.OpenEndless(1, 4.0))
    orders.obey(p.BarReady(1, 0, tmp_path / "new.npy", RATE))
    orders.obey(p.LaunchDeck(1))
    loader.work()
    assert not render(mixer, 4_096).any()
    loader.work()
    heard = render(mixer, len(new))
    begin = int(np.flatnonzero(heard.any(axis=1))[0])
    assert (heard[begin:] == new[: len(heard) - begin]).all()

    soundfile.write(tmp_path / "take.wav", noise(RATE), RATE, subtype="FLOAT")
    orders.obey(p.BarReady(1, 1, tmp_path / "old.npy", RATE))
    orders.obey(p.SetDeck(1, "quantise", "off"))
    orders.obey(p.StopDeck(1))
    orders.obey(p.LoadDeck(1, p.TakeFile(tmp_path / "take.wav", 120.0, 2.0)))
    loader.work()
    loader.work()
    render(mixer, RATE // 2)
    assert mixer.decks[1].state().activity == "stopped"
    assert not trouble


@pytest.mark.parametrize(("made_rate", "rate"), [(44_100, 48_000), (48_000, 44_100), (44_100, 47_999)])
def test_bars_made_for_a_device_of_another_rate_keep_their_pitch_and_do_not_click(
    tmp_path: Path, made_rate: int, rate: int
) -> None:
    mixer, loader = Mixer(rate, 1), LaterLoader()
    unused: Any = None
    orders = Orders(mixer, unused, cast(Loader, loader), unused, unused)
    made, wanted = (0.2 * np.sin(2 * np.pi * 440.3 * np.arange(8 * one) / one) for one in (made_rate, rate))
    orders.obey(p.OpenEndless(1, 4.0))
    for bar, audio in enumerate(np.split(made.astype(np.float32), 4)):
        np.save(tmp_path / f"{bar}.npy", np.stack((audio, audio)))
        orders.obey(p.BarReady(1, bar, tmp_path / f"{bar}.npy", made_rate))
        loader.work()
    orders.obey(p.LaunchDeck(1))
    heard = aligned(mixer, 8 * rate)
    # The very first and last samples have no neighbour; between the bars the sine goes on.
    np.testing.assert_allclose(heard[:, 0], wanted, atol=2e-4)
    assert (heard[:, 0] == heard[:, 1]).all()


def test_a_fresh_child_says_where_the_music_is_once_it_knows_and_that_a_deck_goes_on(tmp_path: Path) -> None:
    board, counters = SnapshotBoard(), CounterBoard()
    reader = SnapshotReader(board.name)
    counts, mixer, loader = Counters(counters.name), Mixer(RATE, 1), LaterLoader()
    ring = Ring(4_096, 2, counts, RATE)
    renderer = Renderer(mixer, ring, 2, 0.02, counts, SnapshotWriter(board.name))
    unused: Any = None
    orders = Orders(mixer, renderer, cast(Loader, loader), unused, unused)

    def go_on() -> None:
        renderer.fill()
        ring.discard(ring.filled)

    try:
        take = tmp_path / "take.wav"
        soundfile.write(take, noise(2 * RATE), RATE, subtype="FLOAT")
        file = p.TakeFile(take, 120.0, 4.0)
        told = [
            *Master(last=Snapshot(0.0, 97.5, 120.0, True, 4.0)).restore_commands(),
            p.Resume(1, file, 96.0),
        ]
        for command in told:
            if isinstance(command, p.Publish):
                go_on()
                # One that ends by now must not take with it what the one before has said.
                assert reader.read() is None
            orders.obey(command)
        loader.work()
        go_on()
        now = reader.read()
        assert now is not None
        assert now.playing
        assert now.beat > 97.5
        state = mixer.decks[1].state()
        assert (state.activity, state.launch_beat) == ("armed", 96.0)
    finally:
        reader.close()
        board.close()
        counts.close()
        counters.close()
