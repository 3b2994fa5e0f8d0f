"""What is said of sounds: the nearest name for a slip, and what a part was trained with."""

from __future__ import annotations

import pytest

from msanii.config import ControlGroup
from msanii.errors import ScoreError
from msanii.music.sounds import (
    FIRST_SOUNDS,
    PARTS,
    SOUNDS,
    SOUNDS_OF_PART,
    hint_on_sounds,
    known_sounds,
    require_part,
    require_sound,
)


def test_a_slip_gets_the_nearest_name() -> None:
    with pytest.raises(ScoreError, match="did you mean `grand piano`"):
        require_sound("grand pinao")
    with pytest.raises(ScoreError, match="did you mean `drums`"):
        require_part("drum")


def test_a_sound_far_from_its_part_is_told() -> None:
    assert "bass was trained with finger bass, synth bass; choir" in hint_on_sounds(
        "bass", ["choir"], FIRST_SOUNDS
    )
    assert hint_on_sounds("keys", ["grand piano", "finger bass"], FIRST_SOUNDS).endswith(
        "marimba; finger bass may sound like one of them"
    )


@pytest.mark.parametrize("part", PARTS)
def test_a_sound_of_the_part_needs_no_word(part: str) -> None:
    assert hint_on_sounds(part, SOUNDS_OF_PART.get(part, ("organ",)), SOUNDS) == ""
    assert hint_on_sounds("", ["organ"], SOUNDS) == ""


def test_a_model_knows_the_first_sounds_as_many_as_its_control_is_wide() -> None:
    assert known_sounds([ControlGroup(name="sound", width=16)]) == FIRST_SOUNDS
    assert known_sounds([ControlGroup(name="sound", width=43)]) == tuple(SOUNDS)
    assert known_sounds([ControlGroup(name="chords", width=36)]) == ()
