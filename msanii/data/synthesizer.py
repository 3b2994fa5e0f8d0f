"""Rendering of training data: FluidSynth, log-mels, shards, and parallel tasks.

Shapes: C audio channels, M mels, T frames, L samples.
"""

from __future__ import annotations

import functools
import hashlib
import multiprocessing
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from msanii.config import TransformsConfig
from msanii.controls.features import Events
from msanii.data.shards import audio_path_of, write_song
from msanii.errors import DataError, MsaniiError
from msanii.signal.transforms import Transforms

SOUNDFONT = "FluidR3_GM.sf2"
# With FluidSynth's default of 0.2 a piano peaks at -14 dBFS, and 16-bit noise shows in the log-mel.
GAIN = 0.6
_SOUNDFONT_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)
_LIMIT_SECONDS = 900
_SILENT_PEAK = 1e-4

OnSong = Callable[[str, int, int], None]


@dataclass(frozen=True)
class DataSummary:
    """The result of a data command; `failed` has a sentence for each song that could not be used."""

    rendered: int
    skipped: int
    failed: tuple[str, ...]


class Task(Protocol):
    """A song to render, picklable. `run` writes its files or raises MsaniiError."""

    @property
    def name(self) -> str: ...

    def run(self) -> None: ...


def find_fluidsynth() -> str:
    """The program's path. Raises DataError with the package to install."""
    program = shutil.which("fluidsynth")
    if program is None:
        raise DataError(
            "fluidsynth: not found; install it (Debian, Ubuntu: `apt install fluidsynth fluid-soundfont-gm`, "
            "macOS: `brew install fluid-synth`, Windows: `choco install fluidsynth`)"
        )
    return program


def find_soundfont(path: Path | None = None) -> Path:
    """The given soundfont, or FluidR3 GM from the system. Raises DataError with the package to install."""
    if path is not None:
        if not path.is_file():
            raise DataError(f"soundfont: {path} does not exist; give the path of an .sf2 file")
        with path.open("rb") as file:
            head = file.read(12)
        # FluidSynth silently falls back to the system's soundfont for any other file.
        if head[:4] != b"RIFF" or head[8:] != b"sfbk":
            raise DataError(f"soundfont: {path.name} is not an SF2 or SF3 soundfont")
        return path
    for folder in _SOUNDFONT_FOLDERS:
        if (candidate := Path(folder, SOUNDFONT)).is_file():
            return candidate
    raise DataError(
        f"soundfont: {SOUNDFONT} not found; install it (Debian, Ubuntu: `apt install fluid-soundfont-gm`) or "
        "download FluidR3 GM and give its path"
    )


def fluidsynth_version() -> str:
    """The program's version, for example `2.3.1`."""
    command = [find_fluidsynth(), "--version"]
    words = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout.split()  # noqa: S603
    return next((word for word in words if word[:1].isdigit()), "unknown")


def synthesize(
    midi: bytes, soundfont: Path, *, sample_rate: int = 44_100, effects: bool = True
) -> NDArray[np.float32]:
    """Render a MIDI file with FluidSynth: float32 (2, L), possibly over full scale.

    `effects` are FluidSynth's own room and chorus. Raises DataError if FluidSynth fails or renders silence.
    """
    with tempfile.TemporaryDirectory(prefix="msanii-") as folder:
        source, target = Path(folder, "song.mid"), Path(folder, "song.wav")
        source.write_bytes(midi)
        command = [find_fluidsynth(), "-n", "-i", "-q", "-g", str(GAIN), "-r", str(sample_rate), "-T", "wav"]
        command += [] if effects else ["-R", "0", "-C", "0"]
        # Only the samples that are played: the same sound in half the time.
        command += ["-o", "synth.dynamic-sample-loading=1"]
        command += ["-O", "float", "-F", str(target), str(soundfont), str(source)]
        try:
            result = subprocess.run(  # noqa: S603 (no shell, our own arguments)
                command, capture_output=True, text=True, errors="replace", timeout=_LIMIT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise DataError(f"fluidsynth: not finished after {_LIMIT_SECONDS} s; left out") from error
        if result.returncode != 0 or not target.is_file() or "Failed to load" in result.stderr:
            raise DataError(f"fluidsynth: failed ({result.stderr.strip()[-300:] or result.returncode})")
        audio, _ = soundfile.read(target, dtype="float32", always_2d=True)
    if not len(audio) or np.abs(audio).max() < _SILENT_PEAK:
        raise DataError(f"fluidsynth: rendered silence; is {soundfont.name} a General MIDI soundfont?")
    return np.ascontiguousarray(audio.T)


@functools.cache
def _transforms() -> Transforms:
    return Transforms(TransformsConfig()).eval()


@torch.inference_mode()
def encode(waveform: NDArray[np.float32]) -> NDArray[np.float16]:
    """Waveform (C, L) to unscaled log-mel (C, M, T). Raises AudioError if it is too short."""
    mel: NDArray[np.float16] = _transforms().log_mel(torch.from_numpy(waveform)).half().numpy()
    return mel


def save_recording(
    path: Path, audio: NDArray[np.int16], events: Events, info: dict[str, str], *, keep_audio: bool
) -> None:
    """Write the FLAC of int16 audio (C, L), if wanted, then the shard: it marks a complete recording."""
    if keep_audio:
        write_flac(audio_path_of(path), audio)
    write_song(path, encode(audio.astype(np.float32) / 32_768.0), events, info)


def is_recorded(path: Path, *, keep_audio: bool) -> bool:
    """Return whether `save_recording` has completed."""
    return path.is_file() and (not keep_audio or audio_path_of(path).is_file())


def write_flac(path: Path, audio: NDArray[np.int16], *, sample_rate: int = 44_100) -> None:
    """Write int16 audio (C, L) to FLAC atomically."""
    part = path.with_name(path.name + ".part")
    soundfile.write(part, audio.T, sample_rate, format="FLAC", subtype="PCM_16")
    os.replace(part, path)


def sha256_of(path: Path) -> str:
    """Hex digest of a file. Raises DataError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


def run_tasks(tasks: Sequence[Task], *, jobs: int, skipped: int, on_song: OnSong | None) -> DataSummary:
    """Run all tasks, `jobs` at a time; failures are reported and do not stop the others."""
    failed: list[str] = []
    for count, (name, failure) in enumerate(_outcomes(tasks, jobs), 1):
        if failure is not None:
            failed.append(f"{name}: {failure}")
        if on_song is not None:
            on_song(name, count, len(tasks))
    return DataSummary(rendered=len(tasks) - len(failed), skipped=skipped, failed=tuple(failed))


def _outcomes(tasks: Sequence[Task], jobs: int) -> Iterable[tuple[str, str | None]]:
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(_outcome, tasks)
        return
    # Spawn, don't fork: torch's threads do not survive a fork, and all systems can spawn.
    pool = ProcessPoolExecutor(
        max_workers=jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=torch.set_num_threads,
        initargs=(1,),
    )
    try:
        futures: list[Future[tuple[str, str | None]]] = [pool.submit(_outcome, task) for task in tasks]
        for future in as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _outcome(task: Task) -> tuple[str, str | None]:
    try:
        task.run()
    except (MsaniiError, OSError, soundfile.SoundFileError) as error:
        return task.name, str(error)
    return task.name, None
