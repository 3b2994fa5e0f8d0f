"""The versions of what renders, as recipes name them."""

from __future__ import annotations

import importlib.metadata

_VERSIONS_OF = ("msanii-bridge", "torch", "torchaudio", "diffusers", "numpy", "soxr", "pyloudnorm")


def versions() -> dict[str, str]:
    """What renders, as far as it is installed: a bare source tree has no version of its own."""
    found = {}
    for name in _VERSIONS_OF:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
