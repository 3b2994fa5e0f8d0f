"""Spectrogram images of rendered audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from msanii.errors import MsaniiError
from msanii.music.lead_sheet import Meter
from msanii.music.note_clip import NoteClip
from msanii.signal.piano_roll_picture import GAP_ROWS, piano_roll

N_FFT = 4096
ROWS, WIDEST_COLUMNS = 384, 1600
LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
RANGE_DB = 80.0
# Black, violet, orange, white: brightness rises steadily, so that levels can be read without a legend.
COLOURS = ((0, 0, 0), (60, 20, 110), (170, 45, 95), (245, 130, 40), (255, 250, 210))
# Margins around side-by-side panels, in pixels.
HEADER_ROWS, LINE_ROWS, SCALE_COLUMNS, GAP_COLUMNS = 32, 16, 40, 8
MARKED_HZ = {100.0: "100", 1000.0: "1k", 10_000.0: "10k"}
INK = (200, 200, 200)


@dataclass(frozen=True, eq=False)
class Panel:
    """A sound in a comparison: `audio` is (C, L)."""

    title: str
    audio: NDArray[np.float32]


def spectrogram_decibels(audio: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """The level (ROWS, columns) of (C, L) audio in dB relative to its peak, high frequencies first."""
    rows = _decibels(audio, rate)
    relative: NDArray[np.float32] = rows - rows.max()
    return relative


def coloured_spectrogram(audio: NDArray[np.float32], rate: int) -> Image.Image:
    """The picture of (C, L) audio that `write_spectrogram` writes; its columns are evenly spaced in time."""
    return Image.fromarray(_coloured(spectrogram_decibels(audio, rate)))


def write_spectrogram(
    path: Path, audio: NDArray[np.float32], rate: int, notes: NoteClip | None = None
) -> None:
    """Write a PNG of (C, L) audio, 40 Hz to 16 kHz on a log axis, 80 dB from black to white.

    The piano roll of its notes lies above it, on the same axis of time.
    """
    spectrogram = coloured_spectrogram(audio, rate)
    if notes is None or notes.bpm is None or not notes.parts:
        spectrogram.save(path)
        return
    meter = Meter(numerator=notes.numerator or 4, denominator=notes.denominator or 4)
    beats = audio.shape[1] / rate * notes.bpm / 60
    roll = piano_roll(notes.parts, beats=beats, bar_beats=float(meter.bar_beats), columns=spectrogram.width)
    both = Image.new("RGB", (spectrogram.width, roll.height + GAP_ROWS + spectrogram.height))
    both.paste(roll, (0, 0))
    both.paste(spectrogram, (0, roll.height + GAP_ROWS))
    both.save(path)


def write_comparison(path: Path, title: str, panels: Sequence[Panel], rate: int) -> None:
    """Write a PNG of sounds side by side, on one axis in Hz; white is the loudest of all.

    Raises MsaniiError if it cannot be written.
    """
    levels = [_decibels(panel.audio, rate) for panel in panels]
    peak = max(float(level.max()) for level in levels)
    width = SCALE_COLUMNS + sum(level.shape[1] + GAP_COLUMNS for level in levels)
    picture = Image.new("RGB", (width, HEADER_ROWS + ROWS))
    drawing = ImageDraw.Draw(picture)
    drawing.text((2, 2), title, fill=INK)
    for hertz, name in MARKED_HZ.items():
        drawing.text((2, HEADER_ROWS + _row_of(hertz, rate) - LINE_ROWS // 2), name, fill=INK)
    left = SCALE_COLUMNS
    for panel, level in zip(panels, levels, strict=True):
        drawing.text((left, LINE_ROWS), panel.title, fill=INK)
        picture.paste(Image.fromarray(_coloured(level - peak)), (left, HEADER_ROWS))
        left += level.shape[1] + GAP_COLUMNS
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except OSError as error:
        raise MsaniiError(f"pictures: `{path}` cannot be written ({error}); check the folder") from error


def _decibels(audio: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """The level in dB (ROWS, columns) of (C, L) audio; 0 is a bin magnitude of 1."""
    mono = audio.mean(axis=0)
    hop = max(N_FFT // 4, -(-len(mono) // WIDEST_COLUMNS))
    padded = np.pad(mono, N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::hop]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(N_FFT).astype(np.float32), axis=-1))
    decibels = 20 * np.log10(np.maximum(magnitude, 1e-6))
    bins = _row_hertz(rate) * N_FFT / rate
    rows = np.stack([np.interp(bins, np.arange(frame.size), frame) for frame in decibels], axis=1)
    return rows.astype(np.float32)


def _row_hertz(rate: int) -> NDArray[np.float64]:
    """The frequency of each row, descending."""
    return np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, rate / 2.1), ROWS)[::-1]


def _row_of(hertz: float, rate: int) -> int:
    return int(np.abs(np.log(_row_hertz(rate) / hertz)).argmin())


def _coloured(decibels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Colour levels in dB, (ROWS, columns, 3): 0 is white, -80 black."""
    level = np.clip(decibels / RANGE_DB + 1, 0, 1)
    anchors = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(level, anchors, values) for values in np.array(COLOURS).T]
    return np.stack(channels, axis=-1).astype(np.uint8)
