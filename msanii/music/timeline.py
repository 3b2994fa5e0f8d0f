"""When the quarter notes of a piece are heard: at a steady tempo, or on a recording's beats. Pure Python."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from msanii.errors import ScoreError
from msanii.limits import MOST_BEAT_CHARACTERS, SECONDS

LEAST_BEAT_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Quarter notes to seconds and back; quarter 0 is the first bar line.

    Without `beat_seconds` that is second 0. Otherwise these are the times of beats from the first bar line
    on, which may lie before second 0, each `beat_quarters` long; between them time runs evenly, before and
    after them at `bpm`.
    """

    bpm: float
    beat_quarters: float = 1.0
    beat_seconds: tuple[float, ...] = ()

    def seconds_at(self, quarters: float) -> float:
        """The second at which a quarter note is heard."""
        beats, seconds = quarters / self.beat_quarters, self.beat_seconds or (0.0,)
        whole = min(max(math.floor(beats), 0), len(seconds) - 1)
        if beats >= 0 and whole + 1 < len(seconds):
            return seconds[whole] + (beats - whole) * (seconds[whole + 1] - seconds[whole])
        return seconds[whole] + (beats - whole) * self.beat_quarters * 60 / self.bpm

    def quarters_at(self, seconds: float) -> float:
        """The quarter note, or a fraction of one, that is heard at a second."""
        times = self.beat_seconds or (0.0,)
        whole = min(max(bisect_right(times, seconds) - 1, 0), len(times) - 1)
        past = seconds - times[whole]
        if past >= 0 and whole + 1 < len(times):
            return (whole + past / (times[whole + 1] - times[whole])) * self.beat_quarters
        return whole * self.beat_quarters + past * self.bpm / 60


def read_beat_seconds(text: str) -> tuple[float, ...]:
    """Read the times of beats, as in `0.25 0.76 1.27`; an empty text is none. Raises ScoreError."""
    words = text.replace(",", " ").split()
    try:
        return check_beat_seconds([float(word) for word in words])
    except ValueError as error:
        raise _no_beats(text) from error


def beat_seconds_text(beat_seconds: Sequence[float]) -> str:
    """Write times as `read_beat_seconds` reads them, to a millisecond.

    Of those that make more than `MOST_BEAT_CHARACTERS` the last ones are left out: there the tempo goes on.
    """
    text = " ".join(f"{second:.3f}".rstrip("0").rstrip(".") for second in beat_seconds)
    if len(text) <= MOST_BEAT_CHARACTERS:
        return text
    return text[: text.rindex(" ", 0, MOST_BEAT_CHARACTERS + 1)]


def check_beat_seconds(beat_seconds: Sequence[float]) -> tuple[float, ...]:
    """Return the times of beats if they rise, each at least `LEAST_BEAT_SECONDS` after the one before.

    Raises ScoreError.
    """
    times = tuple(float(second) for second in beat_seconds)
    shortest = min((after - before for before, after in itertools.pairwise(times)), default=math.inf)
    # The comparisons are written so that NaN fails them.
    if all(abs(second) <= SECONDS.high for second in times) and shortest >= LEAST_BEAT_SECONDS:
        return times
    raise _no_beats(beat_seconds_text(times))


def _no_beats(got: str) -> ScoreError:
    return ScoreError(
        f"beat_seconds: got `{got[:40]}`, expected times of at most {SECONDS.high:g} seconds, each at least "
        f"{LEAST_BEAT_SECONDS:g} after the one before, such as 0.25 0.76 1.27"
    )
