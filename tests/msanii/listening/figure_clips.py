"""The clips of the figures: 20 s of test songs, in a sound font, with what is in them; and electronic loops.

A clip is a .wav and a .json of the same name. Those that are there are not rendered again.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from msanii.data.instruments.playing import RATE
from msanii.data.listening.take import ListeningTake, draw_listening_take, render_take
from msanii.data.pop909 import FIRST_TEST_SONG, SongFiles, read_archive
from msanii.errors import DataError
from msanii.listening.config import METERS
from msanii.music.chord_classes import KEYS, chord_class
from tests.msanii.listening.electronic_loops import LOOPS, SECONDS, Loop, electronic_loop

SEED = 18
_TAKE_SECONDS, _LATEST_START = 26.0, 4.0
_MIX = ("keys", "bass", "drums")
_LONE_PARTS = ("keys", "lead", "pad", "bass", "drums")
KINDS = {"mix": _MIX, "keys": ("keys",), "lone": ()}


def write_clips(archive: Path, folder: Path, fonts: dict[str, Path], count: int) -> None:
    """Write `count` clips of each of KINDS in each font, as FONT_KIND_NUMBER, and the loops."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {number: song for number, song in read_archive(archive).items() if number >= FIRST_TEST_SONG}
    for kind, parts in KINDS.items():
        songs = itertools.cycle(sorted(files))
        for place in range(count):
            stems = {folder / f"{font}_{kind}_{place:02d}": path for font, path in fonts.items()}
            take = _next_take(songs, files, parts or (_LONE_PARTS[place % len(_LONE_PARTS)],), place)
            for stem, path in stems.items():
                _write_clip(stem, take, place, path)
    for number in range(len(LOOPS)):
        _write_loop(folder / f"loop_mix_{number:02d}", number)


def _next_take(
    songs: Iterator[int], files: dict[int, SongFiles], parts: tuple[str, ...], turn: int
) -> ListeningTake:
    """Draw a take of the next song that is long enough."""
    for _ in files:
        number = next(songs)
        take = _drawn(number, files[number], parts, turn)
        if take is not None:
            return take
    raise DataError("no test song is long enough for a clip")


def _write_clip(stem: Path, take: ListeningTake, turn: int, font: Path) -> None:
    if stem.with_suffix(".json").is_file():
        return
    number = int(take.info["song"])
    start = float(np.random.default_rng([SEED, number, turn, 7]).uniform(0, _LATEST_START))
    first = round(start * RATE)
    audio = render_take(take, font).sum(axis=0)[first : first + round(SECONDS * RATE)]
    end = len(audio) / RATE
    beats = np.array(take.beats())
    inside = (beats[:, 0] >= start) & (beats[:, 0] < start + end)
    truth = {
        "song": take.info["song"],
        "bpm": float(take.info["bpm"]),
        "meter": [METERS[_meter(take)].numerator, METERS[_meter(take)].denominator],
        "beats": (beats[inside] - [start, 0]).tolist(),
        "chords": _cut([row[:2] + row[2:3] for row in take.chords()], start, end),
        "key": KEYS[take.key] if take.key >= 0 else None,
        "notes": [
            [note[0] - start, min(note[1] - start, end), note[2]]
            for note in take.notes()
            if start <= note[0] < start + end - 0.05
        ],
        "voices": [[voice.part, voice.sound] for voice in take.voices],
    }
    _write(stem, audio, truth)


def _drawn(number: int, song: SongFiles, parts: tuple[str, ...], turn: int) -> ListeningTake | None:
    """Draw a take of a song; None if it is too short for a clip."""
    for attempt in range(20):
        try:
            take = draw_listening_take(
                song, number=number, turn=1000 * turn + attempt, seed=SEED, palette="model", tempo="steady",
                made_up_share=0.0, parts=parts, longest_seconds=_TAKE_SECONDS,
            )  # fmt: skip
        except DataError:
            continue
        if take.seconds > SECONDS + _LATEST_START and any(len(voice.notes) > 8 for voice in take.voices):
            return take
    return None


def _meter(take: ListeningTake) -> int:
    number: int = take.described()["meter"]
    return number


def _cut(rows: list[list[float]], start: float, end: float) -> list[list[float]]:
    cut = [[max(row[0] - start, 0.0), min(row[1] - start, end), row[2]] for row in rows]
    return [row for row in cut if row[1] - row[0] > 1e-3]


def _write_loop(stem: Path, number: int) -> None:
    if stem.with_suffix(".json").is_file():
        return
    loop = electronic_loop(number)
    _write(stem, loop.audio, loop_truth(loop))


def loop_truth(loop: Loop) -> dict[str, Any]:
    """What is in an electronic loop, as it is written beside a clip."""
    return {
        "song": "loop",
        "bpm": loop.bpm,
        "meter": [4, 4],
        "beats": [[float(at), place % 4] for place, at in enumerate(loop.beats)],
        "chords": [[start, end, chord_class(chord)] for start, end, chord in loop.chords],
        "key": loop.key,
        "notes": [],
        "voices": [],
    }


def _write(stem: Path, audio: np.ndarray, truth: dict[str, Any]) -> None:
    scaled = audio / max(1.0, float(np.abs(audio).max()) / 0.98)
    soundfile.write(stem.with_suffix(".wav"), scaled, RATE, subtype="PCM_16")
    stem.with_suffix(".json").write_text(json.dumps(truth))
