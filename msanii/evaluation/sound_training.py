"""Training of the sound classifier on renders of training songs: minutes on a CPU.

Letters: N windows, M mels, T frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from msanii.data.shards import Song, read_songs
from msanii.errors import DataError
from msanii.evaluation.sound_classifier import SoundClassifier, sound_windows
from msanii.music.sounds import SOUNDS

STEPS = 1500
BATCH = 96
LEARNING_RATE = 2e-3
# Random gain, so that sounds are recognised at any level.
_GAIN_NEPERS = 0.7
_WINDOWS_PER_SONG = 12


def train_classifier(
    folder: Path,
    *,
    steps: int = STEPS,
    batch: int = BATCH,
    seed: int = 0,
    on_step: Callable[[float], None] | None = None,
) -> SoundClassifier:
    """Train a classifier on the single sounds in the shards of `folder`, with equal shares for all sounds.

    Raises DataError if a sound is missing.
    """
    windows, sounds = labelled_windows([song for song in read_songs(folder) if single_sound(song)], seed)
    places = [torch.nonzero(sounds == sound).flatten() for sound in range(len(SOUNDS))]
    lacking = [name for name, found in zip(SOUNDS, places, strict=True) if not len(found)]
    if lacking:
        raise DataError(f"{folder}: no song there plays {', '.join(lacking)}; render more songs")
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = SoundClassifier()
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    for step in range(steps):
        wanted = torch.randint(len(SOUNDS), (batch,), generator=generator)
        draws = torch.rand(batch, generator=generator, dtype=torch.float64)
        chosen = torch.stack(
            [
                places[sound][int(draw * len(places[sound]))]
                for sound, draw in zip(wanted.tolist(), draws.tolist(), strict=True)
            ]
        )
        gain = (2 * torch.rand(batch, 1, 1, generator=generator) - 1) * _GAIN_NEPERS
        _, logits = classifier(windows[chosen].float() + gain)
        loss = F.cross_entropy(logits, wanted, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(classifier.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if on_step is not None:
            on_step((step + 1) / steps)
    return classifier.eval()


@torch.inference_mode()
def accuracy(classifier: SoundClassifier, folder: Path, seed: int = 0) -> float:
    """The share, 0 to 1, of correctly classified windows of single sounds in the shards of `folder`."""
    windows, sounds = labelled_windows([song for song in read_songs(folder) if single_sound(song)], seed)
    named = torch.cat([classifier(part.float())[1].argmax(dim=-1) for part in torch.split(windows, 256)])
    return float((named == sounds).float().mean())


def single_sound(song: Song) -> bool:
    """Return whether the song is played by a single one of `SOUNDS`."""
    sounds = song.events.sounds or ()
    return len(sounds) == 1 and sounds[0] in SOUNDS and song.events.part != "mix"


def labelled_windows(songs: Sequence[Song], seed: int) -> tuple[Tensor, Tensor]:
    """Up to 12 windows of each song, float16 (N, M, 64), and their sounds (N,) as indices in `SOUNDS`."""
    generator = torch.Generator().manual_seed(seed)
    names = list(SOUNDS)
    windows: list[Tensor] = []
    sounds: list[int] = []
    for song in songs:
        found = sound_windows(torch.from_numpy(song.log_mel()))
        chosen = torch.randperm(len(found), generator=generator)[:_WINDOWS_PER_SONG]
        windows.append(found[chosen].half())
        sounds += [names.index((song.events.sounds or ("",))[0])] * len(chosen)
    if not sounds:
        raise DataError("sounds: no song plays a single sound; render data with `msanii data pop909`")
    return torch.cat(windows), torch.tensor(sounds)
