"""Harmony and instruments that a request takes from its source's recipe, if the source is a take.

They override presets that the request does not name; values that the user set override them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bridge.messages import BeatNote, PartialRequest, RenderRequest, Verb
from bridge.requests.lending import PLAYERS
from msanii.errors import MsaniiError
from msanii.music.chords import Meter, parse_chords
from msanii.music.sounds import require_part
from msanii.music.taught.asked import read_asked, with_pins

# Verbs whose chords apply to the whole take.
CHORDS_ALL_OVER: tuple[Verb, ...] = ("generate", "vary", "inpaint")
_SAME_TEMPO = 1e-5  # relative: a host's tempo may be rounded
_SAME_SECONDS = 0.002  # a bar line may fall between two samples
_SAME_BEATS = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTake:
    """A take according to its recipe: its request, its index in the batch, its length in seconds.

    `is_whole` is false if the audio's length differs from its recipe's: it was edited, so the positions of
    its bars are unknown.
    """

    request: RenderRequest
    index: int
    seconds: float
    is_whole: bool = True
    notes: Mapping[str, tuple[BeatNote, ...]] = field(default_factory=dict)


def lent_by_source(
    take: SourceTake, verb: Verb, said: PartialRequest, values: PartialRequest, *, has_notes: bool
) -> PartialRequest:
    """Return the values that a request takes from its source's recipe, except those set in `said`.

    Sound and part are taken together or not at all. Tempo, meter, key and chords are taken only if the
    source's bars are known, `said` agrees with them, and the request has no notes of its own. For outpaint
    the chords are rotated so that they continue across the join of source and new music; `values` (the
    layers so far) give its side and length.
    """
    ours = take.request
    if ours.verb == "interpolate":  # either of two sources may be heard
        return {}
    lent = lent_players(take, said)
    agrees = (
        math.isclose(said.get("bpm", ours.bpm), ours.bpm, rel_tol=_SAME_TEMPO)
        and said.get("numerator", ours.numerator) == ours.numerator
        and said.get("denominator", ours.denominator) == ours.denominator
    )
    # Notes have their own harmony, and often their own tempo and meter.
    if not agrees or not knows_bars(take) or has_notes:
        return lent
    lent |= ours.partial(name for name in ("bpm", "numerator", "denominator") if name not in said)
    key = said.get("key", ours.key)
    if "key" not in said:
        lent["key"] = ours.key
    beats = _first_beat(take, verb, values)
    if "chords" not in said and key == ours.key and beats is not None:
        lent["chords"] = turned(ours.chords, beats, key=ours.key, meter=ours.meter)
    return lent


def source_beats(take: SourceTake, request: RenderRequest) -> tuple[float, ...]:
    """Return when the beats that a take follows lie in its audio; none if its bars are not the request's."""
    ours = take.request
    if not ours.beat_seconds or not _shares_bars(take, request):
        return ()
    started = ours.score_start(take.seconds)
    return tuple(second + started for second in ours.timeline.beat_seconds)


def from_score_start(
    beats: Sequence[float], request: RenderRequest, source_seconds: float, *, own_chords: bool
) -> tuple[float, ...]:
    """Return times in a source as seconds from the start of a request's score.

    That is where the source begins, but for outpaint, where it is the new music's first sample. There
    `own_chords` of the request, which count from its first bar line, begin with the new music.
    """
    if not beats or request.verb != "outpaint":
        return tuple(beats)
    shift = -source_seconds if request.side == "after" else request.seconds
    moved = tuple(second + shift for second in beats)
    if not own_chords:
        return moved
    timeline = replace(request.timeline, beat_seconds=moved)
    bar_beats = float(request.meter.bar_beats)
    bar = math.ceil(timeline.quarters_at(0.0) / bar_beats - _SAME_BEATS)
    return (timeline.seconds_at(bar * bar_beats),)


def source_notes(take: SourceTake | None, request: RenderRequest) -> dict[str, tuple[BeatNote, ...]]:
    """Return the notes of a source that new bars are composed to; none if its bars are not the request's."""
    if take is None or request.verb not in ("inpaint", "outpaint") or request.compose == "off":
        return {}
    if request.verb == "outpaint" and take.request.beat_seconds:
        return {}  # new bars are composed to those of a steady tempo alone
    return dict(take.notes) if _shares_bars(take, request) else {}


def _shares_bars(take: SourceTake, request: RenderRequest) -> bool:
    """Whether the bars of a take are known, and are those of a request that it is the source of."""
    ours = take.request
    agrees = math.isclose(request.bpm, ours.bpm, rel_tol=_SAME_TEMPO) and request.meter == ours.meter
    return agrees and request.knows_tempo and knows_bars(take)


def turned(chords: str, beats: float, *, key: str, meter: Meter) -> str:
    """Rotate a progression to begin `beats` quarter notes in; "" if the result cannot be written.

    Beats may be negative, since the progression repeats in both directions.
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


def lent_players(take: SourceTake, said: PartialRequest) -> PartialRequest:
    """Return part and sound of the take, if models know their names and `said` has neither.

    For a mix it is the part only.
    """
    if not said.keys().isdisjoint(PLAYERS):
        return {}
    ours = take.request
    part = ours.part_of(take.index)
    try:
        sounds = tuple(sound.text for sound in read_asked(ours.sound, ours.taught))
        if ours.arrangement:
            alone = take.index < len(ours.arrangement)
            sounds = sounds[take.index : take.index + 1] if alone else ()
        return {
            "part": require_part(part) if part else "",
            "sound": with_pins(", ".join(sounds), ours.taught),
        }
    except MsaniiError:
        return {}


def knows_bars(take: SourceTake) -> bool:
    """Whether tempo and meter are known to match the audio; not for a foreign source without chords."""
    ours = take.request
    return take.is_whole and (ours.verb == "generate" or bool(ours.chords or ours.notes or take.notes))


def _first_beat(take: SourceTake, verb: Verb, values: PartialRequest) -> float | None:
    """Return the beat of the take's progression at which the request's begins; None if not on a bar line."""
    ours = take.request
    if ours.beat_seconds:
        return 0.0  # with the beats comes the bar that its chords are counted from
    if verb != "outpaint":
        return 0.0 if ours.verb in CHORDS_ALL_OVER else None
    # An outpainted take has its own chords on one side only.
    if ours.verb not in CHORDS_ALL_OVER and ours.side != values["side"]:
        return None
    bar_beats = float(ours.meter.bar_beats)
    bar_seconds = bar_beats * 60 / ours.bpm
    if values["side"] == "after":
        seconds = take.seconds if ours.verb in CHORDS_ALL_OVER else ours.seconds
    elif "bars" in values:
        seconds = -values["bars"] * bar_seconds
    else:
        seconds = -values["seconds"]
    bars = round(seconds / bar_seconds)
    return bars * bar_beats if abs(seconds - bars * bar_seconds) < _SAME_SECONDS else None
