"""Endless bars lie on the stage's lines: what of a request comes from the stage, and what it must not be."""

from __future__ import annotations

from bridge.messages import BridgeError, PartialRequest, RenderRequest

# So far from the transport's tempo a deck plays its bars by varispeed.
_NEAR_TEMPO = 0.005
# What a session keeps for as long as it plays.
FIXED = ("model", "bpm", "numerator", "denominator", "loudness_lufs")
_DENOMINATORS = (4, 8, 16, 32, 2, 1)
_MOST_BEATS = 32


def grid_values(bpm: float, bar_beats: float) -> PartialRequest:
    """The tempo and the meter of a stage whose bars have so many quarter notes, as a request says them."""
    for denominator in _DENOMINATORS:
        numerator = bar_beats * denominator / 4
        if numerator == int(numerator) and 1 <= numerator <= _MOST_BEATS:
            return {"bpm": bpm, "numerator": int(numerator), "denominator": denominator}
    return {"bpm": bpm}


def check_grid(request: RenderRequest, bpm: float, bar_beats: float) -> None:
    """Raises BridgeError `value` for a tempo or a meter that is not the stage's: its bars would not fit."""
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
