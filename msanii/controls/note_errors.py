"""Errors in the notes that a model is shown in training, as composers and players make them.

The audio stays as it was played, so that the model learns to forgive. Letters: N notes.
"""

from __future__ import annotations

import numpy as np
import torch

from msanii.controls.frame_grid import FloatArray

TIMING_SECONDS = 0.010  # the standard deviation of an onset
MISSING, EXTRA = 0.05, 0.02  # shares of the notes


def with_errors(notes: FloatArray, generator: torch.Generator) -> FloatArray:
    """Notes (N, 4) as in `Events.notes`, each moved a little, some left out, some added.

    A note that is added has pitch, length and velocity of one note and the place of another.
    """
    count = len(notes)
    moved = notes.copy()
    moves = torch.randn(count, generator=generator, dtype=torch.float64).numpy() * TIMING_SECONDS
    moved[:, :2] += moves[:, None]
    missing, extra, *pairs = torch.rand(4, count, generator=generator, dtype=torch.float64).numpy()
    models, places = (notes[(draws * count).astype(np.intp)][extra < EXTRA] for draws in pairs)
    added = models.copy()
    added[:, 0], added[:, 1] = places[:, 0], places[:, 0] + models[:, 1] - models[:, 0]
    return np.concatenate([moved[missing >= MISSING], added])
