"""A score in musical time: length, tempo, meter, harmony, notes, sounds and feel. Pure Python.

Lengths are exact to the sample: they are computed in fractions, never by adding floats. bpm counts quarter
notes. A progression repeats endlessly, also before its start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from msanii import limits
from msanii.errors import ScoreError
from msanii.music.chords import NO_CHORD, Chord, ChordSpan, Meter, parse_chords
from msanii.music.midi_notes import BeatNote
from msanii.music.sounds import require_part, require_sound
from msanii.music.taught.asked import Mix
from msanii.music.timeline import Timeline, check_beat_seconds

# A note file holds fewer; training data may hold as many.
MAX_NOTES = 100_000
_RANGES = {
    "bars": limits.BARS,
    "seconds": limits.SECONDS,
    "bpm": limits.BPM,
    "numerator": limits.NUMERATOR,
    "rate": limits.RATE_HZ,
    "pitch": limits.Range(0, 127),
    "velocity": limits.Range(0, 127),
    "swing": limits.SWING,
    "density": limits.DENSITY,
    "register": limits.REGISTER,
    "dynamics": limits.DYNAMICS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note; times in seconds from the start of the piece, pitch and velocity as in MIDI."""

    onset_seconds: float
    end_seconds: float
    pitch: int
    velocity: int = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedChord:
    """A chord with its span in seconds."""

    start_seconds: float
    end_seconds: float
    chord: Chord


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A beat at a time in seconds."""

    seconds: float
    starts_bar: bool
    quarters: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Feel:
    """How a piece is played; None leaves a value open.

    swing: position of the second eighth in each quarter, 0.5 (straight) to 0.75. density: onsets per quarter
    note, 0.05 to 16. register: mean MIDI pitch, 24 to 100. dynamics: mean velocity, 1 to 127.
    """

    swing: float | None = None
    density: float | None = None
    register: float | None = None
    dynamics: float | None = None

    def asked(self) -> dict[str, float]:
        """The values that are set, by name."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value is not None}


ANY_FEEL = Feel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A piece of `seconds`; `bars` is its length as requested, None if that was in seconds.

    `sounds` and `part` are names of `msanii.music.sounds`; empty values are left open. `knows_beat` is false
    for existing audio whose beats are unknown: the model then sees no tempo and meter. `key` is as written,
    and no model sees it. `mixes` says, for each of `sounds` in which a taught sound is, what is heard in its
    place; it is empty if none is taught. Where `shows_any_drum` is set, the model sees drums as they are
    written, even those that it never learned. `beat_seconds` are the beats of a recording that the piece
    follows, from its first bar line on; without them the piece begins with a bar, at a steady tempo. Create
    scores with `make_score`, which checks all values.
    """

    seconds: float
    bars: float | None
    bpm: float
    numerator: int
    denominator: int
    chords: tuple[ChordSpan, ...]
    notes: tuple[Note, ...]
    sounds: tuple[str, ...] = ()
    part: str = ""
    feel: Feel = ANY_FEEL
    knows_beat: bool = True
    shows_any_drum: bool = False
    key: str = ""
    mixes: tuple[Mix, ...] = ()
    beat_seconds: tuple[float, ...] = ()

    def asked(self) -> frozenset[str]:
        """The names of the control groups that the score sets, without the beat."""
        asked = {
            "chords": self.chords,
            "notes": self.notes,
            "sound": self.sounds,
            "part": self.part,
            "feel": self.feel.asked(),
        }
        return frozenset(name for name, value in asked.items() if value)

    @property
    def meter(self) -> Meter:
        """The time signature."""
        return Meter(numerator=self.numerator, denominator=self.denominator)

    @property
    def timeline(self) -> Timeline:
        """When its quarter notes are heard."""
        return Timeline(bpm=self.bpm, beat_quarters=self.meter.beat_quarters, beat_seconds=self.beat_seconds)

    @property
    def length_bars(self) -> float:
        """The length in bars, from the first bar line on."""
        if self.bars is not None:
            return self.bars
        return self.quarters_at(self.seconds) / float(self.meter.bar_beats)

    @property
    def whole_bars(self) -> int:
        """The number of bars, a fraction counted as one."""
        return math.ceil(self.length_bars - 1e-9)

    def samples(self, rate: int) -> int:
        """The length in samples at `rate`. Raises ScoreError for a rate out of range."""
        if self.bars is None:
            return _round_samples(Fraction(self.seconds), rate)
        return samples_for(self.bars, self.numerator, self.denominator, self.bpm, rate)

    def chord_at(self, seconds: float, *, ring_from_seconds: float | None = None) -> Chord | None:
        """The chord at a time; None without harmony, N.C. from `ring_from_seconds` on."""
        if not self.chords:
            return None
        if ring_from_seconds is not None and seconds >= ring_from_seconds:
            return NO_CHORD
        beats = self.quarters_at(seconds) % self.chords[-1].end_beats
        return next((span.chord for span in self.chords if beats < span.end_beats), self.chords[-1].chord)

    def chord_events(self, from_seconds: float, to_seconds: float) -> tuple[TimedChord, ...]:
        """The repeated progression, cut to the given stretch."""
        if not self.chords:
            return ()
        period = self.chords[-1].end_beats
        events: list[TimedChord] = []
        for turn in self._repetitions(from_seconds, to_seconds, period):
            for span in self.chords:
                start = max(self.seconds_at(turn * period + span.start_beats), from_seconds)
                end = min(self.seconds_at(turn * period + span.end_beats), to_seconds)
                if start < end:
                    events.append(TimedChord(start_seconds=start, end_seconds=end, chord=span.chord))
        return tuple(events)

    def beat_events(self, from_seconds: float, to_seconds: float) -> tuple[Beat, ...]:
        """The beats of all bars that overlap the given stretch, and of one more bar."""
        beats_per_bar = self.numerator // self.meter.beat_units
        quarters = self.meter.beat_quarters
        return tuple(
            Beat(seconds=self._beat_at(bar * beats_per_bar + beat), starts_bar=beat == 0, quarters=quarters)
            for bar in self._repetitions(from_seconds, to_seconds, beats_per_bar * quarters)
            for beat in range(beats_per_bar)
        )

    def bar_line(self, bar: int, rate: int) -> int:
        """The sample at which a bar, counted from 0, begins."""
        quarters = bar * self.meter.bar_beats
        if not self.beat_seconds:
            return round(quarters * 60 / Fraction(self.bpm) * rate)
        return round(self.timeline.seconds_at(float(quarters)) * rate)

    def with_notes(self, notes: Iterable[BeatNote]) -> Score:
        """The same piece with other notes, in quarter notes. Raises ScoreError."""
        return replace(self, notes=_checked_notes(self.timed(notes)))

    def timed(self, notes: Iterable[BeatNote]) -> tuple[Note, ...]:
        """Notes in quarter notes, as they are heard in this piece."""
        return timed_notes(notes, self.seconds_at)

    def in_quarters(self, notes: Iterable[Note]) -> tuple[BeatNote, ...]:
        """Notes of this piece in quarter notes, by their onsets."""
        return tuple(
            sorted(
                (
                    round(self.quarters_at(note.onset_seconds), 6),
                    round(self.quarters_at(note.end_seconds), 6),
                    note.pitch,
                    note.velocity,
                )
                for note in notes
            )
        )

    # At a steady tempo all is multiplied in the order that it ever was: takes come back to the sample.

    def seconds_at(self, quarters: float) -> float:
        """The second at which a quarter note is heard."""
        if not self.beat_seconds:
            return quarters * (60 / self.bpm)
        return self.timeline.seconds_at(quarters)

    def quarters_at(self, seconds: float) -> float:
        """The quarter note, or a fraction of one, that is heard at a second."""
        if not self.beat_seconds:
            return seconds * self.bpm / 60
        return self.timeline.quarters_at(seconds)

    def _beat_at(self, number: int) -> float:
        if not self.beat_seconds:
            return number * (240 * self.meter.beat_units / self.denominator / self.bpm)
        return self.timeline.seconds_at(number * self.meter.beat_quarters)

    def _repetitions(self, from_seconds: float, to_seconds: float, period_quarters: float) -> range:
        """The repetitions of a period, counted from the first bar line, that overlap the given stretch."""
        if not self.beat_seconds:
            period_seconds = period_quarters * (60 / self.bpm)
            first, last = from_seconds / period_seconds, to_seconds / period_seconds
        else:
            first, last = (self.quarters_at(edge) / period_quarters for edge in (from_seconds, to_seconds))
        return range(math.floor(first), math.ceil(last) + 1)


def timed_notes(notes: Iterable[BeatNote], seconds_at: Callable[[float], float]) -> tuple[Note, ...]:
    """Convert notes from quarter notes to seconds."""
    return tuple(
        Note(onset_seconds=seconds_at(onset), end_seconds=seconds_at(end), pitch=pitch, velocity=velocity)
        for onset, end, pitch, velocity in notes
    )


def samples_for(bars: float, numerator: int, denominator: int, bpm: float, rate: int) -> int:
    """round(bars * 4 * numerator / denominator * 60 / bpm * rate), exact. Raises ScoreError."""
    _require("bars", bars)
    _require("bpm", bpm)
    _require_meter(numerator, denominator)
    return _round_samples(_bars_to_seconds(bars, numerator, denominator, bpm), rate)


def make_score(
    *,
    bars: float | None = None,
    seconds: float | None = None,
    bpm: float,
    numerator: int = 4,
    denominator: int = 4,
    chords: str = "",
    key: str = "",
    notes: Iterable[Note] = (),
    sounds: Iterable[str] = (),
    part: str = "",
    feel: Feel = ANY_FEEL,
    beat_seconds: Iterable[float] = (),
) -> Score:
    """Create a checked score, of `bars` or of `seconds`; empty values are left open.

    Raises ScoreError for a value out of range or an unknown sound or part, and ChordError for chords that
    cannot be parsed.
    """
    _require("bpm", bpm)
    _require_meter(numerator, denominator)
    meter = Meter(numerator=int(numerator), denominator=int(denominator))
    return Score(
        seconds=_length_seconds(bars, seconds, numerator, denominator, bpm),
        bars=bars,
        bpm=bpm,
        numerator=meter.numerator,
        denominator=meter.denominator,
        chords=parse_chords(chords, key=key, meter=meter),
        notes=_checked_notes(notes),
        sounds=tuple(require_sound(name) for name in sounds),
        part=require_part(part) if part else "",
        feel=_checked_feel(feel),
        key=key,
        beat_seconds=check_beat_seconds(tuple(beat_seconds)),
    )


def _length_seconds(
    bars: float | None, seconds: float | None, numerator: int, denominator: int, bpm: float
) -> float:
    if bars is not None and seconds is None:
        _require("bars", bars)
        length = float(_bars_to_seconds(bars, numerator, denominator, bpm))
        if length > limits.SECONDS.high:
            raise ScoreError(
                f"bars: {bars:g} at {bpm:g} bpm are {length:.0f} seconds, expected at most "
                f"{limits.SECONDS.high:g}; ask for fewer bars"
            )
        return length
    if seconds is not None and bars is None:
        _require("seconds", seconds)
        return float(seconds)
    raise ScoreError(
        f"length: got bars {bars} and seconds {seconds}, expected one of the two; leave the other out"
    )


def _bars_to_seconds(bars: float, numerator: int, denominator: int, bpm: float) -> Fraction:
    return Fraction(bars) * 4 * int(numerator) / int(denominator) * 60 / Fraction(bpm)


def _round_samples(seconds: Fraction, rate: int) -> int:
    _require("rate", rate)
    return round(seconds * rate)


def _checked_notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    checked = tuple(notes)
    if len(checked) > MAX_NOTES:
        raise ScoreError(f"notes: got {len(checked)}, expected at most {MAX_NOTES}; give a shorter clip")
    for number, note in enumerate(checked, start=1):
        _require("pitch", note.pitch, f"note {number}: pitch")
        _require("velocity", note.velocity, f"note {number}: velocity")
        if not (0 <= note.onset_seconds <= note.end_seconds <= 2 * limits.SECONDS.high):
            raise ScoreError(
                f"note {number}: from {note.onset_seconds} to {note.end_seconds} seconds, expected "
                f"an onset from 0 on and an end after it; both within {2 * limits.SECONDS.high:g} seconds"
            )
    return checked


def _checked_feel(feel: Feel) -> Feel:
    for name, value in feel.asked().items():
        _require(name, value)
    return feel


def _require(field: str, value: float, name: str = "") -> None:
    low, high = _RANGES[field]
    # The comparison is written so that NaN fails it.
    if not low <= value <= high:
        raise ScoreError(f"{name or field}: got {value}, expected {low:g} to {high:g}")


def _require_meter(numerator: int, denominator: int) -> None:
    _require("numerator", numerator)
    if numerator != int(numerator) or denominator not in limits.DENOMINATORS:
        allowed = ", ".join(map(str, limits.DENOMINATORS))
        raise ScoreError(
            f"meter: got {numerator}/{denominator}, expected a whole number over one of {allowed}, "
            "for example 6/8"
        )
