"""Piano rolls show each note where it is, and how hard it is played."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from msanii.music.note_clip import NoteClip
from msanii.signal.piano_roll_picture import KEY_ROWS, LANE_ROWS, piano_roll
from msanii.signal.spectrogram_picture import ROWS, write_spectrogram

NOTES = {
    "keys": ((0.0, 1.0, 60, 100), (2.0, 4.0, 67, 20)),
    "keys_2": ((0.0, 1.0, 64, 100),),
    "drums": ((0.0, 0.2, 36, 100), (1.0, 1.2, 42, 100)),
}


def brightness(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(picture.convert("L"))


def test_notes_lie_at_their_time_and_key() -> None:
    light = brightness(piano_roll(NOTES, beats=4, bar_beats=4, columns=400))
    row_of = {pitch: (69 - pitch) * KEY_ROWS + KEY_ROWS // 2 for pitch in (60, 64, 67)}
    assert light[row_of[60], 50] > 100 > light[row_of[60], 150]
    assert light[row_of[64], 50] > 100 > light[row_of[64], 350]
    assert light[row_of[60], 50] > light[row_of[67], 250] > light[row_of[67], 150]  # by velocity
    kick, hat = light.shape[0] - LANE_ROWS // 2, light.shape[0] - LANE_ROWS - LANE_ROWS // 2
    assert light[kick, 5] > 100 > light[kick, 105]
    assert light[hat, 105] > 100 > light[hat, 5]


def test_a_roll_of_drums_alone_has_lanes_alone_and_one_of_nothing_is_a_line() -> None:
    assert piano_roll({"drums": NOTES["drums"]}, beats=4, bar_beats=3, columns=90).size == (90, 2 * LANE_ROWS)
    assert piano_roll({}, beats=4, bar_beats=4, columns=90).size == (90, 1)


def test_a_take_with_notes_is_drawn_with_them(tmp_path: Path) -> None:
    audio = np.random.default_rng(0).standard_normal((2, 44_100)).astype(np.float32)
    clip = NoteClip(name="a.mid", notes=NOTES["keys"], length_beats=4, bpm=240.0, parts=NOTES)
    for notes, taller in ((clip, True), (None, False)):
        write_spectrogram(tmp_path / "a.png", audio, 44_100, notes)
        with Image.open(tmp_path / "a.png") as picture:
            assert (picture.height > ROWS) is taller
