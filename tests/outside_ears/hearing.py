"""One clip after the other before its judges, in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from tests.outside_ears import judges
from tests.outside_ears.clips import Clip, FloatArray, Folder, read_audio
from tests.outside_ears.sound import is_silent

Judge = Callable[[Clip, FloatArray, int], dict[str, float]]
KeyJudge = Callable[[FloatArray, int], str]

_KEYED = ("keys", "pad", "mix")


@dataclass(frozen=True)
class Heard:
    """What the judges heard in a clip. `untaken` are sentences on the judges that it was too much for."""

    clip: Clip
    figures: dict[str, float]
    key: str | None = None
    untaken: list[str] = field(default_factory=list)


def hear(
    clip: Clip, audio: FloatArray, rate: int, jury: Mapping[str, Judge], key_of: KeyJudge | None = None
) -> Heard:
    """A clip (2, L) before its jury. A judge that cannot take it adds no figures, which counts as NaN."""
    figures: dict[str, float] = {}
    untaken: list[str] = []
    key: str | None = None
    if is_silent(audio):
        return Heard(clip, figures, untaken=["every judge: it is silent"])
    for name, judge in jury.items():
        try:
            figures.update(judge(clip, audio, rate))
        # Programs of others, on sounds that nobody foresaw: whatever one raises, the rest goes on.
        except Exception as error:
            untaken.append(f"{name}: {type(error).__name__}: {error}")
    try:
        key = key_of(audio, rate) if key_of is not None else None
    except Exception as error:
        untaken.append(f"key: {type(error).__name__}: {error}")
    return Heard(clip, figures, key, untaken)


def hear_file(clip: Clip, notes_asked: bool) -> Heard:
    """A clip from its file before the judges for its purpose; one that cannot be read goes before none."""
    try:
        audio, rate = read_audio(clip.path)
    except (OSError, RuntimeError) as error:
        return Heard(clip, {}, untaken=[f"every judge: it cannot be read ({error})"])
    jury = judges.judges_for(clip.purpose, notes_asked=notes_asked)
    return hear(clip, audio, rate, jury, judges.key if clip.purpose in _KEYED else None)


def hear_all(folders: Sequence[Folder], jobs: int, *, notes_asked: bool) -> list[list[Heard]]:
    """Every clip of every folder, in their order, `jobs` at a time; progress goes to stderr."""
    # One thread a process: more would only wait for each other, spinning.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    started = time.monotonic()
    total = sum(len(folder.clips) for folder in folders)
    heard: dict[tuple[int, int], Heard] = {}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_begin) as pool:
        waiting = {
            pool.submit(hear_file, clip, notes_asked or folder.kind == "real"): (place, number)
            for place, folder in enumerate(folders)
            for number, clip in enumerate(folder.clips)
        }
        for done in as_completed(waiting):
            place, number = waiting[done]
            heard[place, number] = done.result()
            name = f"{folders[place].name}/{folders[place].clips[number].path.name}"
            seconds = time.monotonic() - started
            print(f"{len(heard)} of {total}  {seconds:.0f} s  {name}", file=sys.stderr, flush=True)
    return [[heard[place, number] for number in range(len(it.clips))] for place, it in enumerate(folders)]


def add_keys(real: Sequence[Heard], made: Sequence[Heard], score: Callable[[str, str], float]) -> None:
    """Score each made clip's key by that of the real one of the same prompt, where there is one."""
    keys = {item.clip.prompt: item.key for item in real}
    for item in made:
        expected = keys.get(item.clip.prompt)
        if expected is not None and item.key is not None:
            item.figures["essentia key: as the real one"] = score(expected, item.key)


def _begin() -> None:
    warnings.simplefilter("ignore")
    judges.quieten()
