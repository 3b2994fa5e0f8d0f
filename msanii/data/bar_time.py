"""A POP909 song in bars of any meter: re-barred, in half or double time, or swung.

Positions are quarter notes from the song's first whole bar. All bars of a `BarSong` have the same length.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from msanii.data.pop909_song import Pop909Song
from msanii.errors import DataError
from msanii.music.chords import Chord

BEATS_PER_BAR = 4  # as in nearly every bar of POP909; the other bars are left out


@dataclass(frozen=True, slots=True)
class BarNote:
    """A note; times in quarter notes, velocity 1 to 127."""

    onset: float
    end: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class BarChord:
    """A chord; times in quarter notes."""

    start: float
    end: float
    chord: Chord


@dataclass(frozen=True, slots=True, kw_only=True)
class BarMeter:
    """A meter; `unit` is the length of a beat in quarter notes (see `msanii.music.score.beat_events`)."""

    numerator: int
    denominator: int
    unit: float

    @property
    def quarters(self) -> float:
        """The length of a bar in quarter notes."""
        return 4 * self.numerator / self.denominator

    @property
    def text(self) -> str:
        return f"{self.numerator}/{self.denominator}"


METERS = {
    meter.text: meter
    for meter in (
        BarMeter(numerator=4, denominator=4, unit=1.0),
        BarMeter(numerator=3, denominator=4, unit=1.0),
        BarMeter(numerator=6, denominator=8, unit=1.5),
        BarMeter(numerator=5, denominator=4, unit=1.0),
        BarMeter(numerator=7, denominator=8, unit=0.5),
    )
}
# The beats of a 4/4 bar that make each bar of another meter, in order; half a bar becomes a bar of 6/8.
_KEPT = {
    "4/4": (((0.0, 4.0),),),
    "3/4": (((0.0, 3.0),),),
    "6/8": (((0.0, 2.0),), ((2.0, 4.0),)),
    "5/4": (((0.0, 4.0), (2.0, 3.0)),),
    "7/8": (((0.0, 3.5),),),
}


@dataclass(frozen=True, kw_only=True)
class BarSong:
    """A song of `bars` equal bars; `tracks` by name, each sorted by onset."""

    meter: BarMeter
    bars: int
    tracks: dict[str, tuple[BarNote, ...]]
    chords: tuple[BarChord, ...]

    @property
    def quarters(self) -> float:
        """The length in quarter notes."""
        return self.bars * self.meter.quarters

    def excerpt(self, first_bar: int, bars: int) -> BarSong:
        """`bars` bars from `first_bar` on, without notes that begin earlier; longer notes are cut."""
        start = first_bar * self.meter.quarters
        end = start + bars * self.meter.quarters
        return self._moved((_Piece(start, end, 0.0),), self.meter, bars)

    def transposed(self, semitones: int) -> BarSong:
        """Transpose up by semitones, dropping notes that leave MIDI's range."""
        tracks = {
            name: tuple(
                replace(note, pitch=note.pitch + semitones)
                for note in notes
                if 0 <= note.pitch + semitones <= 127
            )
            for name, notes in self.tracks.items()
        }
        chords = tuple(replace(span, chord=span.chord.transposed(semitones)) for span in self.chords)
        return replace(self, tracks=tracks, chords=chords)

    def read_as(self, factor: float) -> BarSong:
        """Write the song in notes `factor` times as long: 2 is double time, 0.5 half time."""
        # In half time two bars make one; an odd last bar is dropped.
        bars = int(self.bars * factor + 1e-9)
        stretched = _warped(self, lambda position: position * factor)
        return replace(stretched, bars=bars)._until(bars * self.meter.quarters)

    def in_meter(self, name: str) -> BarSong:
        """Re-bar a 4/4 song by omitting or repeating beats, so that chords still fit the grid."""
        meter = METERS[name]
        pieces: list[_Piece] = []
        bars = 0
        for bar in range(self.bars):
            for kept in _KEPT[name]:
                here = bars * (sum(end - start for start, end in kept))
                for start, end in kept:
                    pieces.append(_Piece(bar * BEATS_PER_BAR + start, bar * BEATS_PER_BAR + end, here))
                    here += end - start
                bars += 1
        moved = self._moved(tuple(_joined(pieces)), meter, bars)
        if meter.unit != 1.5:
            return moved
        # A beat becomes a dotted quarter, and its second half falls on the third eighth, as in a shuffle.
        return _warped(moved, lambda position: 1.5 * _swung(position, 2 / 3))

    def swung(self, off_beat: float) -> BarSong:
        """Move the second eighth of each quarter to the share `off_beat`: 0.5 is straight, 2/3 a triplet."""
        return _warped(self, lambda position: _swung(position, off_beat))

    def _until(self, end: float) -> BarSong:
        return self._moved((_Piece(0.0, end, 0.0),), self.meter, self.bars)

    def _moved(self, pieces: Sequence[_Piece], meter: BarMeter, bars: int) -> BarSong:
        tracks = {
            name: tuple(sorted(_moved_notes(notes, pieces), key=lambda note: (note.onset, note.pitch)))
            for name, notes in self.tracks.items()
        }
        chords = tuple(_moved_chords(self.chords, pieces))
        return BarSong(meter=meter, bars=bars, tracks=tracks, chords=chords)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Moves the stretch from `start` to `end` to the position `to`."""

    start: float
    end: float
    to: float


def bar_song(performance: Pop909Song) -> BarSong:
    """The whole four-beat bars of a performance, joined, in the time of its annotated beats.

    Raises DataError if there are fewer than four.
    """
    seconds = np.array([beat for beat, _ in performance.beats])
    starts = [index for index, (_, starts_bar) in enumerate(performance.beats) if starts_bar]
    whole = [here for here, after in itertools.pairwise(starts) if after - here == BEATS_PER_BAR]
    if len(whole) < 4:
        raise DataError(f"beat_midi.txt: got {len(whole)} bars of {BEATS_PER_BAR} beats, expected 4 or more")

    def beat_at(time: float) -> float:
        return float(np.interp(time, seconds, np.arange(len(seconds), dtype=np.float64)))

    beats = BarSong(
        meter=METERS["4/4"],
        bars=0,
        tracks={
            name: tuple(
                BarNote(beat_at(onset), beat_at(end), pitch, velocity)
                for onset, end, pitch, velocity in notes
            )
            for name, notes in performance.notes_by_track().items()
        },
        chords=tuple(
            BarChord(beat_at(start), beat_at(end), chord) for start, end, chord in performance.chords
        ),
    )
    pieces = [
        _Piece(float(start), float(start + BEATS_PER_BAR), float(bar * BEATS_PER_BAR))
        for bar, start in enumerate(whole)
    ]
    return beats._moved(tuple(_joined(pieces)), METERS["4/4"], len(whole))


def swung_notes(song: BarSong, notes: tuple[BarNote, ...], off_beat: float) -> tuple[BarNote, ...]:
    """Notes of a song, swung as `BarSong.swung` does."""
    return replace(song, tracks={"": notes}).swung(off_beat).tracks[""] if off_beat != 0.5 else notes


def _joined(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Merge pieces that stay next to each other, so that notes may ring across."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and abs(last.end - piece.start) < 1e-9 and _meets(last, piece):
            joined[-1] = replace(last, end=piece.end)
        else:
            joined.append(piece)
    return joined


def _meets(last: _Piece, piece: _Piece) -> bool:
    return abs(last.to + last.end - last.start - piece.to) < 1e-9


def _moved_notes(notes: Sequence[BarNote], pieces: Sequence[_Piece]) -> list[BarNote]:
    onsets = np.array([note.onset for note in notes])
    moved: list[BarNote] = []
    for piece in pieces:
        # A note just before a bar line was played early and belongs to the next bar.
        first, last = np.searchsorted(onsets, [piece.start - 1e-3, piece.end - 1e-3])
        for note in notes[first:last]:
            onset = max(note.onset - piece.start, 0.0) + piece.to
            end = min(note.end, piece.end) - piece.start + piece.to
            if end > onset:
                moved.append(replace(note, onset=onset, end=end))
    return moved


def _moved_chords(chords: Sequence[BarChord], pieces: Sequence[_Piece]) -> list[BarChord]:
    ends = np.array([span.end for span in chords])
    moved: list[BarChord] = []
    for piece in pieces:
        for span in chords[int(np.searchsorted(ends, piece.start, side="right")) :]:
            if span.start >= piece.end:
                break
            start, end = max(span.start, piece.start), min(span.end, piece.end)
            if end - start > 1e-6:
                shift = piece.to - piece.start
                moved.append(BarChord(start + shift, end + shift, span.chord))
    return moved


def _swung(position: float, off_beat: float) -> float:
    beat, phase = divmod(position, 1.0)
    if phase < 0.5:
        return beat + phase * 2 * off_beat
    return beat + off_beat + (phase - 0.5) * 2 * (1 - off_beat)


def _warped(song: BarSong, at: Callable[[float], float]) -> BarSong:
    tracks = {
        name: tuple(replace(note, onset=at(note.onset), end=at(note.end)) for note in notes)
        for name, notes in song.tracks.items()
    }
    chords = tuple(BarChord(at(span.start), at(span.end), span.chord) for span in song.chords)
    return replace(song, tracks=tracks, chords=chords)
