"""`python -m bridge.audio_child.stretch_file GIVEN.npy MADE.npy RATE RATIO`: time-stretch a file."""

from __future__ import annotations

import sys

from bridge.system.priority import yield_to_others


def main(given: str, made: str, rate: str, ratio: str) -> None:
    """Time-stretch audio (C, L) by `ratio` from one file to the other, at low priority."""
    yield_to_others()  # before the imports: they take as long as the stretch
    import numpy as np

    from bridge.time_stretch import stretch

    np.save(made, stretch(np.load(given), float(rate), float(ratio)))


if __name__ == "__main__":
    main(*sys.argv[1:])
