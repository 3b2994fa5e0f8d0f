"""Restoring: noise is measured, bands are only turned down, the command keeps length and rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from msanii.checkpoint.folder import load_model
from msanii.devices import choose_placement
from msanii.errors import AudioError, MsaniiError
from msanii.rendering.denoising import (
    LEAST_STRENGTH,
    MOST_STRENGTH,
    Restorer,
    noise_level_db,
    restoring_figures,
    snr_db,
    strength_for,
)
from tests.msanii.command import read, run, write_chord

RATE = 44_100


def notes(seconds: float = 2.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Three decaying tones a second with rests between, (2, L)."""
    time = np.arange(round(seconds * RATE)) / RATE
    envelope = np.exp(-8 * (time % (1 / 3)))
    line = 0.3 * envelope * np.sin(2 * np.pi * 330 * time)
    return np.stack([line, line]).astype(np.float32)


def test_the_ratio_is_in_decibels() -> None:
    clean = notes()
    assert snr_db(clean * np.float32(1.1), clean) == pytest.approx(20.0, abs=0.01)
    assert snr_db(clean, clean) > 100


def test_more_noise_is_heard_as_more_and_asks_for_more_strength(tiny_model: Path) -> None:
    transforms = load_model(tiny_model).transforms
    random = np.random.default_rng(0)
    noise = random.standard_normal(notes().shape).astype(np.float32)
    levels = [
        noise_level_db(transforms.log_mel(torch.from_numpy(notes() + np.float32(scale) * noise)))
        for scale in (0.0, 0.001, 0.01, 0.1)
    ]
    assert levels == sorted(levels)
    assert levels[3] - levels[2] == pytest.approx(20, abs=6)
    strengths = [strength_for(level) for level in (-100, -60, -30, -10, 0)]
    assert strengths == sorted(strengths)
    assert strengths[0] == LEAST_STRENGTH
    assert strengths[-1] == pytest.approx(MOST_STRENGTH)


def test_nothing_gets_louder_and_the_length_stays(tiny_model: Path) -> None:
    restorer = Restorer(load_model(tiny_model), choose_placement("cpu", "float32"))
    source = torch.from_numpy(notes()[:, :50_001])
    made, strength = restorer.restore(source, seed=3)
    again, _ = restorer.restore(source, seed=3)
    assert made.shape == source.shape
    assert torch.equal(made, again)
    assert made.square().sum() <= 1.01 * source.square().sum()
    assert LEAST_STRENGTH <= strength <= MOST_STRENGTH
    _, asked = restorer.restore(source, strength=0.3)
    assert asked == 0.3


def test_a_model_that_changes_nothing_leaves_the_recording(tiny_model: Path) -> None:
    restorer = Restorer(load_model(tiny_model), choose_placement("cpu", "float32"))
    line = torch.from_numpy(notes())
    unmasked = restorer._masked(line, torch.ones(2, 128, line.shape[1] // 1024 + 1))
    np.testing.assert_allclose(unmasked.numpy(), line.numpy(), atol=1e-4)


def test_figures_tell_what_was_added_and_what_was_gained(tiny_model: Path) -> None:
    restorer = Restorer(load_model(tiny_model), choose_placement("cpu", "float32"))
    found = restoring_figures(restorer, notes(), (0.0, 20.0))
    assert [gain.added_snr_db for gain in found] == pytest.approx([0.0, 20.0], abs=0.2)
    assert all(gain.gained_db == gain.restored_snr_db - gain.added_snr_db for gain in found)


def test_what_cannot_be_restored_is_told(tiny_model: Path) -> None:
    restorer = Restorer(load_model(tiny_model), choose_placement("cpu", "float32"))
    with pytest.raises(AudioError, match="silent"):
        restorer.restore(torch.zeros(1, RATE))
    with pytest.raises(AudioError, match=r"got 0\.000 seconds"):
        restorer.restore(torch.full((2, 1), 0.1))
    with pytest.raises(AudioError, match="not finite"):
        restorer.restore(torch.full((2, RATE), torch.nan))
    with pytest.raises(AudioError, match="expected channels, samples"):
        restorer.restore(torch.full((RATE,), 0.1))
    with pytest.raises(MsaniiError, match=r"strength: got 1\.5"):
        restorer.restore(torch.from_numpy(notes()), strength=1.5)


def test_a_mono_recording_stays_mono(tiny_model: Path) -> None:
    restorer = Restorer(load_model(tiny_model), choose_placement("cpu", "float32"))
    made, _ = restorer.restore(torch.from_numpy(notes(0.5)[:1]))
    assert made.shape == (1, RATE // 2)


def test_the_command_keeps_rate_and_length(tiny_model: Path, tmp_path: Path) -> None:
    source = write_chord(tmp_path / "in.wav", 48_000, 1.5)
    assert run("restore", source, "-o", tmp_path / "out.wav", "--model", tiny_model) == 0
    made, rate = read(tmp_path / "out.wav")
    assert (made.shape, rate) == ((72_000, 2), 48_000)
