"""Recipes of saved endless bars: the chain of bars, each continuing the previous one, that leads to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bridge.library.recipes import recipe_text
from bridge.library.versions import versions
from bridge.messages import BeatNote, BridgeError, RenderRequest
from bridge.messages.bars import Maker
from bridge.parameters import check_request
from bridge.values import first_problem

_KEY = "endless"
# Far more than can be saved at once.
_MOST_BARS = 1_000
_STRICT = ConfigDict(
    frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), hide_input_in_errors=True
)


class Change(BaseModel):
    """The request in force from a bar on."""

    model_config = _STRICT

    bar: int = Field(ge=0)
    request: RenderRequest


class EndlessRecipe(BaseModel):
    """How to render `bars` bars from `first_bar` on again. Contains names and hashes only, never a path.

    `made` lists the bars to render, in order: the saved ones, preceded by up to seven that lead there. The
    first continues the past with hash `past` in the library, or starts from nothing if that is empty. `rate`
    is the sample rate of the bars in hertz. `notes` are those of each bar of `made`, by part, in beats from
    bar 0; empty if the model played freely. With `turn_bars` a deck answered a player in turns of so many
    bars, of which the player had the first: such bars are silent, as are all without notes. Without
    `model_fingerprint` the recipe is only a record: the model or the kind of machine changed within the
    chain, so it cannot be rendered again.
    """

    model_config = _STRICT

    format_version: Literal[1] = 1
    rate: int = Field(ge=1)
    first_bar: int = Field(ge=0)
    bars: int = Field(ge=1)
    made: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1, max_length=_MOST_BARS)
    changes: tuple[Change, ...] = Field(min_length=1)
    notes: tuple[dict[str, tuple[BeatNote, ...]], ...] = ()
    turn_bars: int = Field(0, ge=0)
    past: str = Field("", pattern="^([0-9a-f]{64})?$")
    model_name: str = ""
    model_fingerprint: str = ""
    device: str = ""
    dtype: str = ""
    threads: int = Field(0, ge=0)
    layout: str = "contiguous"
    versions: dict[str, str] = {}
    created: str = ""

    @model_validator(mode="after")
    def _is_a_chain(self) -> Self:
        if sorted(set(self.made)) != list(self.made) or self.first_bar not in self.made:
            raise ValueError("`made`: expected bars in their order, the first one kept among them")
        if sum(bar >= self.first_bar for bar in self.made) != self.bars:
            raise ValueError(f"`bars`: got {self.bars}, expected as many as are made from `first_bar` on")
        if self.notes and len(self.notes) != len(self.made):
            raise ValueError(f"`notes`: got {len(self.notes)} bars, expected the {len(self.made)} of `made`")
        if self.changes[0].bar > self.made[0]:
            raise ValueError("`changes`: nothing says what the first bar was asked")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether the bars can be rendered again from it."""
        return bool(self.model_fingerprint)

    def request_of(self, bar: int) -> RenderRequest:
        """Return the request for a bar."""
        return [change.request for change in self.changes if change.bar <= bar][-1]

    def notes_of(self, bar: int) -> dict[str, tuple[BeatNote, ...]]:
        """Return the notes of a bar of `made`, by part; none if the model played freely."""
        return self.notes[self.made.index(bar)] if self.notes else {}

    def tempo_and_beats(self) -> tuple[float, float] | tuple[None, None]:
        """Return the tempo, and the length in quarter notes, of the saved bars; None if the tempo changes."""
        kept = [self.request_of(bar) for bar in self.made if bar >= self.first_bar]
        if any(request.bpm != kept[0].bpm for request in kept):
            return None, None
        return kept[0].bpm, sum(float(request.meter.bar_beats) for request in kept)

    def made_by(self, maker: Maker) -> EndlessRecipe:
        """Return a copy that states the model, device and versions of `maker`, and the current time."""
        return self.model_copy(
            update={
                "model_name": maker.model,
                "model_fingerprint": maker.fingerprint,
                "device": maker.device,
                "dtype": maker.dtype,
                "threads": maker.threads,
                "layout": maker.layout,
                "versions": versions(),
                "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
            }
        )

    def compact(self) -> str:
        """Return one line of ASCII JSON, to embed in an audio file."""
        return json.dumps({_KEY: self.model_dump(mode="json")}, separators=(",", ":"))

    def readable(self) -> str:
        """Return indented JSON, for the file beside the audio."""
        return json.dumps({_KEY: self.model_dump(mode="json")}, indent=2, ensure_ascii=False) + "\n"


def find_endless_recipe(path: Path) -> EndlessRecipe | None:
    """Find the recipe of saved bars in a `.json` or audio file; None if the file has none of that kind.

    Raises BridgeError `source` if the file cannot be read, or its recipe is damaged, for example by editing.
    """
    try:
        data = json.loads(recipe_text(path))
    except OSError as error:
        raise BridgeError("source", f"recipe `{path.name}`: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or _KEY not in data:
        return None
    try:
        # From text, since strict validation accepts lists for tuples only in JSON.
        recipe = EndlessRecipe.model_validate_json(json.dumps(data[_KEY]))
        for change in recipe.changes:
            check_request(change.request)
    except ValidationError as error:
        raise _unreadable(path, first_problem(error)) from error
    except BridgeError as error:
        raise _unreadable(path, error.message) from error
    return recipe


def _unreadable(path: Path, why: str) -> BridgeError:
    return BridgeError(
        "source", f"recipe `{path.name}`: no recipe of kept bars that this version reads ({why})"
    )
