"""Call signatures of the denoiser: bind the controls once, then call it at every timestep.

Letters: B batch, C audio channels, M mels, T frames, K control rows.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

Predict = Callable[[Tensor, Tensor], Tensor]
"""(noised mel (B, C, M, T), timestep (B,)) -> the network's prediction, same shape."""
Network = Callable[[Tensor | None], Predict]
"""Controls (B, K, T), or None -> the network with them bound; their contribution is computed once."""
