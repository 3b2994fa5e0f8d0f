"""Tempo and meter of endless requests: taken from the stage, or checked against it."""

from __future__ import annotations

from bridge.messages import BridgeError, PartialRequest, RenderRequest

# A deck follows a tempo within this fraction of its bars' tempo by varispeed.
_NEAR_TEMPO = 0.005
# Values that cannot change while a session plays.
FIXED = ("model", "bpm", "numerator", "denominator", "loudness_lufs")
_DENOMINATORS = (4, 8, 16, 32, 2, 1)
_MOST_BEATS = 32


def grid_values(bpm: float, bar_beats: float) -> PartialRequest:
    """Return the stage's tempo and meter as request values; bars last `bar_beats` quarter notes."""
    for denominator in _DENOMINATORS:
        numerator = bar_beats * denominator / 4
        if numerator == int(numerator) and 1 <= numerator <= _MOST_BEATS:
            return {"bpm": bpm, "numerator": int(numerator), "denominator": denominator}
    return {"bpm": bpm}


def check_grid(request: RenderRequest, bpm: float, bar_beats: float) -> None:
    """Raise BridgeError `value` if a request's tempo or meter is not the stage's: its bars would not fit."""
    if abs(request.bpm / bpm - 1) > _NEAR_TEMPO:
        raise BridgeError(
            "value",
            f"`bpm`: got {request.bpm:g}, but the stage plays at {bpm:g}; leave it out, or first set "
            "`/msanii/transport/tempo`",
        )
    if request.meter.bar_beats != bar_beats:
        raise BridgeError(
            "value",
            f"`numerator`: got bars of {request.numerator}/{request.denominator}, but the stage's have "
            f"{bar_beats:g} quarter notes; leave it out, or first set `/msanii/transport/meter`",
        )
