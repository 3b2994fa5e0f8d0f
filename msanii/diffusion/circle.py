"""Music on a circle: a loop's end is followed by its start at every network call, so that it has no seam.

Letters: B batch, C audio channels, M mels, T frames of the loop, R frames of its tail, K control rows. The
networks take lines of certain lengths only; here they are called with the loop gone on with on both sides,
and what they say of it is cropped. The samplers stay as they are, for a loop of any number of frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from msanii.diffusion.denoiser import Network, Predict

# What a network hears at least beyond each end of a loop.
MARGIN_FRAMES = 64
# What it hears at least before a loop's tail: with 4 s of tail that makes the 12 s that it was trained on.
TAIL_CONTEXT_FRAMES = 320


@dataclass(frozen=True, slots=True)
class Circle:
    """A loop of `samples` in T = `frames`, and R = `tail_frames` of what rings on where it is left.

    Everything that is sampled for it is T + R frames long: the loop, then its tail, whose first frame is
    centred where the loop ends.
    """

    samples: int
    frames: int
    tail_frames: int = 0

    @classmethod
    def of(cls, samples: int, hop: int, tail_samples: int = 0) -> Circle:
        """The circle of that many samples whose frames lie nearest to `hop` samples apart."""
        # The tail's last frame lies at its end or after it.
        tail = -(-tail_samples // hop) + 1 if tail_samples else 0
        return cls(samples, max(1, round(samples / hop)), tail)

    @property
    def line_frames(self) -> int:
        """T + R: how many frames are sampled."""
        return self.frames + self.tail_frames

    def around(self, network: Network, multiple: int) -> Network:
        """The network for lines of any multiple of frames as one for this circle and its tail.

        Its controls (B, K, T + R) are laid out as the mel.
        """
        left, right = self._margins(multiple)
        before = self._tail_context(multiple)

        def around_loop(line: Tensor) -> Tensor:
            return wrap(line[..., : self.frames], left, right)

        def into_tail(line: Tensor) -> Tensor:
            return self.tail_line(line, before)

        def on_circle(controls: Tensor | None) -> Predict:
            loop = network(None if controls is None else around_loop(controls))
            tail = None
            if self.tail_frames:
                tail = network(None if controls is None else into_tail(controls))

            def predict(x: Tensor, timestep: Tensor) -> Tensor:
                here = loop(around_loop(x), timestep)[..., left : left + self.frames]
                if tail is None:
                    return here
                return torch.cat((here, tail(into_tail(x), timestep)[..., before:]), dim=-1)

            return predict

        return on_circle

    def tail_line(self, line: Tensor, before: int) -> Tensor:
        """The last `before` frames of the loop, gone round as often as needed, and its tail."""
        loop, tail = line[..., : self.frames], line[..., self.frames :]
        return torch.cat((wrap(loop, before, 0)[..., :before], tail), dim=-1)

    def _margins(self, multiple: int) -> tuple[int, int]:
        """How far to go on with the loop on both sides: at least `MARGIN_FRAMES`, up to the multiple."""
        total = -(-(self.frames + 2 * MARGIN_FRAMES) // multiple) * multiple
        left = (total - self.frames) // 2
        return left, total - self.frames - left

    def _tail_context(self, multiple: int) -> int:
        total = -(-(self.tail_frames + TAIL_CONTEXT_FRAMES) // multiple) * multiple
        return total - self.tail_frames


def wrap(line: Tensor, left: int, right: int) -> Tensor:
    """A loop (..., T) gone on with on both sides, (..., left + T + right), round and round if need be."""
    frames = line.shape[-1]
    places = torch.arange(-left, frames + right, device=line.device) % frames
    return line.index_select(-1, places)
