"""Folders of clips: what is read of them, and what is said where they cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.outside_ears.clips import ClipsError, HeardNote, Span, read_audio, read_folder


def row(purpose: str, number: int = 0) -> dict[str, Any]:
    return {
        "file": f"{purpose}_{number}.wav",
        "purpose": purpose,
        "song": "880",
        "bpm": 120.0,
        "numerator": 4,
        "denominator": 4,
        "chords": [[0.0, 2.0, 0, 4, [0, 4, 7]], [2.0, 4.0, -1, -1, []]],
        "sounds": ["grand piano"],
        "part": "keys",
        "notes": [[0.5, 1.0, 60, 90]],
    }


def write(folder: Path, rows: list[dict[str, Any]], kind: str = "made") -> Path:
    for item in rows:
        soundfile.write(folder / item["file"], np.zeros((100, 2)), 44_100, subtype="FLOAT")
    text = json.dumps({"kind": kind, "rate": 44_100, "clips": rows})
    (folder / "clips.json").write_text(text, encoding="utf-8")
    return folder


def test_a_clip_has_what_was_asked_of_it(tmp_path: Path) -> None:
    folder = read_folder(write(tmp_path, [row("keys")], kind="real"), None)
    (clip,) = folder.clips
    assert folder.kind == "real"
    assert clip.path == tmp_path / "keys_0.wav"
    assert clip.chords == (Span(0.0, 2.0, 0, frozenset({0, 4, 7})), Span(2.0, 4.0, -1, frozenset()))
    assert clip.notes == (HeardNote(0.5, 1.0, 60, 90.0),)


def test_clips_that_no_judge_is_for_are_left_out(tmp_path: Path) -> None:
    folder = read_folder(write(tmp_path, [row("swing"), row("keys"), row("piano")]), None)
    assert [clip.purpose for clip in folder.clips] == ["keys"]


def test_a_limit_is_for_each_purpose(tmp_path: Path) -> None:
    rows = [row(purpose, number) for purpose in ("keys", "drums") for number in range(3)]
    names = [clip.path.stem for clip in read_folder(write(tmp_path, rows), 2).clips]
    assert names == ["keys_0", "keys_1", "drums_0", "drums_1"]


def test_one_prompt_is_the_same_in_two_folders(tmp_path: Path) -> None:
    real, made = tmp_path / "real", tmp_path / "made"
    real.mkdir()
    made.mkdir()
    (first,) = read_folder(write(real, [row("keys")]), None).clips
    (second,) = read_folder(write(made, [{**row("keys", 5), "notes": []}]), None).clips
    assert first.prompt == second.prompt
    (other,) = read_folder(write(made, [{**row("keys"), "bpm": 121.0}]), None).clips
    assert first.prompt != other.prompt


def test_a_folder_without_clips_names_the_commands_that_write_one(tmp_path: Path) -> None:
    with pytest.raises(ClipsError, match=r"clips\.json.*msanii evaluate MODEL --clips"):
        read_folder(tmp_path, None)


@pytest.mark.parametrize("missing", ["chords", "bpm", "purpose", "notes"])
def test_a_row_that_lacks_something_is_named(tmp_path: Path, missing: str) -> None:
    broken = row("keys")
    write(tmp_path, [broken])
    del broken[missing]
    (tmp_path / "clips.json").write_text(json.dumps({"kind": "made", "clips": [broken]}), encoding="utf-8")
    with pytest.raises(ClipsError, match=missing):
        read_folder(tmp_path, None)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, [row("keys")])
    (tmp_path / "keys_0.wav").unlink()
    with pytest.raises(ClipsError, match=r"lacks keys_0\.wav"):
        read_folder(tmp_path, None)


def test_a_folder_of_other_purposes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClipsError, match="no clip for keys"):
        read_folder(write(tmp_path, [row("swing")]), None)


def test_mono_is_heard_on_both_sides(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mono.wav", np.full(10, 0.5), 44_100, subtype="FLOAT")
    audio, rate = read_audio(tmp_path / "mono.wav")
    assert rate == 44_100
    assert np.array_equal(audio, np.full((2, 10), 0.5))
