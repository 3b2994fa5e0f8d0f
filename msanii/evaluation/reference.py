"""The reference for the evaluation: prompts, metrics of real renders, a sound classifier, known melodies.

Letters: D features, N intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar
from zipfile import BadZipFile

import numpy as np

from msanii.config import ModelConfig
from msanii.errors import DataError, MsaniiError
from msanii.evaluation.clip_metrics import (
    Metrics,
    chord_metrics,
    feel_metric,
    grid_metrics,
    score_chords,
)
from msanii.evaluation.prompts import DRUMS_STEP, Prompt, read_prompts, write_prompts
from msanii.evaluation.sound_classifier import SoundClassifier, load_classifier, save_classifier
from msanii.metrics.harmony import Audio, FloatArray
from msanii.metrics.level import level_metrics
from msanii.metrics.melody_match import Intervals
from msanii.music.palette import PALETTE
from msanii.music.sounds import known_sounds

T = TypeVar("T")


class HasPurpose(Protocol):
    """An item with a purpose, such as a prompt."""

    @property
    def purpose(self) -> str: ...


P = TypeVar("P", bound=HasPurpose)

REFERENCE_FOLDER = Path(__file__).with_name("reference_data")
FULL_REFERENCE_FOLDER = REFERENCE_FOLDER / "full_palette"
FEELS_OF = {"swing": ("swing",), "piano": ("density", "register", "dynamics")}
PITCHED = ("keys", "pad", "bass", "lead")
MIX = "mix"
CHANCE_PERCENTILE = 95.0
WINDOWS = 1000
_PROMPTS, _CLASSIFIER, _ARRAYS = "prompts.json.gz", "sound_classifier.safetensors", "reference.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """A reference. `accuracy` is the classifier's on windows of real test renders.

    `accuracy_by_sound` is the same for each sound that it names; empty in older references.
    `real` is the mean (D,) and covariance (D, D) of real windows, `real_to_real` their Frechet distance to
    windows of other real renders; `melodies` are those of the training songs, and `chance` (clips,) the
    number of notes that real test melodies share with them.
    """

    prompts: tuple[Prompt, ...]
    classifier: SoundClassifier
    accuracy: float
    real: tuple[FloatArray, FloatArray]
    real_to_real: float
    melodies: Intervals
    chance: FloatArray
    accuracy_by_sound: Mapping[str, float] = field(default_factory=dict)

    @property
    def chance_notes(self) -> float:
        """The 95th percentile of `chance`."""
        return float(np.percentile(self.chance, CHANCE_PERCENTILE))

    def of(self, purpose: str, count: int | None = None) -> tuple[Prompt, ...]:
        """The prompts of a purpose, or `count` of them evenly spread."""
        found = [prompt for prompt in self.prompts if prompt.purpose == purpose]
        return tuple(found if count is None else spread(found, count))


def write_reference(folder: Path, reference: Reference) -> None:
    """Write the folder's three files. Raises DataError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_prompts(folder / _PROMPTS, reference.prompts)
        save_classifier(reference.classifier, folder / _CLASSIFIER)
        np.savez_compressed(
            folder / _ARRAYS,
            accuracy=np.float64(reference.accuracy),
            mean=reference.real[0].astype(np.float32),
            covariance=reference.real[1].astype(np.float32),
            real_to_real=np.float64(reference.real_to_real),
            melodies=reference.melodies,
            chance=reference.chance.astype(np.uint8),
            accuracy_by_sound=np.array(
                [reference.accuracy_by_sound.get(name, np.nan) for name in reference.classifier.names],
                np.float32,
            ),
        )
    except OSError as error:
        raise DataError(f"reference: {folder} cannot be written ({error}); check the folder") from error


def read_reference(folder: Path = REFERENCE_FOLDER) -> Reference:
    """Read a reference (by default the shipped one). Raises DataError if it is missing or invalid."""
    prompts = read_prompts(folder / _PROMPTS)
    classifier = load_classifier(folder / _CLASSIFIER)
    try:
        with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
            return Reference(
                prompts=prompts,
                classifier=classifier,
                accuracy=float(arrays["accuracy"]),
                real=(arrays["mean"].astype(np.float64), arrays["covariance"].astype(np.float64)),
                real_to_real=float(arrays["real_to_real"]),
                melodies=arrays["melodies"],
                chance=arrays["chance"].astype(np.float64),
                accuracy_by_sound=_known(classifier.names, arrays.get("accuracy_by_sound", ())),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise DataError(f"reference: {folder / _ARRAYS} cannot be read ({error}); make it again") from error


def _known(names: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=False) if value == value}


def shipped_reference(*configs: ModelConfig) -> Path:
    """The folder of the shipped reference that asks for no sound which one of the models does not know."""
    knows_all = all(len(known_sounds(config.unet.controls)) == len(PALETTE) for config in configs)
    return FULL_REFERENCE_FOLDER if knows_all else REFERENCE_FOLDER


def check_sounds(reference: Reference, config: ModelConfig) -> None:
    """Raise MsaniiError if prompts are in sounds that a model does not know, unless it knows none at all."""
    known = known_sounds(config.unet.controls)
    strange = {sound for prompt in reference.prompts for sound in prompt.score.sounds if sound not in known}
    if known and strange:
        raise MsaniiError(
            f"reference: {config.name} knows {len(known)} sounds, and not {', '.join(sorted(strange))[:60]}; "
            "leave --reference out, or give one made with --palette model"
        )


def has_classifier(folder: Path) -> bool:
    """Return whether a folder is a reference with a sound classifier, not training data."""
    return (folder / _CLASSIFIER).is_file()


def read_classifier(folder: Path) -> SoundClassifier:
    """Read a reference's classifier only, as an older reference may lack the rest. Raises DataError."""
    return load_classifier(folder / _CLASSIFIER)


def clip_metrics(audio: Audio, rate: int, prompt: Prompt) -> Metrics:
    """The levels of a clip (C, L), generated or real, and the metrics that its prompt's rows need."""
    score = prompt.score
    found: Metrics = level_metrics(audio, rate)
    if prompt.purpose in (*PITCHED, "piano", MIX):
        found |= chord_metrics(audio, rate, score_chords(score), score.part)
    if prompt.purpose in ("drums", MIX):
        found |= grid_metrics(audio, rate, score.bpm)
    for feel in FEELS_OF.get(prompt.purpose, ()):
        found[feel] = feel_metric(audio, rate, score.bpm, feel)
    return found


def sound_prompts(items: Sequence[P]) -> list[P]:
    """The items whose clips go to the sound classifier, by their purpose."""
    pitched = [item for item in items if item.purpose in PITCHED]
    return pitched + [item for item in items if item.purpose == "drums"][::DRUMS_STEP]


def share_correct(named: Sequence[str], sound: str) -> float:
    """The share of windows that were classified as the sound; NaN without windows."""
    return sum(name == sound for name in named) / len(named) if named else float("nan")


def spread(items: Sequence[T], count: int) -> list[T]:
    """At most `count` of the items, evenly spread from first to last."""
    if count >= len(items):
        return list(items)
    return [items[place * len(items) // count] for place in range(count)]
