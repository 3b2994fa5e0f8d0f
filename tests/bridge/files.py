"""Files for tests: finished takes and short source audio."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from bridge.library.loop_marks import LoopMarks
from bridge.library.recipes import Recipe
from bridge.outputs.drop import write_take
from tests.bridge.render_requests import make_recipe


def drop_take(path: Path, recipe: Recipe | None = None) -> Path:
    recipe = recipe or make_recipe()
    audio = np.full((2, 4_410), 0.25, np.float32)
    return write_take(
        path,
        audio,
        44_100,
        format=recipe.request.format,
        marks=LoopMarks(bpm=120.0),
        recipe_compact=recipe.compact(),
        recipe_readable=recipe.readable(),
    )


def write_model(folder: Path, **sampling: object) -> Path:
    """A model that can be asked how it is sampled, and has no weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"sampling": sampling}), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"")
    return folder


def write_tone(path: Path, seconds: float) -> Path:
    """A stereo file at 44.1 kHz that can be heard: 220 Hz at a tenth of full scale."""
    tone = 0.1 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * 44_100)) / 44_100)
    soundfile.write(path, np.stack((tone, tone), axis=1), 44_100)
    return path


def write_audio(path: Path, seconds: float = 0.1) -> Path:
    soundfile.write(path, np.zeros((round(seconds * 8_000), 1), np.float32) + 0.1, 8_000)
    return path
