"""The groove of a plan: its style's, or the one that the drums there already play, or the seed's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msanii.composer.grooves.groove import DRUMS, KICKS, Groove
from msanii.composer.grooves.library import Grooves
from msanii.composer.plan import Plan
from msanii.music.midi_notes import BeatNote

_BACKBEATS = frozenset({DRUMS["snare"], DRUMS["clap"], DRUMS["rim"], 40})
_HEARD = _BACKBEATS | frozenset(KICKS)


def chosen_groove(plan: Plan, grooves: Grooves, random: np.random.Generator) -> Groove:
    """One of the grooves of the plan's style that suit its meter and tempo, fitted to them.

    Where drums play already, it is the one most like them: bars composed anew go on as the others do. Raises
    GrooveError for a style that is unknown or makes no sense in the meter.
    """
    fitting = grooves.fitting(plan.style, plan.meter, plan.bpm)
    drawn = int(random.integers(len(fitting)))
    drums = plan.given_drums()
    if len(fitting) == 1 or not drums:
        return fitting[drawn]
    others = [fitting[drawn], *fitting]
    return max(others, key=lambda groove: _likeness(groove, drums, plan.bar_beats))


def _likeness(groove: Groove, drums: Sequence[BeatNote], bar_beats: float) -> float:
    """F-measure, 0 to 1, of kicks and backbeats by their place in the bar."""
    played = {_place(note[0], note[2], bar_beats) for note in drums if note[2] in _HEARD}
    written = {
        _place(stroke.beats, stroke.drum, bar_beats)
        for bar in groove.drums.pattern
        for stroke in bar
        if stroke.drum in _HEARD and not stroke.sometimes
    }
    common = len(played & written)
    return 2 * common / (len(played) + len(written)) if common else 0.0


def _place(beats: float, drum: int, bar_beats: float) -> tuple[int, int]:
    """The nearest sixteenth of the bar, and the drum, backbeats alike."""
    kind = DRUMS["snare"] if drum in _BACKBEATS else drum
    return round((beats % bar_beats) * 4) % max(round(bar_beats * 4), 1), kind
