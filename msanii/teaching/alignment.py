"""Where the notes of a MIDI file are in a recording of it: latency, and the drift between two clocks.

The onset strength of the recording is correlated with the onsets of the notes, once over everything to find
the place, then in pieces, whose places lie on a line if both run evenly.

Letters: L samples, F bins, T frames, N onsets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, stft

from msanii.controls.frame_grid import FloatArray
from msanii.errors import AudioError

# About 5 and 23 ms at the usual rates.
_HOPS_PER_SECOND, _WINDOWS_PER_SECOND = 200, 43
# Strength is the rise over this many hops.
_RISE_HOPS = 2
# Onsets that are closer are one.
_APART_SECONDS = 0.03
_COARSE_SECONDS, _FINE_SECONDS = 0.06, 0.01
_PIECES = 12
_PIECE_REACH_SECONDS = 0.35
# How far off the line a piece may lie and still count.
_TOLERANCE_SECONDS = 0.02
_MOST_DRIFT_PPM = 1000.0
# A window's level rises most when the attack has just entered it: so much before its own time.
_LEAD_SECONDS = 0.006
# How much stronger the rises at the notes are than elsewhere, and the share of pieces on the line. Other
# notes and tempos had shares of 0 to 0.35; with white noise 20 dB below the peaks the contrast was 1.6.
_LEAST_CONTRAST = 1.25
_LEAST_PIECES_SHARE = 0.6
# A recording may begin this long after the file's first note.
_MOST_MISSED_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """A note at t seconds of the file is at `latency_seconds` + t (1 + `drift_ppm` / 10^6) of the recording.

    `contrast` is how much stronger the recording's onsets are at the notes than elsewhere.
    """

    latency_seconds: float
    drift_ppm: float
    contrast: float

    def seconds(self, at: FloatArray) -> FloatArray:
        """Times of the file (N,) as times of the recording."""
        return self.latency_seconds + at * (1 + self.drift_ppm * 1e-6)


def align(audio: NDArray[np.float32], rate: int, onsets_seconds: FloatArray) -> Alignment:
    """Align audio (L,) with onsets (N,). Raises AudioError if they do not belong together."""
    strength = onset_strength(audio, rate)
    onsets = _apart(np.sort(onsets_seconds))
    latency, drift, share = _line(strength, onsets, _coarse_place(strength, onsets))
    contrast = _contrast(strength, latency + onsets * (1 + drift))
    if contrast < _LEAST_CONTRAST or share < _LEAST_PIECES_SHARE or abs(drift) * 1e6 > _MOST_DRIFT_PPM:
        raise AudioError(
            "recording: its notes are not those of the calibration; play the calibration file from start to "
            "end at its own tempo of 120, record all of it without cuts, and name the file that you played "
            "by --calibration if it is not the usual one"
        )
    return Alignment(latency + _LEAD_SECONDS, drift * 1e6, contrast)


@dataclass(frozen=True, slots=True, eq=False)
class Strength:
    """The onset strength (T,), 0 to 1, of each hop."""

    values: FloatArray
    hop_seconds: float

    def hops(self, seconds: FloatArray | float) -> NDArray[np.intp]:
        """The nearest hops to times."""
        return np.round(np.asarray(seconds) / self.hop_seconds).astype(np.intp)

    def smoothed(self, seconds: float) -> FloatArray:
        """Without its mean, and blurred by a bell of that width."""
        reach = int(self.hops(3 * seconds))
        bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) * self.hop_seconds / seconds) ** 2)
        return np.asarray(fftconvolve(self.values - self.values.mean(), bell / bell.sum(), mode="same"))


def onset_strength(audio: NDArray[np.float32], rate: int) -> Strength:
    """How much the spectrum of audio (L,) rises from hop to hop."""
    hop, window = round(rate / _HOPS_PER_SECOND), round(rate / _WINDOWS_PER_SECOND)
    spectrum = stft(audio, rate, nperseg=window, noverlap=window - hop, boundary="even")[2]
    level = np.log1p(1000 * np.abs(spectrum) / max(float(np.abs(audio).max()), 1e-9))  # (F, T)
    rise = np.maximum(level[:, _RISE_HOPS:] - level[:, :-_RISE_HOPS], 0).sum(axis=0)
    # Centred between the two frames that it compares.
    rise = np.pad(rise, (_RISE_HOPS // 2, _RISE_HOPS - _RISE_HOPS // 2))
    usual = float(np.percentile(rise, 99)) or 1.0
    return Strength(np.asarray(np.minimum(rise / usual, 1.0), np.float64), hop / rate)


def _apart(onsets: FloatArray) -> FloatArray:
    """Without onsets that follow another too closely."""
    kept: list[float] = []
    for onset in onsets:
        if not kept or onset - kept[-1] > _APART_SECONDS:
            kept.append(float(onset))
    return np.array(kept)


def _coarse_place(strength: Strength, onsets: FloatArray) -> float:
    """The latency in seconds at which notes and strength agree best."""
    places = strength.hops(onsets)
    comb = np.zeros(int(places[-1]) + 1)
    np.add.at(comb, places, 1.0)
    agreement = fftconvolve(strength.smoothed(_COARSE_SECONDS), comb[::-1], mode="full")
    without_latency = len(comb) - 1
    first = max(0, without_latency - int(strength.hops(_MOST_MISSED_SECONDS)))
    return (int(np.argmax(agreement[first:])) + first - without_latency) * strength.hop_seconds


def _line(strength: Strength, onsets: FloatArray, place: float) -> tuple[float, float, float]:
    """Latency and drift of the line through the places of all pieces, and the share of pieces on it."""
    smooth = strength.smoothed(_FINE_SECONDS)
    found = [
        (float(piece.mean()), here)
        for piece in np.array_split(onsets, _PIECES)
        if (here := _piece_place(strength, smooth, piece, place)) is not None
    ]
    if len(found) < 3:
        return place, 0.0, 0.0
    x, y = np.array(found).T
    # Theil and Sen: the median of all slopes is not moved by pieces that went astray.
    first, second = np.triu_indices(len(x), 1)
    slope = float(np.median((y[second] - y[first]) / (x[second] - x[first])))
    latency = float(np.median(y - slope * x))
    near = np.abs(y - latency - slope * x) < _TOLERANCE_SECONDS
    if near.sum() >= 3:
        slope, latency = (float(value) for value in np.polyfit(x[near], y[near], 1))
    return latency, slope, float(near.mean())


def _piece_place(strength: Strength, smooth: FloatArray, onsets: FloatArray, place: float) -> float | None:
    """The latency of some onsets, near that of the whole; None outside the recording."""
    reach = int(strength.hops(_PIECE_REACH_SECONDS))
    shifts = np.arange(-reach, reach + 1)
    at = strength.hops(onsets + place)
    inside = (at >= reach) & (at < len(smooth) - reach)
    if not inside.any():
        return None
    at, off = at[inside], (at * strength.hop_seconds - onsets - place)[inside]
    agreement = smooth[at[:, None] + shifts].sum(axis=0)
    best = int(np.argmax(agreement))
    fraction = 0.0
    if 0 < best < len(shifts) - 1:
        before, here, after = agreement[best - 1 : best + 2]
        curve = before - 2 * here + after
        fraction = 0.5 * (before - after) / curve if curve < 0 else 0.0
    return float(place + (shifts[best] + fraction) * strength.hop_seconds + off.mean())


def _contrast(strength: Strength, seconds: FloatArray) -> float:
    """The strongest rise within three hops of each note, over that at other times, both on the average."""
    reach = 3

    def at(times: FloatArray) -> float:
        index = strength.hops(times)
        index = index[(index >= reach) & (index < len(strength.values) - reach)]
        if not len(index):
            return 0.0
        return float(strength.values[index[:, None] + np.arange(-reach, reach + 1)].max(axis=1).mean())

    # Shifted by no multiple of a sixteenth, on which other notes would be.
    elsewhere = np.mean([at(seconds + shift) for shift in (-0.183, -0.062, 0.063, 0.187, 0.311)])
    return at(seconds) / max(float(elsewhere), 1e-9)
