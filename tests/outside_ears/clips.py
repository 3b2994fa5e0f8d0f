"""Folders of clips as `msanii evaluate MODEL --clips` and `msanii reference ARCHIVE OUT --clips` write them.

Shapes: L samples. Times are in seconds from the start of a clip, which is the start of a bar.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

PURPOSES = ("keys", "lead", "pad", "bass", "drums", "mix")

FloatArray = NDArray[np.float64]


class ClipsError(Exception):
    """A folder of clips that cannot be listened to; the text says why and what to do."""


@dataclass(frozen=True)
class Span:
    """A chord from `start` to `end` seconds. `root` is a pitch class, or -1 where no chord is asked."""

    start: float
    end: float
    root: int
    tones: frozenset[int]


@dataclass(frozen=True)
class HeardNote:
    """A note from `start` to `end` seconds: MIDI `pitch`, `strength` (a velocity, or 0 to 1)."""

    start: float
    end: float
    pitch: int
    strength: float


@dataclass(frozen=True)
class Clip:
    """A file, and what was asked of it. `bpm` counts quarter notes in every meter."""

    path: Path
    purpose: str
    song: str
    bpm: float
    numerator: int
    denominator: int
    chords: tuple[Span, ...]
    notes: tuple[HeardNote, ...]

    @property
    def prompt(self) -> tuple[Any, ...]:
        """What a real and a made clip have in common when one prompt asked for both."""
        return self.purpose, self.song, round(self.bpm, 3), self.numerator, self.denominator, self.chords


@dataclass(frozen=True)
class Folder:
    """Clips of one kind, `real` or `made`, in the order of their file."""

    name: str
    kind: str
    clips: tuple[Clip, ...]


def read_folder(path: Path, limit: int | None) -> Folder:
    """The clips of a folder's `clips.json`, at most `limit` a purpose. Raises ClipsError.

    Purposes that no judge is for are left out.
    """
    index = path / "clips.json"
    try:
        values = json.loads(index.read_text(encoding="utf-8"))
        clips = [_clip(path, row) for row in values["clips"] if row["purpose"] in PURPOSES]
        kind = str(values["kind"])
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ClipsError(
            f"clips: `{index}` cannot be read ({type(error).__name__}: {error}); "
            "expected a folder of `msanii evaluate MODEL --clips` or `msanii reference ARCHIVE OUT --clips`"
        ) from error
    taken: dict[str, int] = dict.fromkeys(PURPOSES, 0)
    kept: list[Clip] = []
    for clip in clips:
        taken[clip.purpose] += 1
        if limit is None or taken[clip.purpose] <= limit:
            kept.append(clip)
    missing = [clip.path.name for clip in kept if not clip.path.is_file()]
    if missing:
        raise ClipsError(f"clips: `{path}` lacks {', '.join(missing[:3])}; write the folder again")
    if not kept:
        raise ClipsError(f"clips: `{path}` has no clip for {', '.join(PURPOSES)}; choose another folder")
    return Folder(name=path.resolve().name, kind=kind, clips=tuple(kept))


def read_audio(path: Path) -> tuple[FloatArray, int]:
    """A file's two channels (2, L) and its rate; mono is heard on both sides."""
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    both = samples.T if samples.shape[1] > 1 else np.repeat(samples.T, 2, axis=0)
    return np.ascontiguousarray(both[:2]), int(rate)


def _clip(folder: Path, row: dict[str, Any]) -> Clip:
    return Clip(
        path=folder / str(row["file"]),
        purpose=str(row["purpose"]),
        song=str(row["song"]),
        bpm=float(row["bpm"]),
        numerator=int(row["numerator"]),
        denominator=int(row["denominator"]),
        chords=tuple(
            # A fraction of a microsecond is no other prompt.
            Span(round(float(start), 6), round(float(end), 6), int(root), frozenset(map(int, tones)))
            for start, end, root, _, tones in row["chords"]
        ),
        notes=tuple(
            HeardNote(float(start), float(end), int(pitch), float(velocity))
            for start, end, pitch, velocity in row["notes"]
        ),
    )
