"""A score as a person writes it, in text and numbers, before its values are checked. Pure Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from msanii.limits import DEFAULT_BPM
from msanii.music.midi_notes import BeatNote
from msanii.music.score import Feel, Score, make_score
from msanii.music.taught.asked import NONE_TAUGHT, TaughtRef, mixes_of, read_asked
from msanii.music.timeline import read_beat_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """Tempo, meter and music of a score without its length; whatever is empty or None is left open.

    `sound` may name several, with commas between; `taught` are the taught sounds in it. `notes`
    are in quarter notes, see `note_files`; `beat_seconds` are those of a Score, as `read_beat_seconds` reads
    them.
    """

    bpm: float = DEFAULT_BPM
    numerator: int = 4
    denominator: int = 4
    chords: str = ""
    key: str = ""
    notes: tuple[BeatNote, ...] | None = None
    sound: str = ""
    part: str = ""
    swing: float | None = None
    density: float | None = None
    register_pitch: float | None = None
    dynamics: float | None = None
    taught: Mapping[str, TaughtRef] = field(default_factory=lambda: NONE_TAUGHT)
    beat_seconds: str = ""

    def score(self, *, bars: float | None = None, seconds: float | None = None) -> Score:
        """The score of `bars` or of `seconds`. Raises ScoreError and ChordError as `make_score`."""
        sounds = read_asked(self.sound, self.taught)
        made = make_score(
            bars=bars,
            seconds=seconds,
            bpm=self.bpm,
            numerator=self.numerator,
            denominator=self.denominator,
            chords=self.chords,
            key=self.key,
            sounds=[sound.like for sound in sounds],
            part=self.part,
            feel=Feel(
                swing=self.swing,
                density=self.density,
                register=self.register_pitch,
                dynamics=self.dynamics,
            ),
            beat_seconds=read_beat_seconds(self.beat_seconds),
        )
        return replace(made.with_notes(self.notes or ()), mixes=mixes_of(sounds))


def over_source(score: Score, *, knows_tempo: bool = False) -> Score | None:
    """The score for a verb that starts from audio; None where the model is to follow nothing.

    Chords and notes imply that the score's tempo is the source's; otherwise `knows_tempo` says so. Where the
    tempo is unknown, the model sees no beat, and swing, which lies between beats, is left out.
    """
    if score.chords or score.notes or knows_tempo:
        return score
    without_beat = replace(score, knows_beat=False, feel=replace(score.feel, swing=None))
    return without_beat if without_beat.asked() else None
