"""POP909 (Wang et al., ISMIR 2020) to training data: songs in several parts, sounds, keys and tempos.

Songs 880 to 909 are the test split. An interrupted run continues.
"""

from __future__ import annotations

import json
import lzma
import os
import platform
import re
import tarfile
import zlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from msanii.data import synthesizer
from msanii.data.bar_time import bar_song
from msanii.data.dynamics import with_wide_dynamics
from msanii.data.pop909_song import read_pop909_song
from msanii.data.shards import SHARD_SUFFIX
from msanii.data.synthesizer import DataSummary, OnSong
from msanii.data.take_plan import draw_take, synthesize_take
from msanii.errors import DataError
from msanii.music.palette import PaletteName
from msanii.music.sounds import PARTS

FIRST_TEST_SONG = 880
_MEMBER = re.compile(r"(?:[^/]+/)*(\d{3})/(?:(\1\.mid)|(beat_midi\.txt)|(chord_midi\.txt)|(key_audio\.txt))")
_PARTS = {2: "midi", 3: "beats", 4: "chords", 5: "key"}  # by the matching group of _MEMBER
_MAX_MEMBER_BYTES = 4 * 2**20
_MAX_TOTAL_BYTES = 512 * 2**20
_MAX_MEMBERS = 100_000
# Sets the draws of a take's dynamics apart from those of `draw_take`.
_DYNAMICS = 1


@dataclass(frozen=True, kw_only=True)
class SongFiles:
    """A song's files in the archive; `key` is "" where there is none."""

    midi: bytes
    beats: str
    chords: str
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class SongTask:
    """What rendering a take of a song takes; picklable."""

    number: int
    turn: int
    files: SongFiles
    seed: int
    soundfont: Path
    path: Path

    @property
    def name(self) -> str:
        return f"song {self.number:03d}, take {self.turn + 1}"


@dataclass(frozen=True, kw_only=True)
class TakeTask(SongTask):
    """Renders a take of a song as a shard."""

    keep_audio: bool
    palette: PaletteName

    def run(self) -> None:
        """Parse, arrange, synthesize, encode and write the shard. Raises DataError."""
        performance = read_pop909_song(self.files.midi, self.files.beats, self.files.chords)
        song = bar_song(performance)
        take, info = draw_take(
            song, performance.bpm, number=self.number, turn=self.turn, seed=self.seed, palette=self.palette
        )
        if self.palette == "full":
            dynamics = np.random.default_rng([self.seed, self.number, self.turn, _DYNAMICS])
            take = with_wide_dynamics(take, dynamics)
        audio = synthesize_take(take, self.soundfont)
        info |= {"song": f"{self.number:03d}", "soundfont": self.soundfont.name}
        synthesizer.save_recording(self.path, audio, take.events(), info, keep_audio=self.keep_audio)


def render_pop909(
    archive: Path,
    out: Path,
    *,
    soundfont: Path | None = None,
    limit: int | None = None,
    turns: int = len(PARTS),
    jobs: int | None = None,
    seed: int = 0,
    audio_takes: int = 150,
    palette: PaletteName = "full",
    on_song: OnSong | None = None,
) -> DataSummary:
    """Render the archive's songs into `out/train` and `out/test`, a shard per take; write `out/data.json`.

    Every song is played `turns` times (at most once per part), each time in another part, sound, key, tempo,
    meter and feel. `limit` is the most songs per split, spread over it; a later run with a larger limit or
    more turns adds to the data. `audio_takes` training takes keep their audio as FLAC next to the shard; all
    test takes do. `palette` are the sounds to play: all, or the default model's as it learned them.
    `on_song(name, done, total)` is called after each take. Raises DataError if the archive,
    fluidsynth or the soundfont is missing or unusable, or if `out` was made with other settings.
    """
    if not 1 <= turns <= len(PARTS):
        raise DataError(f"turns: got {turns}, expected 1 to {len(PARTS)}, one for each part")
    synthesizer.find_fluidsynth()
    font = synthesizer.find_soundfont(soundfont)
    songs = read_archive(archive)
    _prepare_folder(out, archive, font, seed, palette)
    train, test = (spread(numbers, limit) for numbers in split(songs))
    order = [(number, turn) for turn in range(turns) for number in interleaved(train, test)]
    kept = set([place for place in order if place[0] < FIRST_TEST_SONG][:audio_takes])
    tasks = [
        TakeTask(
            number=number,
            turn=turn,
            files=songs[number],
            seed=seed,
            soundfont=font,
            path=shard_path(out, number, turn),
            keep_audio=number >= FIRST_TEST_SONG or (number, turn) in kept,
            palette=palette,
        )
        for number, turn in order
    ]
    missing = [task for task in tasks if not synthesizer.is_recorded(task.path, keep_audio=task.keep_audio)]
    workers = jobs if jobs is not None else os.cpu_count() or 1
    return synthesizer.run_tasks(missing, jobs=workers, skipped=len(tasks) - len(missing), on_song=on_song)


def shard_path(out: Path, number: int, turn: int) -> Path:
    """The path of a take's shard."""
    return out / ("test" if number >= FIRST_TEST_SONG else "train") / f"{number:03d}_{turn + 1}{SHARD_SUFFIX}"


def split(numbers: dict[int, SongFiles]) -> tuple[list[int], list[int]]:
    """(train, test) song numbers, ascending."""
    train = [number for number in sorted(numbers) if number < FIRST_TEST_SONG]
    return train, [number for number in sorted(numbers) if number >= FIRST_TEST_SONG]


def read_archive(path: Path) -> dict[int, SongFiles]:
    """Read every complete song of a tar archive, by number, without unpacking to disk; ignore other files.

    Raises DataError if the archive is missing, damaged, far too large or holds no song.
    """
    found: dict[int, dict[str, bytes]] = {}
    try:
        with tarfile.open(path, "r:*") as tar:
            total = 0
            for count, member in enumerate(tar):
                total += member.size
                if total > _MAX_TOTAL_BYTES or count > _MAX_MEMBERS:
                    raise DataError(f"{path.name}: larger than any POP909 archive; give pop909.tar.xz")
                match = _MEMBER.fullmatch(member.name)
                if match is None or not member.isreg() or member.size > _MAX_MEMBER_BYTES:
                    continue
                stream = tar.extractfile(member)
                if stream is not None:
                    found.setdefault(int(match[1]), {})[_PARTS[match.lastindex or 0]] = stream.read()
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; give the path of pop909.tar.xz") from error
    except (tarfile.TarError, lzma.LZMAError, zlib.error, OSError, EOFError) as error:
        raise DataError(f"{path.name}: not a tar archive that can be read ({error})") from error
    songs = {number: files for number, parts in found.items() if (files := _complete(parts)) is not None}
    if not songs:
        raise DataError(f"{path.name}: holds no POP909 song (folders 001 to 909 with MIDI, beats, chords)")
    return songs


def _complete(parts: dict[str, bytes]) -> SongFiles | None:
    if not parts.keys() >= {"midi", "beats", "chords"}:
        return None
    beats, chords, key = (
        parts.get(name, b"").decode("utf-8", "replace") for name in ("beats", "chords", "key")
    )
    return SongFiles(midi=parts["midi"], beats=beats, chords=chords, key=key)


def spread(numbers: list[int], limit: int | None) -> list[int]:
    """The first `limit` of a fixed shuffle: a sample of the whole, to which a larger limit only adds."""
    order = torch.randperm(len(numbers), generator=torch.Generator().manual_seed(909)).tolist()
    return [numbers[index] for index in order][:limit]


def interleaved(train: list[int], test: list[int]) -> list[int]:
    """Interleave both splits, so that an unfinished run has some of each."""
    ranked = [((rank + 1) / len(part), number) for part in (train, test) for rank, number in enumerate(part)]
    return [number for _, number in sorted(ranked)]


def _prepare_folder(out: Path, archive: Path, soundfont: Path, seed: int, palette: PaletteName) -> None:
    """Create the folders and `data.json`. Raises DataError if `out` was made with other settings."""
    settings: dict[str, Any] = {
        "archive_sha256": synthesizer.sha256_of(archive),
        "soundfont_sha256": synthesizer.sha256_of(soundfont),
        "seed": seed,
        "gain": synthesizer.GAIN,
        "palette": palette,
    }
    for name in ("train", "test"):
        (out / name).mkdir(parents=True, exist_ok=True)
    record = out / "data.json"
    if record.is_file():
        _require_same(record, settings)
        return
    settings |= {"archive": archive.name, "soundfont": soundfont.name, "versions": _versions()}
    part = record.with_name(record.name + ".part")
    part.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    os.replace(part, record)


def _require_same(record: Path, settings: dict[str, Any]) -> None:
    try:
        old = json.loads(record.read_text(encoding="utf-8"))
        different = [name for name, value in settings.items() if old.get(name) != value]
    except (ValueError, AttributeError) as error:
        raise DataError(f"{record}: cannot be read; choose another folder") from error
    if different:
        changes = ", ".join(f"{name} {old.get(name)!r} instead of {settings[name]!r}" for name in different)
        raise DataError(
            f"{record.parent}: was made with {changes}; choose another folder or the same settings"
        )


def _versions() -> dict[str, str]:
    packages = ("torch", "torchaudio", "numpy", "mido")
    return {
        "fluidsynth": synthesizer.fluidsynth_version(),
        "libsndfile": soundfile.__libsndfile_version__,
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in packages},
    }
