"""Features of each control group: what its rows mean.

Letters: T frames, N events. `msanii.controls.frame_grid` maps events to frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from msanii.config import ControlGroup
from msanii.controls.frame_grid import FloatArray, FrameGrid, IndexArray
from msanii.errors import ControlError
from msanii.music.chords import Chord
from msanii.music.score import ANY_FEEL, Feel
from msanii.music.sounds import PARTS, SOUNDS, known_sounds, require_part

LOWEST_PITCH = 21
PITCHES = 88
CHORD_COLUMNS = 16
BEAT_COLUMNS = 3
NOTE_COLUMNS = 4
_BAR_BEATS = (2, 3, 4, 5, 6, 7, 8)
_BEAT_UNITS = (0.5, 1.0, 1.5)
# Offset and scale of each feel: the value that maps to 0, and the step that maps to 1.
_FEEL_SCALES = {
    "swing": (0.5, 0.2),
    "density": (0.0, 3.0),  # in octaves
    "register": (60.0, 24.0),
    "dynamics": (64.0, 40.0),
}
# Groups whose rows are only ever appended to; an older model has the first ones.
APPENDED = ("sound", "part")
# Onsets closer than this are one stroke.
_ONE_STROKE_SECONDS = 0.04


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """A piece's events. None means unknown; an empty array means that there are none.

    chords (N, 16): start seconds, end seconds, root 0 to 11 (-1 for N.C.), bass note, then twelve tones from
    C, 0 or 1.

    beats (N, 3): seconds, 1 where a bar starts, the beat's length in quarter notes; ascending, maybe unevenly
    spaced.

    notes (N, 4): onset seconds, end seconds, MIDI pitch, velocity.

    sounds and part: names of `msanii.music.sounds`; feel: how the piece is
    played.
    """

    chords: FloatArray | None = None
    beats: FloatArray | None = None
    notes: FloatArray | None = None
    sounds: tuple[str, ...] | None = None
    part: str | None = None
    feel: Feel = ANY_FEEL

    def known(self) -> frozenset[str]:
        """The control groups that these events can fill."""
        values = {
            "chords": self.chords,
            "beat": self.beats,
            "notes": self.notes,
            "velocity": self.notes,
            "sound": self.sounds,
            "part": self.part,
            "feel": self.feel.asked() or None,
        }
        return frozenset(name for name, value in values.items() if value is not None)


def group_features(group: ControlGroup, events: Events, grid: FrameGrid) -> FloatArray:
    """A group's features (group.width, T).

    Raises ControlError for a misshapen array, an unknown width, or a sound that the model does not know: it
    knows the first ones, as many as its group is wide.
    """
    if group.name == "sound":
        require_known(events.sounds or (), known_sounds([group]))
    features = _FEATURES[group.name](events, grid)
    if group.name == "chords" and group.width == 24:
        # An older model, without rows for the bass note.
        return np.concatenate([features[:12], features[24:]])
    is_older = group.name in APPENDED or (group.name, group.width) == ("beat", 4)
    if group.width != len(features) and not (is_older and group.width < len(features)):
        raise ControlError(
            f"control `{group.name}`: the model's is {group.width} wide, this version of msanii makes "
            f"{len(features)}; install the version that trained the model"
        )
    return features[: group.width]


def chord_rows(chords: Iterable[tuple[float, float, Chord]]) -> FloatArray:
    """(N, 16): start seconds, end seconds and chord, as in `Events.chords`."""
    rows = []
    for start, end, chord in chords:
        tones = [float(tone in chord.tones) for tone in range(12)]
        low = (-1.0, -1.0) if chord.root is None else (float(chord.root), float(chord.bass or 0))
        rows.append([start, end, *low, *tones])
    return np.array(rows, dtype=np.float64).reshape(-1, CHORD_COLUMNS)


def measured_feel(notes: FloatArray, quarters: float, swing: float | None, *, pitched: bool) -> Feel:
    """Measure the feel of notes (N, 4) over `quarters` quarter notes; the swing is passed through.

    Drums have no register. Without notes only the swing is known.
    """
    if not len(notes) or quarters <= 0:
        return Feel(swing=swing)
    onsets = np.sort(notes[:, 0])
    strokes = 1 + int((np.diff(onsets) > _ONE_STROKE_SECONDS).sum())
    return Feel(
        swing=swing,
        density=strokes / quarters,
        register=float(notes[:, 2].mean()) if pitched else None,
        dynamics=float(notes[:, 3].mean()),
    )


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
    """(36, T): root, bass note and chord tones, twelve rows each; zero for N.C. and gaps."""
    named = chords[chords[:, 2] >= 0]
    everyone = np.arange(len(named))
    event, tone = np.nonzero(named[:, 4:])
    row = np.concatenate([named[:, 2].astype(np.intp), 12 + named[:, 3].astype(np.intp), 24 + tone])
    source = np.concatenate([everyone, everyone, event])
    return np.clip(grid.coverage(36, row, named[source, 0], named[source, 1]), 0.0, 1.0)


def _beat_features(beats: FloatArray, grid: FrameGrid) -> FloatArray:
    """(15, T): sine and cosine of the phase in the beat, the same in the bar, then the meter.

    The meter is the number of beats in the bar (one-hot over _BAR_BEATS, or all zero), the beat's length
    (one-hot over _BEAT_UNITS) and the tempo in octaves above 120 quarter notes per minute.
    """
    if len(beats) < 2 or not (np.diff(beats[:, 0]) > 0).all():
        raise ControlError(f"beats: got {len(beats)}, expected at least two in rising order")
    bars = np.flatnonzero(beats[:, 1] > 0.5)
    if len(bars) == 0:
        raise ControlError("beats: none of them starts a bar, so the bar's phase is unknown")
    beat = _interpolated(grid.centres_seconds(), beats[:, 0], np.arange(len(beats), dtype=np.float64))
    bar = _interpolated_bars(beat, bars.astype(np.float64), len(beats))
    angles = 2 * math.pi * np.stack([beat, bar])
    sine, cosine = np.sin(angles), np.cos(angles)
    return np.concatenate([[sine[0], cosine[0], sine[1], cosine[1]], _meter_features(beats, bars, beat)])


def _meter_features(beats: FloatArray, bars: IndexArray, beat: FloatArray) -> FloatArray:
    """(11, T), at each position in `beat`."""
    nearest = np.clip(np.floor(beat + 1e-9).astype(np.intp), 0, len(beats) - 2)
    if len(bars) > 1:
        here = np.clip(np.searchsorted(bars, nearest, side="right") - 1, 0, len(bars) - 2)
        per_bar = np.diff(bars)[here]
    else:
        per_bar = np.full(len(beat), max(len(beats) - int(bars[0]), 1))
    unit = beats[nearest, 2]
    quarters_per_minute = 60 * unit / np.diff(beats[:, 0])[nearest]
    rows = [per_bar == count for count in _BAR_BEATS] + [np.isclose(unit, length) for length in _BEAT_UNITS]
    return np.stack([*(row.astype(np.float64) for row in rows), np.log2(quarters_per_minute / 120)])


def _interpolated_bars(beat: FloatArray, bars: FloatArray, beats: int) -> FloatArray:
    """The position in bars at each position in beats; a lone bar holds all beats after its start."""
    if len(bars) == 1:
        bars = np.array([bars[0], max(beats - bars[0], 1.0) + bars[0]])
    return _interpolated(beat, bars, np.arange(len(bars), dtype=np.float64))


def _interpolated(at: FloatArray, known: FloatArray, values: FloatArray) -> FloatArray:
    """Interpolate linearly between the known points; extrapolate with the first and the last step."""
    inside = np.interp(at, known, values)
    before = (at - known[0]) / (known[1] - known[0])
    after = values[-1] + (at - known[-1]) / (known[-1] - known[-2])
    result: FloatArray = np.select([at < known[0], at > known[-1]], [before, after], inside)
    return result


def _note_features(notes: FloatArray, grid: FrameGrid) -> FloatArray:
    """(176, T): held notes, then onsets, each for the 88 keys of a piano from A0 up."""
    played, key = _on_piano(notes)
    held = grid.coverage(PITCHES, key, played[:, 0], played[:, 1])
    begun = grid.impulses(PITCHES, key, played[:, 0])
    features: FloatArray = np.clip(np.concatenate([held, begun]), 0.0, 1.0)
    return features


def _on_piano(notes: FloatArray) -> tuple[FloatArray, IndexArray]:
    """The notes that a piano has, and their keys from 0."""
    key = np.round(notes[:, 2]).astype(np.intp) - LOWEST_PITCH
    known = (key >= 0) & (key < PITCHES)
    return notes[known], key[known]


def _velocity_features(notes: FloatArray, grid: FrameGrid) -> FloatArray:
    """(88, T): velocity / 127 where a note of that pitch is held, for a frame at least from its onset.

    Where notes of one pitch overlap it is their mean.
    """
    played, key = _on_piano(notes)
    start, end = played[:, 0], np.maximum(played[:, 1], played[:, 0] + grid.seconds_per_frame)
    loud = grid.coverage(PITCHES, key, start, end, np.clip(played[:, 3], 0, 127) / 127)
    return loud / np.maximum(grid.coverage(PITCHES, key, start, end), 1.0)


def _sound_features(events: Events, grid: FrameGrid) -> FloatArray:
    """(sounds, T): 1 for each sound that plays."""
    names = events.sounds or ()
    return _constant([float(name in names) for name in SOUNDS], grid)


def require_known(sounds: Iterable[str], known: Sequence[str]) -> None:
    """Raise ControlError for a sound that is none of those `known` to a model."""
    for name in sounds:
        if name not in known:
            raise ControlError(
                f"control `sound`: this model does not know `{name[:40]}`, expected one of "
                f"{', '.join(known)}; choose one of them or another model"
            )


def _part_features(events: Events, grid: FrameGrid) -> FloatArray:
    """(parts, T): 1 for the part."""
    part = require_part(events.part or "")
    return _constant([float(name == part) for name in PARTS], grid)


def _feel_features(events: Events, grid: FrameGrid) -> FloatArray:
    """(8, T): for swing, density, register and dynamics a value, about 0 to 1, and 1 if it is set."""
    asked = events.feel.asked()
    values: list[float] = []
    for name, (zero, one) in _FEEL_SCALES.items():
        if name in asked:
            value = math.log2(asked[name]) if name == "density" else asked[name]
            values += [(value - zero) / one, 1.0]
        else:
            values += [0.0, 0.0]
    return _constant(values, grid)


def _constant(values: list[float], grid: FrameGrid) -> FloatArray:
    return np.repeat(np.array(values)[:, None], grid.frames, axis=1)


_FEATURES: dict[str, Callable[[Events, FrameGrid], FloatArray]] = {
    "chords": lambda events, grid: _chord_features(_checked("chords", events.chords, CHORD_COLUMNS), grid),
    "beat": lambda events, grid: _beat_features(_checked("beats", events.beats, BEAT_COLUMNS), grid),
    "notes": lambda events, grid: _note_features(_checked("notes", events.notes, NOTE_COLUMNS), grid),
    "velocity": lambda events, grid: _velocity_features(_checked("notes", events.notes, NOTE_COLUMNS), grid),
    "sound": _sound_features,
    "part": _part_features,
    "feel": _feel_features,
}
