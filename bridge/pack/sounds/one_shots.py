"""Cuts a single note or stroke out of a rendered take: from its attack to the next, at a set peak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.messages import BridgeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

_FRAME_SECONDS = 0.005
_BEFORE_ATTACK_SECONDS = 0.002
# The attack is where the level first comes within so many dB of the loudest frame.
_ATTACK_BELOW_DB = 24.0
# Models like to play on the beats too: a rise by so much over 80 ms, to within so much of the peak, is
# another attack. The level of a note wavers by less, as long as it is measured over a period of the lowest.
_NEXT_RISE_DB, _NEXT_BELOW_DB = 9.0, 36.0
_NEXT_SPAN_FRAMES, _PERIOD_FRAMES = 16, 9
_RINGS_AT_LEAST_SECONDS = 0.12
_SILENT_BELOW_DB = 60.0
_FADE_SECONDS, _LONG_FADE_SECONDS = 0.004, 0.03


@dataclass(frozen=True, slots=True)
class OneShot:
    """A note alone: audio (C, L), and whether another attack ended it."""

    audio: Audio
    is_cut: bool


def cut_note(audio: Audio, rate: int, *, peak_db: float, shortest_seconds: float) -> OneShot:
    """Return the note in audio (C, L) at `rate` hertz, from its attack to its end or the next attack.

    Letters: C channels, L samples. `peak_db` is the file's highest sample in dB of full scale.

    Raises:
        BridgeError: `output` if it is silent, or another note comes before `shortest_seconds`.
    """
    import numpy as np

    frame = max(1, round(_FRAME_SECONDS * rate))
    levels = _levels(audio, frame)
    if not len(levels) or not np.isfinite(levels).all() or levels.max() < -70:
        raise BridgeError("output", "nothing is heard in it")
    attack = int(np.argmax(levels > levels.max() - _ATTACK_BELOW_DB))
    end, is_cut = _end(levels, attack)
    if (end - attack) * frame < shortest_seconds * rate and is_cut:
        raise BridgeError("output", f"another note begins {(end - attack) * frame / rate:.2f} s after it")
    first = max(0, _attack_sample(audio, attack, frame) - round(_BEFORE_ATTACK_SECONDS * rate))
    note = np.array(audio[:, first : min(audio.shape[1], end * frame)], dtype=np.float64)
    _fade(note, rate, is_cut=is_cut)
    note *= 10 ** (peak_db / 20) / np.abs(note).max()
    return OneShot(note.astype(np.float32), is_cut)


def _levels(audio: Audio, frame: int) -> NDArray[np.float64]:
    """Return the RMS level of each frame in dB."""
    import numpy as np

    count = audio.shape[1] // frame
    frames = audio[:, : count * frame].reshape(audio.shape[0], count, frame).astype(np.float64)
    return np.asarray(10 * np.log10((frames**2).mean(axis=(0, 2)) + 1e-12))


def _end(levels: NDArray[np.float64], attack: int) -> tuple[int, bool]:
    """Return the frame at which the note ends, and whether because another attack comes there."""
    import numpy as np

    loudest = levels.max()
    whole = np.convolve(10 ** (levels / 10), np.full(_PERIOD_FRAMES, 1 / _PERIOD_FRAMES), "same")
    smooth = 10 * np.log10(whole + 1e-12)
    peak = smooth.max()
    for at in range(attack + round(_RINGS_AT_LEAST_SECONDS / _FRAME_SECONDS), len(levels)):
        first = max(attack, at - _NEXT_SPAN_FRAMES)
        before = smooth[first:at].min()
        if smooth[at] - before > _NEXT_RISE_DB and smooth[at] > peak - _NEXT_BELOW_DB:
            # The level is lowest half a period before the rise begins.
            return first + int(np.argmin(smooth[first:at])) + _PERIOD_FRAMES // 2, True
    heard = np.flatnonzero(levels > loudest - _SILENT_BELOW_DB)
    return min(len(levels), int(heard[-1]) + 2), False


def _attack_sample(audio: Audio, frame_number: int, frame: int) -> int:
    """Return the first sample of the attack that is a tenth as high as the attack becomes."""
    import numpy as np

    # It may begin in the frame before.
    first = max(0, frame_number - 1) * frame
    high = np.abs(audio[:, first : first + 3 * frame]).max(axis=0)
    return first + int(np.argmax(high >= 0.1 * high.max()))


def _fade(note: NDArray[np.float64], rate: int, *, is_cut: bool) -> None:
    """Let the first samples rise and the last fall, in place, so that nothing clicks."""
    import numpy as np

    samples = note.shape[1]
    rising = min(samples, round(_BEFORE_ATTACK_SECONDS * rate))
    falling = min(samples, round((_LONG_FADE_SECONDS if is_cut else _FADE_SECONDS) * rate))
    note[:, :rising] *= np.linspace(0, 1, rising, endpoint=False)
    note[:, samples - falling :] *= np.linspace(1, 0, falling)
