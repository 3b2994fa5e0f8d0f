"""Ranges and defaults of the values in a request: one home for the model's package and the bridge.

A range here is what the code computes correctly. `bridge.parameters` narrows some of them for requests.
"""

from __future__ import annotations

from typing import NamedTuple

from msanii.choices import Compose, RepaintName, Side


class Range(NamedTuple):
    """The smallest and the largest value allowed."""

    low: float
    high: float


SECONDS = Range(0.01, 3_600)
BARS = Range(1 / 64, 10_000)
BPM = Range(10, 999)
NUMERATOR = Range(1, 99)
DENOMINATORS = (1, 2, 4, 8, 16, 32)
RATE_HZ = Range(8_000, 384_000)
SWING = Range(0.5, 0.75)
DENSITY = Range(0.05, 16)
REGISTER = Range(24, 100)
DYNAMICS = Range(1, 127)
GUIDANCE = Range(0, 100)
ITERATIONS = Range(0, 10_000)
LEVEL_DB = Range(-24, 24)
# An end read off a display may pass the last sample by a rounding.
REGION_TOLERANCE_SECONDS = 0.01

# An OSC client can send no larger integer.
MAX_SEED = 2**31 - 1
MOST_CANDIDATES = 8
MOST_PARTS = 8
# A take's recipe holds its notes and chords whole. Four parts write as many notes in about ten minutes.
MOST_NOTES = 16_384
MOST_CHORD_CHARACTERS = 4_096
# With the chords, the longest text of an OSC message: the beats of ten minutes at 130 bpm.
MOST_BEAT_CHARACTERS = 10_240

LOUDNESS_LUFS = -18.0
PEAK_DBTP = -1.0
DEFAULT_BARS = 4.0
DEFAULT_BPM = 120.0
DEFAULT_STRENGTH = 0.4
DEFAULT_RATIO = 0.5
DEFAULT_COMPOSE: Compose = "auto"
DEFAULT_REPAINT: RepaintName = "draft"
DEFAULT_SIDE: Side = "after"
