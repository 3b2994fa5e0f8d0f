"""Decodes, resamples and stretches audio files for the decks, in the loader thread, never in the callback."""

from __future__ import annotations

import logging
import math
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bridge.audio_child.decks.varispeed import MARGIN
from bridge.audio_child.decks.voices import CHANNELS, LoadedTake
from bridge.audio_child.first_beat import from_first_beat
from bridge.audio_child.protocol import TakeFile
from bridge.messages import BridgeError
from bridge.system.ends_with_parent import run

_log = logging.getLogger(__name__)

Audio = NDArray[np.float32]

LONGEST_SECONDS = 600.0
# Decode in pieces, so that no other thread of the child has to wait long.
_PIECE_FRAMES = 65_536
# Shorter files are tiled in advance, so that the mixer need not copy a few samples at a time.
_SHORTEST_FRAMES = 4_096
_STRETCH_SECONDS = 120.0
# How many samples the resampler reads beyond the ends of a bar.
_RESAMPLER_REACH = 512
_NEARLY_WHOLE_BEATS = 0.02


def load_take(file: TakeFile, rate: int) -> LoadedTake:
    """Decode a take to stereo at the stream's rate, to be played from its first bar line.

    If tempo and beats are known, its length is exactly theirs; other files keep their own.

    Raises:
        BridgeError: `source` if the file is missing, empty or not audio; `value` if it is longer than 10
            minutes.
    """
    try:
        with soundfile.SoundFile(file.path) as sound:
            _check_length(file.path, sound)
            source_rate, source_frames = int(sound.samplerate), int(sound.frames)
            audio = _joined(_resampled(_pieces(sound), source_rate, rate))
    except (OSError, soundfile.LibsndfileError) as error:
        what = "there is no such file" if not file.path.exists() else "not an audio file that can be read"
        raise BridgeError("source", f"`{file.path.name}`: {what}; choose another take") from error
    if not source_frames or not len(audio):
        raise BridgeError("source", f"`{file.path.name}`: holds no sound; choose another take")
    audio = _with_length(audio, _frames(file, source_frames, source_rate, rate))
    return _held(file, from_first_beat(audio, file, rate), rate)


def retimed_take(take: LoadedTake, file: TakeFile, rate: int) -> LoadedTake:
    """Return a take that was loaded without a tempo as `load_take` loads `file`, without reading it again."""
    return _held(file, from_first_beat(take.padded[MARGIN:-MARGIN], file, rate), rate)


def stretch_take(file: TakeFile, rate: int, bpm: float) -> LoadedTake:
    """Decode a take and time-stretch it to another tempo, unless varispeed can follow that.

    Stretching holds the GIL throughout, so it runs in its own process.

    Raises:
        BridgeError: as `load_take`; `value` if its tempo is unknown; `render` if it cannot be stretched.
    """
    take = load_take(file, rate)
    if take.bpm is None:
        raise BridgeError("value", f"`{file.path.name}`: its tempo is unknown, so it cannot be stretched")
    if take.fits(bpm):
        return take
    audio = _stretched(take.padded[MARGIN:-MARGIN], rate, take.bpm / bpm, f"`{file.path.name}`")
    return _held(replace(file, bpm=bpm, beats=take.beats), audio, rate)


def stretch_bars(bars: Sequence[Audio], rate: int, slot_frames: int) -> list[Audio]:
    """Stretch consecutive bars (L, 2) of about the same length together, to `slot_frames` each.

    Raises BridgeError `render` if this fails.
    """
    audio = np.concatenate(bars)
    made = _stretched(audio, rate, slot_frames * len(bars) / len(audio), "the bars of an endless deck")
    return np.split(made, range(slot_frames, slot_frames * len(bars), slot_frames))


def _stretched(audio: Audio, rate: int, ratio: float, name: str) -> Audio:
    """Return audio (L, 2) made `ratio` times as long, in a separate process."""
    with tempfile.TemporaryDirectory(prefix="msanii-stretch-") as folder:
        given, made = Path(folder) / "given.npy", Path(folder) / "made.npy"
        np.save(given, audio.T)
        words = (str(given), str(made), str(rate), str(ratio))
        try:
            run("bridge.audio_child.stretch_file", *words, timeout_seconds=_STRETCH_SECONDS)
            stretched: Audio = np.load(made).T
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise BridgeError("render", f"{name}: cannot be made {ratio:.3g} times as long") from error
    return stretched


def load_bar(path: Path, made_rate: int, rate: int) -> Audio:
    """Load a bar of an endless deck, rendered at `made_rate` hertz, as (L, 2) at the stream's `rate`.

    Raises BridgeError `source` if the file is not such a bar.
    """
    try:
        bar = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BridgeError("source", f"bar `{path.name}`: cannot be read") from error
    if bar.ndim != 2 or bar.shape[0] not in (1, CHANNELS) or not bar.shape[1]:
        raise BridgeError(
            "source", f"bar `{path.name}`: has the shape {bar.shape}, expected (channels, samples)"
        )
    audio = _two_channels(_finite(bar.T.astype(np.float32, copy=False)))
    return audio if made_rate == rate else _resampled_bar(audio, made_rate, rate)


class Loader:
    """A thread that runs tasks in order, and reports their errors as BridgeError."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[tuple[Callable[[], None], Callable[[BridgeError], None]]] = (
            queue.SimpleQueue()
        )
        threading.Thread(target=self._work, name="loader", daemon=True).start()

    def put(self, task: Callable[[], None], on_error: Callable[[BridgeError], None]) -> None:
        """Queue a task; `on_error` is called if it fails."""
        self._tasks.put((task, on_error))

    def _work(self) -> None:
        while True:
            task, on_error = self._tasks.get()
            try:
                task()
            except BridgeError as error:
                on_error(error)
            except MemoryError:
                on_error(BridgeError("source", "no memory is left for this take; choose a shorter one"))
            except Exception as error:
                _log.exception("the loader")
                on_error(BridgeError("internal", f"a fault in the audio process ({type(error).__name__})"))


def _check_length(path: Path, sound: soundfile.SoundFile) -> None:
    seconds = sound.frames / sound.samplerate
    if seconds > LONGEST_SECONDS:
        raise BridgeError(
            "value",
            f"`{path.name}`: lasts {seconds / 60:.1f} minutes, expected at most {LONGEST_SECONDS / 60:g}; "
            "cut it into parts",
        )


def _pieces(sound: soundfile.SoundFile) -> Iterator[Audio]:
    for piece in sound.blocks(_PIECE_FRAMES, dtype="float32", always_2d=True):
        yield _two_channels(_finite(piece))


def _resampled(pieces: Iterator[Audio], source_rate: int, rate: int) -> Iterator[Audio]:
    if source_rate == rate:
        yield from pieces
        return
    stream = soxr.ResampleStream(source_rate, rate, CHANNELS, dtype="float32", quality="HQ")
    for piece in pieces:
        yield stream.resample_chunk(piece)
    yield stream.resample_chunk(np.zeros((0, CHANNELS), np.float32), last=True)


def _resampled_bar(bar: Audio, made_rate: int, rate: int) -> Audio:
    """Resample a bar (L, 2) without knowing its neighbours.

    Both ends are extended by odd reflection: padded with zeros, each bar line would click.
    """
    period = made_rate // math.gcd(made_rate, rate)
    reach = -(-_RESAMPLER_REACH // period) * period  # a whole number of samples at either rate
    extended = np.pad(bar, ((reach, reach), (0, 0)), "reflect", reflect_type="odd")
    pieces = (extended[begin : begin + _PIECE_FRAMES] for begin in range(0, len(extended), _PIECE_FRAMES))
    first, frames = reach * rate // made_rate, max(1, round(len(bar) * rate / made_rate))
    return _joined(_resampled(pieces, made_rate, rate))[first : first + frames]


def _joined(pieces: Iterator[Audio]) -> Audio:
    parts = list(pieces)
    return np.concatenate(parts) if parts else np.zeros((0, CHANNELS), np.float32)


def _finite(piece: Audio) -> Audio:
    """Replace NaN and infinity, which a float file may contain: one would silence the whole stage."""
    return np.nan_to_num(piece, posinf=1.0, neginf=-1.0)


def _two_channels(piece: Audio) -> Audio:
    """Convert (L, C) to stereo: mono goes to both channels; of more than two, the first two stay."""
    return np.repeat(piece, CHANNELS, axis=1) if piece.shape[1] == 1 else piece[:, :CHANNELS]


def _frames(file: TakeFile, source_frames: int, source_rate: int, rate: int) -> int:
    """Return the length at the stream's rate; exactly that of its beats, if the file has that length."""
    if file.bpm is not None and file.beats is not None:
        seconds = file.beats * 60 / file.bpm
        if abs(source_frames - seconds * source_rate) <= 1:
            return round(seconds * rate)
    return max(1, round(source_frames * rate / source_rate))


def _with_length(audio: Audio, frames: int) -> Audio:
    missing = frames - len(audio)
    return np.concatenate((audio, np.repeat(audio[-1:], missing, axis=0))) if missing > 0 else audio[:frames]


def _held(file: TakeFile, audio: Audio, rate: int) -> LoadedTake:
    if len(audio) < _SHORTEST_FRAMES and file.beats is None:
        audio = np.tile(audio, (-(-_SHORTEST_FRAMES // len(audio)), 1))
    before = np.take(audio, range(-MARGIN, 0), axis=0, mode="wrap")
    after = np.take(audio, range(MARGIN), axis=0, mode="wrap")
    padded = np.concatenate((before, audio, after)).astype(np.float32, copy=False)
    begins_inside = file.first_beat_seconds > 0
    return LoadedTake(file.path, padded, file.bpm, _beats(file, len(audio), rate), begins_inside)


def _beats(file: TakeFile, frames: int, rate: int) -> float | None:
    """Return the take's length in quarter notes; if only its tempo is known, None unless it is whole."""
    if file.bpm is None or file.beats is not None:
        return file.beats if file.bpm is not None else None
    beats = frames / rate * file.bpm / 60
    return float(round(beats)) if round(beats) and abs(beats - round(beats)) < _NEARLY_WHOLE_BEATS else None
