"""Whether a single note has the pitch that it was asked to have, by the energy of its harmonics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CONCERT_PITCH, _CONCERT_HZ = 69, 440.0
_LOW_HZ, _HIGH_HZ = 25.0, 5_000.0
# A sampler's note may be this far out of tune, and a spectrum's peak is this wide.
_WITHIN_CENTS = 45.0
# A note of another pitch class leaves most energy outside the harmonics. One that is a twelfth or two octaves
# higher lies among them, but leaves nothing at the first two. One that is an octave higher passes: many
# sounds are loudest at their second harmonic.
_IN_HARMONICS, _IN_FIRST_TWO = 0.6, 0.1


def pitch_fault(audio: NDArray[np.float32], rate: int, pitch: int) -> str:
    """Say what is wrong with the pitch of a note (C, L) at `rate` hertz; empty if it is the MIDI `pitch`.

    Letters: C channels, L samples.
    """
    import numpy as np

    mono = audio.astype(np.float64).mean(axis=0)
    size = 1 << (2 * len(mono)).bit_length()
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), size)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / rate)
    audible = (hertz >= _LOW_HZ) & (hertz <= _HIGH_HZ)
    power, hertz = power[audible], hertz[audible]
    whole = power.sum()
    if not whole:
        return "nothing is heard in it"
    first_hz = _CONCERT_HZ * 2 ** ((pitch - _CONCERT_PITCH) / 12)
    nearest = np.maximum(1, np.round(hertz / first_hz))
    is_harmonic = np.abs(1200 * np.log2(hertz / (nearest * first_hz))) <= _WITHIN_CENTS
    share = power[is_harmonic].sum() / whole
    low = power[is_harmonic & (nearest <= 2)].sum() / whole
    if share < _IN_HARMONICS or low < _IN_FIRST_TWO:
        return "another pitch is heard than was asked"
    return ""
