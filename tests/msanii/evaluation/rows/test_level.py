"""The table's rows on level: arithmetic on known metrics, and rows computed from a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from msanii.checkpoint.folder import load_model
from msanii.evaluation.clip_metrics import Metrics
from msanii.evaluation.rows.infill import Renewal, octave_distance, piece_scores, renewal_rows
from msanii.evaluation.rows.level import level_rows
from msanii.evaluation.rows.prompts import PromptResults
from msanii.evaluation.rows.signal import home_of
from msanii.metrics.level import OCTAVES
from msanii.music.sounds import FIRST_SOUNDS, SOUNDS, SOUNDS_OF_PART
from tests.msanii.evaluation.rows.test_time import rows_of, without_controls
from tests.msanii.evaluation.test_table import by_name, prompt

RATE = 44_100
REAL = {"loudness": -20.0, "above_8000": -25.0, "crest": 14.0, **dict.fromkeys(OCTAVES, -30.0)}
TARGETS = {
    "loudness less real, LU": "-2 to 2",
    "octave that is furthest from real, dB": "at most 3",
    "above 8 kHz less real, dB": "-3 to 3",
    "crest less real, dB": "-2 to 2",
}


def results(part: str, *made: Metrics, real: Metrics = REAL) -> PromptResults:
    return PromptResults(metrics=[(prompt(part, 0, 1.6, **real), real | metrics) for metrics in made])


@pytest.mark.parametrize("part", ["keys", "lead", "pad", "bass", "drums", "mix"])
def test_real_levels_reach_the_targets(part: str) -> None:
    rows = by_name(level_rows(results(part, {}, {})))
    for name, target in TARGETS.items():
        assert rows[f"{part}: {name}"].target == target
        assert rows[f"{part}: {name}"].reached


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("loudness less real, LU", {"loudness": -17.9}),
        ("loudness less real, LU", {"loudness": -22.1}),
        ("above 8 kHz less real, dB", {"above_8000": -21.9}),
        ("crest less real, dB", {"crest": 11.9}),
        ("octave that is furthest from real, dB", {"octave_4000": -33.1}),
    ],
)
def test_a_metric_off_target_misses_only_its_row(name: str, change: Metrics) -> None:
    rows = by_name(level_rows(results("drums", change)))
    missed = {row for row in rows if row.startswith("drums") and rows[row].reached is False}
    assert missed == {f"drums: {name}"}


def test_differences_are_means_and_the_octave_is_named() -> None:
    rows = by_name(
        level_rows(results("pad", {"octave_250": -26.0}, {"octave_250": -28.0, "octave_63": -31.0}))
    )
    assert rows["pad: octave that is furthest from real, dB"].value == pytest.approx(3.0)
    assert rows["pad: octave that is furthest from real, Hz"].value == 250
    # Octaves 45 dB below the loudest do not count.
    quiet = REAL | {"octave_16000": -80.0}
    rows = by_name(level_rows(results("pad", {"octave_16000": -60.0}, real=quiet)))
    assert rows["pad: octave that is furthest from real, dB"].value == 0


def test_a_part_without_clips_has_no_values() -> None:
    rows = by_name(level_rows(results("keys", {})))
    assert (rows["lead: loudness less real, LU"].value, rows["lead: loudness less real, LU"].reached) == (
        None,
        False,
    )


def noise(gain: float, seed: int = 0, tilt: bool = False) -> np.ndarray:
    line = np.random.default_rng(seed).standard_normal((2, RATE))
    line = np.diff(line, prepend=0.0) if tilt else line
    return (gain * 0.05 * line).astype(np.float32)


def test_new_music_is_compared_with_the_old() -> None:
    kept = noise(1.0)
    # The piece is quiet there by itself, and the new music has its level.
    fair = [Renewal(sound="strings", new=noise(0.5, 1), old=noise(0.5, 2), around=kept) for _ in range(2)]
    rows = by_name(renewal_rows("x", fair, RATE))
    assert [row.reached for row in rows.values() if row.target is not None] == [True] * 3
    # One sound 6 dB too loud, another 6 dB too quiet: the mean hides it, the furthest sound shows it.
    off = [
        Renewal(sound=sound, new=noise(gain, 1), old=noise(1.0, 2), around=kept)
        for sound, gain in (("strings", 2.0), ("choir", 0.5))
    ]
    rows = by_name(renewal_rows("x", off, RATE))
    assert rows["x, level, dB, mean"].reached
    assert rows["x, level, dB, furthest mean of a sound"].value == pytest.approx(6.02, abs=0.2)
    assert rows["x, level, dB, furthest mean of a sound"].reached is False
    assert rows["x, level, dB, furthest"].reached is False


def test_octave_distance_ignores_the_level() -> None:
    assert octave_distance(noise(1.0), noise(0.1), RATE) == pytest.approx(0.0, abs=1e-3)
    assert octave_distance(noise(1.0, tilt=True), noise(1.0), RATE) > 5


def test_pieces_cover_all_sounds_of_a_part() -> None:
    for part, sounds in SOUNDS_OF_PART.items():
        assert {score.sounds[0] for score in piece_scores(part, 32, SOUNDS)} == set(sounds)
        scores = piece_scores(part, 32, FIRST_SOUNDS)
        assert {score.sounds[0] for score in scores} == set(sounds) & set(FIRST_SOUNDS)
        assert len({score.bpm for score in scores}) == 4
        assert {score.part for score in scores} == {part}
        assert len(piece_scores(part, 1, SOUNDS)) == 1
    assert {name: home_of(name) for name in ("strings", "drum kit", "organ", "finger bass")} == {
        "strings": "pad",
        "drum kit": "drums",
        "organ": "keys",
        "finger bass": "bass",
    }
    assert all(name in SOUNDS_OF_PART[home_of(name)] for name in SOUNDS)


def test_rows_on_level_are_computed_from_a_model(tiny_context_model: Path) -> None:
    rows = rows_of(load_model(tiny_context_model), ("level", "arrange", "signal"))
    asked = {name: row.target for name, row in rows.items() if row.target is not None}
    for part in SOUNDS_OF_PART:
        for way in (
            "inpaint 2 bars of 8, over the bars that were there",
            "outpaint 2 bars after 8, over the bars of the same chords",
            "endless, bars 13 to 16 over the last 4 of the source",
        ):
            assert asked.pop(f"{way}: {part}, level, dB, mean") == "-1.5 to 1.5"
            assert asked.pop(f"{way}: {part}, level, dB, furthest mean of a sound") == "at most 1.5"
            assert asked.pop(f"{way}: {part}, level, dB, furthest") == "at most 3"
    assert {name.split(", worst sound: ")[0]: target for name, target in asked.items()} == {
        "arrange: quietest part, LU under the mix, mean": "at most 12",
        "arrange: quietest part of all, LU under the mix": "at most 12",
        "signal: offset over RMS": "at most 0.01",
        "signal: energy below 25 Hz, share": "at most 0.01",
        "signal: step at an end, dBFS": "at most -60",
        "signal: lost in mono, dB": "at most 6",
    }
    assert all(row.value is not None for row in rows.values())
    # The four parts are all about as far below their sum.
    assert 0 < (rows["arrange: quietest part, LU under the mix, mean"].value or 0) < 60
    assert {name.split(": ")[2] for name in rows if "worst sound" in name} <= set(SOUNDS)
    # The ends are silent even with random weights, because of the finishing.
    assert rows["signal: step at an end, dBFS, sounds that miss"].value == 0


def test_rows_without_their_control_are_empty(tiny_model: Path) -> None:
    rows = rows_of(without_controls(tiny_model), ("arrange", "signal"))
    assert all(row.value is None for row in rows.values())
    assert all(row.reached is False for row in rows.values() if row.target is not None)
