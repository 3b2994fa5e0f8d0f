"""`msanii data listening`: takes of POP909's songs as stems, in one or more sound fonts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msanii.data import synthesizer
from msanii.data.listening.stems import AUDIO_SUFFIX, is_rendered
from msanii.data.listening.take import ListeningTask
from msanii.data.pop909 import FIRST_TEST_SONG, interleaved, read_archive, split, spread
from msanii.data.synthesizer import DataSummary, OnSong
from msanii.errors import DataError

DEFAULT_TURNS = 2


def render_listening(
    archive: Path,
    out: Path,
    *,
    soundfonts: Sequence[Path] = (),
    limit: int | None = None,
    turns: int = DEFAULT_TURNS,
    jobs: int | None = None,
    seed: int = 0,
    on_song: OnSong | None = None,
) -> DataSummary:
    """Render `turns` takes of each of the archive's songs into `out/train` and `out/test`.

    The turns go through the sound fonts; without any, FluidR3 GM plays all. `limit` is the most songs a
    split. An interrupted run, or one with more songs or turns, goes on. Raises DataError if something that it
    needs is missing.
    """
    if turns < 1:
        raise DataError(f"turns: got {turns}, expected at least 1")
    synthesizer.find_fluidsynth()
    fonts = [synthesizer.find_soundfont(path) for path in soundfonts] or [synthesizer.find_soundfont()]
    songs = read_archive(archive)
    train, test = (spread(numbers, limit) for numbers in split(songs))
    for name in ("train", "test"):
        (out / name).mkdir(parents=True, exist_ok=True)
    tasks = [
        ListeningTask(
            number=number,
            turn=turn,
            files=songs[number],
            seed=seed,
            # The song counts too, so that one turn has all fonts.
            soundfont=fonts[(number + turn) % len(fonts)],
            path=out
            / ("test" if number >= FIRST_TEST_SONG else "train")
            / f"{number:03d}_{turn + 1}{AUDIO_SUFFIX}",
        )
        for turn in range(turns)
        for number in interleaved(train, test)
    ]
    missing = [task for task in tasks if not is_rendered(task.path)]
    workers = jobs if jobs is not None else os.cpu_count() or 1
    return synthesizer.run_tasks(missing, jobs=workers, skipped=len(tasks) - len(missing), on_song=on_song)
