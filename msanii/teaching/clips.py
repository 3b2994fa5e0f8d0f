"""Training clips from one recording whose notes are known.

Letters: B batch, C audio channels, M mels, T frames, K control rows, N notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from msanii.config import ControlGroup
from msanii.controls.dropout import ControlDropout, draw_kept
from msanii.controls.features import Events
from msanii.controls.frame_grid import FloatArray
from msanii.controls.tensor import events_to_controls
from msanii.data.dataset import clip_generator, events_in

# The notes are what the recording is about, and the chords of a calibration are not known. The sound is
# always shown: a taught sound is only ever asked for by name.
DROPOUT = ControlDropout(
    nothing=0.1,
    partly=0.0,
    shown={"notes": 0.95, "velocity": 0.8, "sound": 1.0, "part": 0.6, "beat": 0.5, "feel": 0.4},
)
# The last share of the recording is kept out of training, to measure what was learned.
HELD_OUT_SHARE = 0.08


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A recording as the U-Net sees it: `mel` (C, M, T), scaled, and its events in seconds of the recording.

    `parts` are those that may play such notes.
    """

    mel: Tensor
    notes: FloatArray
    beats: FloatArray
    parts: tuple[str, ...]
    seconds_per_frame: float

    @property
    def frames(self) -> int:
        """T."""
        return int(self.mel.shape[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Clips:
    """A batch: `mel` (B, C, M, T), `controls` (B, K, T) and `kept` (B, T), 1 where it is shown as context."""

    mel: Tensor
    controls: Tensor
    kept: Tensor


class LessonClips:
    """Draws clips of `frames` from a lesson, shown as the built-in sound `like`."""

    def __init__(self, lesson: Lesson, groups: Sequence[ControlGroup], frames: int, *, seed: int = 0) -> None:
        self._lesson = lesson
        self._groups = groups
        self._frames = frames
        self._seed = seed
        self._train_frames = max(frames, round(lesson.frames * (1 - HELD_OUT_SHARE)))

    def batch(self, step: int, size: int, like: str) -> Clips:
        """The batch of a step, always the same."""
        return _stacked([self._clip(step * size + item, like) for item in range(size)])

    def held_out(self, count: int, like: str | None) -> Clips:
        """Clips from the end of the recording, all notes shown; `like` None shows no sound."""
        frames = min(self._frames, self._lesson.frames - self._train_frames)
        starts = np.linspace(self._train_frames, self._lesson.frames - frames, count).astype(int)
        shown = {"notes", "velocity"} | ({"sound"} if like else set())
        return _stacked([self._at(int(start), like or "", shown, None, frames) for start in starts])

    def _clip(self, index: int, like: str) -> tuple[Tensor, Tensor, Tensor]:
        generator = clip_generator(self._seed, index)
        place = torch.rand((), generator=generator, dtype=torch.float64).item()
        start = int(place * (self._train_frames - self._frames + 1))
        shown = DROPOUT.choose(sorted(DROPOUT.shown), generator)
        return self._at(start, like, set(shown), generator, self._frames)

    def _at(
        self, start: int, like: str, shown: set[str], generator: torch.Generator | None, frames: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        lesson = self._lesson
        begin = start * lesson.seconds_per_frame
        part = lesson.parts[0]
        if generator is not None:
            part = lesson.parts[int(torch.randint(len(lesson.parts), (), generator=generator))]
        events = Events(beats=lesson.beats, notes=lesson.notes, sounds=(like,) if like else None, part=part)
        events = events_in(events, begin, begin + frames * lesson.seconds_per_frame, lesson.seconds_per_frame)
        if generator is not None:
            events = replace(events, feel=DROPOUT.thin(events.feel, generator))
        known = events.known() & {group.name for group in self._groups}
        controls = events_to_controls(
            events,
            self._groups,
            frames,
            seconds_per_frame=lesson.seconds_per_frame,
            start_seconds=begin,
            present=shown & known,
        )
        kept = torch.zeros(frames) if generator is None else draw_kept(frames, generator)
        return lesson.mel[:, :, start : start + frames], controls, kept


def _stacked(clips: Sequence[tuple[Tensor, Tensor, Tensor]]) -> Clips:
    mel, controls, kept = zip(*clips, strict=True)
    return Clips(torch.stack(mel), torch.stack(controls), torch.stack(kept))
