"""Songs and settings for small trainings of the U-Net."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from accelerate.state import AcceleratorState

from msanii.controls.features import Events
from msanii.data.shards import write_song
from tests.msanii.training.tiny_runs import MODEL, RATE, SETTINGS


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short songs of noise and tone, with their events and audio."""
    folder = tmp_path_factory.mktemp("data") / "train"
    folder.mkdir()
    random = np.random.default_rng(0)
    for song in range(2):
        mel = random.normal(-3, 2, (2, 128, 40)).astype(np.float16)
        chords = np.array([[0.0, 2.0, 9.0, 9.0, *[float(tone in (9, 0, 4)) for tone in range(12)]]])
        beats = np.array([[beat * 0.5, float(beat % 4 == 0), 1.0] for beat in range(5)])
        notes = np.array([[0.0, 0.4, 57.0, 80.0]])
        write_song(
            folder / f"{song:03d}.safetensors", mel, Events(chords=chords, beats=beats, notes=notes), {}
        )
        audio = random.normal(0, 0.1, (RATE, 2)).astype(np.float32)
        soundfile.write(folder / f"{song:03d}.flac", audio, RATE)
    return folder.parent


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration file for a task, with changes."""

    def write(task: str, **changes: object) -> Path:
        path = tmp_path / f"{task}.yaml"
        path.write_text(yaml.safe_dump({"task": task, "model": MODEL, **SETTINGS, **changes}))
        return path

    return write


@pytest.fixture(autouse=True)
def forgotten_precision() -> Iterator[None]:
    """accelerate keeps a process's first precision; the next test may want another."""
    yield
    AcceleratorState._reset_state()
