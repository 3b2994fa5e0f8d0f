"""Paths of the files of a take: its audio, recipe, tail, notes and spectrogram."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TakeFiles:
    """Paths of the files of the take at `audio`, whether or not they exist."""

    audio: Path

    @property
    def recipe(self) -> Path:
        """The recipe as JSON."""
        return self.audio.with_suffix(".json")

    @property
    def tail(self) -> Path:
        """The tail of a loop with `end ring`."""
        return self.audio.with_name(f"{self.audio.stem}_tail{self.audio.suffix}")

    @property
    def picture(self) -> Path:
        """The picture of the spectrogram."""
        return self.audio.with_suffix(".png")

    @property
    def midi(self) -> Path:
        """The notes that it plays, as a MIDI file."""
        return self.audio.with_suffix(".mid")

    def all(self) -> tuple[Path, ...]:
        """Return all paths, the audio first."""
        return self.audio, self.recipe, self.tail, self.midi, self.picture

    def recipe_source(self) -> Path:
        """Return the file to read the recipe from: the JSON if there is one, else the audio with its copy."""
        return self.recipe if self.recipe.is_file() else self.audio
