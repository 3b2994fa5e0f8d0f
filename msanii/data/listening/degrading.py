"""What recordings have and renders lack: equalisers, rooms, noise, drive, compression, lossy coding, gain.

No effect moves an onset by more than a few milliseconds. Everything follows from the generator. Audio is
mono, float32 (L,), full scale 1, at 44.1 kHz. Letters: L samples.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import scipy.signal
import soundfile
from numpy.typing import NDArray

from msanii.data.instruments import effects
from msanii.data.instruments.filters import highpass, lowpass
from msanii.data.instruments.playing import RATE

Audio = NDArray[np.float32]
Effect = Callable[[Audio, np.random.Generator], Audio]

_SHARES = {
    "equaliser": 0.6,
    "band": 0.2,
    "room": 0.35,
    "drive": 0.2,
    "compression": 0.3,
    "noise": 0.45,
    "codec": 0.2,
}
CODECS = ("MP3", "OGG")
_SUBTYPES = {"MP3": "MPEG_LAYER_III", "OGG": "VORBIS"}
_GAIN_DB = (-30.0, 0.0)
_CLIPPED_SHARE, _CLIPPED_DB = 0.05, (2.0, 8.0)
_DETUNED_SHARE, _MOST_CENTS = 0.5, 50.0


def degraded(audio: Audio, random: np.random.Generator) -> Audio:
    """Audio as a recording may have it: some of the effects, in a chain from the room to the file."""
    taken = random.random(len(_SHARES))
    seeds = random.integers(2**63, size=len(_SHARES))
    made = audio / max(float(np.abs(audio).max()), 1e-6) * np.float32(0.7)
    for (name, share), draw, seed in zip(_SHARES.items(), taken.tolist(), seeds.tolist(), strict=True):
        if draw < share:
            made = EFFECTS[name](made, np.random.default_rng(seed))
    made = made * np.float32(10 ** (random.uniform(*_GAIN_DB) / 20))
    if random.random() < _CLIPPED_SHARE:
        over = np.float32(10 ** (random.uniform(*_CLIPPED_DB) / 20) / max(float(np.abs(made).max()), 1e-6))
        made = np.clip(made * over, -1, 1)
    return made.astype(np.float32)


def drawn_speed(random: np.random.Generator) -> float:
    """How much faster a recording plays than it was played: up to a quarter tone, its pitch with it."""
    cents = float(random.uniform(-_MOST_CENTS, _MOST_CENTS))
    return 2 ** (cents / 1200) if random.random() < _DETUNED_SHARE else 1.0


def at_speed(audio: Audio, speed: float) -> Audio:
    """Audio (..., L) played `speed` times as fast: (..., about L / speed)."""
    if speed == 1.0:
        return audio
    import soxr

    return np.ascontiguousarray(soxr.resample(audio.T, speed * RATE, RATE, quality="MQ").T, np.float32)


def equalised(audio: Audio, random: np.random.Generator) -> Audio:
    """One to four bells and shelves of up to 9 dB."""
    for _ in range(int(random.integers(1, 5))):
        hertz = float(np.exp(random.uniform(np.log(60), np.log(12_000))))
        gain_db, width = float(random.uniform(-9, 9)), float(random.uniform(0.4, 2.5))
        sections = _bell(hertz, gain_db, width)
        audio = scipy.signal.sosfilt(sections, audio).astype(np.float32)
    return audio


def _bell(hertz: float, gain_db: float, width: float) -> NDArray[np.float64]:
    """A peaking equaliser (Bristow-Johnson's cookbook), `width` the reciprocal of its quality."""
    gain, angle = 10 ** (gain_db / 40), 2 * np.pi * hertz / RATE
    alpha = np.sin(angle) * width / 2
    above = np.array([1 + alpha * gain, -2 * np.cos(angle), 1 - alpha * gain])
    below = np.array([1 + alpha / gain, -2 * np.cos(angle), 1 - alpha / gain])
    return np.concatenate([above / below[0], below / below[0]])[None]


def band_limited(audio: Audio, random: np.random.Generator) -> Audio:
    """As through a small speaker, a telephone or an old record."""
    if random.random() < 0.6:
        audio = lowpass(audio, float(random.uniform(2500, 14_000)), 2)
    if random.random() < 0.5:
        audio = highpass(audio, float(random.uniform(40, 250)), 2)
    return audio


def in_room(audio: Audio, random: np.random.Generator) -> Audio:
    """In a room, up to as loud as the direct sound."""
    seconds, wet_db = float(random.uniform(0.15, 1.5)), float(random.uniform(-22, -3))
    made: Audio = effects.room(audio[None], seconds, wet_db, random)[0]
    return made


def driven(audio: Audio, random: np.random.Generator) -> Audio:
    """Through tape or a loud amplifier."""
    made: Audio = effects.saturated(audio[None], float(random.uniform(-10, 8)))[0]
    return made


def compressed(audio: Audio, random: np.random.Generator) -> Audio:
    """By a compressor, gently or until it pumps."""
    ratio, attack_ms, release_ms = random.uniform(1.5, 8), random.uniform(2, 40), random.uniform(50, 400)
    made: Audio = effects.compressed(audio[None], float(ratio), float(attack_ms), float(release_ms))[0]
    return made


def noisy(audio: Audio, random: np.random.Generator) -> Audio:
    """With noise of a drawn colour, 8 to 45 dB below the music, and sometimes hum."""
    noise = coloured_noise(len(audio), float(random.uniform(0, 2)), random)
    if random.random() < 0.15:
        hertz = float(random.choice((50.0, 60.0)))
        turns = 2 * np.pi * hertz * np.arange(len(audio)) / RATE
        noise = noise + (np.sin(turns) + 0.5 * np.sin(3 * turns)).astype(np.float32)
    below_db = float(random.uniform(8, 45))
    ratio = np.sqrt(effects.power(audio) / max(effects.power(noise), 1e-12)) * 10 ** (-below_db / 20)
    return audio + np.float32(ratio) * noise


def coloured_noise(samples: int, slope: float, random: np.random.Generator) -> Audio:
    """Noise (samples,) whose power falls as 1 / f ** slope: 0 white, 1 pink, 2 brown; peaks near 1."""
    size = int(2 ** np.ceil(np.log2(max(samples, 2))))
    spectrum = random.standard_normal((2, size // 2 + 1)).astype(np.float32)
    bins = np.arange(1, size // 2 + 2, dtype=np.float32)
    shaped = (spectrum[0] + 1j * spectrum[1]) * bins ** (-slope / 2)
    made = np.fft.irfft(shaped, size)[:samples]
    return (made / max(float(np.abs(made).max()), 1e-9)).astype(np.float32)


def coded(audio: Audio, random: np.random.Generator) -> Audio:
    """Through a lossy codec at a drawn quality and back."""
    codec = CODECS[int(random.integers(len(CODECS)))]
    return through(codec, audio, float(random.uniform(0.3, 0.95)))


def through(codec: str, audio: Audio, loss: float) -> Audio:
    """Through one of CODECS, `loss` from 0, the best, to below 1, the smallest file; without its delay."""
    peak = max(float(np.abs(audio).max()), 1e-6)
    buffer = io.BytesIO()
    soundfile.write(
        buffer,
        audio * np.float32(0.9 / peak),
        RATE,
        format=codec,
        subtype=_SUBTYPES[codec],
        compression_level=loss,
    )
    buffer.seek(0)
    decoded, rate = soundfile.read(buffer, dtype="float32")
    if rate != RATE:
        return audio  # MP3 at its smallest halves the rate; a case that the band limit has already
    made = np.zeros_like(audio)
    kept = decoded[: len(audio)]
    made[: len(kept)] = kept * np.float32(peak / 0.9)
    return made


EFFECTS: dict[str, Effect] = {
    "equaliser": equalised,
    "band": band_limited,
    "room": in_room,
    "drive": driven,
    "compression": compressed,
    "noise": noisy,
    "codec": coded,
}
