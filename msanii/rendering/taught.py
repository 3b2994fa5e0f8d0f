"""U-Nets that play taught sounds, made from the model's own when a score asks for them.

Letter: B scores.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from msanii.checkpoint.taught_sound import read_taught
from msanii.config import ModelConfig
from msanii.controls.features import require_known
from msanii.devices import Placement
from msanii.diffusion.low_rank import Ingredient, RowMix, TaughtSound, sound_row, with_sounds
from msanii.diffusion.sampling import OnStep
from msanii.diffusion.unet import UNet
from msanii.errors import ScoreError
from msanii.music.score import Score
from msanii.music.sounds import known_sounds
from msanii.music.taught.asked import Mix

# Each holds a copy of most of the U-Net's weights.
_MOST_KEPT = 2


class TaughtUNets:
    """Makes and keeps U-Nets for mixes with taught sounds; the model's own U-Net is never changed."""

    def __init__(self, unet: UNet, config: ModelConfig, fingerprint: str, placement: Placement) -> None:
        self._unet = unet
        self._config = config
        self._fingerprints = (fingerprint, *config.former_fingerprints)
        self._placement = placement
        self._sounds: dict[str, TaughtSound] = {}
        self._made: OrderedDict[object, UNet] = OrderedDict()

    def add(self, sha256: str, path: Path) -> None:
        """Read the file of a taught sound, unless it was read before. Raises CheckpointError."""
        if sha256 not in self._sounds:
            self._sounds[sha256] = read_taught(path, self._unet, self._fingerprints, sha256)

    def of(self, score: Score | None) -> UNet:
        """The U-Net that plays a score: the model's own if no sound of it is taught. Raises ScoreError."""
        if score is None or not score.mixes:
            return self._unet
        key = (score.sounds, score.mixes)
        if key not in self._made:
            while len(self._made) >= _MOST_KEPT:
                self._made.popitem(last=False)
            made = with_sounds(self._unet, self._row_mixes(score))
            self._made[key] = made
        self._made.move_to_end(key)
        return self._made[key]

    def _row_mixes(self, score: Score) -> Sequence[RowMix]:
        """The mixes by the built-in sounds in whose place they stand; some may stand in the same."""
        pairs = list(zip(score.sounds, score.mixes, strict=True))
        plain = {sound for sound, mix in pairs if not mix}
        return [
            RowMix(
                self._row(like),
                [one for sound, mix in pairs if sound == like for one in self._ingredients(mix)],
                beside=like in plain,
            )
            for like in dict.fromkeys(sound for sound, mix in pairs if mix)
        ]

    def _ingredients(self, mix: Mix) -> list[Ingredient]:
        return [
            Ingredient(one.share, self._sound(one.sha256))
            if one.sha256
            else Ingredient(one.share, row=self._row(one.like))
            for one in mix
        ]

    def _sound(self, sha256: str) -> TaughtSound:
        if sha256 not in self._sounds:
            raise ScoreError(f"sound: the taught sound {sha256[:12]} was not loaded; load it first")
        return self._sounds[sha256]

    def _row(self, like: str) -> int:
        known = known_sounds(self._config.unet.controls)
        require_known([like], known)
        return sound_row(self._config.unet, known.index(like))


def groups_of(scores: Sequence[Score]) -> list[list[int]]:
    """The numbers of the scores that one U-Net plays, in order of their first."""
    groups: dict[object, list[int]] = {}
    for number, score in enumerate(scores):
        key = (score.sounds, score.mixes) if score.mixes else None
        groups.setdefault(key, []).append(number)
    return list(groups.values())


def in_groups(
    render: Callable[..., Tensor],
    groups: Sequence[Sequence[int]],
    scores: Sequence[Score],
    seeds: Sequence[int],
    on_step: OnStep | None,
) -> Tensor:
    """Render the groups of scores one after the other, and put the results (B, ...) in the scores' order."""
    made: dict[int, Tensor] = {}
    for group in groups:
        done, share = len(made) / len(scores), len(group) / len(scores)
        rendered = render(
            [scores[number] for number in group],
            seeds=[seeds[number] for number in group],
            on_step=None if on_step is None else _from(on_step, done, share),
        )
        made |= dict(zip(group, rendered, strict=True))
    return torch.stack([made[number] for number in range(len(scores))])


def _from(on_step: OnStep, done: float, share: float) -> OnStep:
    return lambda fraction: on_step(done + share * fraction)
