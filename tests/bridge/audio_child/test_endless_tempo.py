"""An endless deck in another tempo than its bars': no gap, each bar on its line, stretched where asked."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.decks.bar_reader import BarReader, length_of
from bridge.audio_child.decks.endless import padded_bar, runs_of_one_length
from bridge.audio_child.loading import Loader
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.orders import Orders
from tests.bridge.audio_child.sounds import BAR, RATE, SEAM, begun, endless_bars, endless_mixer, noise, render

Audio = NDArray[np.float32]


def behind(mixer: Mixer) -> list[int]:
    return [report.bar for report in mixer.reports if isinstance(report, r.BehindReport)]


@pytest.mark.parametrize("bpm", [100.0, 140.0, 119.0, 33.3, 999.0])
def test_bars_of_another_tempo_begin_on_their_lines_and_leave_no_gap(bpm: float) -> None:
    mixer, audio = endless_mixer(8)
    heard = [render(mixer, 235 * 512)]  # amid bar 1
    changed_at = mixer.frame
    mixer.set_tempo(bpm)
    lines = [mixer.transport.boundary_frame(4.0 * bar) for bar in range(5)]
    heard.append(render(mixer, lines[4] - changed_at + mixer.delay))
    line = np.concatenate(heard)[mixer.delay :]
    assert line[: lines[4]].all()
    assert begun(mixer)[:4] == [0, 1, 2, 3]
    assert not behind(mixer)
    # The bar under way went on as it was; the next ones start on their lines, past the crossfade.
    under_way = min(2 * BAR, lines[2]) - SEAM
    assert (line[BAR:under_way] == audio[1][: under_way - BAR]).all()
    for bar in (2, 3):
        until = min(lines[bar + 1], lines[bar] + BAR) - SEAM
        own = audio[bar][SEAM : until - lines[bar]]
        assert (line[lines[bar] + SEAM : until] == own).all()


def test_a_bar_that_is_too_short_goes_on_with_its_last_beat() -> None:
    mixer, audio = endless_mixer(8, bpm=100.0)
    slot = round(2.4 * RATE)
    line = render(mixer, slot + mixer.delay)[mixer.delay :]
    assert (line[: BAR - SEAM] == audio[0][: BAR - SEAM]).all()
    assert (line[BAR:slot] == audio[0][BAR * 3 // 4 :][: slot - BAR]).all()


def test_no_cut_is_hard() -> None:
    """A sine that fits no bar is cut everywhere; heard, its steps stay as small as a crossfade's."""
    for bpm in (100.0, 140.0):
        mixer = Mixer(RATE, 1)
        mixer.set_tempo(bpm)
        known = endless_bars(mixer.decks[1])
        sine = np.sin(2 * np.pi * 100.3 * np.arange(8 * BAR) / RATE).astype(np.float32)
        for bar in range(8):
            piece = sine[bar * BAR : (bar + 1) * BAR]
            known.put(bar, padded_bar(0.2 * np.stack((piece, piece), axis=1)))
        mixer.launch(mixer.decks[1])
        line = render(mixer, 6 * BAR)[:, 0]
        assert np.abs(np.diff(line)).max() < 0.008


def test_a_trembling_clock_is_followed_like_a_tape_with_every_bar_begun_once() -> None:
    mixer, audio = endless_mixer(8)
    drawn = np.random.default_rng(3)
    parts, at = [], 0
    for _ in range(7 * BAR // 512):
        if mixer.frame <= mixer.transport.boundary_frame(24.0):
            at = mixer.transport.boundary_frame(24.0)
        mixer.set_tempo(120.0 * float(drawn.uniform(0.997, 1.003)), 120.0)
        parts.append(render(mixer, 512))
    line = np.concatenate(parts)[mixer.delay :]
    assert line.all()
    assert begun(mixer) == list(range(len(begun(mixer))))
    assert len(begun(mixer)) == 7
    assert not behind(mixer)
    # After six bars it is where the lines are, to the sample that interpolation allows.
    there = line[at + 10 : at + 2_010, 0]
    likeness = [float(np.corrcoef(there, audio[6][k : k + 2_000, 0])[0, 1]) for k in range(20)]
    assert abs(int(np.argmax(likeness)) - 10) <= 2


def test_a_tempo_that_comes_back_finds_its_bars_untouched() -> None:
    mixer, audio = endless_mixer(8)
    render(mixer, BAR // 2)
    mixer.set_tempo(90.0)
    render(mixer, BAR)
    mixer.set_tempo(120.0)
    at = mixer.transport.boundary_frame(8.0)
    begin = mixer.frame
    heard = render(mixer, at - begin + 2 * BAR)[mixer.delay :]
    own = audio[2][SEAM : BAR - SEAM]
    assert (heard[at - begin + SEAM :][: len(own)] == own).all()


def test_bars_that_are_stretched_fill_their_slots(tmp_path: Path) -> None:
    mixer, trouble = Mixer(RATE, 1), list[object]()
    unused: Any = None
    orders = Orders(mixer, unused, Loader(), unused, trouble.append)
    orders.obey(p.OpenEndless(1, 4.0))
    sine = 0.2 * np.sin(2 * np.pi * 440 * np.arange(4 * BAR) / RATE).astype(np.float32)
    for bar in range(4):
        np.save(tmp_path / f"{bar}.npy", np.stack([sine[bar * BAR :][:BAR]] * 2))
        orders.obey(p.BarReady(1, bar, tmp_path / f"{bar}.npy", RATE))
    orders.obey(p.SetDeck(1, "stretch", True))
    orders.obey(p.LaunchDeck(1))
    end = time.monotonic() + 30
    bars: Any = None
    while (bars is None or bars.find(3, BAR)[1] is False) and time.monotonic() < end:
        render(mixer, 512)
        bars = mixer.decks[1].bars
        time.sleep(0.01)
    orders.obey(p.SetStage("tempo", 100.0))
    slot = round(2.4 * RATE)
    while length_of(bars.find(3, slot)[0]) != slot and time.monotonic() < end:
        render(mixer, 64)
        orders.look_after_tempo()
        time.sleep(0.02)
    assert [length_of(bars.find(bar, slot)[0]) for bar in range(1, 4)] == [slot] * 3
    assert not trouble
    # At its own pitch, and whole: the stretch of bars that follow each other has no seam.
    line = render(mixer, mixer.transport.boundary_frame(12.0) - mixer.frame)[:, 0]
    second = line[-RATE:]
    assert np.argmax(np.abs(np.fft.rfft(second * np.hanning(RATE)))) == pytest.approx(440, abs=1)
    assert np.abs(np.diff(line[-slot - RATE :])).max() < 0.03
    assert not bars.to_stretch(slot)
    # Back at their own tempo they are what they were.
    assert length_of(bars.find(3, BAR)[0]) == BAR


def test_only_bars_that_follow_each_other_are_stretched_together() -> None:
    bars = {bar: noise(frames) for bar, frames in ((1, 500), (2, 501), (4, 500), (5, 400))}
    assert [list(run) for run in runs_of_one_length(bars)] == [[1, 2], [4], [5]]


@pytest.mark.parametrize("frames", [1, 2, 40])
def test_a_bar_of_next_to_nothing_is_played_as_well(frames: int) -> None:
    mixer = Mixer(RATE, 1)
    known = endless_bars(mixer.decks[1])
    known.put(0, padded_bar(noise(frames)))
    mixer.launch(mixer.decks[1])
    assert np.isfinite(render(mixer, BAR)).all()


def test_silence_has_no_end() -> None:
    silence = BarReader(None, 0.0)
    out = np.zeros((10, 2), np.float32)
    silence.add_to(out)
    assert not out.any()
    assert silence.lasts(10**9, 4.0)
