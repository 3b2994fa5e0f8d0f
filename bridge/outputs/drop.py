"""Writes takes as audio files, atomically and under new names, with the recipe inside and beside them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.library.loop_marks import LoopMarks, append_loop_marks
from bridge.library.riff_chunks import RECIPE_CHUNK, append_chunk
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, FileFormat
from bridge.system.disk import discard, disk_error, parts_of, write_new

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ENCODINGS: dict[FileFormat, tuple[str, str]] = {
    "wav": ("WAV", "PCM_24"),
    "float": ("WAV", "FLOAT"),
    "aiff": ("AIFF", "PCM_24"),
    "flac": ("FLAC", "PCM_24"),
}
# Samples that are rounded at once, so that they fit a cache.
_PIECE = 1 << 16


def write_take(
    path: Path,
    audio: NDArray[np.float32],
    rate: int,
    *,
    format: FileFormat,
    marks: LoopMarks,
    recipe_compact: str,
    recipe_readable: str,
    tail: NDArray[np.float32] | None = None,
    midi: bytes | None = None,
) -> Path:
    """Write audio (C, L) at `rate` hertz to `path`; beside it the readable recipe, a loop's tail, and MIDI.

    Letters: C channels, L and M samples; `tail` is (C, M). `marks` are what DAWs are told of the take. The
    audio appears last, complete and synced to disk; its other files are there by then. A tail has no
    recipe, since it is not a take.

    Raises:
        BridgeError: `exists` if the file exists, `disk` if the disk is full, `folder` if the folder is not
            writable. No partial files are left behind.
    """
    if path.exists():
        raise _exists(path)
    take = TakeFiles(path)
    files = {take.recipe: recipe_readable.encode()}
    if tail is not None:
        files[take.tail] = encode(tail, rate, format=format, marks=LoopMarks(bpm=marks.bpm))
    if midi is not None:
        files[take.midi] = midi
    data = encoded(audio, rate, format=format, marks=marks, recipe=recipe_compact).getbuffer()
    try:
        try:
            for other, content in files.items():
                # A file without its audio is left over from a killed render: replace it.
                other.unlink(missing_ok=True)
                write_new(other, content)
            write_new(path, data)
        except BaseException:
            for other in files:
                other.unlink(missing_ok=True)
            raise
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise disk_error(error, path.parent) from error
    return path


def discard_unfinished(paths: Iterable[Path]) -> None:
    """Remove what a killed writer has left of these takes; finished takes stay."""
    for take in map(TakeFiles, paths):
        others = [take.recipe, take.tail, take.midi]
        discard(part for path in (take.audio, *others) for part in parts_of(path))
        discard([] if take.audio.exists() else others)


def encode(
    audio: NDArray[np.float32], rate: int, *, format: FileFormat, marks: LoopMarks, recipe: str = ""
) -> bytes:
    """Encode audio (C, L) at `rate` hertz as an audio file with its marks, and `recipe` if there is one.

    FLAC has no place for marks.
    """
    return encoded(audio, rate, format=format, marks=marks, recipe=recipe).getvalue()


def encoded(
    audio: NDArray[np.float32], rate: int, *, format: FileFormat, marks: LoopMarks, recipe: str = ""
) -> io.BytesIO:
    """The same, in a buffer whose bytes need not be copied."""
    import soundfile

    container, subtype = _ENCODINGS[format]
    # Encode in memory, so that a full disk raises a plain OSError and never leaves a short file.
    buffer = io.BytesIO()
    channels, samples = audio.shape
    with soundfile.SoundFile(buffer, "w", rate, channels, subtype, format=container) as file:
        file.software = "msanii-bridge"
        if container == "FLAC" and recipe:
            file.comment = recipe
        for begin in range(0, samples, _PIECE):
            piece = audio[:, begin : begin + _PIECE]
            file.write((piece if subtype == "FLOAT" else _rounded(piece)).T)
    if container != "FLAC":
        append_loop_marks(buffer, marks, rate, samples)
        if recipe:
            append_chunk(buffer, RECIPE_CHUNK, recipe.encode())
    return buffer


def _rounded(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round audio to 24 bits, which libsndfile would truncate."""
    import numpy as np

    steps = np.float32(2**23)
    whole = np.round(audio * steps).clip(-steps, steps - 1)
    return (whole / steps).astype(np.float32, copy=False)


def _exists(path: Path) -> BridgeError:
    return BridgeError("exists", f"`{path.name}` is already there, and a finished take is never overwritten")
