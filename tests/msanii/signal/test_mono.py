"""mono: stereo that is still there in a mono sum."""

import pytest
import torch
from torch import Tensor

from msanii.metrics.faults import mono_loss_db
from msanii.signal.mono import survive_mono

RATE = 8_000


def noise(seed: int) -> Tensor:
    return torch.randn(RATE, generator=torch.Generator().manual_seed(seed))


def wide(side_gain: float) -> Tensor:
    """(2, L): middle and side are independent."""
    middle, side = noise(1), side_gain * noise(2)
    return torch.stack((middle + side, middle - side))


@pytest.mark.parametrize("side_gain", [1.1, 2.0, 10.0])
def test_channels_that_cancel_lose_3_db_and_their_sum_is_kept(side_gain: float) -> None:
    audio = wide(side_gain)
    narrowed = survive_mono(audio[None])[0]
    assert mono_loss_db(audio.numpy(), RATE) > 3.1
    assert mono_loss_db(narrowed.numpy(), RATE) == pytest.approx(3.01, abs=0.01)
    assert torch.allclose(narrowed.sum(dim=0), audio.sum(dim=0), atol=1e-4)


def test_variations_that_survive_mono_keep_their_samples() -> None:
    safe, cancelling = wide(0.9), wide(3.0)
    together = survive_mono(torch.stack((safe, cancelling)))
    assert torch.equal(together[0], safe)
    assert torch.equal(together[1], survive_mono(cancelling[None])[0])


def test_what_has_no_mono_sum_or_no_two_channels_is_left_alone() -> None:
    opposite = torch.stack((noise(1), -noise(1)))[None]
    for audio in (opposite, torch.zeros(1, 2, RATE), noise(1)[None, None]):
        assert torch.equal(survive_mono(audio), audio)
