"""A tiny model that knows the full palette and velocities, and prompts in sounds that need no sound font."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from msanii.config import DEFAULT_CONTROLS, ControlGroup
from msanii.evaluation.prompts import Prompt
from msanii.evaluation.reference import Reference
from msanii.evaluation.sound_classifier import SoundClassifier, gaussian
from msanii.metrics.melody_match import corpus, intervals
from msanii.music.palette import PALETTE
from msanii.music.score import Feel, Note, make_score
from tests.conftest import save_tiny_model

CONTROLS = (
    *(replace(group, width=43) if group.name == "sound" else group for group in DEFAULT_CONTROLS),
    ControlGroup(name="velocity", width=88),
)
SYNTHESIZED = {"keys": "chord stab", "pad": "sweep pad", "bass": "saw bass", "lead": "square lead",
               "drums": "909 kit"}  # fmt: skip


def save_palette_model(folder: Path) -> Path:
    """Write a tiny model of 43 sounds."""
    return save_tiny_model(folder, controls=CONTROLS)


def written_font(path: Path) -> Path:
    """A file that passes for a sound font, where nothing is played on it."""
    path.write_bytes(b"RIFF\0\0\0\0sfbk")
    return path


def palette_prompt(part: str, sound: str | None = None, seconds: float = 1.7) -> Prompt:
    """Four notes of a part on a synthesized sound."""
    score = make_score(seconds=seconds, bpm=120, chords="Am F", part=part, feel=Feel(swing=0.5))
    pitch = {"drums": 38, "bass": 33}.get(part, 69)
    notes = tuple(
        Note(onset_seconds=0.1 + 0.4 * place, end_seconds=0.4 + 0.4 * place, pitch=pitch, velocity=100)
        for place in range(4)
    )
    named = replace(score, sounds=(sound or SYNTHESIZED[part],))
    return Prompt(purpose=part, song="880", score=named, notes=notes, feel=Feel(), real={"notes": 0.9})


def palette_reference(*prompts: Prompt) -> Reference:
    """Small, of the full palette, with an untrained classifier."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        classifier = SoundClassifier(PALETTE).eval()
    return Reference(
        prompts=prompts or tuple(palette_prompt(part) for part in SYNTHESIZED),
        classifier=classifier,
        accuracy=0.9,
        real=gaussian(np.random.default_rng(0).standard_normal((500, 32))),
        real_to_real=0.5,
        melodies=corpus([intervals((60, 62, 64, 65, 67, 69))]),
        chance=np.array([3.0, 4.0, 5.0]),
    )
