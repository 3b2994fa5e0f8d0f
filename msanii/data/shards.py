"""A shard: a song's float16 log-mel and the events it was played from, in one safetensors file.

Shapes: C audio channels, M mels, T frames, N events. Frame t is centred t * hop samples after the start.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from msanii.controls.features import Events
from msanii.errors import DataError
from msanii.music.score import Feel

SHARD_SUFFIX = ".safetensors"
AUDIO_SUFFIX = ".flac"
_FORMAT = "msanii-shard-2"
_EVENT_NAMES = ("chords", "beats", "notes")
_PLAYING = "playing"


@dataclass(frozen=True, eq=False, kw_only=True)
class Song:
    """A shard, opened lazily: events are in memory, the log-mel is read from disk on request.

    `events` holds arrays as in `msanii.controls.tensor.Events`, None where unknown. `info` describes the
    origin: song, bpm, key_shift and so on for POP909; source for other audio.
    """

    path: Path
    frames: int
    events: Events
    info: dict[str, str]

    @property
    def audio_path(self) -> Path | None:
        """The 16-bit FLAC next to the shard, if there is one."""
        path = audio_path_of(self.path)
        return path if path.is_file() else None

    def log_mel(self, start_frame: int = 0, end_frame: int | None = None) -> NDArray[np.float16]:
        """Read frames of the unscaled log-mel, (C, M, frames). Raises DataError for a damaged file."""
        end = self.frames if end_frame is None else end_frame
        try:
            with safe_open(str(self.path), framework="np") as file:
                mel: NDArray[np.float16] = file.get_slice("log_mel")[:, :, start_frame:end]
        except (OSError, SafetensorError) as error:
            raise _damaged(self.path, error) from error
        return mel


def audio_path_of(shard_path: Path) -> Path:
    """The path of a shard's FLAC, whether it exists or not."""
    return shard_path.with_name(shard_path.name.removesuffix(SHARD_SUFFIX) + AUDIO_SUFFIX)


def write_song(path: Path, log_mel: NDArray[np.float16], events: Events, info: dict[str, str]) -> None:
    """Write a shard atomically: to a `.part` file, then renamed. `log_mel` is (C, M, T)."""
    arrays: dict[str, NDArray[Any]] = {"log_mel": np.ascontiguousarray(log_mel)}
    for name in _EVENT_NAMES:
        if (values := getattr(events, name)) is not None:
            arrays[name] = np.ascontiguousarray(values, dtype=np.float64)
    playing = {"sounds": events.sounds, "part": events.part, "feel": events.feel.asked()}
    part = path.with_name(path.name + ".part")
    texts = {"info": info, _PLAYING: playing}
    metadata = {name: json.dumps(value, ensure_ascii=False) for name, value in texts.items()}
    part.write_bytes(save(arrays, {"format": _FORMAT, **metadata}))
    os.replace(part, path)


def read_song(path: Path) -> Song:
    """Open a shard. Raises DataError if it is missing, damaged or another kind of file."""
    try:
        with safe_open(str(path), framework="np") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != _FORMAT:
                raise DataError(f"{path.name}: not a shard of this version; delete it and render it again")
            known = set(file.keys())
            arrays = {name: file.get_tensor(name) for name in _EVENT_NAMES if name in known}
            playing = json.loads(metadata[_PLAYING])
            sounds = tuple(playing["sounds"]) if playing["sounds"] is not None else None
            feel = Feel(**playing["feel"])
            events = Events(**arrays, sounds=sounds, part=playing["part"], feel=feel)
            frames = file.get_slice("log_mel").get_shape()[-1]
            info = json.loads(metadata["info"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error
    return Song(path=path, frames=frames, events=events, info=info)


def read_songs(folder: Path) -> tuple[Song, ...]:
    """Open all shards of a folder, sorted by name. Raises DataError if there are none."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; `msanii data pop909` or `msanii data folder` makes it")
    paths = sorted(folder.glob(f"*{SHARD_SUFFIX}"))
    if not paths:
        raise DataError(f"{folder}: no shards here; expected the `train` or `test` folder of rendered data")
    return tuple(read_song(path) for path in paths)


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(f"{path.name}: cannot be read ({error}); delete it and render the data again")
