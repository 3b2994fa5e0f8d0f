"""What guidance, loops and samplers take a network for: controls first, then every step under them.

Letters: B batch, C audio channels, M mels, T frames, K control rows.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

Predict = Callable[[Tensor, Tensor], Tensor]
"""(noised mel (B, C, M, T), timestep (B,)) -> what the network predicts there, same shape."""
Network = Callable[[Tensor | None], Predict]
"""Controls (B, K, T), or None -> the network under them; what they add is the same at every step."""
