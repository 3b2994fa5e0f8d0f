"""Training clips from shards. Clip i follows from the seed and i alone, so that a resumed run repeats it.

Shapes: C audio channels, M mels, K controls, T frames, L samples, N events.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor
from torch.utils.data import Dataset

from msanii.config import ControlGroup
from msanii.controls.dropout import ControlDropout, draw_kept
from msanii.controls.features import Events, measured_feel
from msanii.controls.tensor import events_to_controls
from msanii.data.shards import Song, read_songs
from msanii.data.shards import read_song as read_song
from msanii.errors import DataError
from msanii.music.score import Feel
from msanii.signal.transforms import LOG_FLOOR

SILENCE = math.log(LOG_FLOOR)
# A frame is heard if its loudest band is above this, 80 dB under a loud one.
_HEARD_LOG_MEL = -6.0
# Excerpts of which less is heard are drawn again, up to so many times.
_LEAST_HEARD, _DRAWS = 0.25, 8


def clip_generator(seed: int, index: int) -> torch.Generator:
    """The generator of a clip's draws; hashed, so that clips and seeds are independent."""
    digest = hashlib.blake2b(f"{seed}:{index}".encode(), digest_size=7).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big"))


class ClipPositions:
    """All positions where a clip fits into pieces of these lengths; a piece that is too short has one."""

    def __init__(self, lengths: Sequence[int], clip: int) -> None:
        self.total = sum(lengths)
        self._ends = np.cumsum(np.maximum(np.array(lengths) - clip, 0) + 1)
        self.signature = hashlib.sha256(repr(list(lengths)).encode()).hexdigest()[:16]

    def at(self, share: float) -> tuple[int, int]:
        """(piece, start) at `share`, 0 to 1, of all positions."""
        position = int(share * self._ends[-1])
        piece = int(np.searchsorted(self._ends, position, side="right"))
        return piece, position - (int(self._ends[piece - 1]) if piece else 0)


class MelDataset(Dataset[dict[str, Tensor]]):
    """Random excerpts of rendered songs, all equally likely.

    Any index from 0 is a clip, and so is a pair of an index and its own T; `len` is about one pass over the
    data. Item: `mel` (C, M, T) float32, unscaled log-mel; `controls` (K, T) float32 of `groups`, shown as
    often as `dropout` says (zero if unknown for the song); `kept` (T,) float32, 1 where the clip may be seen
    as context. Songs shorter than T end in silence. With `skip_silence` an excerpt of which little is heard
    is drawn again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        frames: int,
        groups: Sequence[ControlGroup] = (),
        seed: int = 0,
        dropout: ControlDropout | None = None,
        skip_silence: bool = False,
        hop_length: int = 1024,
        sample_rate: int = 44_100,
    ) -> None:
        """Open the shards of `folder` (or of its `train`). Raises DataError if there are none."""
        self.skip_silence = skip_silence
        self.songs = read_songs(split_folder(folder))
        self.frames = frames
        self.groups = tuple(groups)
        self.seed = seed
        self.dropout = dropout if dropout is not None else ControlDropout()
        self.seconds_per_frame = hop_length / sample_rate
        self._places: dict[int, ClipPositions] = {}

    @property
    def signature(self) -> str:
        """A hash of the songs' lengths: if it changes, the same index gives another clip."""
        return self._positions(self.frames).signature

    def __len__(self) -> int:
        return max(1, self._positions(self.frames).total // self.frames)

    def __getitem__(self, place: int | tuple[int, int]) -> dict[str, Tensor]:
        index, frames = place if isinstance(place, tuple) else (place, self.frames)
        if index < 0:
            raise IndexError(index)
        generator = clip_generator(self.seed, index)
        for _ in range(_DRAWS if self.skip_silence else 1):
            share = torch.rand((), generator=generator, dtype=torch.float64).item()
            number, start = self._positions(frames).at(share)
            mel = log_mel_from(self.songs[number], start, frames)
            if heard_share(mel) >= _LEAST_HEARD:
                break
        return {
            "mel": mel,
            "controls": self._controls(self.songs[number], start, frames, generator),
            "kept": draw_kept(frames, generator),
        }

    def _positions(self, frames: int) -> ClipPositions:
        if frames not in self._places:
            self._places[frames] = ClipPositions([song.frames for song in self.songs], frames)
        return self._places[frames]

    def _controls(self, song: Song, start: int, frames: int, generator: torch.Generator) -> Tensor:
        start_seconds = start * self.seconds_per_frame
        end_seconds = start_seconds + frames * self.seconds_per_frame
        events = events_in(song.events, start_seconds, end_seconds, self.seconds_per_frame)
        known = {group.name for group in self.groups} & events.known()
        shown = self.dropout.choose(sorted(known), generator)
        if events.feel.asked():
            events = replace(events, feel=self.dropout.thin(events.feel, generator))
        if events.notes is not None:
            events = replace(events, notes=self.dropout.err(events.notes, generator))
        controls = events_to_controls(
            events,
            self.groups,
            frames,
            seconds_per_frame=self.seconds_per_frame,
            start_seconds=start_seconds,
            present=shown & events.known(),
        )
        return self.dropout.cut(controls, self.groups, generator)


def heard_share(mel: Tensor) -> float:
    """The share of frames of an unscaled log-mel (C, M, T) in which anything is heard."""
    return float((mel.amax(dim=(0, 1)) > _HEARD_LOG_MEL).float().mean())


def log_mel_from(song: Song, start: int, frames: int) -> Tensor:
    """`frames` frames of a song's unscaled log-mel, (C, M, frames); past the song's end, silence."""
    mel = torch.from_numpy(song.log_mel(start, min(start + frames, song.frames))).float()
    return torch.nn.functional.pad(mel, (0, frames - mel.shape[-1]), value=SILENCE)


def events_in(events: Events, start_seconds: float, end_seconds: float, frame_seconds: float) -> Events:
    """All events of a stretch and of the frame before it, with the feel of the notes that begin in it."""
    events = window(events, start_seconds - frame_seconds, end_seconds)
    return replace(events, feel=feel_of(events, start_seconds, end_seconds))


def window(events: Events, start_seconds: float, end_seconds: float) -> Events:
    """The chords and notes that overlap the stretch, and all beats, as phases need their neighbours."""
    chords, notes = events.chords, events.notes
    if chords is not None:
        chords = chords[(chords[:, 1] > start_seconds) & (chords[:, 0] < end_seconds)]
    if notes is not None:
        notes = notes[(notes[:, 1] > start_seconds) & (notes[:, 0] < end_seconds)]
    return replace(events, chords=chords, notes=notes)


def feel_of(events: Events, start_seconds: float, end_seconds: float) -> Feel:
    """The feel of the notes that begin in the stretch; without notes or beats, the feel as given."""
    if events.notes is None or events.beats is None or len(events.beats) < 2:
        return events.feel
    begun = (events.notes[:, 0] >= start_seconds) & (events.notes[:, 0] < end_seconds)
    beats = events.beats[:, 0]
    span = np.interp([start_seconds, end_seconds], beats, np.cumsum(events.beats[:, 2]) - events.beats[0, 2])
    return measured_feel(
        events.notes[begun], float(span[1] - span[0]), events.feel.swing, pitched=events.part != "drums"
    )


class AudioDataset(Dataset[Tensor]):
    """Random excerpts (C, L) float32 of the songs that have audio, for training a vocoder.

    Any index from 0 is a clip; `len` is about one pass over the audio. Songs shorter than L end in silence.
    """

    def __init__(self, folder: Path, *, samples: int, seed: int = 0) -> None:
        """Find the audio next to the shards of `folder` (or its `train`). Raises DataError without."""
        paths = sorted(split_folder(folder).glob("*.flac"))
        if not paths:
            raise DataError(f"{folder}: no audio beside the shards; render the data with audio songs kept")
        self.paths = tuple(paths)
        self.samples = samples
        self.seed = seed
        self._places = ClipPositions([soundfile.info(path).frames for path in paths], samples)

    @property
    def signature(self) -> str:
        """A hash of the songs' lengths: if it changes, the same index gives another clip."""
        return self._places.signature

    def __len__(self) -> int:
        return max(1, self._places.total // self.samples)

    def __getitem__(self, index: int) -> Tensor:
        if index < 0:
            raise IndexError(index)
        place = torch.rand((), generator=clip_generator(self.seed, index), dtype=torch.float64).item()
        number, start = self._places.at(place)
        return read_excerpt(self.paths[number], start, self.samples)


def read_excerpt(path: Path, start: int, samples: int) -> Tensor:
    """Read `samples` of an audio file from `start` on, (C, L), padded with silence. Raises DataError."""
    try:
        audio, _ = soundfile.read(path, samples, start, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise DataError(f"{path.name}: cannot be read ({error}); render it again") from error
    return torch.nn.functional.pad(torch.from_numpy(audio.T.copy()), (0, samples - len(audio)))


def split_folder(folder: Path) -> Path:
    """`folder/train` if it exists, as in the output of the data commands, else `folder`."""
    return folder / "train" if (folder / "train").is_dir() else folder
