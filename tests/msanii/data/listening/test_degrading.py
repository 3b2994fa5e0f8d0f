"""What recordings have and renders lack: the same by seed, and on time."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.data.listening import degrading
from msanii.data.listening.no_music import KINDS, no_music

RATE = 44_100


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    """Decaying tones of many pitches, with attacks."""
    random = np.random.default_rng(2)
    audio = np.zeros(4 * RATE, np.float32)
    for onset in np.arange(0.1, 3.8, 0.21):
        time = np.arange(RATE // 4) / RATE
        tone = np.sin(2 * np.pi * random.uniform(110, 1500) * time) * np.exp(-time / 0.08)
        first = round(onset * RATE)
        length = min(len(tone), len(audio) - first)
        audio[first : first + length] += tone[:length]
    return audio


def lag_samples(one: np.ndarray, other: np.ndarray) -> int:
    """By how much `other` is later, where the two are most alike."""
    size = 2 ** int(np.ceil(np.log2(2 * len(one))))
    alike = np.fft.irfft(np.fft.rfft(other, size) * np.conj(np.fft.rfft(one, size)))
    best = int(alike.argmax())
    return best if best < size // 2 else best - size


@pytest.mark.parametrize("name", degrading.EFFECTS)
@pytest.mark.parametrize("seed", range(3))
def test_no_effect_moves_the_music(music: np.ndarray, name: str, seed: int) -> None:
    made = degrading.EFFECTS[name](music, np.random.default_rng(seed))
    assert made.shape == music.shape
    assert np.isfinite(made).all()
    assert abs(lag_samples(music, made)) < 0.003 * RATE
    assert not np.array_equal(made, music) or name == "band"


@pytest.mark.parametrize("codec", degrading.CODECS)
@pytest.mark.parametrize("loss", [0.3, 0.95])
def test_a_codec_loses_but_does_not_delay(music: np.ndarray, codec: str, loss: float) -> None:
    made = degrading.through(codec, music, loss)
    assert made.shape == music.shape
    assert abs(lag_samples(music, made)) <= 2
    assert np.corrcoef(music, made)[0, 1] > 0.9
    assert np.abs(made - music).max() > 1e-4


def test_a_seed_gives_the_same_recording(music: np.ndarray) -> None:
    first, again, other = (degrading.degraded(music, np.random.default_rng(seed)) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(8))
def test_any_chain_is_on_time_and_in_full_scale(music: np.ndarray, seed: int) -> None:
    made = degrading.degraded(music, np.random.default_rng(seed))
    assert abs(lag_samples(music, made)) < 0.003 * RATE
    assert 1e-4 < np.abs(made).max() < 4


@pytest.mark.parametrize("cents", [-50.0, 50.0])
def test_speed_moves_time_and_pitch_together(cents: float) -> None:
    speed = 2 ** (cents / 1200)
    tone = np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE).astype(np.float32)
    made = degrading.at_speed(tone, speed)
    assert len(made) == pytest.approx(len(tone) / speed, abs=2)
    crossings = np.count_nonzero(np.diff(np.signbit(made))) / 2 / (len(made) / RATE)
    assert crossings == pytest.approx(440 * speed, abs=0.5)
    assert degrading.at_speed(tone, 1.0) is tone


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_music_is_the_same_by_seed(kind: str) -> None:
    first, again = (no_music(RATE, np.random.default_rng(6), kind) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (RATE,)
    assert np.isfinite(first).all()
    assert (np.abs(first).max() < 1e-3) == (kind == "silence")


def test_degrading_silence_stays_finite() -> None:
    for seed in range(6):
        made = degrading.degraded(np.zeros(RATE, np.float32), np.random.default_rng(seed))
        assert np.isfinite(made).all()
