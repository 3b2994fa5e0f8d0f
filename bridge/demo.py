"""`msanii-bridge demo`: a daemon, one request over UDP, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.client import Answer
from bridge.launch import launched, wait_for_model
from bridge.messages import BridgeError

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

REQUEST: tuple[str | int | float, ...] = (
    "preset", "piano_loop", "chords", "Am F C G", "bpm", 113.0, "bars", 4, "count", 2, "seed", 7,
)  # fmt: skip
FIRST_START_SECONDS = 300.0
_FFT_SAMPLES = 4096
_HOP_SAMPLES = 1024
_FLOOR_DB = -90.0
_PALETTE = (
    (0, 0, 4),
    (40, 11, 84),
    (101, 21, 110),
    (159, 42, 99),
    (212, 72, 66),
    (245, 125, 21),
    (252, 255, 164),
)


@dataclass(frozen=True, slots=True)
class DemoTake:
    """One file of the demo: where it lies, how long it plays, and its picture."""

    path: Path
    seconds: float
    picture: Path


def run_demo(folder: Path, console: Console, *arguments: str) -> list[DemoTake]:
    """Ask a daemon of our own for two variations of four bars, into `folder`; draw each one's spectrogram.

    Raises BridgeError when the daemon does not start or the job fails.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with launched("--library", str(folder), *arguments) as daemon:
        _say(console, f"daemon {daemon.version} answers on 127.0.0.1, UDP port {daemon.port}")
        with console.status("loading the model"):
            status = wait_for_model(daemon.client)
        _say(console, "model {model} on {device}, {dtype}, {threads} threads".format_map(status))
        job_id = f"demo-{daemon.client.port}-{time.time_ns():x}"
        _say(console, f"/msanii/generate {job_id} " + " ".join(_quoted(word) for word in REQUEST))
        started = time.monotonic()
        daemon.client.send("/msanii/generate", job_id, *REQUEST)
        takes = _follow(daemon.client.job(job_id, FIRST_START_SECONDS), console)
        wall_seconds = time.monotonic() - started
    made = [DemoTake(path, seconds, _draw(path)) for path, seconds in takes]
    _report(made, wall_seconds, console)
    return made


def save_spectrogram(audio_path: Path, picture_path: Path) -> None:
    """Draw the file's spectrogram (log frequency 40 Hz to 16 kHz upwards, time rightwards) as a PNG."""
    import numpy as np
    import soundfile
    from PIL import Image

    audio, rate = soundfile.read(audio_path, dtype="float32", always_2d=True)
    decibels = _decibels(audio.mean(axis=1))
    bins = np.geomspace(40.0, min(16_000.0, rate / 2.1), 384) / rate * _FFT_SAMPLES
    rows = np.stack([np.interp(bins, np.arange(decibels.shape[1]), frame) for frame in decibels], axis=1)
    level = np.clip((rows[::-1] - _FLOOR_DB) / -_FLOOR_DB, 0.0, 1.0)
    stops = np.linspace(0.0, 1.0, len(_PALETTE))
    pixels = np.stack([np.interp(level, stops, channel) for channel in zip(*_PALETTE, strict=True)], axis=-1)
    Image.fromarray(pixels.astype(np.uint8), "RGB").save(picture_path)


def _decibels(mono: np.ndarray) -> np.ndarray:
    """Magnitudes of (L,) samples as (T, F) decibels below the loudest."""
    import numpy as np

    padded = np.pad(mono, (0, max(0, _FFT_SAMPLES - len(mono))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT_SAMPLES)[::_HOP_SAMPLES]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(_FFT_SAMPLES).astype(np.float32), axis=1))
    loudest = max(float(magnitude.max()), 1e-9)
    decibels: np.ndarray = 20.0 * np.log10(np.maximum(magnitude / loudest, 1e-6))
    return decibels


def _follow(answers: Iterable[Answer], console: Console) -> list[tuple[Path, float]]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    takes: list[tuple[Path, float]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("queued", total=1.0)
        for answer in answers:
            match answer:
                case Answer("/msanii/progress", (_, float(fraction))):
                    bar.update(task, completed=fraction, description="rendering")
                case Answer("/msanii/take", (_, _, str(path), float(seconds), *_)):
                    takes.append((Path(path), seconds))
                case Answer("/msanii/fail", (_, str(code), str(sentence))):
                    raise BridgeError(code, sentence)
        bar.update(task, completed=1.0, description="done")
    return takes


def _draw(path: Path) -> Path:
    picture = path.with_suffix(".png")
    save_spectrogram(path, picture)
    return picture


def _report(made: list[DemoTake], wall_seconds: float, console: Console) -> None:
    for take in made:
        _say(console, f"{take.path}  {take.seconds:.3f} s")
        _say(console, f"{take.picture}")
    music_seconds = sum(take.seconds for take in made)
    _say(
        console,
        f"{music_seconds:.1f} s of music in {wall_seconds:.1f} s from the message to the last file: "
        f"real-time factor {music_seconds / wall_seconds:.2f}",
    )


def _say(console: Console, line: str) -> None:
    """One line, as it is, however narrow the terminal: paths and messages are there to be copied."""
    console.print(line, soft_wrap=True, highlight=False, markup=False)


def _quoted(word: object) -> str:
    return f'"{word}"' if isinstance(word, str) and " " in word else str(word)
