"""Renders a clip as the DAW plays it: cut to its loop, warped, at the set's tempo and the clip's pitch.

The Max for Live device writes a JSON file that describes the clip (`bridge.requests.clip_description`) and
sends that file's path as `source`. The result is ordinary audio, which the library stores by its hash like
any other source. It is made by a process of its own, since a stretch would keep the daemon from everything
else.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bridge.library.sources import read_opened
from bridge.messages import SourceAudio
from bridge.requests.clip_description import LARGEST_BYTES, HeardClip, parse_clip, pieces_of, source_error
from bridge.requests.warp_file import WarpProblem
from bridge.system.disk import disk_error
from bridge.system.ends_with_parent import run

# Below the time that a request's files have altogether.
WARP_SECONDS = 50.0

OpenNamed = Callable[[str], BinaryIO]


def is_heard(path: str) -> bool:
    """Whether a source's name is that of a clip description rather than of an audio file."""
    return path.lower().endswith(".json")


def keep_heard(path: str, open_named: OpenNamed, keep: Callable[[str], SourceAudio]) -> SourceAudio:
    """Render the clip that the file at `path` describes, and pass the path of the audio to `keep`.

    `open_named` opens a file that the client may read, or raises BridgeError.

    Raises:
        BridgeError: `source` for a description or audio that cannot be used, `disk` or `folder` if the audio
            cannot be written, or whatever `open_named` and `keep` raise.
    """
    name = Path(path).name
    with open_named(path) as file:
        description = read_opened(file, LARGEST_BYTES + 1, f"source `{name}`")
    clip = parse_clip(description, name)
    with open_named(clip.path) as file:
        _check_size(clip, file)
        audio_path = file.name
    with tempfile.TemporaryDirectory(prefix="msanii-heard-") as folder:
        made = Path(folder) / f"{_plain_name(clip)}.wav"
        _warp(clip, audio_path, made)
        return keep(str(made))


def _check_size(clip: HeardClip, file: BinaryIO) -> None:
    """Refuse a clip that would take too much memory, by the header of its file alone."""
    import soundfile

    try:
        header = soundfile.info(file)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        what = "no audio that can be read; expected WAV, AIFF, FLAC, OGG or MP3"
        raise source_error(Path(clip.path).name, what) from error
    pieces_of(clip, int(header.samplerate), int(header.channels))


def _warp(clip: HeardClip, audio_path: str, made: Path) -> None:
    """Write the clip's audio to `made`, in another process."""
    description, problem = made.parent / "clip.json", made.parent / "problem.json"
    name = Path(clip.path).name
    try:
        description.write_text(clip.model_dump_json(), encoding="utf-8")
        words = (str(description), audio_path, str(made), str(problem))
        status = run("bridge.requests.warp_file", *words, timeout_seconds=WARP_SECONDS)
        if problem.exists():
            WarpProblem.model_validate_json(problem.read_bytes()).raise_it()
    except subprocess.TimeoutExpired as error:
        what = f"not warped within {WARP_SECONDS:g} s; shorten the clip's loop, or freeze the track"
        raise source_error(name, what) from error
    except OSError as error:
        raise disk_error(error, made.parent) from error
    if status != 0 or not made.exists():
        what = "cannot be warped, and the daemon's log says why; consolidate the clip, and choose it again"
        raise source_error(name, what)


def _plain_name(clip: HeardClip) -> str:
    """Turn the clip's name into a file name for any system; without one, use the name of its file."""
    kept = "".join(letter for letter in clip.name if letter.isprintable() and letter not in '<>:"/\\|?*')
    return kept.strip(" .")[:80] or Path(clip.path).stem[:80] or "clip"
