"""Control tensor of the U-Net: a score or events, at frame rate.

Letters: K controls, T frames, N events. See `msanii.controls.frame_grid` for the frames and
`msanii.controls.features` for the rows of each group.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from msanii.config import ControlGroup
from msanii.controls.features import NOTE_COLUMNS, Events, chord_rows, group_features
from msanii.controls.frame_grid import FloatArray, FrameGrid
from msanii.errors import ControlError
from msanii.music.drum_kit import known_drum
from msanii.music.midi_notes import DRUMS
from msanii.music.score import Score

__all__ = ["Events", "control_tensor", "events_to_controls", "require_control"]


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

    Each of `groups`, in order, has its features and then a row that is 1 if the group is present. `present`
    names the groups to show (None: all that both the events and the model know); all others are zero.
    `circular` joins the last frame to the first, so that an event that crosses the end continues at the
    start. Notes outside the piano's 88 keys are ignored. Raises ControlError if `present` names a group that
    the model or the events lack, or if an array is misshapen.
    """
    shown = _groups_to_show(events, groups, present)
    grid = FrameGrid(frames, seconds_per_frame, start_seconds, circular)
    rows: list[FloatArray] = []
    for group in groups:
        if group.name in shown:
            rows += [group_features(group, events, grid), np.ones((1, frames))]
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
    """The control tensor (K, T), float32, of `score`, with a frame every `hop` samples at `rate`.

    `present` None shows everything that the score sets, and the beat if score and model know it. Notes are
    shown with their velocities by a model that has them. From
    `ring_from_seconds` on there are no chords and notes, so that the last ones decay. With `circle_samples`
    the frames are spread evenly over a loop of that many samples, from `start_seconds` on. A drum that no
    model has learned is shown as the one that is most like it (`msanii.music.drum_kit`), unless the score
    says otherwise. Raises ControlError if the score sets something that the model has no control for.
    """
    samples_per_frame = hop if circle_samples is None else circle_samples / frames
    seconds_per_frame = samples_per_frame / rate
    if present is None:
        beat = {"beat"} & {group.name for group in groups} if score.knows_beat else set()
        present = score.asked() | beat
    if "notes" in present:
        present = {*present, *({"velocity"} & {group.name for group in groups})}
    events = _score_events(
        score, start_seconds, start_seconds + frames * seconds_per_frame, ring_from_seconds
    )
    if circle_samples is None and events.chords is not None and len(events.chords):
        # The half cell before the first centre belongs to the first chord, not to the end of the progression.
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


def _score_events(
    score: Score, from_seconds: float, to_seconds: float, ring_from_seconds: float | None
) -> Events:
    """The score's events between the two times, as arrays; once it rings, only the beat."""
    ring = math.inf if ring_from_seconds is None else ring_from_seconds
    stop = min(to_seconds, ring)
    timed = [
        (span.start_seconds, span.end_seconds, span.chord) for span in score.chord_events(from_seconds, stop)
    ]
    beats = [
        [beat.seconds, float(beat.starts_bar), beat.quarters]
        for beat in score.beat_events(from_seconds, to_seconds)
    ]
    shown_as = known_drum if score.part == DRUMS and not score.shows_any_drum else int
    notes = [
        [note.onset_seconds, min(note.end_seconds, ring), shown_as(note.pitch), note.velocity]
        for note in score.notes
        if note.onset_seconds < stop
    ]
    return Events(
        chords=chord_rows(timed) if score.chords else None,
        beats=np.array(beats, dtype=np.float64),
        notes=np.array(notes, dtype=np.float64).reshape(-1, NOTE_COLUMNS) if score.notes else None,
        sounds=score.sounds or None,
        part=score.part or None,
        feel=score.feel,
    )


def _groups_to_show(
    events: Events, groups: Sequence[ControlGroup], present: Iterable[str] | None
) -> frozenset[str]:
    names = [group.name for group in groups]
    wanted = events.known() & frozenset(names) if present is None else frozenset(present)
    for name in sorted(wanted):
        require_control(name, names)
        if name not in events.known():
            raise ControlError(f"control `{name}`: there is nothing to show; leave it out")
    return wanted


def require_control(name: str, known: Sequence[str]) -> None:
    """Raise ControlError unless the model's groups, `known`, contain `name`."""
    if name not in known:
        has = "it has " + ", ".join(f"`{other}`" for other in known) if known else "it has no controls at all"
        raise ControlError(f"this model has no `{name}` control ({has}); leave it out or use another model")
