"""A note alone: from its attack to its end, at its peak; and fingerprints of audio."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.messages import BridgeError
from bridge.pack.sounds.duplicates import Fingerprints, fingerprint
from bridge.pack.sounds.faults import fault_of
from bridge.pack.sounds.one_shots import cut_note
from bridge.pack.sounds.pitch import pitch_fault
from tests.bridge.pack.recipes import RATE, noise


def struck(
    at_seconds: float, seconds: float = 3.0, decay: float = 3.0, hertz: float = 220
) -> NDArray[np.float32]:
    """A tone that is struck at a time, (2, L)."""
    at = np.arange(round(seconds * RATE)) / RATE - at_seconds
    tone = np.where(at >= 0, np.sin(2 * np.pi * hertz * at) * np.exp(-decay * np.maximum(at, 0)), 0) * 0.3
    return np.asarray(np.stack([tone, 0.5 * tone]), dtype=np.float32)


def test_a_note_begins_with_its_attack_and_has_the_peak_that_was_asked() -> None:
    audio = struck(0.25) + noise(1, 3.0) * 1e-4
    note = cut_note(audio, RATE, peak_db=-6, shortest_seconds=0.5)
    assert not note.is_cut
    assert 20 * np.log10(np.abs(note.audio).max()) == pytest.approx(-6, abs=0.01)
    assert note.audio.shape[1] < audio.shape[1] - 0.24 * RATE
    assert int(np.argmax(np.abs(note.audio[0]) > 0.02)) < 0.008 * RATE
    assert np.abs(note.audio[:, [0, -1]]).max() < 1e-3, "nothing clicks"
    assert np.abs(note.audio[0]).max() / np.abs(note.audio[1]).max() == pytest.approx(2, rel=0.01)


def test_silence_after_a_note_is_left_out() -> None:
    note = cut_note(struck(0.0, decay=20), RATE, peak_db=-1, shortest_seconds=0.2)
    # 60 dB are gone after ln(1000) / 20 s.
    assert note.audio.shape[1] / RATE == pytest.approx(np.log(1000) / 20, abs=0.05)


def test_a_second_attack_ends_a_note() -> None:
    note = cut_note(struck(0.0, decay=6) + struck(1.0, decay=6), RATE, peak_db=-1, shortest_seconds=0.6)
    assert note.is_cut
    assert note.audio.shape[1] / RATE == pytest.approx(1.0, abs=0.03)
    assert np.abs(note.audio[:, -40:]).max() < 0.01


def test_a_note_that_wavers_is_not_cut() -> None:
    audio = struck(0.0, decay=0.8)
    audio *= (1 + 0.4 * np.sin(2 * np.pi * 5 * np.arange(audio.shape[1]) / RATE)).astype(np.float32)
    assert not cut_note(audio, RATE, peak_db=-1, shortest_seconds=0.6).is_cut


@pytest.mark.parametrize("hertz", [30, 41, 55, 131])
def test_a_period_of_a_low_note_is_no_attack(hertz: float) -> None:
    assert not cut_note(struck(0.0, decay=2, hertz=hertz), RATE, peak_db=-1, shortest_seconds=0.6).is_cut
    low = struck(0.0, decay=6, hertz=hertz) + struck(1.0, decay=6, hertz=hertz)
    note = cut_note(low, RATE, peak_db=-1, shortest_seconds=0.6)
    assert note.audio.shape[1] / RATE == pytest.approx(1.0, abs=0.04)


def test_two_attacks_close_together_and_silence_are_no_notes() -> None:
    with pytest.raises(BridgeError, match=r"another note begins 0[.](29|30) s after it"):
        cut_note(struck(0.0, decay=9) + struck(0.3, decay=9), RATE, peak_db=-1, shortest_seconds=0.6)
    for audio in (np.zeros((2, RATE), np.float32), np.full((2, RATE), np.nan, np.float32)):
        with pytest.raises(BridgeError, match="nothing is heard"):
            cut_note(audio, RATE, peak_db=-1, shortest_seconds=0.6)


def tone(*partials: tuple[float, float]) -> NDArray[np.float32]:
    """Partials of so many hertz and so high, for a second, (2, L)."""
    at = np.arange(RATE) / RATE
    wave = sum(level * np.sin(2 * np.pi * hertz * at) for hertz, level in partials) * np.exp(-3 * at)
    return np.asarray(np.stack([wave, wave]), dtype=np.float32)


@pytest.mark.parametrize("factor", [0.99, 1.0, 1.01])
def test_a_note_has_its_pitch_whichever_of_its_harmonics_is_loudest(factor: float) -> None:
    hertz = 220 * factor
    for levels in ((1, 0.3, 0.1), (0.5, 1, 0.3), (0.4, 0.4, 1)):
        partials = [(hertz * number, level) for number, level in enumerate(levels, start=1)]
        assert pitch_fault(tone(*partials), RATE, 57) == ""


@pytest.mark.parametrize("semitones", [-12, -5, -1, 1, 3, 7, 19, 24])
def test_another_pitch_is_told(semitones: int) -> None:
    hertz = 220 * 2 ** (semitones / 12)
    assert "another pitch" in pitch_fault(tone((hertz, 1), (2 * hertz, 0.5), (3 * hertz, 0.2)), RATE, 57)


def test_faults_are_named() -> None:
    assert fault_of(noise(1)) == ""
    assert "no numbers" in fault_of(np.full((2, 100), np.inf, np.float32))
    assert "silent" in fault_of(np.zeros((2, 0), np.float32))
    peaks = noise(1)
    peaks[0, [10, 500]] = 1.0
    assert fault_of(peaks) == "", "single samples at full scale are no clipping"
    peaks[1, 10:16] = -1.0
    assert fault_of(peaks) == "it is clipped"


def test_the_same_music_is_alike_whatever_its_level_and_other_music_is_not() -> None:
    prints = Fingerprints()
    assert prints.nearest("loop", fingerprint(noise(1), RATE)) == ("", 0.0)
    for seed in range(5):
        prints.add("loop", str(seed), fingerprint(noise(seed), RATE))
    changed = noise(3) * 0.4 + noise(40) * 0.002
    name, likeness = prints.nearest("loop", fingerprint(changed, RATE))
    assert (name, likeness > 0.98) == ("3", True)
    assert prints.nearest("loop", fingerprint(noise(9), RATE))[1] < 0.9
    assert prints.nearest("one-shot", fingerprint(noise(3), RATE)) == ("", 0.0)
    assert len(fingerprint(noise(1)[:, :10], RATE)) == len(fingerprint(noise(1), RATE)), "however short"
