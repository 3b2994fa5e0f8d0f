"""What a verb with a source is to follow: nothing is said of beats that nobody knows."""

from __future__ import annotations

import pytest

from bridge.worker.score import followed_score
from msanii.config import DEFAULT_CONTROLS
from msanii.controls.tensor import control_tensor
from tests.bridge.render_requests import make_request

SOURCE_SECONDS = 3.5


def test_a_bare_source_follows_nothing() -> None:
    assert followed_score(make_request(verb="vary", bpm=97.3), SOURCE_SECONDS) is None


@pytest.mark.parametrize(
    "asked",
    [{"sound": "drum kit"}, {"part": "drums"}, {"dynamics": 90.0}, {"sound": "marimba", "part": "lead"}],
)
@pytest.mark.parametrize("verb", ["vary", "interpolate", "inpaint", "outpaint"])
def test_a_sound_a_part_or_a_feel_alone_is_followed_without_a_beat(
    verb: str, asked: dict[str, object]
) -> None:
    score = followed_score(make_request(verb=verb, **asked), SOURCE_SECONDS)
    assert score is not None
    assert score.asked() == {"feel" if name == "dynamics" else name for name in asked}
    controls = control_tensor(score, DEFAULT_CONTROLS, 64)
    first = 0
    for group in DEFAULT_CONTROLS:
        assert bool(controls[first + group.width].all()) == (group.name in score.asked())
        first += group.width + 1


def test_swing_says_nothing_without_beats() -> None:
    assert followed_score(make_request(verb="vary", swing=0.62), SOURCE_SECONDS) is None
    with_chords = followed_score(make_request(verb="vary", swing=0.62, chords="Am"), SOURCE_SECONDS)
    assert with_chords is not None
    assert with_chords.feel.swing == 0.62


def test_chords_bring_their_beat_and_last_as_long_as_what_they_are_for() -> None:
    over_source = followed_score(make_request(verb="vary", chords="Am F"), SOURCE_SECONDS)
    over_new = followed_score(
        make_request(verb="outpaint", chords="Am F", bars=2.0, bpm=120.0), SOURCE_SECONDS
    )
    assert over_source is not None
    assert over_new is not None
    assert (over_source.seconds, over_new.seconds) == (SOURCE_SECONDS, 4.0)
    assert over_source.knows_beat
    assert over_new.knows_beat
