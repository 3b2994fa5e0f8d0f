"""A folder of audio files to training data: log-mel shards without controls."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from msanii.controls.features import Events
from msanii.data import synthesizer
from msanii.data.shards import SHARD_SUFFIX
from msanii.data.synthesizer import DataSummary, OnSong
from msanii.errors import DataError

SAMPLE_RATE = 44_100
SUFFIXES = frozenset({".wav", ".aif", ".aiff", ".flac", ".ogg", ".opus", ".mp3", ".caf", ".w64", ".au"})
# Longer files are split into several shards, so that an hour of music need not fit in memory.
PIECE_SECONDS = 300
_SHORTEST_SECONDS = 1.0


@dataclass(frozen=True)
class PieceTask:
    """Encodes a piece of an audio file; picklable."""

    source: Path
    name: str
    start_seconds: int
    path: Path
    keep_audio: bool

    def run(self) -> None:
        """Read the piece, resample it to 44.1 kHz stereo, encode it and write the shard. Raises DataError."""
        audio = _read_piece(self.source, self.start_seconds)
        info = {"source": self.name, "start_seconds": str(self.start_seconds)}
        synthesizer.save_recording(self.path, _to_int16(audio), Events(), info, keep_audio=self.keep_audio)


def render_folder(
    folder: Path, out: Path, *, jobs: int | None = None, audio_songs: int = 24, on_song: OnSong | None = None
) -> DataSummary:
    """Encode all audio files under `folder` into `out/train`; an interrupted run continues.

    `audio_songs` shards keep their audio, for training the vocoder. The summary lists files that cannot be
    read. Raises DataError if the folder is missing or holds no audio file.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give one with audio files in it")
    sources = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not sources:
        raise DataError(f"{folder}: holds no audio file ({', '.join(sorted(SUFFIXES))})")
    target = out / "train"
    target.mkdir(parents=True, exist_ok=True)
    pieces: list[tuple[Path, str, int]] = []
    failed: list[str] = []
    for source in sources:
        name = source.relative_to(folder).as_posix()
        try:
            pieces += [(source, name, start) for start in _starts(source)]
        except DataError as error:
            failed.append(f"{name}: {error}")
    tasks = [
        PieceTask(source, name, start, _shard(target, name, start), kept)
        for (source, name, start), kept in zip(pieces, _evenly(len(pieces), audio_songs), strict=True)
    ]
    missing = [task for task in tasks if not synthesizer.is_recorded(task.path, keep_audio=task.keep_audio)]
    workers = jobs if jobs is not None else os.cpu_count() or 1
    summary = synthesizer.run_tasks(missing, jobs=workers, skipped=len(tasks) - len(missing), on_song=on_song)
    return DataSummary(summary.rendered, summary.skipped, (*failed, *summary.failed))


def _starts(source: Path) -> range:
    """The start of each piece of a file in seconds; a remainder that is too short is left out."""
    try:
        seconds = soundfile.info(source).duration
    except soundfile.SoundFileError as error:
        raise DataError("not an audio file that can be read") from error
    if seconds < _SHORTEST_SECONDS:
        raise DataError(f"lasts {seconds:.2f} s, expected at least {_SHORTEST_SECONDS:.0f} s")
    return range(0, int(seconds - _SHORTEST_SECONDS) + 1, PIECE_SECONDS)


def _shard(target: Path, name: str, start_seconds: int) -> Path:
    return target / f"{name.replace('/', '__')}.{start_seconds:05d}{SHARD_SUFFIX}"


def _evenly(count: int, chosen: int) -> list[bool]:
    """Choose `chosen` of `count` items, evenly spread."""
    return [(index * chosen) // count != ((index + 1) * chosen) // count for index in range(count)]


def _read_piece(source: Path, start_seconds: int) -> NDArray[np.float32]:
    with soundfile.SoundFile(source) as file:
        file.seek(start_seconds * file.samplerate)
        audio = file.read(PIECE_SECONDS * file.samplerate, dtype="float32", always_2d=True)
        rate = file.samplerate
    if not np.isfinite(audio).all():
        raise DataError("holds samples that are not numbers; left out")
    stereo = np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio[:, :2]
    resampled = stereo if rate == SAMPLE_RATE else soxr.resample(stereo, rate, SAMPLE_RATE)
    return np.ascontiguousarray(resampled.T)


def _to_int16(audio: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round to int16, clipping at full scale."""
    return np.clip(np.round(audio * 32_768.0), -32_768, 32_767).astype(np.int16)
