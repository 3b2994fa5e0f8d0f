"""The stage's parts: limiter, varispeed, ring, endless bars, loading, snapshots, devices."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from bridge.audio_child.decks.endless import padded_bar
from bridge.audio_child.decks.varispeed import MARGIN, read_at
from bridge.audio_child.device import Device, find
from bridge.audio_child.limiter import RELEASE_SECONDS, THRESHOLD, Limiter
from bridge.audio_child.loading import load_bar, load_take, stretch_take
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.protocol import TakeFile
from bridge.audio_child.renderer import for_device
from bridge.audio_child.reports import BehindReport
from bridge.audio_child.ring import HeardClock, Ring
from bridge.audio_child.shared_memory.counters import CounterBoard, Counters
from bridge.audio_child.shared_memory.snapshot import Snapshot, SnapshotBoard, SnapshotReader, SnapshotWriter
from bridge.messages import BridgeError
from tests.bridge.audio_child.sounds import RATE, aligned, begun, endless_bars, endless_mixer, noise, render


def test_the_limiter_touches_nothing_below_its_threshold() -> None:
    limiter, audio = Limiter(RATE, 2), noise(48_000, level=0.96)
    out = np.concatenate([limiter.process(audio[at : at + 512]) for at in range(0, 48_000, 512)])
    assert (out[limiter.delay :] == audio[: -limiter.delay]).all()


def test_the_limiter_lets_nothing_louder_out_and_lets_go_again() -> None:
    limiter = Limiter(RATE, 2)
    audio = noise(96_000, level=0.5)
    audio[10_000:10_400] *= 8
    audio[20_000, 1] = -30.0
    out = np.concatenate([limiter.process(audio[at : at + 500]) for at in range(0, 96_000, 500)])
    assert np.abs(out).max() <= np.float32(THRESHOLD)
    late, release = limiter.delay, round(RELEASE_SECONDS * RATE)
    assert (out[late:10_000] == audio[: 10_000 - late]).all()
    after = 20_000 + 2 * late + release
    assert (out[after + late :] == audio[after:-late]).all()
    # The ratio of both channels stays: the picture does not move.
    np.testing.assert_allclose(
        out[10_100 + late, 0] / out[10_100 + late, 1], audio[10_100, 0] / audio[10_100, 1], rtol=1e-5
    )


@pytest.mark.parametrize(("hertz", "decibels"), [(100, -100), (997, -98), (10_000, -95), (15_000, -90)])
def test_varispeed_is_a_clean_interpolator(hertz: float, decibels: float) -> None:
    seconds = np.arange(48_000) / RATE
    sine = np.repeat(np.sin(2 * np.pi * hertz * seconds)[:, None], 2, axis=1).astype(np.float32)
    padded = np.pad(sine, ((MARGIN, MARGIN), (0, 0)), mode="wrap")
    read = read_at(padded, 100.37, 1.0004, 20_000)[:, 1]
    ideal = np.sin(2 * np.pi * hertz * (100.37 + 1.0004 * np.arange(20_000)) / RATE)
    error = 20 * np.log10(np.sqrt(2 * np.mean((read - ideal) ** 2)))
    assert error < decibels


def test_the_ring_hands_on_every_sample_and_fades_where_there_is_none() -> None:
    board = CounterBoard()
    counters = Counters(board.name)
    try:
        ring = Ring(1_000, 2, counters, RATE)
        fine = SimpleNamespace(output_underflow=False)
        out, audio = np.empty((300, 2), np.float32), noise(3_000)
        got = []
        for at in range(0, 3_000, 600):
            ring.write(audio[at : at + 600])
            for _ in range(2):
                ring.callback(out, 300, None, fine)
                got.append(out.copy())
        assert (np.concatenate(got) == audio).all()
        assert board.read().starved == 0
        ring.write(audio[:100])
        ring.callback(out, 300, None, SimpleNamespace(output_underflow=True))
        assert (out[:36] == audio[:36]).all()
        assert abs(out[99, 0]) < 0.01
        assert not out[100:].any()
        ring.write(audio[:300])
        ring.callback(out, 300, None, fine)
        assert abs(out[0, 0]) < 0.01
        assert (out[64:] == audio[64:300]).all()
        counts = board.read()
        assert (counts.starved, counts.underruns, counts.callbacks) == (1, 1, 12)
        assert counts.worst_callback_ns > 0
    finally:
        counters.close()
        board.close()


def test_of_callbacks_in_one_go_only_the_first_says_when_it_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = CounterBoard()
    counters = Counters(board.name)
    now = 50.0
    monkeypatch.setattr("bridge.audio_child.ring.time.monotonic", lambda: now)
    try:
        ring, clock = Ring(8_192, 2, counters, RATE), HeardClock(RATE, 0.0)
        out, fine = np.empty((1_024, 2), np.float32), SimpleNamespace(output_underflow=False)
        for period in range(200):
            now = 50.0 + period * 2_048 / RATE
            ring.write(noise(2_048))
            for late in (0.0, 0.0002):
                now += late
                ring.callback(out, 1_024, None, fine)
            clock.observe(ring.mark)
        assert clock.seconds_of(RATE, ahead=0) == pytest.approx(51.0, abs=1e-3)
    finally:
        counters.close()
        board.close()


def test_the_clock_smooths_the_callbacks_times() -> None:
    clock, jitter = HeardClock(RATE, 0.01), np.random.default_rng(1)
    for block in range(400):
        clock.observe((block * 512, 50.0 + block * 512 / RATE + abs(jitter.normal(0, 0.003))))
    assert clock.seconds_of(48_000, ahead=0) == pytest.approx(51.01, abs=0.004)


def test_the_clock_follows_a_device_that_missed_a_period() -> None:
    clock, period = HeardClock(RATE, 0.0), 2_048 / RATE
    for block in range(300):
        clock.observe((block * 2_048, 50.0 + block * period))
    for missed, block in enumerate(range(300, 306), 1):
        clock.observe((block * 2_048, 50.0 + (block + 1) * period))
        assert missed < 5 or clock.seconds_of(0, ahead=0) == pytest.approx(50.0 + period, abs=1e-6)


def test_an_endless_deck_plays_each_bar_on_its_line_and_repeats_the_last_two_for_want_of_one() -> None:
    mixer = Mixer(RATE, 1)
    mixer.set_tempo(97.3)
    deck = mixer.decks[1]
    bars = endless_bars(deck)
    line = [round(bar * 4 * RATE * 60 / 97.3) for bar in range(9)]
    audio = [noise(line[bar + 1] - line[bar], bar) for bar in range(8)]
    for bar in range(3):
        bars.put(bar, padded_bar(audio[bar]))
    mixer.launch(deck)
    heard = aligned(mixer, line[4] - 2_000)
    assert (heard[: line[3]] == np.concatenate(audio[:3])).all()
    # Bar 3 is missing: bar 1 lies two bars before it, so that the phrase keeps its place.
    at = line[3]
    assert (heard[at:][:50_000] == audio[1][:50_000]).all()
    bars.put(4, padded_bar(audio[4]))
    bars.put(5, padded_bar(audio[5]))
    begun = mixer.frame - mixer.delay
    heard = np.concatenate((heard[begun:], render(mixer, line[5] - begun)))[: line[5] - begun]
    assert (heard[line[4] - begun :] == audio[4][: line[5] - line[4]]).all()
    assert [report.bar for report in mixer.reports if isinstance(report, BehindReport)] == [3]


def test_an_endless_deck_that_is_launched_again_goes_on_with_its_bars() -> None:
    mixer, audio = endless_mixer(6)
    aligned(mixer, 5 * RATE)  # amid bar 2
    mixer.launch(mixer.decks[1])
    place = mixer.frame - mixer.delay
    heard = render(mixer, 8 * RATE - place)
    assert (heard[6 * RATE + 1_000 - place :] == audio[3][1_000 : 2 * RATE]).all()
    deck = mixer.decks[1]
    deck.arm_stop(mixer.frame)
    render(mixer, 4 * RATE)
    assert deck.state().activity == "stopped"
    mixer.launch(deck)
    render(mixer, 3 * RATE)
    assert list(dict.fromkeys(begun(mixer))) == [0, 1, 2, 3, 4, 5]
    assert not [report for report in mixer.reports if isinstance(report, BehindReport)]


@pytest.mark.parametrize("beat", [0.0, 1_001.5])
def test_a_jump_of_the_beat_lets_an_endless_deck_go_on_with_its_bars(beat: float) -> None:
    mixer, _ = endless_mixer(6)
    aligned(mixer, 5 * RATE)
    mixer.locate(beat)
    render(mixer, 5 * RATE)
    bars = list(dict.fromkeys(begun(mixer)))
    assert bars == list(range(len(bars)))
    assert len(bars) >= 5
    assert not [report for report in mixer.reports if isinstance(report, BehindReport)]


def test_a_fresh_child_s_endless_deck_begins_with_the_first_bar_that_it_has() -> None:
    mixer = Mixer(RATE, 1)
    known = endless_bars(mixer.decks[1])
    for bar in (7, 8):
        known.put(bar, padded_bar(noise(2 * RATE, bar)))
    mixer.launch(mixer.decks[1])
    render(mixer, 3 * RATE)
    assert begun(mixer) == [7, 8]


def test_a_take_is_resampled_to_the_exact_length_of_its_bars(tmp_path: Path) -> None:
    beats, bpm = 16.0, 97.3
    frames = round(beats * 60 / bpm * 44_100)
    soundfile.write(tmp_path / "a.wav", noise(frames), 44_100, subtype="FLOAT")
    take = load_take(TakeFile(tmp_path / "a.wav", bpm, beats), 48_000)
    assert take.frames == round(beats * 60 / bpm * 48_000)
    assert take.padded.shape[1] == 2
    same = load_take(TakeFile(tmp_path / "a.wav", bpm, beats), 44_100)
    assert (same.padded[MARGIN:-MARGIN] == noise(frames)).all()
    assert load_take(TakeFile(tmp_path / "a.wav", bpm), 48_000).beats == beats


def test_mono_is_heard_on_both_sides_and_what_is_not_a_number_is_silence(tmp_path: Path) -> None:
    audio = np.full(8_000, 0.1, np.float32)
    audio[[5, 6]] = np.nan, np.inf
    soundfile.write(tmp_path / "m.wav", audio, RATE, subtype="FLOAT")
    body = load_take(TakeFile(tmp_path / "m.wav"), RATE).padded[MARGIN:-MARGIN]
    assert body[5].tolist() == [0, 0]
    assert body[6].tolist() == [1, 1]
    assert (body[10:, 0] == body[10:, 1]).all()


def test_what_no_deck_can_hold_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "t.wav").write_text("words")
    np.save(tmp_path / "bar.npy", np.zeros(5))
    for load, words in (
        (lambda: load_take(TakeFile(tmp_path / "no.wav"), RATE), "there is no such file"),
        (lambda: load_take(TakeFile(tmp_path / "t.wav"), RATE), "not an audio file"),
        (lambda: load_bar(tmp_path / "bar.npy", RATE, RATE), "expected (channels, samples)"),
        (lambda: load_bar(tmp_path / "no.npy", RATE, RATE), "cannot be read"),
    ):
        with pytest.raises(BridgeError, match=words.replace("(", r"\(").replace(")", r"\)")):
            load()


def test_a_take_is_stretched_to_another_tempo_at_its_own_pitch(tmp_path: Path) -> None:
    seconds = np.arange(96_000) / RATE
    soundfile.write(tmp_path / "s.wav", 0.3 * np.sin(2 * np.pi * 441 * seconds), RATE, subtype="FLOAT")
    take = stretch_take(TakeFile(tmp_path / "s.wav", 120.0, 4.0), RATE, 100.0)
    assert (take.bpm, take.beats, take.frames) == (100.0, 4.0, round(96_000 * 1.2))
    spectrum = np.abs(np.fft.rfft(take.padded[MARGIN:-MARGIN, 0]))
    assert spectrum.argmax() * RATE / take.frames == pytest.approx(441, abs=2)


def _write_snapshots(name: str, is_enough: Event) -> None:
    writer, count = SnapshotWriter(name), 0.0
    while not is_enough.is_set():
        count += 1
        writer.write(Snapshot(count, count, count, True, count))


def test_a_snapshot_is_never_half_of_one_and_half_of_another() -> None:
    board = SnapshotBoard()
    reader = SnapshotReader(board.name)
    try:
        assert reader.read() is None
        spawn = multiprocessing.get_context("spawn")
        is_enough = spawn.Event()
        writer = spawn.Process(target=_write_snapshots, args=(board.name, is_enough), daemon=True)
        writer.start()
        seen: set[float] = set()
        while len(seen) < 1_000:
            assert writer.is_alive()
            found = reader.read()
            if found is not None:
                assert found.monotonic_seconds == found.beat == found.bpm == found.bar_beats
                seen.add(found.beat)
        is_enough.set()
        writer.join()
    finally:
        reader.close()
        board.close()


def test_a_snapshot_tells_the_beat_of_other_moments() -> None:
    now = Snapshot(100.0, 8.0, 120.0, True, 4.0)
    assert now.beat_at(101.0) == 10.0
    assert now.seconds_of(12.0) == 102.0
    assert Snapshot(100.0, 8.0, 120.0, False, 4.0).beat_at(101.0) == 8.0


def test_the_mix_is_put_on_as_many_channels_as_the_device_has() -> None:
    mix = noise(100)
    assert for_device(mix, 2) is mix
    np.testing.assert_allclose(for_device(mix, 1)[:, 0], mix.mean(axis=1), rtol=1e-6)
    wide = for_device(mix, 8)
    assert (wide[:, :2] == mix).all()
    assert not wide[:, 2:].any()


def test_a_device_is_found_by_number_name_or_part_of_its_name() -> None:
    one = Device(0, "Built-in Output", "Core Audio", 2, 44_100, False)
    two = Device(4, "Scarlett 4i4 USB", "Core Audio", 4, 48_000, True)
    both = (one, two)
    assert find(both, "") is two
    assert find(both, 4) is find(both, "4") is find(both, "scarlett") is two
    assert find(both, "built-in output") is one
    assert find(both, "RME") is None
