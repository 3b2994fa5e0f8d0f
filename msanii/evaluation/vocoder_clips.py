"""Clips of test songs for evaluating a vocoder: any music, single notes, and attacks.

Shapes: C audio channels, L samples, N events.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from msanii.data.shards import Song, read_songs
from msanii.errors import DataError

STRUCK_PARTS = frozenset({"drums"})
STRUCK_SOUNDS = frozenset(
    {"nylon guitar", "steel guitar", "clean guitar", "synth pluck", "music box", "marimba", "grand piano"}
)
# A note is alone after the release of earlier notes, and held if it lasts long enough.
RELEASE_SECONDS, HELD_SECONDS, AFTER_ATTACK_SECONDS = 0.3, 0.5, 0.1
APART_SECONDS = 0.1
CLIP_SECONDS = 6.0
HELD_PARTS = frozenset({"lead", "bass", "pad"})
# Single held notes are rare: try this many positions in a song to find one.
PLACES_TRIED = 16


@dataclass(frozen=True)
class Note:
    """A note that sounds alone: its pitch, and the steady stretch of it in the clip."""

    pitch_hz: float
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, eq=False)
class Clip:
    """An excerpt (C, L) of a song, with the notes and onsets to measure."""

    name: str
    audio: NDArray[np.float32]
    rate: int
    notes: tuple[Note, ...] = ()
    onsets_seconds: tuple[float, ...] = ()
    sounds: str = ""


def choose_clips(data: Path, count: int, seconds: float, *, seed: int = 0) -> list[Clip]:
    """`count` clips, from all songs of the test split in turn, at random positions.

    Raises DataError if no song has audio or none is long enough.
    """
    folder = data / "test" if (data / "test").is_dir() else data
    songs = [song for song in read_songs(folder) if song.audio_path is not None]
    songs = [song for song in songs if _length_seconds(song) >= seconds]
    if not songs:
        raise DataError(f"{data}: no test song has {seconds:g} seconds of audio; render the data with audio")
    random = np.random.default_rng(seed)
    return [_clip(song, seconds, random) for song in itertools.islice(itertools.cycle(songs), count)]


def _clip(song: Song, seconds: float, random: np.random.Generator) -> Clip:
    path = song.audio_path
    if path is None:
        raise DataError(f"{song.path.name}: has no audio")
    rate = int(soundfile.info(path).samplerate)
    events = song.events.notes
    held = events if song.info.get("part") in HELD_PARTS else None
    notes: tuple[Note, ...] = ()
    onsets: tuple[float, ...] = ()
    begin = 0
    for start in random.uniform(0, _length_seconds(song) - seconds, PLACES_TRIED).tolist():
        begin = round(start * rate)
        if held is not None:
            notes = tuple(lone_notes(held, begin / rate, seconds))
        if notes or held is None:
            break
    audio, _ = soundfile.read(path, round(seconds * rate), begin, dtype="float32", always_2d=True)
    sounds = song.info.get("sounds", "")
    struck = song.info.get("part") in STRUCK_PARTS or sounds in STRUCK_SOUNDS
    if struck and events is not None and len(events):
        onsets = tuple(lone_onsets(events, begin / rate, seconds))
    return Clip(song.path.stem, np.ascontiguousarray(audio.T), rate, notes, onsets, sounds)


def lone_notes(events: NDArray[np.float64], start_seconds: float, seconds: float) -> list[Note]:
    """The notes of (N, 4) onset, end, pitch, velocity that are held alone in the stretch."""
    found = []
    for index, (onset, end, pitch, _) in enumerate(events):
        others = np.delete(events, index, axis=0)
        before = others[others[:, 0] <= onset]
        free = max(onset + AFTER_ATTACK_SECONDS, float(before[:, 1].max(initial=-np.inf)) + RELEASE_SECONDS)
        following = others[others[:, 0] > onset]
        until = min(end, float(following[:, 0].min(initial=np.inf)), start_seconds + seconds)
        free = max(free, start_seconds)
        if until - free >= HELD_SECONDS:
            hertz = 440.0 * 2 ** ((pitch - 69) / 12)
            found.append(Note(float(hertz), float(free - start_seconds), float(until - start_seconds)))
    return found


def lone_onsets(events: NDArray[np.float64], start_seconds: float, seconds: float) -> list[float]:
    """The onsets in the stretch without another one nearby."""
    onsets = np.unique(events[:, 0])
    gaps = np.diff(onsets, prepend=-np.inf, append=np.inf)
    # Notes struck together count as one attack.
    alone = onsets[(gaps[:-1] > APART_SECONDS) & (gaps[1:] > APART_SECONDS)]
    inside = alone[(alone >= start_seconds) & (alone < start_seconds + seconds)]
    return [float(onset - start_seconds) for onset in inside]


def _length_seconds(song: Song) -> float:
    if song.audio_path is None:
        return 0.0
    return float(soundfile.info(song.audio_path).duration)
