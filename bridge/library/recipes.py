"""The recipe of a take: what it takes to render it again, and nothing that tells whose machine it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.library.riff_chunks import RECIPE_CHUNK, read_chunk
from bridge.messages import BridgeError, RenderRequest
from bridge.values import first_problem

LARGEST_RECIPE_BYTES = 1_000_000


class Recipe(BaseModel):
    """One take's request, model and machine kind. Names and hashes only, never a path.

    `index` counts from 0 within the batch of `request.count`; `seed` is this variation's own;
    `seconds` is the length of the file, `created` an ISO 8601 time in UTC. `tail` is the name of the file
    with what rings on where a loop is left; empty without one.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), hide_input_in_errors=True
    )

    format_version: Literal[1] = 1
    request: RenderRequest
    index: int = Field(ge=0)
    seed: int
    seconds: float = Field(ge=0)
    model_name: str
    model_fingerprint: str
    versions: dict[str, str]
    device: str
    dtype: str
    threads: int = Field(ge=0)
    created: str
    tail: str = ""

    def compact(self) -> str:
        """One line of ASCII JSON, for the inside of an audio file."""
        return json.dumps(self.model_dump(mode="json"), separators=(",", ":"))

    def readable(self) -> str:
        """Indented JSON, for the file beside the audio."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def read_recipe(path: Path) -> Recipe:
    """The recipe in a `.json` file, or in the audio file itself.

    Raises:
        BridgeError: `source` when the file is missing, or holds no recipe that this version can read.
    """
    try:
        text = recipe_text(path)
    except OSError as error:
        raise BridgeError("source", f"recipe `{path.name}`: cannot be read ({error.strerror})") from error
    return parse_recipe(text, path.name)


def parse_recipe(text: str | bytes, name: str) -> Recipe:
    """The recipe that a text is. Raises BridgeError `source` where this version reads none in it."""
    try:
        return Recipe.model_validate_json(text)
    except ValidationError as error:
        raise BridgeError(
            "source",
            f"recipe `{name}`: no recipe that this version reads ({first_problem(error)}); "
            "expected the .json file beside a take, or the take itself",
        ) from error


def recipe_text(path: Path) -> str:
    """What a `.json` file, or an audio file's own recipe, says. Raises OSError, BridgeError `source`."""
    if path.suffix.lower() == ".flac":
        return _comment(path)
    if path.suffix.lower() != ".json":
        return (read_chunk(path, RECIPE_CHUNK) or b"").decode("utf-8", errors="replace")
    with path.open("rb") as file:
        data = file.read(LARGEST_RECIPE_BYTES + 1)
    if len(data) > LARGEST_RECIPE_BYTES:
        raise BridgeError(
            "source", f"recipe `{path.name}`: larger than {LARGEST_RECIPE_BYTES} bytes, so not a recipe"
        )
    return data.decode("utf-8", errors="replace")


def _comment(path: Path) -> str:
    """The comment string inside a FLAC file."""
    import soundfile

    if not path.is_file():
        raise BridgeError("source", f"recipe `{path.name}`: there is no such file")
    try:
        with soundfile.SoundFile(path) as file:
            return str(file.comment)
    except soundfile.LibsndfileError as error:
        raise BridgeError("source", f"recipe `{path.name}`: not an audio file that can be read") from error
