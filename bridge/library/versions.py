"""Versions of the packages that affect rendering, for recipes."""

from __future__ import annotations

import importlib.metadata

_VERSIONS_OF = ("msanii-bridge", "torch", "torchaudio", "diffusers", "numpy", "soxr", "pyloudnorm")


def versions() -> dict[str, str]:
    """Return the versions of the installed packages; a bare source tree of ours has none."""
    found = {}
    for name in _VERSIONS_OF:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
