"""Audio that was caught on the stage's clock: its tempo, meter and bars are known, and stand in a chunk.

The chunk `msnC` holds them as JSON. It goes along with every copy of the file; in one that was cut, it counts
for nothing.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.library.riff_chunks import read_chunk
from bridge.messages import HeardAudio
from msanii.limits import BPM
from msanii.music.chords import Meter

CAUGHT_CHUNK = b"msnC"
_SAME_SECONDS = 0.002


class CaughtBars(BaseModel):
    """Whole bars, the first of which begins with the file; `bpm` counts quarter notes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    bars: int = Field(ge=1)
    bpm: float = Field(ge=BPM.low, le=BPM.high)
    numerator: int = Field(ge=1, le=64)
    denominator: int = Field(ge=1, le=64)

    @property
    def meter(self) -> Meter:
        """The time signature."""
        return Meter(numerator=self.numerator, denominator=self.denominator)

    @property
    def beats(self) -> float:
        """The length in quarter notes."""
        return self.bars * float(self.meter.bar_beats)

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.beats * 60 / self.bpm

    def heard(self, heard: HeardAudio | None = None) -> HeardAudio:
        """Return what is known of it, with the chords and key of `heard` if those are of the same bars."""
        beat_seconds = self.meter.beat_quarters * 60 / self.bpm
        count = round(self.seconds / beat_seconds)
        has_bars = heard is not None and self._has_same_bars(heard)
        return HeardAudio(
            bpm=self.bpm,
            numerator=self.numerator,
            denominator=self.denominator,
            first_beat=0,
            key=heard.key if heard is not None else "",
            chords=heard.chords if heard is not None and has_bars else "",
            confidence=1.0,
            beats=tuple(number * beat_seconds for number in range(count)),
            steadiness=1.0,
        )

    def _has_same_bars(self, heard: HeardAudio) -> bool:
        """Whether the bars that were heard are these, so that its chords are of them."""
        if heard.meter != self.meter or not heard.beats or not heard.bpm:
            return False
        bar_seconds = float(self.meter.bar_beats) * 60 / self.bpm
        is_same_tempo = abs(heard.bpm / self.bpm - 1) < 0.04
        return is_same_tempo and heard.beats[0] < bar_seconds / (4 * self.numerator)


def read_caught(path: Path) -> CaughtBars | None:
    """Return the bars of a caught file; None for any other, or one that was cut since. Raises OSError."""
    payload = read_chunk(path, CAUGHT_CHUNK)
    if payload is None:
        return None
    try:
        caught = CaughtBars.model_validate_json(payload)
    except ValidationError:
        return None
    return caught if _lasts(path, caught.seconds) else None


def _lasts(path: Path, seconds: float) -> bool:
    import soundfile

    try:
        return bool(abs(soundfile.info(path).duration - seconds) < _SAME_SECONDS)
    except soundfile.SoundFileError:
        return False
