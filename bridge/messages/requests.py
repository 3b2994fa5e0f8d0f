"""Render requests: as asked, and complete, as the queue, the recipes and the worker know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bridge.messages.base import Peer
from msanii.choices import Edition, End, GuidanceRule, Phase, RepaintName, Scheduler, Side
from msanii.limits import MOST_NOTES

Verb = Literal["generate", "vary", "interpolate", "inpaint", "outpaint"]
FileFormat = Literal["wav", "aiff", "flac", "float"]


class _Frozen(BaseModel):
    # "forbid" and no NaN: recipes come back from disk, where anybody may have edited them.
    # "protected_namespaces" is empty because requests and recipes have fields called `model...`.
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), hide_input_in_errors=True
    )


BeatNote = tuple[float, float, int, int]  # onset and end in quarter notes, pitch, velocity


class SourceAudio(_Frozen):
    """Audio that a request starts from, kept in the library under its hash; never a path."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str


class RenderRequest(_Frozen):
    """A complete request: preset, session and message resolved. None stands only where it has a meaning.

    `seconds` is the length of new music: the whole take for generate, what is added for outpaint.
    Vary, interpolate and inpaint last as long as their source: there `seconds` is 0 and `bars` None.
    `bars` is None when the length was asked in seconds. Tempo (`bpm`) counts quarter notes. Variation
    n has the seed `seed + n`. `from_seconds` and `to_seconds` bound the region that inpaint renews.
    `notes` are those of a MIDI file. `parameters.check_request` holds the ranges.
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
    # The later fields have defaults, so that the recipes of earlier versions still load.
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


@dataclass(frozen=True, slots=True)
class Render:
    """Asks for takes. `values` holds only what was said; presets and defaults fill the rest."""

    verb: Verb
    job_id: str | None
    values: Mapping[str, object]
    sender: Peer | None
