"""POP909's piano and melodies on the composer's grid, in one file that trainings of the composer read.

A training song is there as it is, and `VARIANTS` more times in another meter, in half or in double time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.config import WRITTEN_PARTS
from msanii.composer.melodic.grid import BAR, MOST_QUARTERS, Ints, on_grid
from msanii.composer.melodic.grid_song import GridSong, save_songs
from msanii.composer.melodic.harmony import chord_table
from msanii.data.bar_time import BarSong, bar_song
from msanii.data.pop909 import FIRST_TEST_SONG, SongFiles, read_archive
from msanii.data.pop909_song import read_pop909_song
from msanii.data.synthesizer import DataSummary, OnSong
from msanii.errors import DataError, MsaniiError
from msanii.music.chords import NO_CHORD, Chord

VARIANTS = 2
TRACKS = {"keys": ("PIANO",), "lead": ("MELODY", "BRIDGE")}
_OTHER_METERS = ("3/4", "6/8", "5/4", "7/8")
_SPEEDS = (0.5, 2.0)
_FASTEST_BPM, _SLOWEST_BPM = 200.0, 50.0


def write_composer_data(
    archive: Path,
    out: Path,
    *,
    test: bool = False,
    limit: int | None = None,
    seed: int = 0,
    on_song: OnSong | None = None,
) -> DataSummary:
    """Write the training songs of POP909's archive, the first `limit` of them, on the grid to `out`, an .npz.

    With `test`, the test songs instead, as they are. Songs that cannot be read are left out and named. Raises
    DataError if there is no song or `out` cannot be written.
    """
    files = read_archive(archive)
    numbers = [number for number in sorted(files) if (number >= FIRST_TEST_SONG) == test][:limit]
    songs: list[GridSong] = []
    failed: list[str] = []
    for done, number in enumerate(numbers, 1):
        try:
            found = grid_songs(number, files[number], np.random.default_rng([seed, number]))
            songs += [song for song in found if song.is_plain or not test]
        except MsaniiError as error:
            failed.append(f"song {number:03d}: {error}")
        if on_song is not None:
            on_song(f"song {number:03d}", done, len(numbers))
    if not songs:
        raise DataError(f"{archive.name}: no song could be used; {failed[0] if failed else 'it has none'}")
    save_songs(songs, out)
    return DataSummary(rendered=len(numbers) - len(failed), skipped=0, failed=tuple(failed))


def grid_songs(number: int, files: SongFiles, random: np.random.Generator) -> Iterator[GridSong]:
    """A song as it is, then VARIANTS times otherwise. Raises DataError."""
    performance = read_pop909_song(files.midi, files.beats, files.chords)
    yield from grid_variants(number, bar_song(performance), performance.bpm, random)


def grid_variants(number: int, song: BarSong, bpm: float, random: np.random.Generator) -> Iterator[GridSong]:
    """The songs of `grid_songs`, of a song that has been read."""
    yield as_grid_song(number, song, bpm, is_plain=True)
    speeds = [speed for speed in _SPEEDS if _SLOWEST_BPM <= bpm * speed <= _FASTEST_BPM]
    choices = [(meter, 1.0) for meter in _OTHER_METERS] + [("4/4", speed) for speed in speeds]
    for choice in random.permutation(len(choices))[:VARIANTS]:
        meter, speed = choices[int(choice)]
        yield as_grid_song(number, song.read_as(speed).in_meter(meter), bpm * speed, is_plain=False)


def as_grid_song(number: int, song: BarSong, bpm: float, *, is_plain: bool) -> GridSong:
    """Put a song on the grid."""
    bar_beats = song.meter.quarters
    notes: dict[str, Ints] = {}
    for part in WRITTEN_PARTS:
        tracks = [_rows(song, name) for name in TRACKS[part]]
        if part == "lead":
            # Some songs hold the pedal through their whole melody, which nobody means to hear.
            tracks = [_as_line(track) for track in tracks]
        rows = on_grid(np.concatenate(tracks), bar_beats)
        notes[part] = rows[rows[:, BAR] < song.bars]
    starts = [span.start for span in song.chords]

    def chord_at(beat: float) -> Chord:
        here = int(np.searchsorted(starts, beat + 0.26, side="right")) - 1
        return song.chords[here].chord if here >= 0 and song.chords[here].end > beat + 0.1 else NO_CHORD

    chords = np.full((song.bars * MOST_QUARTERS, 14), -1, np.int64)
    for bar in range(song.bars):
        quarters = np.arange(0, bar_beats - 1e-6)
        table = chord_table(chord_at, [bar * bar_beats + float(quarter) for quarter in quarters])
        chords[bar * MOST_QUARTERS : bar * MOST_QUARTERS + len(quarters)] = table
    return GridSong(
        number=number,
        bars=song.bars,
        bar_beats=bar_beats,
        unit=song.meter.unit,
        bpm=bpm,
        is_plain=is_plain,
        notes=notes,
        chords=chords,
    )


def _rows(song: BarSong, track: str) -> NDArray[np.float64]:
    notes = [(note.onset, note.end, note.pitch, note.velocity) for note in song.tracks.get(track, ())]
    return np.array(notes, np.float64).reshape(-1, 4)


def _as_line(notes: NDArray[np.float64]) -> NDArray[np.float64]:
    """End each of the notes (N, 4), sorted by onset, where the next begins; what begins together stays so."""
    onsets = np.unique(notes[:, 0].round(1))
    next_onsets = np.append(onsets, np.inf)[np.searchsorted(onsets, notes[:, 0].round(1), side="right")]
    ended = notes.copy()
    ended[:, 1] = np.minimum(notes[:, 1], np.maximum(next_onsets, notes[:, 0] + 0.1))
    return ended
