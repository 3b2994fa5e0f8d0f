"""A deck's tone: what it lets through, that it adds no click and no delay, and that panic ends what rings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.audio_child.equaliser import FLAT, Equaliser, Tone, magnitude, minimum_phase
from bridge.audio_child.mixer import Mixer
from tests.bridge.audio_child.sounds import RATE, Audio, held, noise, render

SINES = (40.0, 120.0, 800.0, 5_000.0, 12_000.0)


def sines(seconds: float = 1.0) -> Audio:
    at = np.arange(round(seconds * RATE)) / RATE
    mono = sum(0.1 * np.sin(2 * np.pi * hertz * at) for hertz in SINES)
    return np.repeat(np.asarray(mono, np.float32)[:, None], 2, axis=1)


def heard(tone: Tone, sound: Audio, block: int = 512) -> Audio:
    """The sound with a tone that holds from the beginning."""
    equaliser = Equaliser(RATE, 2)
    equaliser.apply(np.zeros((block, 2), np.float32), tone)
    out = sound.copy()
    for begin in range(0, len(out), block):
        equaliser.apply(out[begin : begin + block], tone)
    return out


def gains_db(tone: Tone) -> dict[float, float]:
    """How each sine comes out, in dB."""
    # Whole seconds after the first, so that each sine is on a bin.
    steady = heard(tone, sines(2.0))[RATE:, 0]
    spectrum = np.abs(np.fft.rfft(steady)) / (0.1 * RATE / 2)
    return {hertz: float(20 * np.log10(spectrum[round(hertz)] + 1e-9)) for hertz in SINES}


def test_a_flat_tone_passes_every_sample_and_so_does_one_that_is_flat_again() -> None:
    sound = noise(8_192)
    equaliser = Equaliser(RATE, 2)
    out = sound.copy()
    for number, begin in enumerate(range(0, len(out), 512)):
        equaliser.apply(out[begin : begin + 512], Tone(low=0.0) if 4 <= number < 6 else FLAT)
    assert (out[: 4 * 512] == sound[: 4 * 512]).all()
    assert not np.allclose(out[4 * 512 : 6 * 512], sound[4 * 512 : 6 * 512], atol=0.01)
    assert (out[7 * 512 :] == sound[7 * 512 :]).all()


@pytest.mark.parametrize(
    ("tone", "killed", "kept"),
    [
        (Tone(low=0.0), {40.0}, {800.0, 5_000.0, 12_000.0}),
        (Tone(mid=0.0), {800.0}, {40.0, 12_000.0}),
        (Tone(high=0.0), {12_000.0}, {40.0, 120.0, 800.0}),
        (Tone(knob=-0.6), {5_000.0, 12_000.0}, {40.0, 120.0}),
        (Tone(knob=0.5), {40.0, 120.0}, {5_000.0, 12_000.0}),
    ],
)
def test_a_killed_band_is_gone_and_the_others_stay(tone: Tone, killed: set[float], kept: set[float]) -> None:
    found = gains_db(tone)
    assert all(found[hertz] < -20 for hertz in killed), found
    assert all(abs(found[hertz]) < 1 for hertz in kept), found


def test_bands_add_up_to_all() -> None:
    assert magnitude(Tone(0.5, 0.5, 0.5), RATE) == pytest.approx(0.5)
    lows, mids, highs = (magnitude(Tone(*gains), RATE) for gains in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    assert lows + mids + highs == pytest.approx(1.0)


@settings(max_examples=40, deadline=None)
@example(2.0, 0.0, 0.0, 1e-6)  # the worst of a scan, at 700 Hz on the steepest slope
@given(*(st.sampled_from((0.0, 0.1, 1.0, 2.0)) for _ in range(3)), st.floats(-1, 1))
def test_the_filter_has_the_magnitude_that_was_drawn_and_no_delay(
    low: float, mid: float, high: float, knob: float
) -> None:
    drawn = magnitude(Tone(low, mid, high, knob), RATE)
    taps = minimum_phase(drawn)
    found = np.abs(np.fft.rfft(taps, 2 * len(taps)))
    # Above -20 and -30 dB, and where a grid of 12 Hz is fine enough.
    for least, most_db in ((0.1, 1.3), (0.03, 3.2)):
        loud = (drawn > least) & (np.fft.rfftfreq(2 * len(taps), 1 / RATE) > 60)
        assert np.abs(20 * np.log10(found[loud] / drawn[loud])).max(initial=0.0) < most_db
    assert np.isfinite(taps).all()
    # Half of a click's energy comes at once, or within the group delay of the steepest low-pass at 80 Hz.
    energy = np.cumsum(taps**2)
    assert np.searchsorted(energy, energy[-1] / 2) < 0.008 * RATE


@pytest.mark.parametrize("block", [64, 500, 2_048])
def test_the_length_of_the_blocks_does_not_matter(block: int) -> None:
    tone, sound = Tone(low=0.2, knob=0.3), noise(6_000)
    np.testing.assert_allclose(heard(tone, sound, block), heard(tone, sound), atol=2e-6)


def test_a_turn_of_the_knob_does_not_click() -> None:
    equaliser = Equaliser(RATE, 2)
    at = np.arange(RATE) / RATE
    out = np.repeat((0.5 * np.sin(2 * np.pi * 100 * at)).astype(np.float32)[:, None], 2, axis=1)
    steepest = float(np.abs(np.diff(out[:, 0], 2)).max())
    for number, begin in enumerate(range(0, len(out), 512)):
        equaliser.apply(out[begin : begin + 512], Tone(knob=np.sin(number)))
    assert np.abs(np.diff(out[:, 0], 2)).max() < 4 * steepest


def test_a_deck_has_a_tone_and_panic_ends_what_rings_of_it() -> None:
    mixer = Mixer(RATE, 1)
    deck = mixer.decks[1]
    deck.hold(held(sines(2.0), 120, 4))
    deck.eq_low = -60.0
    mixer.launch(deck)
    render(mixer, RATE)
    spectrum = np.abs(np.fft.rfft(render(mixer, RATE)[: RATE // 2, 0]))
    assert spectrum[20] < 0.02 * spectrum[400]
    deck.filter = -1.0  # rings longest
    render(mixer, 8_192)
    mixer.panic()
    render(mixer, round(0.03 * RATE))
    assert np.abs(render(mixer, 8_192)).max() < 1e-4  # -80 dB
