"""MIDI maps: YAML files that map knobs, pads and keys to parameters and messages.

All errors in a file are reported at once. Two knobs on the same parameter are an error, since neither could
pick it up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from bridge.messages import BridgeError
from bridge.midi.control import Control, Strict
from bridge.system.yaml_files import parse_yaml, read_yaml_bytes
from bridge.values import reason_of

MAX_DEPTH = 5
Keys = Literal["capture", "none"]


class MidiMap(Strict):
    """A validated map. `ports` are patterns of the ports to use it for, `reply` is one of those to light.

    `layers` names the maps beneath it, the uppermost first, for the controls that this one leaves out.
    """

    description: str = ""
    ports: tuple[str, ...] = ()
    reply: str = ""
    pickup: bool = True
    keys: Keys = "none"
    layers: tuple[str, ...] = Field((), max_length=16)
    controls: tuple[Control, ...] = ()

    @model_validator(mode="after")
    def _one_knob_each(self) -> Self:
        count = Counter(
            (control.parameter, control.port, control.shifted)
            for control in self.controls
            if control.parameter and control.is_continuous
        )
        twice = [str(name) for (name, *_), times in count.items() if times > 1]
        if twice:
            raise ValueError(f"two knobs turn {', '.join(f'`{name}`' for name in twice)}; keep one of them")
        return self


@dataclass(frozen=True, slots=True)
class NamedMap:
    """A map with its name; `is_factory` is False for the user's maps."""

    name: str
    map: MidiMap
    is_factory: bool


def load_map(path: Path) -> MidiMap:
    """Load one map file. Raises BridgeError `value` that lists its errors."""
    return _parsed(read_yaml_bytes(path, code="value"), path.name)


@lru_cache(maxsize=64)
def _parsed(data: bytes, name: str) -> MidiMap:
    """Parse a map; cached, since a reload reads every map and few have changed."""
    return check_map(parse_yaml(data, name=name, code="value", max_depth=MAX_DEPTH), name)


def check_map(content: object, name: str) -> MidiMap:
    """Validate the content of a map; errors call it `name`. Raises BridgeError `value`."""
    try:
        return MidiMap.model_validate(content)
    except ValidationError as error:
        raise BridgeError("value", f"MIDI map `{name}`: " + " ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    sentences = []
    for problem in error.errors(include_url=False, include_context=False):
        place = [f"control {part + 1}" if isinstance(part, int) else f"`{part}`" for part in problem["loc"]]
        where = ", ".join(place[1:] if place[:1] == ["`controls`"] and len(place) > 1 else place)
        what = reason_of(problem).removesuffix(".")
        if problem["type"] == "extra_forbidden":
            what = "no such key"
        sentences.append(f"{where}: {what}." if where else f"{what}.")
    return sentences[:12]
