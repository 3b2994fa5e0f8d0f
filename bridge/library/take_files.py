"""The files of a take: its audio, and what lies beside it under the same name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TakeFiles:
    """Where the files of the take at `audio` lie, whether or not they are there."""

    audio: Path

    @property
    def recipe(self) -> Path:
        """The readable recipe."""
        return self.audio.with_suffix(".json")

    @property
    def tail(self) -> Path:
        """The sound that rings on after a loop with `end ring`."""
        return self.audio.with_name(f"{self.audio.stem}_tail{self.audio.suffix}")

    @property
    def picture(self) -> Path:
        """The spectrogram."""
        return self.audio.with_suffix(".png")

    def all(self) -> tuple[Path, ...]:
        """Every file, the audio first."""
        return self.audio, self.recipe, self.tail, self.picture

    def recipe_source(self) -> Path:
        """The file to read the recipe from: the readable one, else the audio, which holds it too."""
        return self.recipe if self.recipe.exists() else self.audio
