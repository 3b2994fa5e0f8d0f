"""Effects of a mixing desk; none moves an onset. Letters: L samples.

Audio is float32 (2, L); a room, drive and compression take (1, L) too.
"""

from __future__ import annotations

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from msanii.data.instruments.envelopes import decay
from msanii.data.instruments.filters import highpass, lowpass
from msanii.data.instruments.oscillators import phase_of, sine
from msanii.data.instruments.playing import RATE, Audio

_TINY = 1e-9
_BLOCK = 64


def room(audio: Audio, seconds: float, wet_db: float, random: np.random.Generator) -> Audio:
    """Add a room that falls by 60 dB in `seconds`, `wet_db` louder than the dry sound.

    Its response is decaying noise (Moorer, 1979), another for each side, which loses its treble first.
    """
    samples = round(1.1 * seconds * RATE)
    noise = random.standard_normal((len(audio), samples)).astype(np.float32)
    low = lowpass(noise, 2500.0, 1)
    response = low * decay(samples, seconds / 6.9) + (noise - low) * decay(samples, seconds / 14)
    response = highpass(response, 180.0)
    response /= np.sqrt(np.mean(np.sum(response**2, axis=1)))
    late = round(float(random.uniform(0.004, 0.018)) * RATE)
    wet = scipy.signal.oaconvolve(audio, response, axes=-1)[..., : audio.shape[-1] - late]
    made = audio.copy()
    made[..., late:] += np.float32(10 ** (wet_db / 20)) * wet
    return made


def saturated(audio: Audio, drive_db: float) -> Audio:
    """Bend peaks as tape or a valve does, twice oversampled; peaks are `drive_db` over the knee."""
    peak = _high_level(audio)
    if peak < _TINY:
        return audio
    driven = scipy.signal.resample_poly(audio * np.float32(10 ** (drive_db / 20) / peak), 2, 1, axis=-1)
    # The offset makes even harmonics, and the filter takes it away again.
    bent = np.tanh(driven + np.float32(0.15)) - np.float32(np.tanh(0.15))
    back = scipy.signal.resample_poly(bent, 1, 2, axis=-1).astype(np.float32)
    return highpass(back[..., : audio.shape[-1]], 15.0, 1)


def chorused(audio: Audio, depth_ms: float, hertz: float, mix: float, random: np.random.Generator) -> Audio:
    """Mix in a copy whose delay wanders by `depth_ms`, against each other on both sides."""
    samples = audio.shape[-1]
    start = float(random.random())
    place = np.arange(samples, dtype=np.float64)
    made = audio.copy()
    for side, turn in enumerate((0.0, 0.5)):
        wander = sine(phase_of(hertz, samples, start + turn))
        delay = (8.0 + depth_ms * wander) * RATE / 1000
        made[side] += np.float32(mix) * np.interp(place - delay, place, audio[side], left=0.0).astype(
            np.float32
        )
    return made


def compressed(audio: Audio, ratio: float, attack_ms: float, release_ms: float) -> Audio:
    """Turn down what is louder than usual by `ratio`; both sides alike."""
    blocks = -(-audio.shape[-1] // _BLOCK)
    padded = np.zeros((len(audio), blocks * _BLOCK), np.float32)
    padded[:, : audio.shape[-1]] = audio
    level = np.sqrt(np.mean(padded.reshape(len(audio), blocks, _BLOCK) ** 2, axis=(0, 2)))
    heard = level[level > 1e-4]
    if not len(heard):
        return audio
    threshold = float(np.percentile(heard, 60)) * 0.8
    over = np.maximum(20 * np.log10(np.maximum(level, _TINY) / threshold), 0)
    gain_db = -_smoothed(over * (1 - 1 / ratio), attack_ms, release_ms)
    gain = np.interp(
        np.arange(blocks * _BLOCK), np.arange(blocks) * _BLOCK + _BLOCK / 2, 10 ** (gain_db / 20)
    )
    made: Audio = audio * gain[: audio.shape[-1]].astype(np.float32)
    return made


def shelved(audio: Audio, high_db: float, hertz: float = 3000.0) -> Audio:
    """Turn the treble above `hertz` up or down."""
    low = lowpass(audio, hertz, 1)
    return low + np.float32(10 ** (high_db / 20)) * (audio - low)


def crushed(audio: Audio, bits: int, hold: int) -> Audio:
    """A sampler of few bits that holds each sample for `hold` of them, behind a filter."""
    peak = _high_level(audio)
    if peak < _TINY:
        return audio
    steps = np.float32(2 ** (bits - 1) / (1.5 * peak))
    smooth = lowpass(audio, 0.45 * RATE / hold, 4)
    held = np.repeat(smooth[:, ::hold], hold, axis=1)[:, : audio.shape[-1]]
    return lowpass((np.round(held * steps) / steps).astype(np.float32), 0.5 * RATE / hold, 2)


def narrowed(audio: Audio, below_hz: float) -> Audio:
    """Make what is below a frequency mono, as on a record."""
    side = (audio[0] - audio[1]) / 2
    low_side = side - highpass(side, below_hz, 1)
    return np.stack([audio[0] - low_side, audio[1] + low_side])


def power(audio: Audio) -> float:
    """Mean power."""
    return float(np.mean(np.square(audio, dtype=np.float64)))


def _high_level(audio: Audio) -> float:
    """The level that few samples exceed: of the loudest 5 ms blocks."""
    size = 220
    count = max(audio.shape[-1] // size, 1)
    peaks = np.abs(audio[..., : count * size]).max(axis=0)
    loudest = (
        peaks[: len(peaks) // size * size].reshape(-1, size).max(axis=1) if len(peaks) >= size else peaks
    )
    return float(np.percentile(loudest, 98))


def _smoothed(values: NDArray[np.float64], attack_ms: float, release_ms: float) -> NDArray[np.float64]:
    rise, fall = (float(np.exp(-_BLOCK / RATE * 1000 / ms)) for ms in (attack_ms, release_ms))
    made = np.empty_like(values)
    now = 0.0
    for place, value in enumerate(values.tolist()):
        share = rise if value > now else fall
        now = share * now + (1 - share) * value
        made[place] = now
    return made
