"""Training clips for the listener: voices of a take mixed anew, degraded, with what is to be heard in them.

Clip i follows from the seed and i alone, so that a resumed run repeats it.

Letters: V voices, L samples, T frames.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from msanii.data.dataset import split_folder
from msanii.data.listening.degrading import at_speed, degraded, drawn_speed
from msanii.data.listening.no_music import no_music
from msanii.data.listening.stems import Stems, read_all_stems
from msanii.listening.config import ListenerConfig
from msanii.music.families import FAMILIES, FAMILY_OF
from msanii.music.palette import PALETTE
from msanii.music.sounds import PARTS
from msanii.training.listening.targets import UNKNOWN, beat_targets, chord_targets, note_targets

_NO_MUSIC_SHARE = 0.06
_CLEAN_SHARE = 0.3
# What of a take is heard: all of it, all but the drums, one voice, some voices.
_CHOICES = {"all": 0.5, "no drums": 0.14, "one": 0.2, "some": 0.16}
_VOICE_GAIN_DB = 7.0
_LEAST_PEAK = 1e-3


class ListeningClips(Dataset[dict[str, Tensor]]):
    """Clips of all takes of a folder (or of its `train`), all takes equally likely.

    Item: `waveform` (L,) and the targets of `targets.py`; `sound`, `part`, `family` (classes,) shares that
    sum to 1, or 0 where unknown; `key`, `meter` classes.
    """

    def __init__(
        self, folder: Path, config: ListenerConfig, *, frames: int, seed: int = 0, degrades: bool = True
    ) -> None:
        """Open the takes. Raises DataError if there are none."""
        self.takes = read_all_stems(split_folder(folder))
        self.config, self.frames, self.seed, self.degrades = config, frames, seed, degrades
        self.samples = (frames - 1) * config.transforms.hop_length

    @property
    def signature(self) -> str:
        """A hash of the takes' names and lengths: if it changes, the same index gives another clip."""
        lengths = [(take.path.name, take.samples) for take in self.takes]
        return hashlib.sha256(repr(lengths).encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return max(1, sum(take.samples for take in self.takes) // self.samples)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if index < 0:
            raise IndexError(index)
        digest = hashlib.blake2b(f"{self.seed}:{index}".encode(), digest_size=8).digest()
        random = np.random.default_rng(int.from_bytes(digest, "big"))
        if self.degrades and random.random() < _NO_MUSIC_SHARE:
            return self._item(no_music(self.samples, random), random)
        take = self.takes[int(random.integers(len(self.takes)))]
        speed = drawn_speed(random) if self.degrades else 1.0
        wanted = round(self.samples * speed) + 64
        start = int(random.integers(max(1, take.samples - wanted // 2)))
        audio = take.read(start, wanted)
        voices = _chosen(take, audio, random)
        gains = 10 ** (random.uniform(-_VOICE_GAIN_DB, _VOICE_GAIN_DB, len(voices)) / 20)
        mixed = np.sum([audio[voice] * gain for voice, gain in zip(voices, gains, strict=True)], axis=0)
        mixed = at_speed(mixed.astype(np.float32), speed)[: self.samples]
        mixed = np.pad(mixed, (0, self.samples - len(mixed)))
        return self._item(mixed, random, take, voices, start / self.config.transforms.sample_rate, speed)

    def _item(
        self,
        audio: NDArray[np.float32],
        random: np.random.Generator,
        take: Stems | None = None,
        voices: Sequence[int] = (),
        start: float = 0.0,
        speed: float = 1.0,
    ) -> dict[str, Tensor]:
        """The item of audio (L,) that begins at a take's second `start`, at `speed`.

        Without a take it is no music.
        """
        if self.degrades and random.random() >= _CLEAN_SHARE:
            audio = degraded(audio, random)
        parts = [] if take is None else [take.voices[voice][0] for voice in voices]
        sounds = [] if take is None else [take.voices[voice][1] for voice in voices]
        empty = np.empty((0, 5))
        beats = empty[:, :2] if take is None else _moved(take.beats, 1, start, speed)
        notes = empty if take is None else take.notes[np.isin(take.notes[:, 4], voices)]
        pitched = any(part != "drums" for part in parts)
        chords = take.chords if take is not None and pitched else empty[:, :4]
        rate, frames = self.config.frames_per_second, self.frames
        beat, downbeat = beat_targets(beats, frames, rate)
        chord, bass = chord_targets(_moved(chords, 2, start, speed), frames, rate)
        heard_part = parts[0] if len(set(parts)) == 1 else "mix"
        return {
            "waveform": torch.from_numpy(np.ascontiguousarray(audio, np.float32)),
            "beat": beat,
            "downbeat": downbeat,
            **note_targets(_moved(notes, 2, start, speed)[:, :4], frames, rate),
            "chord": chord,
            "bass": bass,
            "key": torch.tensor(take.key if take is not None and pitched and take.key >= 0 else UNKNOWN),
            "meter": torch.tensor(UNKNOWN if take is None else take.meter),
            "sound": _shares(sounds, PALETTE),
            "part": _shares([heard_part] if parts else [], PARTS),
            "family": _shares([FAMILY_OF[sound] for sound in sounds], FAMILIES),
        }


def _chosen(take: Stems, audio: NDArray[np.float32], random: np.random.Generator) -> list[int]:
    """The voices that a clip has, of those that are heard in `audio` (V, L); of all if none is."""
    heard = [voice for voice in range(len(audio)) if np.abs(audio[voice]).max() > _LEAST_PEAK]
    heard = heard or list(range(len(audio)))
    choice = str(random.choice(list(_CHOICES), p=list(_CHOICES.values())))
    if choice == "no drums":
        pitched = [voice for voice in heard if take.voices[voice][0] != "drums"]
        return pitched or heard
    if choice == "one":
        return [heard[int(random.integers(len(heard)))]]
    if choice == "some":
        count = int(random.integers(1, len(heard) + 1))
        return sorted(random.permutation(heard)[:count].tolist())
    return heard


def _moved(rows: NDArray[np.float64], times: int, start: float, speed: float) -> NDArray[np.float64]:
    """Rows whose first `times` columns are seconds, from `start` on and at `speed`."""
    moved = rows.copy()
    moved[:, :times] = (moved[:, :times] - start) / speed
    return moved


def _shares(names: Sequence[str], classes: tuple[str, ...]) -> Tensor:
    shares = torch.zeros(len(classes))
    for name in names:
        shares[classes.index(name)] += 1 / len(names)
    return shares
