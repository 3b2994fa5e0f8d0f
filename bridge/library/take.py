"""A finished take: its file, and what its recipe says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.library.recipes import Recipe, read_recipe
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, HeardTake


@dataclass(frozen=True, slots=True)
class Take:
    """A finished audio file in a library. `created` is an ISO 8601 time in UTC, `bpm` None if unknown.

    `label` is the name that a musician gave it, empty without one. `heard_chords` and `heard_onsets` are
    those of a `HeardTake`.
    """

    path: Path
    bytes: int
    seconds: float
    bpm: float | None
    meter: str
    key: str
    chords: str
    sound: str
    part: str
    preset: str
    verb: str
    seed: int
    created: str
    parent: str
    heard_chords: float | None
    heard_onsets: float | None
    starred: bool = False
    label: str = ""

    @property
    def name(self) -> str:
        """The file name, unique in its library."""
        return self.path.name


def read_take(path: Path) -> Take:
    """Read the take at a path. Raises BridgeError `source` if it is missing, or has no recipe."""
    recipe = _recipe(TakeFiles(path))
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise BridgeError("source", f"take `{path.name}`: there is no such file") from error
    request, heard = recipe.request, recipe.heard or HeardTake()
    return Take(
        path=path,
        bytes=size_bytes,
        seconds=recipe.seconds,
        bpm=request.known_bpm,
        meter=f"{request.numerator}/{request.denominator}",
        key=request.key,
        chords=request.chords,
        sound=request.sound_of(recipe.index),
        part=request.part_of(recipe.index),
        preset=request.preset if request.preset_chosen else "",
        verb=request.verb,
        seed=recipe.seed,
        created=recipe.created,
        parent=request.parent,
        heard_chords=heard.chords,
        heard_onsets=heard.onsets,
    )


def _recipe(files: TakeFiles) -> Recipe:
    """Read the recipe beside the audio; if it is missing or damaged, its copy inside."""
    try:
        return read_recipe(files.recipe_source())
    except BridgeError:
        if files.recipe_source() == files.audio:
            raise
    return read_recipe(files.audio)
