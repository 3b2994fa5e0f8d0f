"""Render requests: partial, as sent, and complete, as in the queue, the recipes and the worker."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict, cast

from pydantic import BaseModel, ConfigDict, Field

from bridge.messages.base import Message
from msanii.choices import (
    Compose,
    Edition,
    End,
    FileFormat,
    GuidanceRule,
    Phase,
    RepaintName,
    Scheduler,
    Side,
)
from msanii.limits import MOST_NOTES
from msanii.music.chords import Meter
from msanii.music.taught.asked import TaughtRef
from msanii.music.timeline import Timeline, read_beat_seconds

Verb = Literal["generate", "vary", "interpolate", "inpaint", "outpaint"]


class _Frozen(BaseModel):
    # "forbid" and no NaN, because recipes are read back from disk, where anybody may have edited them.
    # "protected_namespaces" is empty because requests and recipes have fields called `model...`.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), hide_input_in_errors=True
    )


BeatNote = tuple[float, float, int, int]  # onset and end in quarter notes, pitch, velocity


class SourceAudio(_Frozen):
    """Source audio of a request, stored in the library under its hash; never a path."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str


class PartialRequest(TypedDict, total=False):
    """Some of a request's values by parameter, each within its range.

    Messages, presets, the session and the settings have such values. `source`, `source_b` and `notes` are
    file paths; a source may also be a hash.
    """

    preset: str
    model: str
    bars: float
    seconds: float
    bpm: float
    numerator: int
    denominator: int
    key: str
    chords: str
    seed: int
    count: int
    steps: int
    scheduler: Scheduler
    guidance: float
    guidance_of: str
    guidance_rule: GuidanceRule
    iterations: int
    phase: Phase
    strength: float
    ratio: float
    from_seconds: float
    to_seconds: float
    side: Side
    repaint: RepaintName
    source: str
    source_b: str
    notes: str
    notes_from_beats: float
    beat_seconds: str
    sound: str
    part: str
    parts: str
    level_db: str
    swing: float
    density: float
    register_pitch: float
    dynamics: float
    compose: Compose
    style: str
    rate: int
    end: End
    loop: int
    loudness_lufs: float
    format: FileFormat
    name_template: str
    edition: Edition
    candidates: int
    keep: int
    batch: int


def partial_request(values: Mapping[str, object]) -> PartialRequest:
    """Cast values that `parameters` has validated, with names known only at run time."""
    return cast("PartialRequest", dict(values))


def without(values: PartialRequest, names: Container[str]) -> PartialRequest:
    """Return the values without those of the named parameters."""
    return partial_request({name: value for name, value in values.items() if name not in names})


class RenderRequest(_Frozen):
    """A complete request, resolved from preset, session and message. None always has a meaning.

    `seconds` is the length of the new music: the whole take for generate, the added part for outpaint. Vary,
    interpolate and inpaint keep the length of their source: there `seconds` is 0 and `bars` None. `bars` is
    also None if the length was given in seconds. `bpm` is in quarter notes a minute. `seed` is the one of the
    first take. `from_seconds` and `to_seconds` bound the region that inpaint renders anew. `notes` come from
    a MIDI file or from keys, and are counted from bar 1; `notes_from_beats` says where that was in the file.
    `note_parts` names the part of an arrangement that plays each note; if it is empty every part plays all.
    `parameters.check_request` checks the ranges.

    `parent` is the name of the take that was edited. `notes` and `note_parts` are then those that were
    rendered with it, and the take plays those of `part`, or all if none are. `renew_bars` are bars counted
    from 1, as in 3-4,7: with `compose` auto they are composed anew, and inpaint keeps all other samples.
    `groove_seed` is the seed that chose the groove of the take.

    `source_notes` are those of a source that is a take, by part, from its start on: in- and outpaint compose
    new bars to them.

    `knows_tempo` is false where `bpm` is only the default: for a source whose tempo nobody said, and that
    follows no chords or notes. `preset_chosen` is false where a source took nothing from the default preset.

    `taught` are the taught sounds in `sound`, by name.

    `beat_seconds` are the beats of a recording that the score follows, from its first bar line on, as
    `msanii.music.timeline` reads them; empty if the score begins with a bar, at a steady tempo.
    `heard_values` names what was heard in the source, or in what a completed part plays to (`follows`).

    Of each take, and of an arrangement as a whole, `candidates` are rendered in one batch. The one with the
    number `keep`, counted from 0, is kept; None keeps the best by ear. Recipes have the number of the one
    that was kept.

    So many takes are rendered in one `batch`, with all their candidates; 0 is all of them. In another batch
    the last bits of a take differ. An arrangement is always one batch.
    """

    verb: Verb
    preset: str
    model: str
    seconds: float
    bars: float | None
    bpm: float
    numerator: int
    denominator: int
    key: str
    chords: str
    seed: int
    count: int
    steps: int
    scheduler: Scheduler
    guidance: float
    iterations: int
    strength: float
    ratio: float
    from_seconds: float | None
    to_seconds: float | None
    side: Side
    repaint: RepaintName
    source: SourceAudio | None
    source_b: SourceAudio | None
    rate: int
    end: End
    loudness_lufs: float
    format: FileFormat
    name_template: str
    # Fields added later have defaults, so that recipes of earlier versions still load.
    phase: Phase = "auto"
    loop: int = 0
    notes: tuple[BeatNote, ...] | None = Field(default=None, max_length=MOST_NOTES)
    sound: str = ""
    part: str = ""
    swing: float | None = None
    density: float | None = None
    register_pitch: float | None = None
    dynamics: float | None = None
    guidance_of: str = ""
    parts: str = ""
    guidance_rule: GuidanceRule = "plain"
    edition: Edition = 1
    level_db: str = ""
    note_parts: tuple[str, ...] = Field(default=(), max_length=MOST_NOTES)
    notes_from_beats: float | None = None
    knows_tempo: bool = True
    preset_chosen: bool = True
    compose: Compose = "off"
    style: str = ""
    renew_bars: str = ""
    parent: str = ""
    source_notes: dict[str, tuple[BeatNote, ...]] = {}
    groove_seed: int | None = None
    taught: dict[str, TaughtRef] = {}
    heard_values: tuple[str, ...] = ()
    beat_seconds: str = ""
    follows: tuple[SourceAudio, ...] = ()
    candidates: int = Field(default=1, ge=1)
    keep: int | None = Field(default=None, ge=0)
    batch: int = Field(default=0, ge=0)

    @property
    def takes(self) -> range:
        """The indices of the takes, from 0."""
        return range(self.count)

    @property
    def renders(self) -> int:
        """The size of the batch: all candidates of all takes, but for the mix of an arrangement."""
        return self.candidates * (len(self.arrangement) or self.count)

    @property
    def chooses(self) -> bool:
        """Whether the best of several candidates is to be kept."""
        return self.candidates > 1 and self.keep is None

    @property
    def chosen_together(self) -> list[range]:
        """The indices of takes of which the same candidate is kept: an arrangement's, or else each alone."""
        return [self.takes] if self.arrangement else [range(take, take + 1) for take in self.takes]

    @property
    def batches(self) -> list[range]:
        """The indices of the takes that are rendered in one batch each."""
        if self.arrangement or not self.batch:
            return [self.takes]
        return [self.takes[first : first + self.batch] for first in range(0, self.count, self.batch)]

    def seed_of(self, take: int) -> int:
        """Return the seed of the take with this index, or of its first candidate while none is chosen.

        Each variation, and each of its candidates, has the next seed.
        """
        kept = self.keep or 0
        if self.arrangement:
            return self.seed + kept * len(self.arrangement) + take
        return self.seed + take * self.candidates + kept

    @property
    def arrangement(self) -> tuple[str, ...]:
        """The parts to render together, in order; empty for a request without `parts`."""
        if self.verb != "generate":
            return ()
        return tuple(name.strip() for name in self.parts.split(",") if name.strip())

    def part_of(self, take: int) -> str:
        """Return the part that a take plays; the last take of an arrangement is "mix"."""
        parts = self.arrangement
        if not parts:
            return self.part
        return parts[take] if take < len(parts) else "mix"

    def sound_of(self, take: int) -> str:
        """Return the sound of a take: in an arrangement its part's; all of them for the mix."""
        sounds = [name.strip() for name in self.sound.split(",")]
        alone = take < len(self.arrangement) and len(sounds) == len(self.arrangement)
        return sounds[take] if alone else self.sound

    @property
    def sources(self) -> tuple[SourceAudio, ...]:
        """The source audio: none, one or two files."""
        return tuple(source for source in (self.source, self.source_b) if source is not None)

    @property
    def known_bpm(self) -> float | None:
        """The tempo that the takes may be said to have; None if nobody knows it, or if it drifts."""
        return self.bpm if self.knows_tempo and len(self.timeline.beat_seconds) < 2 else None

    @property
    def meter(self) -> Meter:
        """The time signature."""
        return Meter(numerator=self.numerator, denominator=self.denominator)

    @property
    def timeline(self) -> Timeline:
        """When the quarter notes of the score are heard. Raises ScoreError for beats that are none."""
        return Timeline(
            bpm=self.bpm,
            beat_quarters=self.meter.beat_quarters,
            beat_seconds=read_beat_seconds(self.beat_seconds),
        )

    def score_start(self, take_seconds: float) -> float:
        """Return the second at which the score begins in a take of that length: with the new music."""
        is_after = self.verb == "outpaint" and self.side == "after"
        return take_seconds - self.seconds if is_after else 0.0

    def partial(self, names: Iterable[str]) -> PartialRequest:
        """Return the values of the named parameters that are not None; no parameter may be one of files."""
        values = {name: getattr(self, name) for name in names}
        return partial_request({name: value for name, value in values.items() if value is not None})


def keeps_bars(request: RenderRequest) -> bool:
    """Return whether a request renders some bars of an edited take anew, and keeps the others."""
    return request.verb == "inpaint" and bool(request.renew_bars)


@dataclass(frozen=True, slots=True)
class Render(Message):
    """Render takes. `values` are those of the message; presets and defaults supply the rest.

    `notes` were played on keys, or read from the file that `values["notes"]` names. `note_parts` are as in
    `RenderRequest`. With `completes` they are what other parts play, and `part` is composed to them; or to
    what is heard in the audio that `follows` names.
    """

    verb: Verb
    job_id: str | None
    values: PartialRequest
    notes: tuple[BeatNote, ...] | None = None
    note_parts: tuple[str, ...] = ()
    completes: bool = False
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit(Message):
    """Render a take anew with another score. `take` is a name, a path or the hash of a source.

    `values` are those that are to be other than the take's; `notes` among them names an edited file. `chord`
    has chords by bar, as in `3 Dm, 4 G`; `recompose` are bars to compose anew and `renew` bars to play anew,
    as in 3-4,7. Empty texts change nothing.
    """

    take: str
    job_id: str | None
    values: PartialRequest
    chord: str = ""
    recompose: str = ""
    renew: str = ""
