"""Routes of the takes: list, audio, MIDI, notes, waveform, spectrogram, recipe. All of them only read."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from bridge.http.waveform import peaks
from bridge.library.folders import AUDIO_SUFFIXES
from bridge.library.recipes import Recipe, read_recipe
from bridge.library.shelf import Shelf
from bridge.library.take import Take
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError
from bridge.render.engine import save_spectrogram
from bridge.requests.edits import require_score
from bridge.requests.score_changes import Score

MOST_LISTED = 500
WIDEST = 8_192
_AT_ONCE = 2  # threads that read files, so that no number of clients keeps the daemon from its work
_TYPES = {".wav": "audio/wav", ".aiff": "audio/aiff", ".flac": "audio/flac"}
_R = TypeVar("_R")


class TakeRoutes:
    """The routes below `/takes` for the library of `shelf`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._working = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/takes", self._list),
            web.get("/takes/{name}", self._file),
            web.get("/takes/{name}/recipe", self._recipe),
            web.get("/takes/{name}/notes", self._notes),
            web.get("/takes/{name}/peaks", self._peaks),
            web.get("/takes/{name}/picture", self._picture),
        ]

    async def _beside(self, work: Callable[[], _R]) -> _R:
        """Read files, and write what is told of them as JSON, in a thread: both may take long."""
        async with self._working:
            return await asyncio.to_thread(work)

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        first = _whole(query.get("from", "0"), "from", 0, 10**9)
        count = _whole(query.get("count", "100"), "count", 1, MOST_LISTED)
        words = query.get("query", "").casefold().split()
        starred = query.get("star", "") not in ("", "0")

        def read() -> tuple[int, str]:
            found = [
                take
                for take in self._shelf.takes()
                if (take.starred or not starred) and _has_words(take, words)
            ]
            return len(found), json.dumps([_as_json(take) for take in found[first : first + count]])

        total, takes = await self._beside(read)
        return web.json_response(text=takes, headers={"X-Total-Count": str(total)})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """Send the audio or, below the name with `.mid` behind it, the notes. Ranges are answered."""
        name = request.match_info["name"]
        if name.endswith(".mid"):
            midi = await self._beside(lambda: self._midi(name.removesuffix(".mid")))
            return web.FileResponse(midi, headers={"Content-Type": "audio/midi"})
        path = await self._beside(lambda: self._path(name))
        return web.FileResponse(path, headers={"Content-Type": _TYPES[path.suffix]})

    async def _recipe(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return web.json_response(text=await self._beside(lambda: self._recipe_of(name).compact()))

    async def _notes(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        score = await self._beside(lambda: json.dumps(_score(self._recipe_of(name), name)))
        return web.json_response(text=score)

    async def _peaks(self, request: web.Request) -> web.Response:
        width = _whole(request.query.get("width", "600"), "width", 1, WIDEST)
        name = request.match_info["name"]

        def read() -> str:
            path = self._path(name)
            low, high = peaks(path, path.stat().st_mtime_ns, width)
            return json.dumps({"low": low, "high": high})

        return web.json_response(text=await self._beside(read))

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        picture = await self._beside(lambda: _picture(self._path(name)))
        return web.Response(body=picture, content_type="image/png")

    # --- files, in a thread ---

    def _path(self, name: str) -> Path:
        """Return the path of a take's audio by its file name.

        Raises BridgeError `missing` for all else: other names, links, other files.
        """
        is_name = Path(name).name == name and not name.startswith(".") and Path(name).suffix in AUDIO_SUFFIXES
        for folder in (self._shelf.takes_folder, self._shelf.folder) if is_name else ():
            if _is_plain_file(folder / name):
                return folder / name
        raise BridgeError("missing", f"take `{name[:120]}`: not in this library; reload the list")

    def _midi(self, name: str) -> Path:
        """Return the MIDI file of a take that is named with or without its audio's ending."""
        names = (
            [name] if Path(name).suffix in AUDIO_SUFFIXES else [name + suffix for suffix in AUDIO_SUFFIXES]
        )
        for audio in names:
            try:
                midi = TakeFiles(self._path(audio)).midi
            except BridgeError:
                continue
            if _is_plain_file(midi):
                return midi
        raise BridgeError("missing", f"take `{name[:120]}`: has no MIDI file")

    def _recipe_of(self, name: str) -> Recipe:
        files = TakeFiles(self._path(name))
        try:
            return read_recipe(files.recipe_source())
        except BridgeError as error:
            raise BridgeError("missing", error.message) from error


def _is_plain_file(path: Path) -> bool:
    """Whether there is a file, and no link; false for what is no file name here."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _whole(text: str, name: str, low: int, high: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 16 and low <= int(text) <= high:
        return int(text)
    raise BridgeError("value", f"`{name}`: got {text[:40]!r}, expected a whole number from {low} to {high}")


def _has_words(take: Take, words: list[str]) -> bool:
    text = " ".join(
        (
            take.name,
            take.label,
            take.chords,
            take.key,
            take.sound,
            take.part,
            take.preset,
            take.verb,
            take.meter,
        )
    )
    return all(word in text.casefold() for word in words)


def _as_json(take: Take) -> dict[str, object]:
    return {
        "name": take.name,
        "label": take.label,
        "seconds": take.seconds,
        "bpm": take.bpm,
        "meter": take.meter,
        "key": take.key,
        "chords": take.chords,
        "sound": take.sound,
        "part": take.part,
        "preset": take.preset,
        "verb": take.verb,
        "seed": take.seed,
        "star": take.starred,
        "made": take.created,
        "bytes": take.bytes,
        "has_notes": TakeFiles(take.path).midi.exists(),
        "parent": take.parent,
    }


def _score(recipe: Recipe, name: str) -> dict[str, object]:
    """The notes of a take as the piano roll shows them, in quarter notes from its start."""
    if not recipe.notes:
        raise BridgeError("missing", f"take `{name}`: has no notes; the model played freely")
    request = recipe.request
    why = ""
    own, parts = tuple(recipe.heard_notes), dict(recipe.notes)
    bars = request.bars
    try:
        require_score(recipe, name)
        score = Score.of(recipe)
        own, parts, bars = score.own, dict(score.notes), score.bars
    except BridgeError as error:
        why = error.message
    bar_beats = float(request.meter.bar_beats)
    return {
        "bars": recipe.seconds * request.bpm / 60 / bar_beats if bars is None else bars,
        "numerator": request.numerator,
        "denominator": request.denominator,
        "bpm": request.bpm,
        "bar_beats": bar_beats,
        "loop": bool(request.loop),
        "chords": request.chords,
        "key": request.key,
        "own": own,
        "parts": parts,
        "editable": not why,
        "why": why,
    }


def _picture(path: Path) -> bytes:
    """The picture of a take's spectrogram, as it lies beside the take, or as it is drawn now."""
    drawn = TakeFiles(path).picture
    if _is_plain_file(drawn):
        return drawn.read_bytes()
    return _drawn(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _drawn(path: Path, changed_ns: int) -> bytes:  # noqa: ARG001  (a changed file is drawn anew)
    import tempfile

    import soundfile

    with tempfile.TemporaryDirectory(prefix="msanii-picture-") as folder:
        picture = Path(folder) / "picture.png"
        try:
            save_spectrogram(path, picture)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise BridgeError("source", f"take `{path.name}`: not an audio file that can be read") from error
        return picture.read_bytes()
