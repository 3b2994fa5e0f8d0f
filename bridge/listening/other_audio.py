"""Audio of a library's folders that is no take, with what was heard in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bridge.library.caught_bars import read_caught
from bridge.library.folders import LibraryFolders
from bridge.library.take_files import TakeFiles
from bridge.listening.file_ears import hash_of
from bridge.listening.heard_files import HeardFiles
from bridge.messages import HeardAudio
from bridge.system.disk import open_regular


@dataclass(frozen=True, slots=True)
class OtherAudio:
    """An audio file without a take's recipe; `heard` is None if it was not heard yet.

    Of bars that were caught on the stage's clock, tempo and meter are known even so.
    """

    path: Path
    bytes: int
    seconds: float
    heard: HeardAudio | None


def other_audio(folders: LibraryFolders, takes: Iterable[Path]) -> list[OtherAudio]:
    """Return the audio files that belong to none of these takes, by name. What is no audio is left out.

    It reads through no file but those that are as long as one that was heard: many large ones take no time.
    """
    of_takes = {str(path) for take in takes for path in TakeFiles(take).all()}
    answers = HeardFiles(folders.heard)
    lengths = answers.lengths_bytes()
    paths = [Path(path) for path in folders.audio_files() if path not in of_takes]
    found = (_read(path, answers, lengths) for path in sorted(paths, key=lambda path: path.name.casefold()))
    return [one for one in found if one is not None]


def _read(path: Path, answers: HeardFiles, lengths: frozenset[int]) -> OtherAudio | None:
    import soundfile

    try:
        size_bytes = path.stat().st_size
        seconds = float(soundfile.info(path).duration)
        heard = _heard(path, answers) if size_bytes in lengths else None
        caught = read_caught(path)
        heard = heard if caught is None else caught.heard(heard)
    except (OSError, soundfile.SoundFileError):
        return None
    return OtherAudio(path, size_bytes, seconds, heard)


def _heard(path: Path, answers: HeardFiles) -> HeardAudio | None:
    with open_regular(path) as file:
        remembered = answers.read(hash_of(file))
    return None if remembered is None else remembered.heard
