"""The audio that a request names: copies in the library, and the recipes of those that are takes."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bridge.library.caught_bars import CaughtBars, read_caught
from bridge.library.recipes import LARGEST_RECIPE_BYTES, Recipe, parse_recipe, read_recipe
from bridge.library.sources import open_named, read_opened, source_seconds
from bridge.library.take_files import TakeFiles
from bridge.library.takes import Library
from bridge.messages import BridgeError, Peer, Render, SourceAudio
from bridge.parameters import check_request
from bridge.requests.completing import PlayingAudio
from bridge.requests.named_audio import is_hash, keep_named
from bridge.requests.source_recipe import SourceTake
from bridge.requests.warped_clip import is_heard
from bridge.settings import Settings

_SAME_LENGTH_SECONDS = 0.01


class AudioSources:
    """Keeps sources in the library, and restricts which files clients may read. Any thread may use it."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._settings = settings
        self._library = library

    def source(self, named: str, sender: Peer | None) -> SourceAudio:
        """Return a source by its path, or by its hash (as in recipes) if the library has it already."""
        return keep_named(named, sender, self._settings, self._library, self._library.keep_source)

    def playing(self, ask: Render) -> list[PlayingAudio]:
        """Return the audio that a request is to complete. Raises BridgeError as `source`."""
        found = []
        for named in map(self._library.named, ask.follows):
            source = self.source(named, ask.sender)
            path = self._library.source_path(source)
            take = self.take(source, named, ask.sender)
            caught = self.caught(source)
            bars = caught[0] if caught else None
            seconds = source_seconds(path)
            found.append(PlayingAudio(source=source, path=path, seconds=seconds, take=take, caught=bars))
        return found

    def caught(self, source: SourceAudio) -> tuple[CaughtBars, float] | None:
        """Return the bars of a source that was caught on the stage's clock, and its seconds; else None."""
        try:
            path = self._library.source_path(source)
            bars = read_caught(path)
            return None if bars is None else (bars, source_seconds(path))
        except (BridgeError, OSError):
            return None

    def take(self, source: SourceAudio, named: str, sender: Peer | None) -> SourceTake | None:
        """Read the recipe embedded in the library's copy, or beside the original; None if there is none."""
        try:
            path = self._library.source_path(source)
            recipe = self.recipe(path, named, sender)
            check_request(recipe.request)  # anybody may have edited it
            lasts = source_seconds(path)
        except BridgeError:
            return None
        is_whole = abs(lasts - recipe.seconds) < _SAME_LENGTH_SECONDS
        return SourceTake(
            request=recipe.request,
            index=recipe.index,
            seconds=lasts,
            is_whole=is_whole,
            notes=recipe.heard_notes,
        )

    def recipe(self, kept: Path, named: str, sender: Peer | None) -> Recipe:
        """Read the recipe in a library's copy, or beside the file that was named. Raises BridgeError."""
        with contextlib.suppress(BridgeError):
            return read_recipe(kept)
        if is_hash(named) or is_heard(named):
            raise BridgeError("source", f"source `{kept.name}`: no recipe")
        beside = TakeFiles(Path(named)).recipe
        allowed = self._settings.folders_for(sender)
        with open_named(str(beside), allowed_folders=allowed, bases=[self._library.takes_folder]) as file:
            text = read_opened(file, LARGEST_RECIPE_BYTES, f"recipe `{beside.name}`")
        return parse_recipe(text, beside.name)
