"""A simple instrument that plays notes into a recording, and a small sound that was taught."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from msanii.checkpoint.folder import load_model
from msanii.checkpoint.taught_sound import Description, write_taught
from msanii.diffusion.low_rank import TaughtSound, Update, update_shapes
from msanii.music.midi_notes import BeatNote
from msanii.music.taught.folder import TaughtFile, read_file
from msanii.teaching.calibration import Calibration, pitched_calibration, read_range

RATE = 22_050


def short_calibration(notes: int = 60, keys: str = "C2-C6") -> Calibration:
    """The beginning of the usual calibration, about half a minute long."""
    whole = pitched_calibration(read_range(keys))
    return dataclasses.replace(whole, notes=whole.notes[:notes])


def played(
    notes: Iterable[BeatNote],
    *,
    rate: int = RATE,
    latency_seconds: float = 0.3,
    drift_ppm: float = 0.0,
    bpm: float = 120.0,
    attack_seconds: float = 0.002,
) -> NDArray[np.float32]:
    """Plucked strings, (L,), on a recorder whose clock is off by `drift_ppm`."""
    beat = 60 / bpm * (1 + drift_ppm * 1e-6)
    notes = list(notes)
    audio = np.zeros(round((max(note[1] for note in notes) * beat + latency_seconds + 3.0) * rate))
    for onset, end, pitch, velocity in notes:
        start = round((onset * beat + latency_seconds) * rate)
        time = np.arange(round(((end - onset) * beat + 0.1) * rate)) / rate
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * hertz * number * time) / number**2 for number in (1, 2, 3))
        tone *= np.exp(-4 * time) * velocity / 127 * np.minimum(1, time / attack_seconds)
        audio[start : start + len(tone)] += tone[: len(audio) - start]
    return np.asarray(audio / np.abs(audio).max() * 0.5, np.float32)


def write_recording(path: Path, audio: NDArray[np.float32], rate: int = RATE) -> Path:
    """Write a recording with 24 bits."""
    soundfile.write(path, audio.T, rate, subtype="PCM_24")
    return path


def write_sound(
    folder: Path,
    model_folder: Path,
    name: str = "my juno",
    *,
    like: str = "warm pad",
    seed: int = 0,
    rank: int = 2,
    replace: bool = False,
) -> TaughtFile:
    """Write a taught sound of random weights, large enough to be heard."""
    model = load_model(model_folder)
    generator = torch.Generator().manual_seed(seed)
    updates = {
        layer: Update(*(torch.randn(shape, generator=generator) * 0.2 for shape in shapes))
        for layer, shapes in update_shapes(model.unet, rank).items()
    }
    sound = TaughtSound(torch.randn(model.config.unet.d_base, generator=generator), updates)
    description = Description(
        name=name,
        like=like,
        model_fingerprint=model.fingerprint,
        rank=rank,
        seed=seed,
        keys=(36, 84),
        recording_sha256="0" * 64,
        figures={},
    )
    return read_file(write_taught(folder, sound, description, replace=replace))
