"""Tempo, meter, key and chords that a request takes from what is heard in its source.

They stand where the values of a take's recipe do: above presets, below all that the user set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bridge.messages import (
    BridgeError,
    HeardAudio,
    PartialRequest,
    Render,
    RenderRequest,
    SourceAudio,
    partial_request,
)
from bridge.meter import METER_PARTS
from bridge.parameters import PARAMETERS
from bridge.requests.lending import HARMONY
from bridge.requests.source_recipe import from_score_start
from msanii.music.chords import Meter
from msanii.music.following import Followed, followed

_SAME_TEMPO = 0.01  # relative
_NEARLY_WHOLE_BARS = 1e-3


class UnheardSource(Exception):  # noqa: N818 (nothing is wrong: it says what is missing)
    """A request whose source, at `path` in the library, is to be heard before it can be completed."""

    def __init__(self, source: SourceAudio, path: Path, seconds: float) -> None:
        super().__init__(source.name)
        self.source, self.path, self.seconds = source, path, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSource:
    """Foreign audio that lasts `seconds`, and what was heard in it."""

    heard: HeardAudio
    seconds: float


def wants_ears(render: Render, session: PartialRequest) -> bool:
    """Whether a request has a source of which nobody says the tempo, or the chords."""
    said = {**session, **render.values}
    return render.verb != "generate" and render.notes is None and not said.keys() >= {"bpm", "chords"}


def lent_by_hearing(source: HeardSource, said: PartialRequest) -> PartialRequest:
    """Return the values that a request takes from what was heard, except those set in `said`.

    Nothing is taken where no beat is heard, or where `said` has another tempo or meter.
    """
    heard, grid = source.heard, _grid(source, said)
    if grid is None:
        return {}
    lent: dict[str, object] = {
        "bpm": grid.bpm, "numerator": heard.numerator, "denominator": heard.denominator,
    }  # fmt: skip
    lent |= {name: getattr(heard, name) for name in HARMONY if getattr(heard, name)}
    try:
        return partial_request(
            {name: PARAMETERS[name].check(value) for name, value in lent.items() if name not in said}
        )
    except BridgeError:
        return {}  # a tempo or meter that no request may have


def heard_beats(source: HeardSource, request: RenderRequest) -> tuple[float, ...]:
    """Return the `beat_seconds` of a request that follows what was heard; empty if it does not."""
    grid = _grid(source, request.partial(("bpm", *METER_PARTS))) if request.knows_tempo else None
    if grid is None:
        return ()
    beats = grid.beat_seconds
    if request.verb == "outpaint" and not beats:
        beats = (0.0,)  # the source begins with a bar, the new music need not
    return from_score_start(beats, request, source.seconds)


def heard_bars(source: HeardSource, said: PartialRequest) -> float | None:
    """Return how many bars a heard loop lasts; None if it is none, or `said` has another tempo or meter."""
    grid = _grid(source, said)
    if grid is None or grid.beat_seconds:
        return None
    meter = Meter(numerator=source.heard.numerator, denominator=source.heard.denominator)
    bars = source.seconds * grid.bpm / 60 / float(meter.bar_beats)
    return float(round(bars)) if round(bars) and abs(bars - round(bars)) < _NEARLY_WHOLE_BARS else None


def _grid(source: HeardSource, said: PartialRequest) -> Followed | None:
    """The grid that was heard, if it is not another than what is said."""
    heard = source.heard
    if not heard.numerator:
        return None
    if any(said.get(name, getattr(heard, name)) != getattr(heard, name) for name in METER_PARTS):
        return None
    meter = Meter(numerator=heard.numerator, denominator=heard.denominator)
    follow = partial(
        followed,
        heard.beats,
        quarters=meter.beat_quarters,
        steadiness=heard.steadiness,
        seconds=source.seconds,
    )
    grid = follow()
    if grid is None or not math.isclose(said.get("bpm", grid.bpm), grid.bpm, rel_tol=_SAME_TEMPO):
        return None
    return follow(bpm=said.get("bpm"))
