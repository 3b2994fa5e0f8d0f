"""Tempo, meter, key and chords that a request takes from what is heard in its source.

They stand where the values of a take's recipe do: above presets, below all that the user set.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.library.caught_bars import CaughtBars
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
from bridge.requests.source_recipe import SourceTake
from msanii.music.chords import Meter
from msanii.music.following import Followed, followed


class UnheardSource(Exception):  # noqa: N818 (nothing is wrong: it says what is missing)
    """A request whose source, at `path` in the library, is to be heard before it can be completed."""

    def __init__(self, source: SourceAudio, path: Path, seconds: float, take: SourceTake | None) -> None:
        super().__init__(source.name)
        self.source, self.path, self.seconds, self.take = source, path, seconds, take


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSource:
    """Audio that lasts `seconds`, and what was heard in it; `take` if it has a recipe that fits no more.

    Its tempo and bars were not heard but are known if `is_caught`: it was played to the stage's clock.
    """

    heard: HeardAudio
    seconds: float
    take: SourceTake | None = None
    is_caught: bool = False


def caught_source(caught: CaughtBars, seconds: float, heard: HeardAudio | None) -> HeardSource:
    """Return bars that were caught, with the chords of `heard` if those are on the same bars."""
    return HeardSource(heard=caught.heard(heard), seconds=seconds, is_caught=True)


def wants_ears(render: Render, session: PartialRequest) -> bool:
    """Whether a request has a source of which nobody says the chords, or the tempo that they go at."""
    if render.verb == "generate" or render.notes is not None:
        return False
    said = session | render.values
    return "chords" not in said or bool(said["chords"] and "bpm" not in said)


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
    """Return when the beats that were heard in a request's source lie in it, from its first bar line on.

    Empty if the request follows none.
    """
    grid = _grid(source, request.partial(("bpm", *METER_PARTS))) if request.knows_tempo else None
    if grid is None:
        return ()
    # Without chords, only beats tell the model of a source that it follows them.
    return grid.beat_seconds or (() if request.verb == "generate" else (0.0,))


def heard_bars(source: HeardSource, said: PartialRequest) -> float | None:
    """Return how many bars a loop lasts that begins with a bar.

    None if that is no whole number, if it is no loop, and where `said` has another tempo or meter.
    """
    grid = _grid(source, said)
    if grid is None or grid.beat_seconds or grid.loop_beats is None:
        return None
    bars = grid.loop_beats * grid.meter.beat_quarters / float(grid.meter.bar_beats)
    return bars if bars == round(bars) else None


def _grid(source: HeardSource, said: PartialRequest) -> Followed | None:
    """The grid that was heard, if it is not another than what is said."""
    heard, meter = source.heard, source.heard.meter
    if meter is None:
        return None
    said_meter = Meter(
        numerator=said.get("numerator", meter.numerator),
        denominator=said.get("denominator", meter.denominator),
    )
    known = heard.bpm if source.is_caught else None
    return followed(
        heard.beats, meter, steadiness=heard.steadiness, seconds=source.seconds, bpm=said.get("bpm", known),
        said_meter=said_meter,
    )  # fmt: skip
