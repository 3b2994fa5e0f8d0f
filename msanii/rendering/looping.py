"""Rendering a loop on a circle: its controls, and decoding it with the tail that rings on after it.

Letters: B batch (variations), C audio channels, L samples of the loop, M mels, T frames of the loop, R frames
of its tail, K control rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from msanii.choices import Edition
from msanii.config import ControlGroup
from msanii.controls.tensor import control_tensor
from msanii.diffusion.circle import Circle, wrap
from msanii.errors import MsaniiError
from msanii.music.score import Score
from msanii.rendering.codec import Codec
from msanii.signal.griffin_lim import Kept

# Frames from the end of the loop that precede the tail, as context for vocoder and phase.
HEARD_FRAMES = 64


def check_loop_end(end: str) -> None:
    """Raise MsaniiError for an ending that a loop cannot have."""
    if end == "fade":
        raise MsaniiError(
            "end: got fade, expected cut or ring for a loop, whose end goes on with its start; leave it out"
        )


def loop_controls(
    score: Score, groups: Sequence[ControlGroup], circle: Circle, *, hop: int, rate: int
) -> Tensor:
    """(K, T + R): the score on the circle; in the tail the beat continues, without chords or notes."""
    loop = control_tensor(score, groups, circle.frames, rate=rate, circle_samples=circle.samples)
    if not circle.tail_frames:
        return loop
    end_seconds = circle.samples / rate
    tail = control_tensor(
        score,
        groups,
        circle.tail_frames,
        hop=hop,
        rate=rate,
        start_seconds=end_seconds,
        ring_from_seconds=end_seconds,
    )
    return torch.cat((loop, tail), dim=1)


def decode_loop(
    codec: Codec,
    mel: Tensor,
    circle: Circle,
    *,
    iterations: int | None,
    generators: Sequence[torch.Generator],
    edition: Edition,
    on_step: Callable[[float], None],
    kept: Kept | None = None,
) -> Tensor:
    """Decode scaled mel (B, C, M, T + R) to the loop and the tail that rings on after it, (B, C, L + tail).

    The loop is independent of its tail, and has the `kept` samples; the tail's phase continues from the
    loop's last samples.
    """
    share = circle.frames / circle.line_frames
    loop = codec.decode(
        mel[..., : circle.frames],
        circle=circle,
        iterations=iterations,
        generators=generators,
        kept=kept,
        edition=edition,
        on_step=lambda fraction: on_step(share * fraction),
    )
    if not circle.tail_frames:
        return loop
    tail = _decoded_tail(
        codec,
        mel,
        circle,
        loop,
        iterations=iterations,
        generators=generators,
        edition=edition,
        on_step=lambda fraction: on_step(share + (1 - share) * fraction),
    )
    return torch.cat((loop, tail), dim=-1)


def _decoded_tail(
    codec: Codec,
    mel: Tensor,
    circle: Circle,
    loop: Tensor,
    *,
    iterations: int | None,
    generators: Sequence[torch.Generator],
    edition: Edition,
    on_step: Callable[[float], None],
) -> Tensor:
    """Decode the tail, (B, C, (R - 1) * hop), which starts at the sample after the loop's last."""
    hop = codec.config.hop_length
    heard = HEARD_FRAMES * hop
    line = wrap(loop, heard, 0)[..., :heard]
    line = functional.pad(line, (0, (circle.tail_frames - 1) * hop))
    sound = codec.decode(
        circle.tail_line(mel, HEARD_FRAMES),
        iterations=iterations,
        generators=generators,
        kept=Kept(line, torch.arange(line.shape[-1], device=line.device) < heard),
        edition=edition,
        on_step=on_step,
    )
    return sound[..., heard:]
