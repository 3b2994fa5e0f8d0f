"""Completes client requests: fills gaps from presets and recipes, and copies sources into the library."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from bridge.library.sources import never_read, source_seconds
from bridge.library.takes import Library
from bridge.messages import (
    BridgeError,
    Edit,
    PartialRequest,
    Peer,
    Render,
    RenderRequest,
    SourceAudio,
)
from bridge.messages.requests import without
from bridge.parameters import Value, check_request
from bridge.requests.audio_sources import AudioSources
from bridge.requests.completing import (
    PlayingAudio,
    completed_by_hearing,
    completed_by_take,
    leading_bars,
    leading_take,
)
from bridge.requests.ears import Ears, Hear
from bridge.requests.edits import EditedTake, edited
from bridge.requests.heard_source import (
    HeardSource,
    UnheardSource,
    caught_source,
    lent_by_hearing,
    wants_ears,
)
from bridge.requests.notes import ParseNotes, read_note_clip, with_notes
from bridge.requests.parts import with_parts
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import SamplingOf, of_source, read_parameter, resolve
from bridge.requests.source_recipe import SourceTake, knows_bars
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable
from msanii.errors import ChordError, ScoreError
from msanii.limits import LOUDNESS_LUFS, MAX_SEED
from msanii.music.chords import canonical_chords, canonical_key
from msanii.music.note_clip import NoteClip
from msanii.music.taught.asked import without_pins
from msanii.music.taught.folder import taught_in

SOURCE_SECONDS = 60.0
T = TypeVar("T")


class Resolver:
    """Completes requests, and restricts which files clients may read.

    Given a model's name, `sounds_and_parts` returns the instruments and parts that it knows ("" for none),
    `sampling_of` its default sampling parameters, and `follows_chords` whether it follows chords.
    `loudness_of` measures an audio file in LUFS. `hear` says what is heard in sources, whose copies are at
    the paths; None where nothing is to be heard.
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
        hear: Hear | None = None,
    ) -> None:
        self._ears = Ears(hear)
        self._audio = AudioSources(settings, library)
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

        A source whose beats and chords nobody says, and that is no take, is heard first.

        Raises:
            BridgeError: as `presets.resolve`; also `chords` for chords or a key that cannot be parsed, and
                `source` for a file not read within `SOURCE_SECONDS`.
        """
        if ask.follows:
            return await self._completed(ask, session)
        if not any(name in ask.values or name in session for name in ("source", "source_b", "notes")):
            return self._resolved(ask, session)
        kept: dict[str, SourceAudio] = {}
        try:
            return await self._within_time(ask, partial(self._resolved, ask, session, kept))
        except UnheardSource as unheard:
            heard = {unheard.source: await self._ears.try_hearing(unheard)}
            return await self._within_time(ask, partial(self._resolved, ask, session, kept, heard))

    def _resolved(
        self,
        ask: Render,
        session: PartialRequest,
        kept: dict[str, SourceAudio] | None = None,
        heard: Mapping[SourceAudio, HeardSource | None] | None = None,
    ) -> RenderRequest:
        """Complete a request; `kept` are its sources by what they were named, `heard` what was heard in them.

        Raises UnheardSource if one should be heard first.
        """
        kept = {} if kept is None else kept
        asked = self._with_notes(ask, session)
        hears = self._ears.are_open and wants_ears(asked, session) and self._follows(ask, session)

        def lookup(path: str) -> SourceAudio:
            if path not in kept:
                kept[path] = self._audio.source(self._library.named(path), ask.sender)
            return kept[path]

        def take_lookup(path: str) -> SourceTake | HeardSource | None:
            source = lookup(path)
            take = self._audio.take(source, self._library.named(path), ask.sender)
            if take is not None and knows_bars(take):
                return take
            caught = self._audio.caught(source)
            is_asked = source in (heard or {})
            found = (heard or {}).get(source)
            if caught is not None and (is_asked or not hears):
                return caught_source(*caught, found.heard if found else None)
            if is_asked or not hears:
                return found or take
            copy = self._library.source_path(source)
            raise UnheardSource(source, copy, source_seconds(copy), take)

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

    async def _within_time(self, ask: Render, work: Callable[[], T]) -> T:
        """Do in a thread what reads a request's files. Raises BridgeError `source` if that never ends."""
        done = await run_abandonable(work, SOURCE_SECONDS)
        if done is None:
            names = ask.follows or [str(ask.values.get(name, "")) for name in ("source", "notes")]
            raise never_read(f"source `{Path(next(filter(None, names), 'unknown')).name}`", SOURCE_SECONDS)
        return done

    async def _completed(self, ask: Render, session: PartialRequest) -> RenderRequest:
        """Complete a request for a part to what plays in audio. Raises BridgeError as `resolve`."""
        playing = await self._within_time(ask, partial(self._audio.playing, ask))
        sources = [one.source for one in playing]
        # A file of notes that the session names is not what plays.
        others = without(session, ("notes", "notes_from_beats", "beat_seconds"))
        said, leader = others | ask.values, leading_take(playing)
        lender: SourceTake | HeardSource
        if leader is not None:
            value_of = partial(self._value_of, said)
            lender, render = leader, completed_by_take(ask, playing, leader, said, value_of)
        else:
            lender = await self._heard(playing, said)
            render = completed_by_hearing(ask, lender, said, " + ".join(one.name for one in sources))
        request = await self._within_time(ask, partial(self._resolved, render, others))
        lent = lent_by_hearing(lender, said) if isinstance(lender, HeardSource) else PartialRequest()
        fields = of_source(lender, request, lent) | {"follows": tuple(sources), "source_notes": {}}
        return request.model_copy(update=fields)

    async def _heard(self, playing: Sequence[PlayingAudio], said: PartialRequest) -> HeardSource:
        """Return what is heard in audio that plays together, on the bars of what was caught, if any was.

        Raises BridgeError as `Ears.hear`; `value` if several were caught at different tempos; `source` if
        chords are heard on other bars, and nobody says them.
        """
        sources, seconds = [one.source for one in playing], max(one.seconds for one in playing)
        caught = leading_bars(playing)
        if caught is not None and "chords" in said:
            return caught_source(caught, seconds, None)
        heard = await self._ears.hear(sources, [one.path for one in playing])
        if caught is None:
            return HeardSource(heard=heard, seconds=seconds)
        found = caught_source(caught, seconds, heard)
        if heard.chords and not found.heard.chords:
            names = " + ".join(source.name for source in sources)
            raise BridgeError(
                "source", f"source `{names}`: its chords are heard on other bars than its own; send `chords`"
            )
        return found

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
        source = self._audio.source(take, edit.sender)
        path = self._library.source_path(source)
        name = Path(take).name
        try:
            recipe = self._audio.recipe(path, take, edit.sender)
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
        return with_notes(
            ask,
            session,
            self._parse_notes,
            value_of=partial(self._value_of, session | ask.values),
            allowed_folders=self._settings.folders_for(ask.sender),
            bases=[self._settings.exchange_folder, self._library.takes_folder],
        )

    def _value_of(self, said: PartialRequest, name: str) -> Value | None:
        return read_parameter(name, self._presets, said, self._sampling_of, self._settings.user_defaults)

    def _follows(self, ask: Render, session: PartialRequest) -> bool:
        """Whether the model of a request follows chords."""
        return self._follows_chords(str(self._value_of(session | ask.values, "model")))

    def _with_notes_of_take(self, values: PartialRequest) -> PartialRequest:
        """Name the file of a take in `notes`, where its label stands for it."""
        if "notes" not in values:
            return values
        return values | {"notes": self._library.named(values["notes"], self._settings.exchange_folder)}


def _with_canonical_chords(request: RenderRequest) -> RenderRequest:
    """Normalise chords and key to the spelling of the worker and recipes. Raises BridgeError `chords`."""
    try:
        chords = canonical_chords(request.chords, key=request.key, meter=request.meter)
    except ChordError as error:
        raise BridgeError("chords", str(error)) from error
    return request.model_copy(update={"chords": chords, "key": canonical_key(request.key)})
