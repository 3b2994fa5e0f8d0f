"""Stems: a take with every voice on a track of its own, and all that the listener is to hear in it.

A take is two files: NAME.wav, 16 bit, a channel for each voice in mono, and NAME.json with its events. The
training mixes the voices anew for every clip. WAV, because it is read in no time; a minute has about 20 MB.

Letters: V voices, L samples, N events.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from msanii.errors import DataError

AUDIO_SUFFIX, EVENTS_SUFFIX = ".wav", ".json"
_FORMAT = "msanii-stems-1"


@dataclass(frozen=True, eq=False, kw_only=True)
class Stems:
    """A take. `voices` are (part, sound); arrays are float64.

    beats (N, 2): seconds and place in the bar, from 0, rising. chords (N, 4): start, end, class (see
    `msanii.music.chord_classes`), bass pitch class or -1. notes (N, 5): onset, end, pitch, velocity, voice,
    without drums. `key` is an index in KEYS, `meter` one in METERS of the listener; -1 for not known.
    """

    path: Path
    samples: int
    voices: tuple[tuple[str, str], ...]
    beats: NDArray[np.float64]
    chords: NDArray[np.float64]
    notes: NDArray[np.float64]
    key: int
    meter: int
    info: dict[str, str]

    def read(self, start: int, samples: int) -> NDArray[np.float32]:
        """Read (V, `samples`) from `start` on, silence past the end. Raises DataError."""
        try:
            audio, _ = soundfile.read(
                self.path, samples, min(start, self.samples), dtype="float32", always_2d=True
            )
        except (soundfile.SoundFileError, OSError) as error:
            raise DataError(f"{self.path.name}: cannot be read ({error}); render it again") from error
        padded = np.zeros((len(self.voices), samples), np.float32)
        padded[:, : len(audio)] = audio.T
        return padded


def write_stems(path: Path, audio: NDArray[np.float32], rate: int, stems: dict[str, Any]) -> None:
    """Write audio (V, L) to `path`, a .wav, and the fields of `Stems`, plain data, beside it.

    The latter come last and mark a complete take.
    """
    peak = max(float(np.abs(audio).max()), 1e-9)
    scaled = np.round(audio * np.float32(min(1.0, 0.98 / peak) * 32_767)).astype(np.int16)
    part = path.with_name(path.name + ".part")
    soundfile.write(part, scaled.T, rate, format="WAV", subtype="PCM_16")
    os.replace(part, path)
    events = events_path(path)
    text = json.dumps({"format": _FORMAT, "samples": int(audio.shape[1]), **stems})
    part = events.with_name(events.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, events)


def events_path(path: Path) -> Path:
    """The path of the events beside a take's audio."""
    return path.with_suffix(EVENTS_SUFFIX)


def is_rendered(path: Path) -> bool:
    """Return whether `write_stems` has completed."""
    return path.is_file() and events_path(path).is_file()


def read_stems(path: Path) -> Stems:
    """Open a take by the path of its audio. Raises DataError if it is missing, damaged or of another kind."""
    events = events_path(path)
    try:
        values = json.loads(events.read_text(encoding="utf-8"))
        if values.pop("format") != _FORMAT:
            raise DataError(f"{events.name}: not a take of this version; delete it and render it again")
        beats, chords, notes = (
            np.array(values.pop(name), np.float64).reshape(-1, columns)
            for name, columns in (("beats", 2), ("chords", 4), ("notes", 5))
        )
        voices = tuple((str(part), str(sound)) for part, sound in values.pop("voices"))
        return Stems(path=path, voices=voices, beats=beats, chords=chords, notes=notes, **values)
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{events.name}: cannot be read ({error}); delete it and render it again") from error


def read_all_stems(folder: Path) -> tuple[Stems, ...]:
    """Open all takes of a folder, by name. Raises DataError if there are none."""
    paths = sorted(path.with_suffix(AUDIO_SUFFIX) for path in folder.glob(f"*{EVENTS_SUFFIX}"))
    found = tuple(read_stems(path) for path in paths if path.is_file())
    if not found:
        raise DataError(f"{folder}: no takes here; `msanii data listening POP909 FOLDER` renders them")
    return found
