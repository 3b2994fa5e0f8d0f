"""A clip before its judges, some of whom cannot take it, and what the table makes of that."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.outside_ears.clips import Clip, FloatArray
from tests.outside_ears.hearing import Heard, add_keys, hear, hear_file
from tests.outside_ears.judges import judges_for
from tests.outside_ears.table import markdown, means, plain

NOISE = np.random.default_rng(0).normal(size=(2, 1000))


def clip(purpose: str = "keys", song: str = "880") -> Clip:
    return Clip(Path(f"{purpose}.wav"), purpose, song, 120.0, 4, 4, (), ())


def loud(_: Clip, audio: FloatArray, rate: int) -> dict[str, float]:
    return {"loudness, LUFS": float(rate)}


def fails(_: Clip, audio: FloatArray, rate: int) -> dict[str, float]:
    raise ValueError("too few frames")


def test_a_judge_that_fails_is_named_and_the_others_are_heard() -> None:
    heard = hear(clip(), NOISE, 44_100, {"beats": fails, "sound": loud})
    assert heard.figures == {"loudness, LUFS": 44_100.0}
    assert heard.untaken == ["beats: ValueError: too few frames"]


def test_silence_goes_before_no_judge() -> None:
    heard = hear(clip(), np.zeros((2, 1000)), 44_100, {"sound": loud})
    assert heard.figures == {}
    assert heard.untaken == ["every judge: it is silent"]


def test_a_key_that_cannot_be_heard_leaves_the_rest() -> None:
    def no_key(audio: FloatArray, rate: int) -> str:
        raise RuntimeError("no peaks")

    heard = hear(clip(), NOISE, 44_100, {"sound": loud}, no_key)
    assert heard.figures == {"loudness, LUFS": 44_100.0}
    assert heard.key is None
    assert heard.untaken == ["key: RuntimeError: no peaks"]
    assert hear(clip(), NOISE, 44_100, {}, lambda *_: "C major").key == "C major"


def test_a_file_that_is_no_audio_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "keys.wav").write_bytes(b"not a wave")
    heard = hear_file(replace(clip(), path=tmp_path / "keys.wav"), notes_asked=False)
    assert heard.figures == {}
    (reason,) = heard.untaken
    assert "cannot be read" in reason


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("keys", ["chords", "notes", "sound"]),
        ("lead", ["notes", "sound"]),
        ("pad", ["chords", "notes", "sound"]),
        ("bass", ["notes", "bass line", "sound"]),
        ("drums", ["beats", "sound"]),
        ("mix", ["chords", "beats", "sound"]),
    ],
)
def test_each_purpose_has_its_judges(purpose: str, expected: list[str]) -> None:
    assert list(judges_for(purpose, notes_asked=False)) == expected


def test_a_mean_leaves_out_what_was_not_measured_and_says_of_how_many_it_is() -> None:
    some = [Heard(clip(), {"a": 1.0, "b, dB": -3.04}), Heard(clip(), {"a": math.nan, "b, dB": -5.0})]
    found = means({"real": some, "made": [Heard(clip(), {"b, dB": 1.0})]})
    assert found["keys"]["a"] == {"real": (1.0, 1), "made": (pytest.approx(math.nan, nan_ok=True), 0)}
    text = markdown(found, {"real": {"keys": 2}, "made": {"keys": 1}})
    assert text.splitlines()[0] == "| | figure | real | made |"
    assert text.splitlines()[2:] == [
        "| keys | clips | 2 | 1 |",
        "| keys | a | 1.000 (1 of 2) | - |",
        "| keys | b, dB | -4.0 | 1.0 |",
    ]
    cells = plain(found)["keys"]["a"]
    assert cells == {"real": {"mean": 1.0, "clips": 1}, "made": {"mean": None, "clips": 0}}


def test_purposes_are_apart() -> None:
    found = means({"real": [Heard(clip("bass"), {"a": 1.0}), Heard(clip("keys"), {"a": 3.0})]})
    assert {purpose: rows["a"]["real"][0] for purpose, rows in found.items()} == {"keys": 3.0, "bass": 1.0}


def test_keys_are_scored_by_the_real_clip_of_the_same_prompt() -> None:
    made = [Heard(clip(), {}, "D major"), Heard(clip(song="881"), {}, "C major"), Heard(clip(), {}, None)]
    add_keys([Heard(clip(), {}, "C major")], made, lambda real, other: float(real == other))
    assert [item.figures for item in made] == [{"essentia key: as the real one": 0.0}, {}, {}]
