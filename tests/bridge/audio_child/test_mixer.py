"""Launching, looping, changing and following, to the sample, without a device."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bridge.audio_child.decks.deck import STOP_SECONDS
from bridge.audio_child.decks.varispeed import MARGIN
from bridge.audio_child.mixer import Mixer
from bridge.messages.stage import Quantise
from tests.bridge.audio_child.sounds import BAR, RATE, SEAM, aligned, held, loop, noise, render


def test_a_loop_is_played_bit_for_bit_and_again_from_its_bar_line() -> None:
    mixer = Mixer(RATE, 4)
    audio, take = loop(120)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    heard = aligned(mixer, 3 * len(audio))
    assert (heard == np.tile(audio, (3, 1))).all()


@pytest.mark.parametrize("bpm", [97.3, 120.0, 173.77])
def test_after_an_hour_each_repeat_still_starts_on_its_bar_line(bpm: float) -> None:
    rate = 11_025  # an hour at 48 kHz says the same, and takes a minute
    mixer = Mixer(rate, 1)
    mixer.set_tempo(bpm)
    _, take = loop(bpm, rate=rate)
    # Its first sample is unlike all others, so that each start can be found.
    take.padded[:] = 0
    take.padded[MARGIN] = 0.5
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    found: list[int] = []
    block, frames = 40_000, 3_600 * rate
    for begin in range(0, frames, block):
        out = mixer.render(block)
        found.extend(int(at) + begin - mixer.delay for at in np.flatnonzero(out[:, 0] > 0.4))
    bar_samples = 4 * rate * 60 / bpm
    assert len(found) == pytest.approx(mixer.frame / bar_samples, abs=1.5)
    assert found == [round(bar * bar_samples) for bar in range(len(found))]


def test_a_clock_slightly_faster_is_followed_for_ten_minutes() -> None:
    """Another clock at 120.05, a twentieth of a beat away and trembling by 1 ms, against a loop of 120.

    Launches stay within one block of its bar lines.
    """
    rate = 11_025
    mixer = Mixer(rate, 2)
    _, take = loop(120, rate=rate)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    beat_frames, errors = rate * 60 / 120.05, []
    tremble = np.random.default_rng(5)
    deck = mixer.decks[2]
    _, other = loop(120, seed=3, rate=rate)
    deck.hold(other)
    for _ in range(round(600 * rate / 512)):
        mixer.follow(120.05, mixer.frame / beat_frames + 0.05 + tremble.normal(0, 0.002))
        mixer.render(512)
        launched = deck.state().launch_beat
        if mixer.frame > 30 * rate and deck.state().activity == "stopped":
            mixer.launch(deck)
        elif launched is not None:
            errors.append(abs(mixer.transport.frame_of(launched) - (launched - 0.05) * beat_frames))
            deck.silence()
    assert mixer.decks[1].state().fits
    assert len(errors) > 200
    assert max(errors) < 512
    drift_beats = mixer.transport.beat_at(mixer.frame) - mixer.frame / beat_frames - 0.05
    assert abs(drift_beats * 60 / 120.05) < 0.002


def test_another_tempo_is_followed_by_varispeed_up_to_half_a_percent_and_then_not() -> None:
    mixer = Mixer(RATE, 1)
    seconds = np.arange(96_000) / RATE
    sine = np.repeat(0.25 * np.sin(2 * np.pi * 500 * seconds)[:, None], 2, axis=1).astype(np.float32)
    mixer.decks[1].hold(held(sine, 120, 4))
    mixer.set_tempo(120.5)
    mixer.launch(mixer.decks[1])
    heard = aligned(mixer, 90_000)
    faster = 0.25 * np.sin(2 * np.pi * 500 * 120.5 / 120 * np.arange(90_000) / RATE)
    np.testing.assert_allclose(heard[:, 0], faster, atol=2e-5)
    mixer.set_tempo(121)
    render(mixer, 1_024)
    assert not mixer.decks[1].state().fits


@pytest.mark.parametrize(
    ("quantise", "beat"), [("off", 1.2), ("beat", 2), ("1", 4), ("2", 8), ("4", 16), ("8", 32)]
)
def test_a_launch_lands_on_the_exact_sample_of_its_line(quantise: Quantise, beat: float) -> None:
    mixer = Mixer(RATE, 2)
    mixer.set_tempo(130)
    mixer.play()
    render(mixer, round(1.2 * RATE * 60 / 130), block=1)
    begun = mixer.frame
    deck = mixer.decks[2]
    deck.quantise = quantise
    audio, take = loop(130)
    deck.hold(take)
    mixer.launch(deck)
    expected = begun if quantise == "off" else round(beat * RATE * 60 / 130)
    heard = render(mixer, expected - begun + mixer.delay + 1_000, block=777)
    first = int(np.flatnonzero(heard[:, 0])[0]) + begun - mixer.delay
    assert first == expected
    assert (
        heard[first - begun + mixer.delay :][:1_000]
        == audio[: len(heard) - (first - begun + mixer.delay)][:1_000]
    ).all()


def test_a_change_of_take_crosses_with_equal_power_and_begins_on_the_line() -> None:
    mixer = Mixer(RATE, 1, crossfade_seconds=0.02)
    deck = mixer.decks[1]
    ones = np.full((96_000, 2), 0.25, np.float32)
    deck.hold(held(ones, 120, 4))
    mixer.launch(deck)
    render(mixer, 1_000)
    deck.hold(held(-ones, 120, 4, "other"))
    mixer.launch(deck)
    before = mixer.frame
    heard = render(mixer, 120_000)
    line = 96_000 - before + mixer.delay
    assert (heard[:line] == 0.25).all()
    angles = np.pi / 2 * (np.arange(960) + 0.5) / 960
    expected = 0.25 * (np.cos(angles) - np.sin(angles))
    np.testing.assert_allclose(heard[line : line + 960, 0], expected, atol=1e-6)
    assert (heard[line + 960 :] == -0.25).all()


def test_a_stop_falls_silent_from_its_line_on() -> None:
    mixer = Mixer(RATE, 1)
    deck = mixer.decks[1]
    audio, take = loop(120)
    deck.hold(take)
    mixer.launch(deck)
    render(mixer, 1_024)
    deck.arm_stop(mixer.frame)
    assert deck.state().activity == "stopping"
    begun = mixer.frame
    heard = aligned(mixer, 96_000)
    line, fade = 96_000 - begun, round(STOP_SECONDS * RATE)
    rest = audio[begun + mixer.delay - mixer.delay :]
    assert (heard[:line][: len(rest)] == rest[:line]).all()
    assert not heard[line + fade :].any()
    assert deck.state().activity == "stopped"


def test_a_take_that_plays_once_ends_and_says_so() -> None:
    mixer = Mixer(RATE, 1)
    deck = mixer.decks[1]
    audio = noise(10_001)
    deck.loop = False
    deck.hold(held(audio))
    mixer.launch(deck)
    heard = aligned(mixer, 20_000)
    assert (heard[:10_001] == audio).all()
    assert not heard[10_001:].any()
    assert [report.activity for report in mixer.reports if hasattr(report, "activity")][-1] == "stopped"


def test_a_tail_rings_over_the_repeat_that_follows() -> None:
    mixer = Mixer(RATE, 1)
    audio = noise(96_000 + 5_000, level=0.1)
    mixer.decks[1].hold(held(audio, 120, 4))
    mixer.launch(mixer.decks[1])
    heard = aligned(mixer, 2 * 96_000)
    assert (heard[:96_000] == audio[:96_000]).all()
    np.testing.assert_array_equal(heard[96_000:101_000], audio[:5_000] + audio[96_000:])
    assert (heard[101_000:192_000] == audio[5_000:96_000]).all()


def test_undo_forgets_a_launch_that_waits_and_gives_way_to_what_played() -> None:
    mixer = Mixer(RATE, 2)
    deck = mixer.decks[1]
    first, second = loop(120, seed=1), loop(120, seed=2)
    deck.hold(first[1])
    mixer.launch(deck)
    render(mixer, 48_000)
    deck.hold(second[1])
    mixer.launch(deck)
    mixer.undo()
    assert deck.take is first[1]
    begun = mixer.frame
    heard = aligned(mixer, 96_000 - begun + 1_000)
    assert (heard[96_000 - begun :] == first[0][:1_000]).all()

    deck.hold(second[1])
    mixer.launch(deck)
    render(mixer, 96_000)
    assert deck.sounding() is second[1]
    mixer.undo()
    render(mixer, 2_048)
    begun = mixer.frame
    assert deck.sounding() is first[1]
    place = begun % 96_000
    heard = aligned(mixer, 4_000)
    assert (heard == first[0][place : place + 4_000]).all()


def test_undo_of_a_first_launch_ends_in_silence() -> None:
    mixer = Mixer(RATE, 1)
    mixer.decks[1].hold(loop(120)[1])
    mixer.launch(mixer.decks[1])
    render(mixer, 4_096)
    mixer.undo()
    render(mixer, 4_096)
    assert mixer.decks[1].state().activity == "stopped"
    mixer.undo()  # and there is nothing more to take back


def test_gain_and_mute_move_without_a_step_and_rest_without_a_trace() -> None:
    mixer = Mixer(RATE, 1)
    deck = mixer.decks[1]
    deck.hold(held(np.full((96_000, 2), 0.25, np.float32), 120, 4))
    mixer.launch(deck)
    render(mixer, 1_024)
    deck.gain = 20 * math.log10(0.5)
    moving = render(mixer, 2_048)
    assert np.abs(np.diff(moving[:, 0])).max() < 0.001
    np.testing.assert_allclose(moving[-512:], 0.125, rtol=1e-6)
    deck.mute = True
    render(mixer, 1_024)
    assert not render(mixer, 512).any()
    deck.mute = False
    render(mixer, 1_024)
    np.testing.assert_allclose(render(mixer, 512), 0.125, rtol=1e-6)


def test_panic_silences_every_deck_and_the_clock_goes_on() -> None:
    mixer = Mixer(RATE, 4)
    for deck in mixer.decks.values():
        deck.hold(loop(120, seed=deck.number)[1])
        mixer.launch(deck)
    render(mixer, 4_096)
    mixer.panic()
    render(mixer, 2_048)
    before = mixer.transport.beat_at(mixer.frame)
    assert not render(mixer, 4_096).any()
    assert mixer.transport.beat_at(mixer.frame) > before


def test_pan_turns_the_other_side_down_without_a_step() -> None:
    mixer = Mixer(RATE, 1)
    deck = mixer.decks[1]
    deck.hold(held(np.full((96_000, 2), 0.25, np.float32), 120, 4))
    mixer.launch(deck)
    render(mixer, 1_024)
    deck.pan = 0.5
    moving = render(mixer, 2_048)
    assert np.abs(np.diff(moving[:, 0])).max() < 0.001
    assert (moving[-512:] == (0.125, 0.25)).all()
    deck.pan = -1.0
    render(mixer, 1_024)
    assert (render(mixer, 512) == (0.25, 0.0)).all()
    deck.pan = 0.0
    render(mixer, 1_024)
    assert (render(mixer, 512) == 0.25).all()


def test_stop_and_play_of_the_transport_go_on_in_the_same_place() -> None:
    mixer = Mixer(RATE, 1)
    audio, take = loop(120, bars=2)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    render(mixer, 40_960)
    mixer.stop()
    render(mixer, 10_240)
    assert not render(mixer, 1_024).any()
    assert mixer.decks[1].state().activity == "armed"
    mixer.play()
    heard = aligned(mixer, 8_192)
    assert (heard[960:] == audio[40_960 + 960 : 40_960 + 8_192]).all()


@pytest.mark.parametrize("jumps", [False, True])
def test_a_legato_launch_goes_on_where_the_take_before_it_was(jumps: bool) -> None:
    mixer = Mixer(RATE, 1)
    deck = mixer.decks[1]
    _, take = loop(120, bars=2, seed=1)
    audio, other = loop(120, bars=4, seed=2)
    deck.hold(take)
    mixer.launch(deck)
    render(mixer, BAR + 4_096)
    deck.legato = True
    deck.hold(other)
    mixer.launch(deck)
    if jumps:
        mixer.locate(mixer.transport.beat_at(mixer.frame) + 2)
    line = mixer.transport.boundary_frame(8.0) - mixer.frame
    heard = aligned(mixer, 2 * BAR)
    assert (heard[line + SEAM : line + BAR] == audio[2 * BAR + SEAM : 3 * BAR]).all()
    assert deck.state().launch_beat == 0.0
    # From silence there is nothing to go on from.
    deck.silence()
    mixer.launch(deck)
    bar_line = mixer.transport.next_boundary(mixer.frame, "1")
    render(mixer, BAR)
    assert deck.state().launch_beat == bar_line


def test_a_jump_of_the_beat_is_followed_in_the_music() -> None:
    mixer = Mixer(RATE, 1)
    audio, take = loop(120, bars=4)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    render(mixer, 10_240)
    mixer.locate(18.0)  # two beats into the second round of four bars
    heard = aligned(mixer, 4_096)
    assert (heard[600:] == audio[48_000 + 600 : 48_000 + 4_096]).all()


def test_a_launch_starts_a_transport_at_rest_at_once_unless_another_clock_leads() -> None:
    mixer = Mixer(RATE, 1)
    _, take = loop(120)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1], starts_transport=False)
    assert not aligned(mixer, 4_096).any()
    assert mixer.decks[1].state().activity == "armed"
    mixer.launch(mixer.decks[1])
    assert aligned(mixer, 4_096)[0].any()


@pytest.mark.parametrize("nudge_beats", [0.0, 0.25])
def test_a_launch_joins_a_free_running_clock_and_comes_in_on_its_bar(nudge_beats: float) -> None:
    mixer = Mixer(RATE, 2)
    audio, take = loop(120)
    mixer.nudge_seconds = nudge_beats * 60 / 120
    mixer.follow(120.0, 5.25, free_running=True)
    render(mixer, BAR // 8)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    beat = 5.25 + mixer.frame * 4 / BAR
    assert mixer.published_beat() == pytest.approx(beat)
    heard = aligned(mixer, 2 * BAR)
    starts = round((8 - beat + nudge_beats) * BAR / 4)
    assert not heard[:starts].any()
    assert (heard[starts : starts + BAR] == audio).all()
    # What its stop paused plays on as if the clock had never been left.
    mixer.stop()
    mixer.follow(120.0, 21.0, free_running=True)
    mixer.play()
    mixer.decks[2].hold(take)
    mixer.launch(mixer.decks[2], "1")
    assert mixer.published_beat() == pytest.approx(21.0)
    assert mixer.decks[1].state().activity == "playing"
    assert mixer.decks[2].state().line == 24.0


def test_a_clock_that_is_left_holds_no_launch_back() -> None:
    mixer = Mixer(RATE, 1)
    _, take = loop(120)
    mixer.decks[1].hold(take)
    mixer.follow(120.0, 5.25, free_running=True)
    mixer.unfollow()
    mixer.launch(mixer.decks[1])
    assert aligned(mixer, 4_096)[0].any()
    mixer.stop()
    stopped = mixer.published_beat()
    mixer.follow(120.0, 5.25)  # a MIDI clock tells of its beat even where its sequencer stands
    mixer.play()
    assert mixer.published_beat() == stopped


def test_a_file_of_one_sample_plays_and_stops() -> None:
    from bridge.audio_child.loading import _held
    from bridge.audio_child.protocol import TakeFile

    mixer = Mixer(RATE, 1)
    take = _held(TakeFile(held(noise(1)).path), np.full((1, 2), 0.25, np.float32), RATE)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    assert (aligned(mixer, 10_000) == 0.25).all()
