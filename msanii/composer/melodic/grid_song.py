"""Songs on the composer's grid, as it learns from them and is measured against them, and their file.

Letters: N notes, L a window's notes.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.config import WRITTEN_PARTS
from msanii.composer.melodic.grid import BAR, MOST_QUARTERS, Ints
from msanii.errors import DataError


@dataclass(frozen=True, kw_only=True)
class GridSong:
    """A song in equal bars: the notes (N, 5) of each part, and its chords (bars * MOST_QUARTERS, 14).

    `unit` is the length of a beat in quarters. The chords of quarters that a bar lacks are -1.
    """

    number: int
    bars: int
    bar_beats: float
    unit: float
    bpm: float
    is_plain: bool
    notes: dict[str, Ints]
    chords: Ints

    def notes_in(self, part: str, first_bar: int, bars: int) -> Ints:
        """The notes (L, 5) of a part in some bars, which are counted from 0."""
        rows = self.notes[part]
        start, end = np.searchsorted(rows[:, BAR], (first_bar, first_bar + bars))
        cut = rows[start:end].copy()
        cut[:, BAR] -= first_bar
        return cut

    def chords_in(self, first_bar: int, bars: int) -> Ints:
        """The chords (bars * MOST_QUARTERS, 14) of some bars."""
        return self.chords[first_bar * MOST_QUARTERS : (first_bar + bars) * MOST_QUARTERS]


def save_songs(songs: list[GridSong], path: Path) -> None:
    """Write songs as one .npz, whole or not at all. Raises DataError."""
    arrays: dict[str, NDArray[np.generic]] = {
        "songs": np.array(
            [(song.number, song.bars, song.bar_beats, song.unit, song.bpm, song.is_plain) for song in songs]
        ),
        "chords": np.concatenate([song.chords for song in songs]).astype(np.int8),
    }
    for part in WRITTEN_PARTS:
        arrays[part] = np.concatenate([song.notes[part] for song in songs]).astype(np.int16)
        arrays[f"{part}_counts"] = np.array([len(song.notes[part]) for song in songs])
    part_path = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part_path.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        os.replace(part_path, path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error}); check the folder and the disk") from error


def load_songs(path: Path) -> tuple[list[GridSong], str]:
    """The songs of a file that `save_songs` wrote, and its SHA-256. Raises DataError."""
    try:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        table, chords = arrays["songs"], arrays["chords"].astype(np.int64)
        chord_ends = np.cumsum(table[:, 1].astype(np.int64) * MOST_QUARTERS)
        ends = {part: np.cumsum(arrays[f"{part}_counts"]) for part in WRITTEN_PARTS}
        notes = {part: arrays[part].astype(np.int64) for part in WRITTEN_PARTS}
    except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as a composer's data ({error}); make it again") from error
    songs = []
    for place, (number, bars, bar_beats, unit, bpm, is_plain) in enumerate(table.tolist()):
        before = place - 1
        parts = {
            part: notes[part][(ends[part][before] if place else 0) : ends[part][place]]
            for part in WRITTEN_PARTS
        }
        songs.append(
            GridSong(
                number=int(number),
                bars=int(bars),
                bar_beats=bar_beats,
                unit=unit,
                bpm=bpm,
                is_plain=bool(is_plain),
                notes=parts,
                chords=chords[(chord_ends[before] if place else 0) : chord_ends[place]],
            )
        )
    return songs, digest
