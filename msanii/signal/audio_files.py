"""Reading and writing audio files. Shapes: C audio channels, L samples; float32, full scale at 1."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from msanii.choices import FileFormat
from msanii.errors import AudioError
from msanii.limits import SECONDS
from msanii.signal.finishing import resample

Audio = npt.NDArray[np.float32]

# 24 bits reach below the noise floor of any room; none of these formats stores a date in the file.
FORMATS = {".wav": "WAV", ".flac": "FLAC", ".aif": "AIFF", ".aiff": "AIFF"}
SUBTYPE, FLOAT_SUBTYPE = "PCM_24", "FLOAT"


@dataclass(frozen=True, eq=False)
class Clip:
    """Audio (C, L) at its own rate."""

    audio: Audio
    rate: int

    @property
    def samples(self) -> int:
        """L, at the clip's own rate."""
        return int(self.audio.shape[1])

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.samples / self.rate

    def samples_at(self, rate: int) -> int:
        """The number of samples at another rate."""
        return round(self.samples * rate / self.rate)

    def at(self, rate: int) -> Audio:
        """The audio (C, L), resampled to another rate."""
        return resample(self.audio, self.rate, rate)

    def first(self, samples: int) -> Clip:
        """Return the clip's first `samples`. Raises AudioError if it is shorter."""
        if samples > self.samples:
            raise AudioError(
                f"length: asked for {samples / self.rate:.2f} seconds, the source has {self.seconds:.2f}; "
                "ask for less, or make it longer with outpaint first"
            )
        return Clip(self.audio[:, :samples], self.rate)


def read_clip(path: Path) -> Clip:
    """Read a file with libsndfile. Raises AudioError if it is missing, unreadable, empty or too long."""
    import soundfile

    if not path.is_file():
        raise AudioError(f"source: there is no file `{path}`; check its name and folder")
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > SECONDS.high * file.samplerate:
                raise AudioError(
                    f"source: `{path.name}` is longer than an hour; export the part that you need"
                )
            audio = file.read(dtype="float32", always_2d=True)
            rate = file.samplerate
    except (soundfile.SoundFileError, OSError) as error:
        raise AudioError(
            f"source: `{path.name}` is not an audio file that can be read ({error}); export it as WAV or FLAC"
        ) from error
    if len(audio) == 0:
        raise AudioError(f"source: `{path.name}` holds no samples; export it again")
    return Clip(np.ascontiguousarray(audio.T), rate)


def together(clips: Sequence[Clip]) -> Clip:
    """What several clips play that begin together: mono, at the rate of the first; a single one as it is."""
    first, *others = clips
    if not others:
        return first
    voices = [first.audio.mean(axis=0), *(clip.at(first.rate).mean(axis=0) for clip in others)]
    total = np.zeros((1, max(map(len, voices))), np.float32)
    for voice in voices:
        total[0, : len(voice)] += voice
    return Clip(total, first.rate)


def check_output_path(path: Path, file_format: FileFormat | None = None) -> None:
    """Raise AudioError, before any work is done, for a path that cannot be written in that format."""
    if path.suffix.lower() not in FORMATS:
        raise AudioError(f"output: got `{path.name}`, expected a name that ends in {', '.join(FORMATS)}")
    container = "wav" if file_format == "float" else file_format
    if container is not None and FORMATS[path.suffix.lower()].lower() != container:
        raise AudioError(f"format: got {file_format} for `{path.name}`, expected a name in .{container}")
    if not path.parent.is_dir():
        raise AudioError(f"output: there is no folder `{path.parent}`; make it first")


def write_clip(path: Path, clip: Clip, file_format: FileFormat | None = None) -> None:
    """Write audio atomically, in 24 bits or as `float`; the same samples give the same bytes.

    `file_format` None is the one of the path's suffix. Raises AudioError.
    """
    import soundfile

    check_output_path(path, file_format)
    subtype = FLOAT_SUBTYPE if file_format == "float" else SUBTYPE
    part = path.with_name(f"{path.name}.part")
    try:
        container = FORMATS[path.suffix.lower()]
        soundfile.write(part, clip.audio.T, clip.rate, subtype=subtype, format=container)
        os.replace(part, path)
    except (soundfile.SoundFileError, OSError) as error:
        raise AudioError(
            f"output: `{path}` cannot be written ({error}); check the folder and the disk"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
