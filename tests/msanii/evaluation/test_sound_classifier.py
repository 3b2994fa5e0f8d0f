"""The sound classifier: windows, file, training on shards, and the shipped one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from msanii.controls.tensor import Events
from msanii.data.shards import write_song
from msanii.data.synthesizer import encode
from msanii.errors import DataError
from msanii.evaluation.reference import read_reference
from msanii.evaluation.sound_classifier import (
    FEATURES,
    SoundClassifier,
    classify_windows,
    load_classifier,
    save_classifier,
    sound_windows,
)
from msanii.evaluation.sound_training import accuracy, train_classifier
from msanii.music.sounds import FIRST_SOUNDS

RATE = 44_100


def write_songs(folder: Path, seed: int) -> Path:
    """A song for each sound: a chord with harmonics of its own, three seconds long."""
    folder.mkdir()
    random = np.random.default_rng(seed)
    time = np.arange(3 * RATE) / RATE
    for place, name in enumerate(FIRST_SOUNDS):
        hertz = 110 * 2 ** (random.integers(12) / 12)
        # Each sound has one harmonic that stands out, and another brightness.
        wave = sum(
            np.sin(2 * np.pi * hertz * n * time) * (4.0 if n == place + 1 else 0.5 / n) for n in range(1, 24)
        )
        line = np.stack([wave, wave]).astype(np.float32) * np.float32(0.05)
        path = folder / f"{900 + place}_1.safetensors"
        write_song(path, encode(line), Events(sounds=(name,), part="keys"), {})
    return folder


def test_windows_overlap_a_little_and_silence_has_none() -> None:
    assert sound_windows(torch.zeros(2, 128, 512)).shape == (8, 128, 64)
    assert sound_windows(torch.full((2, 128, 512), -11.0)).shape[0] == 0
    assert sound_windows(torch.zeros(2, 128, 63)).shape[0] == 0


def test_a_classifier_survives_writing_and_reading(tmp_path: Path) -> None:
    classifier = SoundClassifier().eval()
    save_classifier(classifier, tmp_path / "c.safetensors")
    assert (tmp_path / "c.safetensors").stat().st_size < 200_000
    windows = torch.randn(3, 128, 64, generator=torch.Generator().manual_seed(0))
    kept = load_classifier(tmp_path / "c.safetensors")
    with torch.no_grad():
        torch.testing.assert_close(kept(windows)[1], classifier(windows)[1], atol=2e-2, rtol=2e-2)
    few = SoundClassifier(("saw bass", "clav"))
    save_classifier(few, tmp_path / "few.safetensors")
    assert load_classifier(tmp_path / "few.safetensors").names == ("saw bass", "clav")
    (tmp_path / "d.safetensors").write_bytes(b"none")
    with pytest.raises(DataError, match="not a sound classifier"):
        load_classifier(tmp_path / "d.safetensors")


def test_training_tells_sounds_apart(tmp_path: Path) -> None:
    train = write_songs(tmp_path / "train", 0)
    assert accuracy(SoundClassifier().eval(), train) < 0.3
    assert accuracy(train_classifier(train, steps=60, batch=32), train) > 0.5


def test_a_missing_sound_is_named(tmp_path: Path) -> None:
    folder = write_songs(tmp_path / "train", 0)
    (folder / "900_1.safetensors").unlink()
    with pytest.raises(DataError, match="grand piano"):
        train_classifier(folder, steps=1)


def test_the_shipped_classifier_serves_every_row() -> None:
    held = read_reference()
    for purpose in ("keys", "pad", "bass", "lead", "swing", "piano"):
        assert len(held.of(purpose)) == 32
    drums = held.of("drums")
    for low, high in ((60, 90), (90, 130), (130, 180)):
        assert sum(low <= prompt.score.bpm < high for prompt in drums) >= 32
    for meter in ((4, 4), (3, 4), (6, 8), (7, 8)):
        found = [p for p in drums if (p.score.numerator, p.score.denominator) == meter]
        assert len(found) >= 32
        on, beside = (np.mean([p.real[name] for p in found]) for name in ("grid", "grid_shifted"))
        assert on > 0.75
        assert beside < 0.2
    assert all(880 <= int(prompt.song) <= 909 for prompt in held.prompts)
    assert held.accuracy > 0.9
    assert held.real[0].shape == (FEATURES,)
    features, named = classify_windows(held.classifier, np.zeros((2, 2 * RATE), np.float32), RATE)
    assert (len(features), len(named)) == (0, 0)
