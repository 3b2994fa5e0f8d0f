"""Uploads: an audio file, a MIDI file or notes in JSON, written as they come into the folder for uploads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import unicodedata
from pathlib import Path
from typing import BinaryIO

from aiohttp import BodyPartReader, web

from bridge.library.sources import LARGEST_SOURCE_BYTES, source_seconds
from bridge.messages import BridgeError
from bridge.messages.base import is_loopback
from bridge.parameters import MAX_SECONDS
from bridge.render.engine import parse_notes
from bridge.system.disk import discard, disk_error, full_disk, make_folder, part_path
from msanii.music.note_files import LARGEST_BYTES as LARGEST_NOTES_BYTES

AUDIO = frozenset((".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3"))
NOTES = frozenset((".mid", ".midi", ".json"))
MOST_KEPT_BYTES = 8_000_000_000
LEAST_FREE_BYTES = 500_000_000
_AT_ONCE = 2
_CHUNK_BYTES = 1 << 18
_PAUSE_SECONDS, _MOST_SECONDS = 30.0, 1_800.0
_MOST_CHARACTERS = 60
_NOT_IN_NAMES = re.compile(r"[^\w.+-]+")


class Uploads:
    """`POST /sources`: takes one file into `folder`, where nothing is ever overwritten.

    `largest_bytes` is the most that an audio file may have, `most_kept_bytes` what the folder may hold.
    """

    def __init__(
        self,
        folder: Path,
        *,
        largest_bytes: int = LARGEST_SOURCE_BYTES,
        most_kept_bytes: int = MOST_KEPT_BYTES,
        least_free_bytes: int = LEAST_FREE_BYTES,
    ) -> None:
        self._folder = folder
        self._largest_bytes = largest_bytes
        self._most_kept_bytes = most_kept_bytes
        self._least_free_bytes = least_free_bytes
        self._receiving = 0

    async def take(self, request: web.Request) -> web.Response:
        """Answer with the path to name the file by: whole on this machine, its name alone elsewhere.

        Raises BridgeError: `value`, `type` or `source` for what is no such file, `disk`, `folder`, `busy`.
        """
        if self._receiving >= _AT_ONCE:
            raise BridgeError(
                "busy", f"{_AT_ONCE} files are being received already; send this one after them"
            )
        self._receiving += 1
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                path = await self._receive(await _file_of(request))
        except TimeoutError as error:
            raise BridgeError("source", f"the file took more than {_MOST_SECONDS:g} s to come") from error
        finally:
            self._receiving -= 1
        named = str(path) if is_loopback(request.remote or "") else path.name
        return web.json_response({"path": named}, status=201)

    async def _receive(self, sent: BodyPartReader) -> Path:
        name = _safe_name(sent.filename or "")
        suffix = Path(name).suffix
        if suffix not in AUDIO | NOTES:
            known = ", ".join(sorted(AUDIO | NOTES))
            raise BridgeError("type", f"`{name}`: expected audio, MIDI or JSON ({known}); send such a file")
        most = self._largest_bytes if suffix in AUDIO else LARGEST_NOTES_BYTES
        await asyncio.to_thread(self._check_room)
        path = self._folder / f"{Path(name).stem}-{secrets.token_hex(4)}{suffix}"
        part = part_path(path)
        try:
            with part.open("xb") as file:
                await self._copy(sent, file, most, name)
            await asyncio.to_thread(_check, part, name, suffix)
            os.replace(part, path)
        except ConnectionError as error:
            raise BridgeError("source", f"`{name}`: stopped coming; send it again") from error
        except OSError as error:
            raise disk_error(error, self._folder) from error
        finally:
            discard([part])
        return path

    async def _copy(self, sent: BodyPartReader, file: BinaryIO, most: int, name: str) -> None:
        """Write what comes, in a thread, so that a slow disk holds up nobody else."""
        received = 0
        while True:
            try:
                async with asyncio.timeout(_PAUSE_SECONDS):
                    chunk = await sent.read_chunk(_CHUNK_BYTES)
            except TimeoutError as error:
                raise BridgeError("source", f"`{name}`: stopped coming; send it again") from error
            except ValueError as error:
                raise BridgeError(
                    "malformed", f"`{name}`: a form that cannot be read; send it again"
                ) from error
            if not chunk:
                return
            received += len(chunk)
            if received > most:
                raise BridgeError("value", f"`{name}`: more than {most} bytes; cut the part that you need")
            await asyncio.to_thread(file.write, chunk)

    def _check_room(self) -> None:
        make_folder(self._folder)
        with contextlib.suppress(OSError):
            if shutil.disk_usage(self._folder).free < self._least_free_bytes:
                raise full_disk(self._folder)
        kept_bytes = 0
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    kept_bytes += entry.stat(follow_symlinks=False).st_size
        if kept_bytes > self._most_kept_bytes:
            raise BridgeError(
                "disk",
                f"`{self._folder}` holds {kept_bytes / 1e9:.1f} GB of files that were sent: on the daemon's "
                "computer, delete those that no request needs",
            )


async def _file_of(request: web.Request) -> BodyPartReader:
    """Return the first part of a form that is a file."""
    if not request.content_type.startswith("multipart/"):
        raise BridgeError("type", "expected a form (multipart/form-data) with one file; send that")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return part
    except ValueError as error:
        raise BridgeError("malformed", "a form that cannot be read; send multipart/form-data") from error
    raise BridgeError("value", "the form has no file; send one")


def _safe_name(name: str) -> str:
    """The name without folders and without what some system does not allow; its ending in lower case."""
    plain = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    path = Path(_NOT_IN_NAMES.sub("_", plain).lstrip("."))
    return (path.stem[:_MOST_CHARACTERS].strip("._") or "file") + path.suffix.lower()


def _check(path: Path, name: str, suffix: str) -> None:
    """Raise BridgeError unless the file is what its name says."""
    if suffix in NOTES:
        parse_notes(path.read_bytes(), name)
        return
    import soundfile

    try:
        seconds = source_seconds(path)
    except (BridgeError, soundfile.LibsndfileError) as error:
        raise BridgeError(
            "source", f"`{name}`: no audio that can be read; expected WAV, AIFF, FLAC, OGG or MP3"
        ) from error
    if not 0 < seconds <= MAX_SECONDS:
        raise BridgeError(
            "source",
            f"`{name}`: lasts {seconds:.0f} seconds, expected at most {MAX_SECONDS:g}; cut it shorter",
        )
