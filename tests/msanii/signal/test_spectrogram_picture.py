"""Spectrogram pictures show what sounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from msanii.signal.spectrogram_picture import ROWS, spectrogram_decibels, write_spectrogram


def tone(hertz: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    time = np.arange(44_100) / 44_100
    return np.sin(2 * np.pi * hertz * time)[None].astype(np.float32)


def test_a_higher_tone_lies_higher() -> None:
    low, high = (
        int(spectrogram_decibels(tone(hertz), 44_100).mean(axis=1).argmax()) for hertz in (110, 3520)
    )
    assert high < low < ROWS


def test_the_png_can_be_opened_and_is_not_one_colour(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_spectrogram(path, tone(440), 44_100)
    with Image.open(path) as picture:
        assert picture.height == ROWS
        assert len(set(picture.convert("L").get_flattened_data())) > 10
