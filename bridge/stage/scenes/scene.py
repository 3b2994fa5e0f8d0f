"""Scenes as they are kept: for each deck its take, or that it stops; and the file that they are kept in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bridge.messages import BridgeError
from bridge.messages.scenes import MAX_SCENES
from bridge.messages.stage import MAX_DECKS
from bridge.parameters import PARAMETERS
from bridge.system.database import set_aside
from bridge.system.disk import disk_error, open_regular, write_whole
from bridge.values import check_label, first_problem
from msanii.limits import BPM

_log = logging.getLogger(__name__)

LARGEST_BYTES = 8_000_000

Bpm = Annotated[float, Field(ge=BPM.low, le=BPM.high)]


def _label(name: str) -> str:
    try:
        return check_label(name)
    except BridgeError as error:
        raise ValueError(error.message) from None


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class KeptDeck(_Strict):
    """What a deck does in a scene.

    `take` is a file name of the library, or the path of other audio; `bpm` the tempo that was given with it.
    """

    action: Literal["take", "stop"]
    take: str = Field("", max_length=PARAMETERS["source"].max_characters)
    bpm: Bpm | None = None

    @model_validator(mode="after")
    def _has_a_take(self) -> Self:
        if (self.action == "take") != bool(self.take) or not self.take.isprintable():
            raise ValueError("expected a take's name or path for `take`, and none for `stop`")
        return self


class Scene(_Strict):
    """A row over all decks; a deck that is not in `decks` is left alone."""

    name: Annotated[str, AfterValidator(_label)] = ""
    bpm: Bpm | None = None
    decks: Mapping[Annotated[int, Field(ge=1, le=MAX_DECKS, strict=False)], KeptDeck] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return self == EMPTY


EMPTY = Scene()


class _Content(_Strict):
    scenes: Mapping[Annotated[int, Field(ge=1, le=MAX_SCENES, strict=False)], Scene] = {}


def read_scenes(path: Path) -> dict[int, Scene]:
    """Return the scenes by number; none without a file.

    Raises BridgeError `folder` if the file cannot be read, `value` if it is damaged.
    """
    try:
        with closing(open_regular(path)) as file:
            data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        why = f"`{path}` has the scenes and cannot be read ({error.strerror})"
        raise BridgeError("folder", f"{why}; mend that and start again") from error
    problem = "it is too large"
    if len(data) <= LARGEST_BYTES:
        try:
            return dict(_Content.model_validate_json(data).scenes)
        except ValidationError as error:
            problem = first_problem(error)
    why = f"`{path}` has the scenes and is damaged ({problem})"
    raise BridgeError("value", f"{why}; mend it and start again, or store a scene and it is set aside")


def write_scenes(path: Path, scenes: Mapping[int, Scene], *, is_damaged: bool) -> None:
    """Write the scenes; a damaged file is set aside first. Raises BridgeError `disk` or `folder`."""
    if is_damaged:
        try:
            set_aside(path, "is damaged")
        except OSError as error:
            raise disk_error(error, path.parent) from error
    content = _Content(scenes={number: scenes[number] for number in sorted(scenes)})
    write_whole(path, content.model_dump_json(indent=1, exclude_defaults=True).encode())
