"""Sampling on a circle: at every network call, the end of a loop is followed by its start, so it has no seam.

Letters: B batch, C audio channels, M mels, T frames of the loop, R frames of its tail, K control rows. The
networks take certain numbers of frames only; they are called with the loop extended on both sides, and their
output is cropped. The samplers stay unchanged, for a loop of any number of frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from msanii.diffusion.denoiser import Network, Predict

# The least context on either side of a loop.
MARGIN_FRAMES = 64
# The least context before a loop's tail: with 4 s of tail this makes the 12 s of the training clips.
TAIL_CONTEXT_FRAMES = 320


@dataclass(frozen=True, slots=True)
class Circle:
    """A loop of `samples` in T = `frames`, and R = `tail_frames` of its tail, which rings on after it.

    Sampled tensors are T + R frames long: the loop, then the tail, whose first frame is centred on the loop's
    end.
    """

    samples: int
    frames: int
    tail_frames: int = 0

    @classmethod
    def of(cls, samples: int, hop: int, tail_samples: int = 0) -> Circle:
        """The circle of that many samples whose frame spacing is nearest to `hop`."""
        # Round up, so that the last frame is not before the tail's end.
        tail = -(-tail_samples // hop) + 1 if tail_samples else 0
        return cls(samples, max(1, round(samples / hop)), tail)

    @property
    def line_frames(self) -> int:
        """T + R, the number of frames to sample."""
        return self.frames + self.tail_frames

    def around(self, network: Network, multiple: int, tail_network: Network | None = None) -> Network:
        """Wrap a network that takes multiples of `multiple` frames into one for this circle and its tail.

        The wrapped network's controls (B, K, T + R) are laid out like the mel. `tail_network` renders the
        tail, if that is another.
        """
        left = self._margins(multiple)[0]
        before = self._tail_context(multiple)

        def around_loop(line: Tensor) -> Tensor:
            return self.loop_line(line, multiple)

        def into_tail(line: Tensor) -> Tensor:
            return self.tail_line(line, before)

        def on_circle(controls: Tensor | None) -> Predict:
            loop = network(None if controls is None else around_loop(controls))
            tail = None
            if self.tail_frames:
                tail = (tail_network or network)(None if controls is None else into_tail(controls))

            def predict(x: Tensor, timestep: Tensor) -> Tensor:
                here = loop(around_loop(x), timestep)[..., left : left + self.frames]
                if tail is None:
                    return here
                return torch.cat((here, tail(into_tail(x), timestep)[..., before:]), dim=-1)

            return predict

        return on_circle

    def with_context(
        self, bind: Callable[[Tensor, Tensor], Network], mel: Tensor, kept: Tensor, multiple: int
    ) -> Network:
        """Wrap a network to which `bind` gives a context: a mel (1, C, M, T + R), and its kept frames."""
        before = self._tail_context(multiple)
        loop = bind(self.loop_line(mel, multiple), self.loop_line(kept, multiple))
        tail = bind(self.tail_line(mel, before), self.tail_line(kept, before)) if self.tail_frames else None
        return self.around(loop, multiple, tail)

    def loop_line(self, line: Tensor, multiple: int) -> Tensor:
        """The loop of a line (..., T + R), extended on both sides to a multiple of frames."""
        return wrap(line[..., : self.frames], *self._margins(multiple))

    def tail_line(self, line: Tensor, before: int) -> Tensor:
        """The last `before` frames of the loop, repeated as often as needed, then its tail."""
        loop, tail = line[..., : self.frames], line[..., self.frames :]
        return torch.cat((wrap(loop, before, 0)[..., :before], tail), dim=-1)

    def _margins(self, multiple: int) -> tuple[int, int]:
        """The frames to add on the left and right: at least `MARGIN_FRAMES`, to a multiple in all."""
        total = -(-(self.frames + 2 * MARGIN_FRAMES) // multiple) * multiple
        left = (total - self.frames) // 2
        return left, total - self.frames - left

    def _tail_context(self, multiple: int) -> int:
        total = -(-(self.tail_frames + TAIL_CONTEXT_FRAMES) // multiple) * multiple
        return total - self.tail_frames


def wrap(line: Tensor, left: int, right: int) -> Tensor:
    """Extend a loop (..., T) on both sides, (..., left + T + right), repeating it as often as needed."""
    frames = line.shape[-1]
    places = torch.arange(-left, frames + right, device=line.device) % frames
    return line.index_select(-1, places)
