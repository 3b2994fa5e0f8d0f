"""What was heard in audio."""

from __future__ import annotations

from dataclasses import dataclass

from msanii.music.chords import Meter


@dataclass(frozen=True, slots=True)
class HeardAudio:
    """What was heard in a file. Where nothing is known, numbers are 0, texts empty, and `first_beat` is -1.

    `bpm` counts quarter notes; `confidence`, 0 to 1, is how likely it is to be right for the whole file.
    `first_beat` is the first downbeat, in samples of the file. `chords` has a text for each bar from there
    on, with `|` between them. `beats` are the seconds of all beats from the first downbeat on;
    `steadiness` is the share of them that are at `bpm`.
    """

    bpm: float
    numerator: int
    denominator: int
    first_beat: int
    key: str
    chords: str
    confidence: float
    beats: tuple[float, ...] = ()
    steadiness: float = 0.0

    @property
    def meter(self) -> Meter | None:
        """The meter that was heard."""
        return Meter(numerator=self.numerator, denominator=self.denominator) if self.numerator else None
