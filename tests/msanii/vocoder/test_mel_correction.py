"""Mel correction: matching audio is unchanged, other audio moves towards its mel; at once and in pieces."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from msanii.config import TransformsConfig
from msanii.signal.transforms import Transforms
from msanii.vocoder.mel_correction import MOST_LOG_GAINS, CorrectionStream, MelCorrection

HOP = 1024
TRANSFORMS = Transforms(TransformsConfig()).eval()
CORRECTION = MelCorrection(TRANSFORMS)


def music(samples: int) -> Tensor:
    """Two lines (2, L): tones with attacks over a little noise."""
    time = torch.arange(samples) / 44_100
    tones = [torch.sin(2 * torch.pi * hertz * time) * torch.exp(-6 * (time % 0.4)) for hertz in (220, 700)]
    noise = torch.randn(2, samples, generator=torch.Generator().manual_seed(0))
    return torch.stack(tones) * 0.3 + noise * 0.01


def mel_of(line: Tensor) -> Tensor:
    """(N, T, M)."""
    return TRANSFORMS.log_mel(line).transpose(1, 2)


def corrected(line: Tensor, mel: Tensor) -> Tensor:
    stream = CorrectionStream(CORRECTION)
    stream.push_mel(mel)
    return stream.push(line, last=True)


def test_audio_that_matches_its_mel_is_unchanged() -> None:
    line = music(40 * HOP)
    torch.testing.assert_close(corrected(line, mel_of(line)), line, atol=1e-4, rtol=0)


def test_correction_moves_audio_towards_the_mel() -> None:
    asked = music(40 * HOP)
    # Smeared and with a hole, as if the phases of windows disagreed.
    smeared = (asked + 0.7 * asked.roll(600, 1)) * (1 - 0.6 * (torch.arange(40 * HOP) // 4000 % 2))
    made = corrected(smeared, mel_of(asked))
    before, after = ((mel_of(line) - mel_of(asked)).abs().mean() for line in (smeared, made))
    assert after < 0.2 * before


def test_gains_are_limited() -> None:
    line = music(20 * HOP) * 1e-3
    louder = corrected(line, mel_of(line) + 10)
    gain = float(louder.square().mean().sqrt() / line.square().mean().sqrt())
    assert 0.9 < gain / math.exp(sum(MOST_LOG_GAINS)) < 1.02


@pytest.mark.parametrize("sizes", [[1] * 40, [5, 1, 34], [40]])
def test_correction_in_pieces_equals_the_whole(sizes: list[int]) -> None:
    line, asked = music(40 * HOP), mel_of(music(40 * HOP).flip(1))
    stream = CorrectionStream(CORRECTION)
    made = []
    pieces = torch.split(line, [size * HOP for size in sizes], 1)
    for piece, mel in zip(pieces, torch.split(asked[:, :-1], sizes, 1), strict=True):
        stream.push_mel(mel)
        made.append(stream.push(piece))
    stream.push_mel(asked[:, -1:])
    made.append(stream.push(line[:, :0], last=True))
    torch.testing.assert_close(torch.cat(made, dim=1), corrected(line, asked), atol=1e-5, rtol=0)


@pytest.mark.parametrize("samples", [0, 1, HOP])
def test_audio_shorter_than_half_a_window_is_unchanged(samples: int) -> None:
    line = music(samples)
    assert torch.equal(corrected(line, torch.zeros(2, samples // HOP + 1, 128)), line)
