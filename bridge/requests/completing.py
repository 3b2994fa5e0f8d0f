"""A part that completes audio: composed to what is heard there, or to the recipes of takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.library.caught_bars import CaughtBars
from bridge.messages import BridgeError, PartialRequest, Render, SourceAudio
from bridge.parameters import LENGTHS
from bridge.requests.heard_source import HeardSource, heard_bars, lent_by_hearing
from bridge.requests.notes import completed
from bridge.requests.source_recipe import CHORDS_ALL_OVER, SourceTake, knows_bars
from msanii.music.note_clip import NoteClip, merged

_OF_TAKE = ("bpm", "numerator", "denominator", "key", "chords")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayingAudio:
    """Audio that plays, by the library's copy at `path`; `take` is its recipe if it is a take.

    `caught` are its bars if it was caught on the stage's clock.
    """

    source: SourceAudio
    path: Path
    seconds: float
    take: SourceTake | None
    caught: CaughtBars | None = None


def leading_take(playing: Sequence[PlayingAudio]) -> SourceTake | None:
    """Return the take whose recipe says where the bars and chords of all are; None if they have to be heard.

    All of them must be takes whose recipes tell that of the whole take. Raises BridgeError `value` if their
    tempos, meters or beats differ.
    """
    takes = [one.take for one in playing if one.take is not None and _leads(one.take)]
    if len(takes) < len(playing):
        return None
    grids = {(take.request.bpm, take.request.meter, take.request.beat_seconds) for take in takes}
    if len(grids) > 1:
        names = ", ".join(f"`{one.source.name}`" for one in playing)
        raise BridgeError(
            "value", f"sources {names}: their tempos or bars differ; send takes that play together"
        )
    return takes[0]


def leading_bars(playing: Sequence[PlayingAudio]) -> CaughtBars | None:
    """Return the bars of what was caught; None if nothing was. Raises BridgeError `value` if they differ."""
    caught = [one.caught for one in playing if one.caught is not None]
    if len({(one.bpm, one.meter) for one in caught}) > 1:
        names = ", ".join(f"`{one.source.name}`" for one in playing)
        raise BridgeError(
            "value", f"sources {names}: their tempos or bars differ; send audio that plays together"
        )
    return max(caught, key=lambda one: one.seconds, default=None)


def completed_by_take(
    render: Render,
    playing: Sequence[PlayingAudio],
    leader: SourceTake,
    said: PartialRequest,
    value_of: Callable[[str], object],
) -> Render:
    """Return the request for a part to takes: on their chords, and to the notes that their recipes have.

    Raises BridgeError `value`, as for a part that plays already.
    """
    ours = leader.request
    values = ours.partial(name for name in _OF_TAKE if name not in said) | render.values
    if values.keys().isdisjoint(LENGTHS):
        values |= _length_of(playing, leader)
    asked = replace(render, values=values, completes=False, follows=())
    clips = [
        NoteClip(
            name=one.source.name,
            notes=tuple(sorted(note for notes in one.take.notes.values() for note in notes)),
            length_beats=ours.timeline.quarters_at(one.seconds),
            bpm=ours.bpm,
            numerator=ours.numerator,
            denominator=ours.denominator,
            parts=dict(one.take.notes),
        )
        for one in playing
        if one.take is not None and one.take.notes
    ]
    if not clips:
        return replace(asked, values=values | {"compose": "auto"})
    return completed(asked, merged(clips), said | values, value_of)


def completed_by_hearing(render: Render, playing: HeardSource, said: PartialRequest, name: str) -> Render:
    """Return the request for a part to what was heard; `name` is that of the audio.

    Raises BridgeError `source` if no beat was heard, or another than is said.
    """
    lent = lent_by_hearing(playing, said)
    if not lent and "bpm" not in said:
        heard = playing.heard
        what = f"{heard.numerator}/{heard.denominator} was" if heard.beats else "no beat was"
        raise BridgeError(
            "source",
            f"source `{name}`: {what} heard in it; send `bpm`, and `chords` if you know them: bar 1 is then "
            "where it begins",
        )
    values = lent | render.values
    if values.keys().isdisjoint(LENGTHS):
        bars = heard_bars(playing, values)
        values |= {"seconds": playing.seconds} if bars is None else {"bars": bars}
    return replace(render, values=values | {"compose": "auto"}, completes=False, follows=())


def _leads(take: SourceTake) -> bool:
    return take.request.verb in CHORDS_ALL_OVER and knows_bars(take)


def _length_of(playing: Sequence[PlayingAudio], leader: SourceTake) -> PartialRequest:
    """The leader's bars, if nothing plays longer; else the seconds of what does."""
    longest = max(one.seconds for one in playing)
    if leader.request.bars is not None and longest <= leader.seconds:
        return {"bars": leader.request.bars}
    return {"seconds": longest}
