"""What a source that is a take of ours lends to a request: the harmony around, and who plays it.

It stands above presets that the request does not name, and under all that somebody said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bridge.messages import PartialRequest, RenderRequest, Verb
from bridge.requests.lending import PLAYERS
from msanii.errors import MsaniiError
from msanii.music.chords import Meter, parse_chords
from msanii.music.sounds import read_sounds, require_part

# Takes whose chords count from their first sample to their last.
_CHORDS_ALL_OVER: tuple[Verb, ...] = ("generate", "vary", "inpaint")
_SAME_TEMPO = 1e-5  # relative: a host's tempo may come with a rounding
_SAME_SECONDS = 0.002  # a bar line may lie between two samples
_SAME_BEATS = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTake:
    """A take as its recipe tells it: its request, its place in the batch, its length in seconds.

    `is_whole` is false where the audio has another length than its recipe says: then it was cut, and nobody
    knows where its bars lie.
    """

    request: RenderRequest
    index: int
    seconds: float
    is_whole: bool = True


def lent_by_source(
    take: SourceTake, verb: Verb, said: PartialRequest, values: PartialRequest, *, has_notes: bool
) -> PartialRequest:
    """Returns the values that a request takes from the recipe of its source: none of those in `said`.

    Sound and part come together or not at all. Tempo, meter, key and chords come only where the source's
    bars are known, `said` agrees with them, and the request brings no notes of its own. For outpaint the
    chords are turned so that they go on where source and new music meet; `values` (layered so far) give its
    side and length.
    """
    ours = take.request
    if ours.verb == "interpolate":  # nobody knows which of two sources is heard
        return {}
    lent = _players(take) if said.keys().isdisjoint(PLAYERS) else PartialRequest()
    agrees = (
        math.isclose(said.get("bpm", ours.bpm), ours.bpm, rel_tol=_SAME_TEMPO)
        and said.get("numerator", ours.numerator) == ours.numerator
        and said.get("denominator", ours.denominator) == ours.denominator
    )
    # Notes bring a harmony, and often a grid, of their own.
    if not agrees or not _knows_bars(take) or has_notes:
        return lent
    lent |= ours.partial(name for name in ("bpm", "numerator", "denominator") if name not in said)
    key = said.get("key", ours.key)
    if "key" not in said:
        lent["key"] = ours.key
    beats = _first_beat(take, verb, values)
    if "chords" not in said and key == ours.key and beats is not None:
        lent["chords"] = turned(ours.chords, beats, key=ours.key, meter=ours.meter)
    return lent


def turned(chords: str, beats: float, *, key: str, meter: Meter) -> str:
    """A progression that begins `beats` quarter notes into this one; empty for one that cannot be written.

    Negative beats are those before it begins, since it repeats both ways.
    """
    try:
        spans = parse_chords(chords, key=key, meter=meter)
        if not spans:
            return ""
        period = spans[-1].end_beats
        start = beats % period
        if min(start, period - start) < _SAME_BEATS:
            return chords
        pieces = [
            *((span.chord.text, span.end_beats - max(start, span.start_beats)) for span in spans),
            *((span.chord.text, min(start, span.end_beats) - span.start_beats) for span in spans),
        ]
        text = " ".join(
            name if abs(length - meter.bar_beats) < _SAME_BEATS else f"{name}:{round(length, 6):.10g}"
            for name, length in pieces
            if length > _SAME_BEATS
        )
        parse_chords(text, key=key, meter=meter)
    except MsaniiError:
        return ""
    return text


def _players(take: SourceTake) -> PartialRequest:
    """Part and sound of the take, by names that models know; of an arrangement's mix its part alone."""
    ours = take.request
    part = ours.part_of(take.index)
    try:
        sounds: tuple[str, ...] = read_sounds(ours.sound)
        if ours.arrangement:
            alone = take.index < len(ours.arrangement)
            sounds = sounds[take.index : take.index + 1] if alone else ()
        return {"part": require_part(part) if part else "", "sound": ", ".join(sounds)}
    except MsaniiError:
        return {}


def _knows_bars(take: SourceTake) -> bool:
    """Whether tempo and meter are the audio's: those of a foreign source without chords are anybody's."""
    ours = take.request
    return take.is_whole and (ours.verb == "generate" or bool(ours.chords or ours.notes))


def _first_beat(take: SourceTake, verb: Verb, values: PartialRequest) -> float | None:
    """Where in the take's progression the request's chords begin; None where they do not lie on its bars."""
    ours = take.request
    if verb != "outpaint":
        return 0.0 if ours.verb in _CHORDS_ALL_OVER else None
    # What outpaint made begins and ends with its own chords on one side only.
    if ours.verb not in _CHORDS_ALL_OVER and ours.side != values["side"]:
        return None
    bar_beats = float(ours.meter.bar_beats)
    bar_seconds = bar_beats * 60 / ours.bpm
    if values["side"] == "after":
        seconds = take.seconds if ours.verb in _CHORDS_ALL_OVER else ours.seconds
    elif "bars" in values:
        seconds = -values["bars"] * bar_seconds
    else:
        seconds = -values["seconds"]
    bars = round(seconds / bar_seconds)
    return bars * bar_beats if abs(seconds - bars * bar_seconds) < _SAME_SECONDS else None
