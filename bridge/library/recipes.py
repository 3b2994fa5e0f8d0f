"""Recipes: everything needed to render a take again, and nothing that identifies the user's machine."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bridge.library.riff_chunks import RECIPE_CHUNK, read_chunk
from bridge.messages import BeatNote, BridgeError, HeardTake, RenderRequest
from bridge.messages.requests import keeps_bars
from bridge.system.disk import open_regular
from bridge.values import first_problem
from msanii.limits import MOST_NOTES
from msanii.music.midi_notes import DRUMS
from msanii.music.parts import part_names, part_of_name

LARGEST_RECIPE_BYTES = 4_000_000
_NUMBERS = re.compile(r"\[\s*-?[0-9][-+.0-9eE,\s]*\]")


class Recipe(BaseModel):
    """The request, model and kind of machine of a take. Contains names and hashes only, never a path.

    `index` counts from 0 within the batch of `request.count`; `seed` is the seed of this variation;
    `seconds` is the length of the file, `created` an ISO 8601 time in UTC. `tail` is the name of the file
    with the tail of a loop, empty if there is none. `notes` are those of all parts that were rendered
    together, by the part's name; empty if the model played freely. `heard` is None if nobody listened.
    `processor` is the kind that computed, a GPU's name or a CPU's instruction set; recipes of earlier
    versions do not say. `layout` is that of the network's tensors in memory; then it was always contiguous.
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
    processor: str = ""
    layout: str = "contiguous"
    created: str
    tail: str = ""
    notes: dict[str, tuple[BeatNote, ...]] = {}
    heard: HeardTake | None = None

    @model_validator(mode="after")
    def _is_of_the_batch(self) -> Self:
        if self.index not in self.request.takes:
            raise ValueError(f"`index`: got {self.index}, expected 0 to {self.request.count - 1}")
        count = sum(map(len, self.notes.values()))
        if count > MOST_NOTES:
            raise ValueError(f"`notes`: got {count}, expected at most {MOST_NOTES}")
        return self

    @property
    def heard_notes(self) -> dict[str, tuple[BeatNote, ...]]:
        """The notes of the part that this take plays; for a mix, of the parts that have pitches."""
        parts = part_names(self.request.arrangement)
        if self.index < len(parts):
            return {part: notes for part, notes in self.notes.items() if part == parts[self.index]}
        is_mix = self.request.part_of(self.index) == "mix"
        return {
            part: notes for part, notes in self.notes.items() if not (is_mix and part_of_name(part) == DRUMS)
        }

    def request_with_notes(self) -> RenderRequest:
        """Return the request with this take's notes in it, so that nothing is composed anew."""
        if not self.notes:
            return self.request
        played = sorted((note, part) for part, notes in self._new_notes().items() for note in notes)
        by_part = bool(self.request.arrangement or self.request.note_parts)
        given: dict[str, object] = {
            "notes": tuple(note for note, _ in played),
            "note_parts": tuple(part for _, part in played) if by_part else (),
            # A part that had no notes then gets none now.
            "compose": "off" if by_part else self.request.compose,
        }
        if keeps_bars(self.request):
            given |= {"verb": "generate", "source": None, "renew_bars": ""}
        return self.request.model_copy(update=given)

    def _new_notes(self) -> dict[str, tuple[BeatNote, ...]]:
        """The notes of what was rendered, from its start on: of an outpainted take, those of the new bars."""
        ask = self.request
        if ask.verb != "outpaint":
            return self.notes
        bar_beats = float(ask.meter.bar_beats)
        old = (self.seconds - ask.seconds) * ask.bpm / 60
        start = round(old / bar_beats) * bar_beats if ask.side == "after" else 0.0
        end = math.inf if ask.side == "after" else ask.seconds * ask.bpm / 60 - 1e-6
        return {
            part: tuple(
                (round(onset - start, 6), round(until - start, 6), pitch, velocity)
                for onset, until, pitch, velocity in notes
                if start - 1e-6 <= onset < end
            )
            for part, notes in self.notes.items()
        }

    def compact(self) -> str:
        """Return one line of ASCII JSON, to embed in an audio file."""
        return json.dumps(self.model_dump(mode="json"), separators=(",", ":"))

    def readable(self) -> str:
        """Return indented JSON with a note a line, for the file beside the audio."""
        text = json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
        return _NUMBERS.sub(
            lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text
        )


def read_recipe(path: Path) -> Recipe:
    """Read the recipe in a `.json` file or embedded in an audio file.

    Raises:
        BridgeError: `source` if the file is missing, or has no recipe that this version can read.
    """
    try:
        text = recipe_text(path)
    except OSError as error:
        raise BridgeError("source", f"recipe `{path.name}`: cannot be read ({error.strerror})") from error
    return parse_recipe(text, path.name)


def parse_recipe(text: str | bytes, name: str) -> Recipe:
    """Parse a recipe; `name` is its file's, for errors. Raises BridgeError `source` if it is not valid."""
    try:
        return Recipe.model_validate_json(text)
    except ValidationError as error:
        raise BridgeError(
            "source",
            f"recipe `{name}`: no recipe that this version reads ({first_problem(error)}); "
            "expected the .json file beside a take, or the take itself",
        ) from error


def recipe_text(path: Path) -> str:
    """Read the text of a recipe from a `.json` or audio file. Raises OSError, BridgeError `source`."""
    if path.suffix.lower() == ".flac":
        return _comment(path)
    if path.suffix.lower() != ".json":
        return (read_chunk(path, RECIPE_CHUNK) or b"").decode("utf-8", errors="replace")
    with open_regular(path) as file:
        data = file.read(LARGEST_RECIPE_BYTES + 1)
    if len(data) > LARGEST_RECIPE_BYTES:
        raise BridgeError(
            "source", f"recipe `{path.name}`: larger than {LARGEST_RECIPE_BYTES} bytes, so not a recipe"
        )
    return data.decode("utf-8", errors="replace")


def _comment(path: Path) -> str:
    """Return the comment of a FLAC file."""
    import soundfile

    if not path.is_file():
        raise BridgeError("source", f"recipe `{path.name}`: there is no such file")
    try:
        with soundfile.SoundFile(path) as file:
            return str(file.comment)
    except soundfile.LibsndfileError as error:
        raise BridgeError("source", f"recipe `{path.name}`: not an audio file that can be read") from error
