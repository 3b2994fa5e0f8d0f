"""Chords, beats and notes -> the frame-rate control tensor that steers the U-Net.

Letters: K controls, T frames, N events. `msanii.frame_grid` says how events fall on frames.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from msanii.chords import Chord
from msanii.config import ControlGroup
from msanii.errors import ControlError
from msanii.frame_grid import FloatArray, FrameGrid
from msanii.score import Score

LOWEST_PITCH = 21
PITCHES = 88
WIDTHS = {"chords": 24, "beat": 4, "notes": 2 * PITCHES}
CHORD_COLUMNS = 15
BEAT_COLUMNS = 2
NOTE_COLUMNS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """What a piece plays and when, as arrays. None means unknown; an empty array means there is none.

    chords (N, 15): start seconds, end seconds, root 0 to 11 (-1 for N.C.), then twelve tones from C, 0 or 1.
    beats (N, 2): seconds, and 1 where a bar starts; rising, the spacing may be uneven.
    notes (N, 4): onset seconds, end seconds, MIDI pitch, velocity.
    """

    chords: FloatArray | None = None
    beats: FloatArray | None = None
    notes: FloatArray | None = None

    def known(self) -> frozenset[str]:
        """The names of the control groups that these events can fill."""
        values = {"chords": self.chords, "beat": self.beats, "notes": self.notes}
        return frozenset(name for name, value in values.items() if value is not None)


def events_to_controls(
    events: Events,
    groups: Sequence[ControlGroup],
    frames: int,
    *,
    seconds_per_frame: float = 1024 / 44_100,
    start_seconds: float = 0.0,
    circular: bool = False,
    present: Iterable[str] | None = None,
) -> Tensor:
    """The control tensor (K, T), float32, of `frames` frames from `start_seconds` on.

    Each group of `groups`, in order, gets its features and then one row that is 1 where the group is present.
    `present` names the groups to show (None: all that both the events and the model know); the others are all
    zero. `circular` joins the last frame to the first, so that what crosses the end goes on at the start.
    Notes outside the piano's 88 keys have no row and leave no trace.
    Raises ControlError where `present` asks for what the model or the events lack, or an array is misshapen.
    """
    shown = _groups_to_show(events, groups, present)
    grid = FrameGrid(frames, seconds_per_frame, start_seconds, circular)
    rows: list[FloatArray] = []
    for group in groups:
        if group.name in shown:
            rows += [_features(group.name, events, grid), np.ones((1, frames))]
        else:
            rows.append(np.zeros((group.width + 1, frames)))
    stacked = np.concatenate(rows) if rows else np.zeros((0, frames))
    return torch.from_numpy(stacked.astype(np.float32))


def control_tensor(
    score: Score,
    groups: Sequence[ControlGroup],
    frames: int,
    *,
    hop: int = 1024,
    rate: int = 44_100,
    start_seconds: float = 0.0,
    present: Iterable[str] | None = None,
    ring_from_seconds: float | None = None,
    circle_samples: int | None = None,
) -> Tensor:
    """The control tensor (K, T), float32, of `score` at a frame every `hop` samples of `rate`.

    `present` None shows the beat where the model knows it, the chords and the notes where the score has them.
    From `ring_from_seconds` on there is no chord and no note, so that the last ones decay. With
    `circle_samples` the frames lie evenly on a loop of that many samples, starting at `start_seconds`.
    Raises ControlError where the score has what the model has no control for.
    """
    samples_per_frame = hop if circle_samples is None else circle_samples / frames
    seconds_per_frame = samples_per_frame / rate
    if present is None:
        asked = {"chords"} if score.chords else set()
        asked |= {"notes"} if score.notes else set()
        present = asked | ({"beat"} & {group.name for group in groups})
    events = _score_events(
        score, start_seconds, start_seconds + frames * seconds_per_frame, ring_from_seconds
    )
    if circle_samples is None and events.chords is not None and len(events.chords):
        # The half cell before the first centre belongs to the first chord, not to a repetition never heard.
        events.chords[0, 0] -= seconds_per_frame
    return events_to_controls(
        events,
        groups,
        frames,
        seconds_per_frame=seconds_per_frame,
        start_seconds=start_seconds,
        circular=circle_samples is not None,
        present=present,
    )


def chord_rows(chords: Iterable[tuple[float, float, Chord]]) -> FloatArray:
    """(N, 15): start seconds, end seconds and chord as `Events.chords` holds them."""
    rows = []
    for start, end, chord in chords:
        tones = [float(tone in chord.tones) for tone in range(12)]
        rows.append([start, end, -1.0 if chord.root is None else float(chord.root), *tones])
    return np.array(rows, dtype=np.float64).reshape(-1, CHORD_COLUMNS)


def _score_events(
    score: Score, from_seconds: float, to_seconds: float, ring_from_seconds: float | None
) -> Events:
    """What the score plays between the two times, as arrays; nothing but the beat after the ring begins."""
    ring = math.inf if ring_from_seconds is None else ring_from_seconds
    stop = min(to_seconds, ring)
    timed = [
        (span.start_seconds, span.end_seconds, span.chord) for span in score.chord_events(from_seconds, stop)
    ]
    beats = [[beat.seconds, float(beat.starts_bar)] for beat in score.beat_events(from_seconds, to_seconds)]
    notes = [
        [note.onset_seconds, min(note.end_seconds, ring), note.pitch, note.velocity]
        for note in score.notes
        if note.onset_seconds < stop
    ]
    return Events(
        chords=chord_rows(timed) if score.chords else None,
        beats=np.array(beats, dtype=np.float64),
        notes=np.array(notes, dtype=np.float64).reshape(-1, NOTE_COLUMNS) if score.notes else None,
    )


def _groups_to_show(
    events: Events, groups: Sequence[ControlGroup], present: Iterable[str] | None
) -> frozenset[str]:
    names = [group.name for group in groups]
    wanted = events.known() & frozenset(names) if present is None else frozenset(present)
    for name in sorted(wanted):
        require_control(name, names)
        if name not in events.known():
            raise ControlError(f"control `{name}`: there is nothing to show in it; leave it out")
    for group in groups:
        if group.name in wanted and group.width != WIDTHS[group.name]:
            raise ControlError(
                f"control `{group.name}`: the model's is {group.width} wide, this version of msanii makes "
                f"{WIDTHS[group.name]}; install the version that trained the model"
            )
    return wanted


def require_control(name: str, known: Sequence[str]) -> None:
    """Raise ControlError unless the model's groups, `known`, contain `name`."""
    if name not in known:
        has = "it has " + ", ".join(f"`{other}`" for other in known) if known else "it has no controls at all"
        raise ControlError(f"this model has no `{name}` control ({has}); leave it out or use another model")


def _features(name: str, events: Events, grid: FrameGrid) -> FloatArray:
    if name == "chords":
        return _chord_features(_checked("chords", events.chords, CHORD_COLUMNS), grid)
    if name == "beat":
        return _beat_features(_checked("beats", events.beats, BEAT_COLUMNS), grid)
    return _note_features(_checked("notes", events.notes, NOTE_COLUMNS), grid)


def _checked(name: str, values: ArrayLike | None, columns: int) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        return np.zeros((0, columns))
    if array.ndim != 2 or array.shape[1] != columns:
        raise ControlError(f"{name}: got an array of shape {array.shape}, expected (N, {columns})")
    if not np.isfinite(array).all():
        raise ControlError(f"{name}: holds a value that is not a finite number")
    return array


def _chord_features(chords: FloatArray, grid: FrameGrid) -> FloatArray:
    """(24, T): the root as one of twelve, then the chord tones; N.C. and gaps are zero."""
    named = chords[chords[:, 2] >= 0]
    roots = named[:, 2].astype(np.intp)
    event, tone = np.nonzero(named[:, 3:])
    row = np.concatenate([roots, 12 + tone])
    source = np.concatenate([np.arange(len(named)), event])
    return np.clip(grid.coverage(24, row, named[source, 0], named[source, 1]), 0.0, 1.0)


def _beat_features(beats: FloatArray, grid: FrameGrid) -> FloatArray:
    """(4, T): sine and cosine of the phase within the beat, then of the phase within the bar."""
    if len(beats) < 2 or not (np.diff(beats[:, 0]) > 0).all():
        raise ControlError(f"beats: got {len(beats)}, expected at least two in rising order")
    bars = np.flatnonzero(beats[:, 1] > 0.5)
    if len(bars) == 0:
        raise ControlError("beats: none of them starts a bar, so the bar's phase is unknown")
    beat = _interpolated(grid.centres_seconds(), beats[:, 0], np.arange(len(beats), dtype=np.float64))
    bar = _interpolated_bars(beat, bars.astype(np.float64), len(beats))
    angles = 2 * math.pi * np.stack([beat, bar])
    sine, cosine = np.sin(angles), np.cos(angles)
    return np.stack([sine[0], cosine[0], sine[1], cosine[1]])


def _interpolated_bars(beat: FloatArray, bars: FloatArray, beats: int) -> FloatArray:
    """The position in bars at each position in beats; a lone bar holds all that follows its start."""
    if len(bars) == 1:
        bars = np.array([bars[0], max(beats - bars[0], 1.0) + bars[0]])
    return _interpolated(beat, bars, np.arange(len(bars), dtype=np.float64))


def _interpolated(at: FloatArray, known: FloatArray, values: FloatArray) -> FloatArray:
    """Linear between the known points; beyond them the first and the last step go on."""
    inside = np.interp(at, known, values)
    before = (at - known[0]) / (known[1] - known[0])
    after = values[-1] + (at - known[-1]) / (known[-1] - known[-2])
    result: FloatArray = np.select([at < known[0], at > known[-1]], [before, after], inside)
    return result


def _note_features(notes: FloatArray, grid: FrameGrid) -> FloatArray:
    """(176, T): what is held, then what begins, each for the piano's 88 keys from A0 up."""
    key = np.round(notes[:, 2]).astype(np.intp) - LOWEST_PITCH
    played = notes[(key >= 0) & (key < PITCHES)]
    key = key[(key >= 0) & (key < PITCHES)]
    held = grid.coverage(PITCHES, key, played[:, 0], played[:, 1])
    begun = grid.impulses(PITCHES, key, played[:, 0])
    features: FloatArray = np.clip(np.concatenate([held, begun]), 0.0, 1.0)
    return features
