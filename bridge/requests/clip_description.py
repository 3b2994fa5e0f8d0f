"""Descriptions of clips in the DAW, written by the Max for Live device, and their warped timeline.

A warp marker ties a position in the file (seconds) to a beat. Between two markers the tempo is constant;
outside them that of the nearest pair continues, as in Live. The list includes Live's hidden last marker.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bridge.messages import BridgeError
from bridge.parameters import MAX_SECONDS
from bridge.time_stretch import HIGHEST_RATIO, LOWEST_RATIO
from bridge.values import first_problem

LARGEST_BYTES = 1_000_000
RE_PITCH = 3
MOST_PIECES = 2048
MOST_CHANNELS = 8
HIGHEST_RATE = 384_000
# Ten minutes in stereo at 48 kHz. What is read and what it becomes are each in memory for a moment.
LARGEST_AUDIO_BYTES = 1 << 28
# Context on each side that is stretched along with a piece, to avoid edge artefacts.
CONTEXT_SECONDS = 0.2
_SAMPLE_BYTES = 4
_SAME_TEMPO = 1e-6

_Place = Annotated[float, Field(ge=-1e7, le=1e7)]


class WarpMarker(BaseModel):
    """Ties a position in the file, `sample_time` in seconds, to a beat of the clip."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    sample_time: _Place
    beat_time: _Place


class HeardClip(BaseModel):
    """A clip, and the regions of it that play one after the other.

    `regions` are (begin, end), as in Live: in beats of the clip if `warping`, otherwise in seconds of the
    file. `warp_mode` is Live's number; `tempo` is in quarter notes per minute. The source is called `name`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    path: str = Field(min_length=1, max_length=4096)
    name: str = Field("", max_length=256)
    warping: bool
    warp_mode: int = 0
    warp_markers: tuple[WarpMarker, ...] = Field((), max_length=4096)
    regions: tuple[tuple[_Place, _Place], ...] = Field(min_length=1, max_length=MOST_PIECES)
    semitones: float = Field(0.0, ge=-48, le=48)
    cents: float = Field(0.0, ge=-500, le=500)
    gain_db: float = Field(0.0, ge=-200, le=60)
    tempo: float = Field(ge=20, le=999)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if any(begin >= end for begin, end in self.regions):
            raise ValueError("`regions`: each must end after it begins")
        if self.warping:
            beats = [marker.beat_time for marker in self.warp_markers]
            places = [marker.sample_time for marker in self.warp_markers]
            if len(beats) < 2 or not (_is_rising(beats) and _is_rising(places)):
                raise ValueError("`warp_markers`: expected two or more that rise in both times")
        return self

    @property
    def transposition(self) -> float:
        """The transposition in semitones, including cents."""
        return self.semitones + self.cents / 100

    @property
    def is_tape(self) -> bool:
        """Whether speed and pitch change together: unwarped, or in warp mode Re-Pitch."""
        return not self.warping or self.warp_mode == RE_PITCH


def parse_clip(data: bytes, name: str) -> HeardClip:
    """Parse the JSON description of a clip; `name` is that of the file, for error messages.

    Raises:
        BridgeError: `source` if it is not a valid description.
    """
    if len(data) > LARGEST_BYTES:
        raise source_error(name, f"larger than {LARGEST_BYTES} bytes, so no description of a clip")
    try:
        return HeardClip.model_validate_json(data)
    except ValidationError as error:
        raise source_error(
            name, f"no description of a clip that can be read ({first_problem(error)}); choose the clip again"
        ) from error


@dataclass(frozen=True, slots=True)
class Piece:
    """A section of the file, `begin` to `end` in seconds, that plays for `samples` samples."""

    begin: float
    end: float
    samples: int

    @property
    def seconds(self) -> float:
        return self.end - self.begin


def pieces_of(clip: HeardClip, rate: int, channels: int) -> list[Piece]:
    """Return the sections of a file at `rate` hertz that play, in order.

    Warped, they last round(beats * 60 / tempo * rate) samples in total; unwarped, as long as the regions,
    played faster or slower by the transposition.

    Raises:
        BridgeError: `source` if they are too long, too short, outside the range of stretch ratios, or would
            take more memory than `LARGEST_AUDIO_BYTES`.
    """
    name = Path(clip.path).name
    if channels > MOST_CHANNELS:
        raise source_error(name, f"{channels} channels, expected at most {MOST_CHANNELS}; mix it down")
    if rate > HIGHEST_RATE:
        raise source_error(name, f"{rate} Hz, expected at most {HIGHEST_RATE}; convert it")
    pieces = _warped_pieces(clip, rate) if clip.warping else _unwarped_pieces(clip, rate)
    _check(pieces, rate, name)
    _check_bytes(pieces, rate, channels, name)
    return [piece for piece in pieces if piece.samples]


def _warped_pieces(clip: HeardClip, rate: int) -> list[Piece]:
    """Split at tempo changes; lengths are differences of rounded positions, so their sum is exact."""
    beats = [marker.beat_time for marker in clip.warp_markers]
    seconds = [marker.sample_time for marker in clip.warp_markers]
    samples_per_beat = 60 / clip.tempo * rate
    pieces, heard_beats = [], 0.0
    for begin, end in clip.regions:
        borders = [begin, *_changes(beats, seconds, begin, end), end]
        for first, last in pairwise(borders):
            start = round(heard_beats * samples_per_beat)
            heard_beats += last - first
            stop = round(heard_beats * samples_per_beat)
            pieces.append(Piece(_place(beats, seconds, first), _place(beats, seconds, last), stop - start))
        if len(pieces) > MOST_PIECES:
            what = f"its tempo changes more than {MOST_PIECES} times"
            raise source_error(Path(clip.path).name, f"{what}; shorten the part that is heard")
    return pieces


def _changes(beats: Sequence[float], seconds: Sequence[float], begin: float, end: float) -> list[float]:
    """Return the beats inside a region at which the tempo changes."""
    changes = []
    for index in range(1, len(beats) - 1):
        before = _slope(beats, seconds, index - 1)
        after = _slope(beats, seconds, index)
        if begin < beats[index] < end and abs(after / before - 1) > _SAME_TEMPO:
            changes.append(beats[index])
    return changes


def _slope(beats: Sequence[float], seconds: Sequence[float], index: int) -> float:
    """Return the seconds of the file per beat after a marker."""
    return (seconds[index + 1] - seconds[index]) / (beats[index + 1] - beats[index])


def _place(beats: Sequence[float], seconds: Sequence[float], beat: float) -> float:
    """Return the position of a beat in the file, in seconds, extrapolated outside the markers."""
    index = min(max(bisect_right(beats, beat) - 1, 0), len(beats) - 2)
    return seconds[index] + (beat - beats[index]) * _slope(beats, seconds, index)


def _unwarped_pieces(clip: HeardClip, rate: int) -> list[Piece]:
    speed = 2 ** (clip.transposition / 12)
    pieces, heard_seconds = [], 0.0
    for begin, end in clip.regions:
        start = round(heard_seconds * rate)
        heard_seconds += (end - begin) / speed
        pieces.append(Piece(begin, end, round(heard_seconds * rate) - start))
    return pieces


def _check(pieces: Sequence[Piece], rate: int, name: str) -> None:
    heard_seconds = sum(piece.samples for piece in pieces) / rate
    longest = max(heard_seconds, sum(piece.seconds for piece in pieces))
    if longest > MAX_SECONDS:
        what = f"{longest:.0f} seconds are heard, expected at most {MAX_SECONDS:.0f}"
        raise source_error(name, f"{what}; shorten the clip's loop")
    if not any(piece.samples for piece in pieces):
        raise source_error(name, "the clip's loop is too short to hold a single sample; make it longer")
    for piece in pieces:
        ratio = piece.samples / (piece.seconds * rate)
        if piece.samples and not LOWEST_RATIO <= ratio <= HIGHEST_RATIO:
            where = f"between {piece.begin:.2f} and {piece.end:.2f} s its warp markers"
            what = f"{where} ask for {ratio:.3g} times the length"
            allowed = f"expected {LOWEST_RATIO:.3g} to {HIGHEST_RATIO:g}"
            raise source_error(name, f"{what}, {allowed}; move the markers")


def _check_bytes(pieces: Sequence[Piece], rate: int, channels: int, name: str) -> None:
    """Check the size of the whole, and of the largest piece with its context, before and after stretching."""
    largest = 0.0
    for piece in pieces:
        read = piece.seconds + 2 * CONTEXT_SECONDS
        largest = max(largest, read * rate, read / piece.seconds * piece.samples)
    samples = max(largest, sum(piece.samples for piece in pieces))
    size_bytes = round(samples) * channels * _SAMPLE_BYTES
    if size_bytes > LARGEST_AUDIO_BYTES:
        what = (
            f"takes {size_bytes / 1e6:.0f} MB in memory at {rate} Hz in {channels} channels, expected at "
            f"most {LARGEST_AUDIO_BYTES / 1e6:.0f}; shorten the clip's loop, or convert the file to "
            "stereo at 48 kHz"
        )
        raise source_error(name, what)


def source_error(name: str, what: str) -> BridgeError:
    """Return the error for a source that cannot be used, with the reason `what`."""
    return BridgeError("source", f"source `{name}`: {what}")


def _is_rising(numbers: Sequence[float]) -> bool:
    return all(before < after for before, after in pairwise(numbers))
