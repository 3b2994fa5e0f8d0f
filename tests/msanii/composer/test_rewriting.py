"""Bars composed anew beside those that stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from msanii.composer.rewriting import rewritten
from msanii.composer.scores import ScoreComposer
from msanii.music.bars import changed_bars
from msanii.music.midi_notes import BeatNote
from msanii.music.score import Score, make_score

COMPOSER = ScoreComposer()


def score(chords: str = "Am F C G", part: str = "bass") -> Score:
    return make_score(bars=8, bpm=120, chords=chords, part=part)


@pytest.mark.parametrize("part", ["bass", "drums", "pad", "keys", "lead"])
@pytest.mark.parametrize("loop", [False, True])
def test_only_the_bars_that_are_composed_anew_sound_otherwise(part: str, loop: bool) -> None:
    asked, composer = score(part=part), ScoreComposer(loop=loop)
    old = composer.with_notes(asked, 1).notes
    new = rewritten(composer, asked, old, [part], bars=(2, 3, 6), seed=5)
    changed = changed_bars(old[part], new.notes[part], bar_beats=4.0, count=8, loop=loop)
    assert set(changed) <= {2, 3, 6}
    assert new.notes[part] != old[part]
    assert {note.pitch for note in new.score.notes} == {note[2] for note in new.notes[part]}


def test_another_chord_changes_its_bar_alone() -> None:
    old = COMPOSER.with_notes(score(), 1).notes
    new = rewritten(COMPOSER, score("Am F C G Am F Dm G"), old, ["bass"], bars=(6,), seed=1)
    assert changed_bars(old["bass"], new.notes["bass"], bar_beats=4.0, count=8) == (6,)
    first = next(note for note in new.notes["bass"] if note[0] >= 23.9)
    assert first[2] % 12 == 2


def test_without_bars_the_notes_stay_as_they_are() -> None:
    old = COMPOSER.with_notes(score(), 1).notes
    assert rewritten(COMPOSER, score(), old, ["bass"]).notes == old


def test_the_other_parts_are_heard_and_stay() -> None:
    band = COMPOSER.arranged(score(part=""), ("bass", "drums"), seed=3).notes
    new = rewritten(COMPOSER, score(), band, ["bass"], bars=(0, 1), seed=9)
    assert new.notes["drums"] == band["drums"]
    assert len(new.score.notes) == len(new.notes["bass"])


def test_a_part_that_is_not_there_yet_is_composed_to_the_others() -> None:
    band = COMPOSER.arranged(score(part=""), ("drums",), seed=3).notes
    new = rewritten(COMPOSER, score(), band, ["bass"], bars=range(8), seed=3)
    kicks = {onset for onset, _, pitch, _ in band["drums"] if pitch in (35, 36)}
    assert new.notes["bass"]
    assert len({note[0] for note in new.notes["bass"]} & kicks) > len(kicks) / 2


def test_bars_anew_keep_the_groove_of_the_others() -> None:
    def onsets(notes: Iterable[BeatNote]) -> set[float]:
        return {round(note[0] % 4 * 4) / 4 for note in notes}

    asked, alike = score(chords="Am"), []
    old = COMPOSER.with_notes(asked, 1).notes
    for composer in (COMPOSER, replace(COMPOSER, groove_seed=1)):
        shares = []
        for seed in range(5, 15):
            new = rewritten(composer, asked, old, ["bass"], bars=(2,), seed=seed).notes["bass"]
            here = onsets(note for note in new if 8 <= note[0] < 12)
            shares.append(len(here & onsets(old["bass"])) / max(len(here), 1))
        alike.append(sum(shares) / len(shares))
    assert alike[1] > 0.9
    assert alike[0] < alike[1]
