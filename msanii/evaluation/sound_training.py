"""Training of the sound classifier on renders of training songs: minutes on a CPU.

Letters: N windows, M mels, T frames.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from msanii.data.shards import Song, read_songs
from msanii.errors import DataError
from msanii.evaluation.sound_classifier import SoundClassifier, sound_windows
from msanii.music.sounds import FIRST_SOUNDS

STEPS = 3000
BATCH = 96
LEARNING_RATE = 2e-3
# Random gain, so that sounds are recognised at any level.
_GAIN_NEPERS = 0.7
_WINDOWS_PER_SONG = 32


def train_classifier(
    folder: Path,
    *,
    names: Sequence[str] = FIRST_SOUNDS,
    steps: int = STEPS,
    batch: int = BATCH,
    seed: int = 0,
    on_step: Callable[[float], None] | None = None,
) -> SoundClassifier:
    """Train a classifier of the sounds `names` on the shards of `folder` that play one of them alone.

    Every sound has an equal share. Raises DataError if one is missing.
    """
    windows, sounds = labelled_windows(
        [song for song in read_songs(folder) if single_sound(song, names)], seed, names
    )
    places = [torch.nonzero(sounds == sound).flatten() for sound in range(len(names))]
    lacking = [name for name, found in zip(names, places, strict=True) if not len(found)]
    if lacking:
        raise DataError(f"{folder}: no song there plays {', '.join(lacking)}; render more songs")
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = SoundClassifier(names)
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    for step in range(steps):
        wanted = torch.randint(len(names), (batch,), generator=generator)
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
    names = classifier.names
    windows, sounds = labelled_windows(
        [song for song in read_songs(folder) if single_sound(song, names)], seed, names
    )
    named = torch.cat([classifier(part.float())[1].argmax(dim=-1) for part in torch.split(windows, 256)])
    return float((named == sounds).float().mean())


def single_sound(song: Song, names: Collection[str] = FIRST_SOUNDS) -> bool:
    """Return whether the song is played by a single one of the sounds `names`."""
    sounds = song.events.sounds or ()
    return len(sounds) == 1 and sounds[0] in names and song.events.part != "mix"


def labelled_windows(
    songs: Sequence[Song], seed: int, names: Sequence[str] = FIRST_SOUNDS
) -> tuple[Tensor, Tensor]:
    """Up to 32 windows of each song, float16 (N, M, 64), and their sounds (N,) as indices in `names`."""
    generator = torch.Generator().manual_seed(seed)
    names = list(names)
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
