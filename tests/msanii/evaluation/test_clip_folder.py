"""Clip folders: unchanged audio, and an index of prompts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from msanii.errors import MsaniiError
from msanii.evaluation.clip_folder import ClipFolder
from tests.msanii.evaluation.test_table import prompt

RATE = 44_100


def test_clips_are_listed_with_their_prompts(tmp_path: Path) -> None:
    prompts = [prompt("keys", 0), prompt("drums", 1), prompt("keys", 2)]
    audio = np.random.default_rng(0).standard_normal((2, RATE)).astype(np.float32)  # beyond full scale
    folder = ClipFolder(tmp_path / "clips", "made", RATE, prompts)
    # Clips of some prompts only; each keeps its prompt's file name.
    for one in prompts[1:]:
        folder.keep(one, audio)
    folder.write_index()
    index = json.loads((tmp_path / "clips" / "clips.json").read_text(encoding="utf-8"))
    assert (index["kind"], index["rate"]) == ("made", RATE)
    drums, keys = index["clips"]
    assert (drums["file"], keys["file"]) == ("drums_000.wav", "keys_001.wav")
    assert set(keys) == {
        "file", "purpose", "song", "bpm", "numerator", "denominator", "chords", "sounds", "part", "notes",
    }  # fmt: skip
    assert (keys["bpm"], keys["numerator"], keys["denominator"]) == (150.0, 6, 8)
    assert keys["notes"] == [[0.1, 0.5, 60, 80]]
    # Am for the three quarters of a bar at 150 bpm, then F.
    assert keys["chords"][0] == [0.0, 1.2, 9, 9, [0, 4, 9]]
    assert keys["chords"][1][:4] == [1.2, 1.6, 5, 5]
    heard, rate = soundfile.read(tmp_path / "clips" / keys["file"], dtype="float32", always_2d=True)
    assert rate == RATE
    np.testing.assert_array_equal(heard.T, audio)


def test_an_impossible_folder_is_an_error_before_rendering(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already")
    with pytest.raises(MsaniiError, match="cannot be a folder"):
        ClipFolder(tmp_path / "file", "real", RATE, [])
