"""diffusers' schedulers, imported without two packages that they do not need.

A plain import takes longer than importing PyTorch, since it loads TorchDynamo, for a decorator of diffusers'
networks that falls back to doing nothing, and scipy's statistics, for `use_beta_sigmas`, which is never set
here and which these schedulers now refuse. Both packages work as usual everywhere else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_DYNAMO = "torch._dynamo"


@contextmanager
def _without_dynamo() -> Iterator[None]:
    """Make imports of TorchDynamo fail, unless it is loaded already."""
    if _DYNAMO in sys.modules:
        yield
        return
    sys.modules[_DYNAMO] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_DYNAMO]


@contextmanager
def _without_scipy() -> Iterator[None]:
    """Make diffusers believe that scipy is not installed."""
    names = vars(utils)
    is_available = names["is_scipy_available"]
    names["is_scipy_available"] = lambda: False
    try:
        yield
    finally:
        names["is_scipy_available"] = is_available


with _without_dynamo():
    from diffusers import utils

    with _without_scipy():
        from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, RePaintScheduler

__all__ = ["DDIMScheduler", "DPMSolverMultistepScheduler", "RePaintScheduler"]
