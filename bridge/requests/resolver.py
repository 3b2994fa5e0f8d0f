"""From what somebody asked to a complete request: presets fill its gaps, the library keeps its sources."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from bridge.library.recipes import LARGEST_RECIPE_BYTES, Recipe, parse_recipe, read_recipe
from bridge.library.sources import open_named, source_seconds
from bridge.library.takes import Library
from bridge.messages import BridgeError, Peer, Render, RenderRequest, SourceAudio
from bridge.messages.parts import with_parts
from bridge.parameters import check_request
from bridge.requests.notes import ParseNotes, with_notes
from bridge.requests.presets import Presets, SamplingOf, read_parameter, resolve
from bridge.requests.source_recipe import SourceTake
from bridge.requests.warped_clip import is_heard, keep_heard
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable

SOURCE_SECONDS = 60.0
_SAME_LENGTH_SECONDS = 0.01
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Resolver:
    """Fills the gaps of requests, and lets nobody read a file that is none of theirs.

    Of a model by its name, `sounds_and_parts` tells what it plays, and as which part ("" where it knows
    none), `sampling_of` how it is sampled unless somebody says otherwise, and `follows_chords` whether it
    does.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        presets: Presets,
        parse_notes: ParseNotes,
        sounds_and_parts: Callable[[str], tuple[str, str]],
        sampling_of: SamplingOf,
        follows_chords: Callable[[str], bool] = lambda _model: True,
    ) -> None:
        self._follows_chords = follows_chords
        self._sounds_and_parts = sounds_and_parts
        self._sampling_of = sampling_of
        self._parse_notes = parse_notes
        self._settings = settings
        self._library = library
        self._presets = presets

    async def resolve(self, ask: Render, session: Mapping[str, object]) -> RenderRequest:
        """The complete request. Only one with a source waits: hashing a long file takes seconds.

        Raises:
            BridgeError: as `presets.resolve`; also `source` for a file not read within `SOURCE_SECONDS`.
        """
        session = dict(session)
        looked_up: list[str] = []
        kept: dict[str, SourceAudio] = {}

        def lookup(path: str) -> SourceAudio:
            looked_up.append(path)
            if path not in kept:
                kept[path] = self._source(path, ask.sender)
            return kept[path]

        def take_lookup(path: str) -> SourceTake | None:
            return self._take(lookup(path), path, ask.sender)

        def work() -> RenderRequest:
            asked = self._with_notes(ask, session)
            found = resolve(
                asked,
                self._presets,
                session,
                lookup,
                self._sampling_of,
                user_defaults=self._settings.user_defaults,
                take_lookup=take_lookup,
            )
            playable = self._playable(found, {*asked.values, *session})
            return with_parts(playable, asks_levels="level_db" in ask.values)

        if not any(name in ask.values or name in session for name in ("source", "source_b", "notes")):
            return work()
        request = await run_abandonable(work, SOURCE_SECONDS)
        if request is not None:
            return request
        name = Path(looked_up[-1]).name if looked_up else "unknown"
        raise BridgeError(
            "source",
            f"source `{name}` does not answer: not read within {SOURCE_SECONDS:g} s; "
            "copy the file to a disk of this machine and send that",
        )

    def _playable(self, request: RenderRequest, said: set[str]) -> RenderRequest:
        """Without the part and the sound that are lent to a model which knows none.

        And without a recipe's chords, where the model follows none.
        """
        sounds, parts = self._sounds_and_parts(request.model)
        known = {"sound": sounds, "part": parts, "parts": parts}
        lent = {name: "" for name, names in known.items() if not names and name not in said}
        from_recipe = request.verb != "generate" and not {"chords", "preset"} & said
        if from_recipe and request.chords and not self._follows_chords(request.model):
            lent["chords"] = ""
        return request.model_copy(update=lent)

    def _with_notes(self, ask: Render, session: Mapping[str, object]) -> Render:
        allowed = self._settings.folders_for(ask.sender.host) if ask.sender else None
        bases = [self._settings.exchange_folder]
        said = {**session, **ask.values}

        def value_of(name: str) -> object:
            return read_parameter(name, self._presets, said, self._sampling_of, self._settings.user_defaults)

        values = with_notes(
            ask.values,
            session,
            self._parse_notes,
            value_of=value_of,
            allowed_folders=allowed,
            bases=bases,
        )
        return replace(ask, values=values)

    def _source(self, named: str, sender: Peer | None) -> SourceAudio:
        """A source by its path; or by its hash, as recipes name what the library holds already."""
        if _SHA256.fullmatch(named):
            kept = SourceAudio(sha256=named, name=named[:12])
            with contextlib.suppress(BridgeError):
                self._library.source_path(kept)
                return kept
        allowed = self._settings.folders_for(sender.host) if sender else None
        if is_heard(named):
            may_open = partial(open_named, allowed_folders=allowed, bases=[self._settings.exchange_folder])
            return keep_heard(named, may_open, partial(self._library.keep_source, allowed_folders=None))
        return self._library.keep_source(named, allowed)

    def _take(self, source: SourceAudio, named: str, sender: Peer | None) -> SourceTake | None:
        """What the recipe in a kept source tells, or the one beside the file; None where there is none."""
        try:
            path = self._library.source_path(source)
            recipe = self._recipe(path, named, sender)
            check_request(recipe.request)  # anybody may have edited it
            lasts = source_seconds(path)
        except BridgeError:
            return None
        is_whole = abs(lasts - recipe.seconds) < _SAME_LENGTH_SECONDS
        return SourceTake(request=recipe.request, index=recipe.index, seconds=lasts, is_whole=is_whole)

    def _recipe(self, kept: Path, named: str, sender: Peer | None) -> Recipe:
        with contextlib.suppress(BridgeError):
            return read_recipe(kept)
        if _SHA256.fullmatch(named) or is_heard(named):
            raise BridgeError("source", f"source `{kept.name}`: no recipe")
        beside = Path(named).with_suffix(".json")
        allowed = self._settings.folders_for(sender.host) if sender else None
        with open_named(str(beside), allowed_folders=allowed, bases=[self._library.takes_folder]) as file:
            return parse_recipe(file.read(LARGEST_RECIPE_BYTES), beside.name)
