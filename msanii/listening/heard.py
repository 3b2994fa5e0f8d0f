"""What was heard in an audio file. A value that is not known is None, and an empty tuple is none heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msanii.listening.decoding.notes import HeardNote
from msanii.music.following import STEADY, Followed, followed
from msanii.music.lead_sheet import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class ChordSpanHeard:
    """A chord in our spelling and its span in seconds."""

    start_seconds: float
    end_seconds: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Heard:
    """All that the listener says of a file; its samples are at the file's own `rate`.

    `bpm` counts quarter notes and is None where no steady pulse is heard; `confidence`, 0 to 1, is how likely
    it is to be right for the whole file. `numerator` and `denominator` are the meter. `chords` has a text for
    each whole bar from `first_downbeat_samples` on, as `msanii generate --chords` reads it, and is None
    without bars; `chord_spans` are the same chords, and those before the first bar, in seconds. `beats` are
    seconds and places in the bar, from 0. `steadiness` is the share of beats that are at `bpm`. `family` and
    `sound` are None where several instruments play; `part` is mix then.
    """

    rate: int
    samples: int
    bpm: float | None
    confidence: float
    steadiness: float
    numerator: int | None
    denominator: int | None
    first_downbeat_samples: int | None
    beats: tuple[tuple[float, int], ...]
    key: str | None
    chords: tuple[str, ...] | None
    chord_spans: tuple[ChordSpanHeard, ...]
    notes: tuple[HeardNote, ...]
    part: str | None
    family: str | None
    sound: str | None

    @property
    def seconds(self) -> float:
        return self.samples / self.rate

    def followed(self, bpm: float | None = None, meter: Meter | None = None) -> Followed | None:
        """What is to play along follows, from the first bar line on; None without bars.

        It is None too where another tempo or meter is said.
        """
        if self.numerator is None or self.denominator is None:
            return None
        return followed(
            [at for at, _ in beats_of_bars(self.beats)],
            Meter(numerator=self.numerator, denominator=self.denominator),
            steadiness=self.steadiness,
            seconds=self.seconds,
            bpm=bpm,
            said_meter=meter,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data; times are rounded to a millisecond."""
        return {
            "seconds": round(self.seconds, 3),
            "rate": self.rate,
            "bpm": None if self.bpm is None else round(self.bpm, 2),
            "confidence": round(self.confidence, 3),
            "steadiness": round(self.steadiness, 3),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "first_downbeat_samples": self.first_downbeat_samples,
            "key": self.key,
            "chords": None if self.chords is None else list(self.chords),
            "part": self.part,
            "family": self.family,
            "sound": self.sound,
            "beats": [{"seconds": round(at, 3), "beat": place + 1} for at, place in self.beats],
            "chord_spans": [
                {"start": round(one.start_seconds, 3), "end": round(one.end_seconds, 3), "chord": one.text}
                for one in self.chord_spans
            ],
            "notes": [
                {
                    "start": round(note.onset_seconds, 3),
                    "end": round(note.end_seconds, 3),
                    "pitch": note.pitch,
                    "velocity": note.velocity,
                }
                for note in self.notes
            ],
        }

    def sentences(self) -> Sequence[str]:
        """A few lines for a terminal."""
        if self.bpm is None:
            tempo = "tempo: none that is sure"
        else:
            share = f", {self.steadiness:.0%} of the beats at it" if self.steadiness < STEADY else ""
            tempo = f"tempo: {self.bpm:.2f} bpm in {self.numerator}/{self.denominator}{share}"
        lines = [f"{tempo} (confidence {self.confidence:.2f})"]
        if self.first_downbeat_samples is not None:
            at = self.first_downbeat_samples / self.rate
            lines.append(
                f"first downbeat: sample {self.first_downbeat_samples} at {self.rate} Hz, {at:.3f} s"
            )
        lines.append(f"key: {self.key or 'none that is sure'}")
        if self.chords is not None:
            lines.append(f"chords: {' | '.join(self.chords)}")
        elif self.chord_spans:
            spans = (f"{one.start_seconds:.1f} s {one.text}" for one in self.chord_spans)
            lines.append(f"chords, without bars: {', '.join(spans)}")
        played = ", ".join(filter(None, (self.part, self.family, self.sound))) or "not sure"
        lines.append(f"plays: {played}; {len(self.notes)} notes")
        return lines


def beats_of_bars(beats: Sequence[tuple[float, int]]) -> Sequence[tuple[float, int]]:
    """Beats, with their places in the bar, from the first bar line on; none where no bar begins."""
    places = [place for _, place in beats]
    return beats[places.index(0) :] if 0 in places else ()
