"""Completes client requests: fills gaps from presets and recipes, and copies sources into the library."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from bridge.library.recipes import LARGEST_RECIPE_BYTES, Recipe, parse_recipe, read_recipe
from bridge.library.sources import never_read, open_named, read_opened, source_seconds
from bridge.library.take_files import TakeFiles
from bridge.library.takes import Library
from bridge.messages import BridgeError, Edit, PartialRequest, Peer, Render, RenderRequest, SourceAudio
from bridge.parameters import Value, check_request
from bridge.requests.edits import EditedTake, edited
from bridge.requests.named_audio import is_hash, keep_named
from bridge.requests.notes import ParseNotes, read_note_clip, with_notes
from bridge.requests.parts import with_parts
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import SamplingOf, read_parameter, resolve
from bridge.requests.source_recipe import SourceTake
from bridge.requests.warped_clip import is_heard
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable
from msanii.errors import ChordError, ScoreError
from msanii.limits import LOUDNESS_LUFS, MAX_SEED
from msanii.music.chords import canonical_chords, canonical_key
from msanii.music.note_clip import NoteClip
from msanii.music.taught.asked import without_pins
from msanii.music.taught.folder import taught_in

SOURCE_SECONDS = 60.0
_SAME_LENGTH_SECONDS = 0.01


class Resolver:
    """Completes requests, and restricts which files clients may read.

    Given a model's name, `sounds_and_parts` returns the instruments and parts that it knows ("" for none),
    `sampling_of` its default sampling parameters, and `follows_chords` whether it follows chords.
    `loudness_of` measures an audio file in LUFS.
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
        loudness_of: Callable[[Path], float] = lambda _path: LOUDNESS_LUFS,
    ) -> None:
        self._follows_chords = follows_chords
        self._loudness_of = loudness_of
        self._sounds_and_parts = sounds_and_parts
        self._sampling_of = sampling_of
        self._parse_notes = parse_notes
        self._settings = settings
        self._library = library
        self._presets = presets

    async def resolve(self, ask: Render, session: PartialRequest) -> RenderRequest:
        """Complete a request; with a source or notes in a thread, since hashing a long file takes seconds.

        Raises:
            BridgeError: as `presets.resolve`; also `chords` for chords or a key that cannot be parsed, and
                `source` for a file not read within `SOURCE_SECONDS`.
        """
        looked_up: list[str] = []
        kept: dict[str, SourceAudio] = {}

        def lookup(path: str) -> SourceAudio:
            looked_up.append(path)
            if path not in kept:
                kept[path] = self._source(self._library.named(path), ask.sender)
            return kept[path]

        def take_lookup(path: str) -> SourceTake | None:
            return self._take(lookup(path), self._library.named(path), ask.sender)

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
            playable = self._with_taught(self._playable(found, {*asked.values, *session}))
            return with_parts(_with_canonical_chords(playable), asks_levels="level_db" in ask.values)

        if not any(name in ask.values or name in session for name in ("source", "source_b", "notes")):
            return work()
        request = await run_abandonable(work, SOURCE_SECONDS)
        if request is not None:
            return request
        name = Path(looked_up[-1]).name if looked_up else "unknown"
        raise never_read(f"source `{name}`", SOURCE_SECONDS)

    async def resolve_edit(self, edit: Edit) -> RenderRequest:
        """Complete an edit of a take, in a thread. Raises BridgeError as `resolve` and `edits.edited`."""

        def work() -> RenderRequest:
            notes = None
            if "notes" in edit.values:
                notes = self._clip(edit.values["notes"], edit.sender)
            request = edited(edit, self._edited_take(edit), notes, lambda: secrets.randbelow(MAX_SEED))
            return _with_canonical_chords(self._with_taught(request))

        request = await run_abandonable(work, SOURCE_SECONDS)
        if request is None:
            raise never_read(f"take `{Path(edit.take).name}`", SOURCE_SECONDS)
        return request

    def _edited_take(self, edit: Edit) -> EditedTake:
        """Read the take that an edit names. Raises BridgeError `source`, also for one without a recipe."""
        take = self._library.named(edit.take)
        source = self._source(take, edit.sender)
        path = self._library.source_path(source)
        name = Path(take).name
        try:
            recipe = self._recipe(path, take, edit.sender)
        except BridgeError as error:
            raise BridgeError(
                "source",
                f"take `{name}`: has no recipe, so that its score is not known; to change other audio, send "
                "/msanii/inpaint",
            ) from error
        check_request(recipe.request)  # anybody may have edited it
        return EditedTake(
            name=name,
            recipe=recipe,
            source=source,
            seconds=source_seconds(path),
            loudness_lufs=partial(self._loudness_of, path),
        )

    def _clip(self, path: str, sender: Peer | None) -> NoteClip:
        allowed = self._settings.folders_for(sender)
        return read_note_clip(path, self._parse_notes, allowed, [self._settings.exchange_folder])

    def _playable(self, request: RenderRequest, said: set[str]) -> RenderRequest:
        """Drop borrowed values that the model cannot use.

        These are sound and part from presets for a model that knows none, and chords from a recipe for a
        model that follows none.
        """
        sounds, parts = self._sounds_and_parts(request.model)
        known = {"sound": sounds, "part": parts, "parts": parts}
        lent = {name: "" for name, names in known.items() if not names and name not in said}
        from_recipe = request.verb != "generate" and not {"chords", "preset"} & said
        if from_recipe and request.chords and not self._follows_chords(request.model):
            lent["chords"] = ""
        return request.model_copy(update=lent)

    def _with_taught(self, request: RenderRequest) -> RenderRequest:
        """Name the files of the taught sounds by their hashes; those of an edited take stay the same files.

        Raises BridgeError `value` for a sound that does not exist.
        """
        try:
            taught = taught_in(request.sound, self._settings.sounds_folder, request.taught)
        except ScoreError as error:
            raise BridgeError("value", str(error)) from error
        return request.model_copy(update={"taught": taught, "sound": without_pins(request.sound)})

    def _with_notes(self, ask: Render, session: PartialRequest) -> Render:
        ask = replace(ask, values=self._with_notes_of_take(ask.values))
        session = self._with_notes_of_take(session)
        said = session | ask.values

        def value_of(name: str) -> Value | None:
            return read_parameter(name, self._presets, said, self._sampling_of, self._settings.user_defaults)

        return with_notes(
            ask,
            session,
            self._parse_notes,
            value_of=value_of,
            allowed_folders=self._settings.folders_for(ask.sender),
            bases=[self._settings.exchange_folder, self._library.takes_folder],
        )

    def _with_notes_of_take(self, values: PartialRequest) -> PartialRequest:
        """Name the file of a take in `notes`, where its label stands for it."""
        if "notes" not in values:
            return values
        return values | {"notes": self._library.named(values["notes"], self._settings.exchange_folder)}

    def _source(self, named: str, sender: Peer | None) -> SourceAudio:
        """Return a source by its path, or by its hash (as in recipes) if the library has it already."""
        return keep_named(named, sender, self._settings, self._library, self._library.keep_source)

    def _take(self, source: SourceAudio, named: str, sender: Peer | None) -> SourceTake | None:
        """Read the recipe embedded in the library's copy, or beside the original; None if there is none."""
        try:
            path = self._library.source_path(source)
            recipe = self._recipe(path, named, sender)
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

    def _recipe(self, kept: Path, named: str, sender: Peer | None) -> Recipe:
        with contextlib.suppress(BridgeError):
            return read_recipe(kept)
        if is_hash(named) or is_heard(named):
            raise BridgeError("source", f"source `{kept.name}`: no recipe")
        beside = TakeFiles(Path(named)).recipe
        allowed = self._settings.folders_for(sender)
        with open_named(str(beside), allowed_folders=allowed, bases=[self._library.takes_folder]) as file:
            text = read_opened(file, LARGEST_RECIPE_BYTES, f"recipe `{beside.name}`")
        return parse_recipe(text, beside.name)


def _with_canonical_chords(request: RenderRequest) -> RenderRequest:
    """Normalise chords and key to the spelling of the worker and recipes. Raises BridgeError `chords`."""
    try:
        chords = canonical_chords(request.chords, key=request.key, meter=request.meter)
    except ChordError as error:
        raise BridgeError("chords", str(error)) from error
    return request.model_copy(update={"chords": chords, "key": canonical_key(request.key)})
