"""likeness: what a variation left as it was sounds as it did; what it moved is the vocoder's."""

from __future__ import annotations

import torch

from msanii.rendering.spectral_detail import transfer_detail

BANK = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])  # (F, M)


def noise(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_mel_that_did_not_move_leaves_the_source_s_magnitude() -> None:
    source, guess = noise(1, 4, 5, seed=0).exp(), noise(2, 1, 4, 5, seed=1).exp()
    mel = noise(1, 2, 5, seed=2)
    made = transfer_detail(guess, mel.expand(2, 1, 2, 5), source, mel, BANK)
    torch.testing.assert_close(made[:, :, 1:], source[:, 1:].expand(2, 1, 3, 5))
    # No mel hears the lowest bin, so nobody knows whether it stayed.
    torch.testing.assert_close(made[:, :, 0], guess[:, :, 0])


def test_a_mel_that_moved_far_is_the_vocoder_s() -> None:
    source, guess, mel = noise(1, 4, 5, seed=0).exp(), noise(1, 1, 4, 5, seed=1).exp(), noise(1, 2, 5, seed=2)
    torch.testing.assert_close(transfer_detail(guess, mel[None] + 6, source, mel, BANK), guess)


def test_only_the_bins_of_what_moved_change() -> None:
    source, guess, mel = noise(1, 4, 5, seed=0).exp(), noise(1, 1, 4, 5, seed=1).exp(), noise(1, 2, 5, seed=2)
    moved = mel[None].clone()
    moved[:, :, 1] += 6
    made = transfer_detail(guess, moved, source, mel, BANK)
    torch.testing.assert_close(made[0, :, 1], source[:, 1])
    torch.testing.assert_close(made[0, :, 3], guess[0, :, 3])
