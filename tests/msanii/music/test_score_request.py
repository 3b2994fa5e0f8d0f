"""Scores as they are written, and what of them a verb with a source follows."""

from __future__ import annotations

from typing import Any

import pytest

from msanii.config import DEFAULT_CONTROLS
from msanii.controls.tensor import control_tensor
from msanii.errors import ScoreError
from msanii.music.score import Score
from msanii.music.score_request import ScoreRequest, over_source


def score(**values: Any) -> Score:
    return ScoreRequest(**values).score(seconds=3.5)


def test_a_request_is_read_into_a_score() -> None:
    read = ScoreRequest(
        bpm=90.0, chords="Am F", sound="organ, choir", part="Lead", notes=((0.0, 1.5, 60, 90),), swing=0.6,
        register_pitch=55.0,
    ).score(bars=2)  # fmt: skip
    assert read.seconds == pytest.approx(16 / 3)
    assert (read.sounds, read.part, len(read.chords)) == (("organ", "choir"), "lead", 2)
    assert (read.notes[0].onset_seconds, read.notes[0].end_seconds) == (0.0, 1.0)
    assert read.feel.asked() == {"swing": 0.6, "register": 55.0}


@pytest.mark.parametrize("notes", [None, ((0.0, 1.0, 60, 90),)])
def test_a_tempo_of_0_is_refused(notes: Any) -> None:
    with pytest.raises(ScoreError, match="bpm: got 0"):
        score(bpm=0, notes=notes)


def test_a_source_alone_follows_nothing() -> None:
    assert over_source(score(bpm=97.3)) is None


@pytest.mark.parametrize(
    "values",
    [{"sound": "drum kit"}, {"part": "drums"}, {"dynamics": 90.0}, {"sound": "marimba", "part": "lead"}],
)
def test_a_sound_a_part_or_a_feel_alone_is_followed_without_a_beat(values: dict[str, Any]) -> None:
    followed = over_source(score(**values))
    assert followed is not None
    assert followed.asked() == {"feel" if name == "dynamics" else name for name in values}
    controls = control_tensor(followed, DEFAULT_CONTROLS, 64)
    first = 0
    for group in DEFAULT_CONTROLS:
        assert bool(controls[first + group.width].all()) == (group.name in followed.asked())
        first += group.width + 1


def test_swing_is_left_out_where_the_tempo_is_unknown() -> None:
    assert over_source(score(swing=0.62)) is None
    with_sound = over_source(score(swing=0.62, sound="organ"))
    assert with_sound is not None
    assert with_sound.feel.swing is None
    for known in (
        over_source(score(swing=0.62, chords="Am")),
        over_source(score(swing=0.62, notes=((0.0, 1.0, 60, 90),))),
        over_source(score(swing=0.62), knows_tempo=True),
    ):
        assert known is not None
        assert known.feel.swing == 0.62
        assert known.knows_beat


def test_a_known_tempo_is_followed_alone() -> None:
    asked = score(bpm=97.3)
    assert over_source(asked, knows_tempo=True) == asked
