"""Building the reference from POP909: test songs rendered for the prompts, measured and classified.

Letters: C audio channels, L samples, N windows, D features.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from msanii.data import synthesizer
from msanii.data.bar_time import BarSong, bar_song
from msanii.data.pop909 import FIRST_TEST_SONG, SongFiles, read_archive
from msanii.data.pop909_song import read_pop909_song
from msanii.data.take_plan import synthesize_take
from msanii.errors import DataError
from msanii.evaluation.clip_metrics import note_metrics
from msanii.evaluation.prompts import PROMPT_SECONDS, Prompt
from msanii.evaluation.reference import (
    PITCHED,
    WINDOWS,
    Reference,
    clip_metrics,
    share_correct,
    sound_prompts,
    spread,
)
from msanii.evaluation.reference_plan import (
    PromptSpec,
    before_mixes,
    find_takes,
    first_stretch,
    is_playable,
    prompt_of,
    prompt_specs,
    take_notes,
)
from msanii.evaluation.sound_classifier import (
    SoundClassifier,
    classify_windows,
    frechet_distance,
    gaussian,
)
from msanii.metrics.harmony import Audio, FloatArray
from msanii.metrics.melody_match import Intervals, corpus, intervals, longest_match, melody_line
from msanii.metrics.tone import melody
from msanii.music.palette import SOUNDS_OF_PALETTE, PaletteName

RATE = 44_100
# Bars of a song to draw takes from: enough for a prompt in any meter, in half or double time, but no more,
# as drawing takes time for every note.
_INTRO_BARS, _MOST_BARS = 8, 40
_SONGS_A_TASK = 6
OnStep = Callable[[float], None]
OnClip = Callable[[Prompt, Audio], None]
Songs = Mapping[int, tuple[BarSong, float]]
SoundShare = tuple[str, float]


@dataclass(frozen=True, eq=False)
class Rendered:
    """A prompt with its real render (C, L)."""

    prompt: Prompt
    audio: Audio

    @property
    def purpose(self) -> str:
        return self.prompt.purpose


@dataclass(frozen=True, kw_only=True, eq=False)
class PromptTask:
    """Finds a prompt in `songs` (in bars, with tempos), renders it and may measure it; picklable."""

    wanted: PromptSpec
    songs: Songs
    soundfont: Path
    seed: int
    measured: bool
    palette: PaletteName

    def run(self) -> Rendered:
        """Render the first take that fits. Raises DataError if there is none."""
        for number, take in find_takes(self.wanted, self.songs, seed=self.seed, palette=self.palette):
            short = first_stretch(take)
            if is_playable(short):
                played = synthesize_take(short, self.soundfont).astype(np.float32) / np.float32(32_768)
                audio: Audio = np.ascontiguousarray(
                    played[:, : round(PROMPT_SECONDS * RATE)], dtype=np.float32
                )
                prompt = prompt_of(self.wanted, number, short, {})
                real = clip_metrics(audio, RATE, prompt) if self.measured else {}
                if self.measured and prompt.purpose in (*PITCHED, "drums"):
                    real |= note_metrics(audio, RATE, take_notes(short))
                return Rendered(replace(prompt, real=real), audio)
        raise DataError(f"reference: no take of the test songs fits {self.wanted}")


def build_reference(
    archive: Path,
    classifier: SoundClassifier,
    *,
    palette: PaletteName = "full",
    soundfont: Path | None = None,
    count: int = 32,
    seed: int = 1,
    jobs: int = 1,
    on_step: OnStep | None = None,
    on_clip: OnClip | None = None,
) -> Reference:
    """Build a reference with at least `count` prompts per row from POP909's archive, in `jobs` processes.

    `palette` are the sounds that play; the classifier has to know the same. A second set of real renders
    gives the distance from real to real. `on_step(fraction)` is called after each render, and at the end
    `on_clip(prompt, audio)` with every prompt's render (C, L). Raises DataError if the archive, fluidsynth or
    the soundfont is missing or unusable, or if the classifier knows other sounds.
    """
    sounds = SOUNDS_OF_PALETTE[palette]
    if classifier.names != sounds:
        raise DataError(
            f"classifier: it knows {len(classifier.names)} sounds, and the palette has {len(sounds)}; train "
            "another, or name its palette"
        )
    synthesizer.find_fluidsynth()
    font = synthesizer.find_soundfont(soundfont)
    files = read_archive(archive)
    songs = _bar_songs({number: song for number, song in files.items() if number >= FIRST_TEST_SONG})
    known = corpus(_melodies({number: song for number, song in files.items() if number < FIRST_TEST_SONG}))
    wanted = prompt_specs(count, palette)
    apart = sound_prompts(wanted)
    # Each draws from its own number, so that no take is drawn twice. Mixes, which were added later, have the
    # last numbers, so that the draws of all others stay the same.
    until = before_mixes(wanted)
    places = [place if place < until else place + len(apart) for place in range(len(wanted))]
    tasks = [
        _task(item, songs, font, seed, place, palette) for item, place in zip(wanted, places, strict=True)
    ]
    tasks += [
        _task(item, songs, font, seed, until + place, palette, measured=False)
        for place, item in enumerate(apart)
    ]
    rendered = list(_run(tasks, jobs, on_step))
    kept = rendered[: len(wanted)]
    first, right = _classified(classifier, sound_prompts(kept))
    second, others = _classified(classifier, rendered[len(wanted) :])
    leads = [item.audio for item in rendered if item.prompt.purpose == "lead"]
    if on_clip is not None:
        for item in kept:
            on_clip(item.prompt, item.audio)
    return Reference(
        prompts=tuple(item.prompt for item in kept),
        classifier=classifier,
        accuracy=float(np.nanmean([share for _, share in right])),
        accuracy_by_sound=_by_sound([*right, *others]),
        real=gaussian(first),
        real_to_real=frechet_distance(gaussian(first), gaussian(second)),
        melodies=known,
        chance=np.array([longest_match(intervals(melody(lead, RATE)), known) for lead in leads], np.float64),
    )


def _task(
    wanted: PromptSpec,
    songs: Songs,
    soundfont: Path,
    seed: int,
    place: int,
    palette: PaletteName,
    *,
    measured: bool = True,
) -> PromptTask:
    """Start with another song for each number; songs lose their notes if the part is generated anew."""
    numbers = sorted(songs)
    chosen = [numbers[(place + turn) % len(numbers)] for turn in range(min(_SONGS_A_TASK, len(numbers)))]
    own: dict[int, tuple[BarSong, float]] = {}
    for number in chosen:
        song, bpm = songs[number]
        own[number] = (song if wanted.part in ("keys", "lead", "mix") else replace(song, tracks={}), bpm)
    return PromptTask(
        wanted=wanted,
        songs=own,
        soundfont=soundfont,
        seed=seed * 10_000 + place,
        measured=measured,
        palette=palette,
    )


def _run(tasks: Sequence[PromptTask], jobs: int, on_step: OnStep | None) -> Iterator[Rendered]:
    """Yield each task's result, in order."""

    def with_progress(outcomes: Iterable[Rendered]) -> Iterator[Rendered]:
        for done, outcome in enumerate(outcomes, start=1):
            yield outcome
            if on_step is not None:
                on_step(done / len(tasks))

    if jobs <= 1:
        yield from with_progress(task.run() for task in tasks)
        return
    # Spawn, don't fork: torch's threads do not survive a fork, and all systems can spawn.
    with ProcessPoolExecutor(max_workers=jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from with_progress(pool.map(PromptTask.run, tasks))


def _bar_songs(files: Mapping[int, SongFiles]) -> Songs:
    """An excerpt of each song in bars, and its tempo; unusable songs are left out."""
    songs: dict[int, tuple[BarSong, float]] = {}
    for number, song in files.items():
        try:
            performance = read_pop909_song(song.midi, song.beats, song.chords)
            whole = bar_song(performance)
            first = min(_INTRO_BARS, whole.bars // 4)
            songs[number] = whole.excerpt(first, min(_MOST_BARS, whole.bars - first)), performance.bpm
        except DataError:
            continue
    if not songs:
        raise DataError(f"archive: no usable song from {FIRST_TEST_SONG} on; give pop909.tar.xz")
    return songs


def _melodies(files: Mapping[int, SongFiles]) -> Iterator[Intervals]:
    for song in files.values():
        try:
            tracks = read_pop909_song(song.midi, song.beats, song.chords).notes_by_track()
        except DataError:
            continue
        notes = [(note[0], note[2]) for name in ("MELODY", "BRIDGE") for note in tracks.get(name, ())]
        yield intervals(melody_line(notes))


def _classified(
    classifier: SoundClassifier, rendered: Sequence[Rendered]
) -> tuple[FloatArray, list[SoundShare]]:
    """Features (N, D) of up to 1,000 windows; each clip's sound and its share of windows told right."""
    features: list[FloatArray] = []
    right: list[SoundShare] = []
    for item in rendered:
        found, named = classify_windows(classifier, item.audio, RATE)
        features.append(found)
        sound = item.prompt.score.sounds[0]
        right.append((sound, share_correct(named, sound)))
    rows = np.concatenate(features)
    return rows[spread(range(len(rows)), WINDOWS)], right


def _by_sound(shares: Iterable[SoundShare]) -> dict[str, float]:
    """The mean share of each sound's clips, but for clips without any window."""
    found: dict[str, list[float]] = {}
    for sound, share in shares:
        if share == share:
            found.setdefault(sound, []).append(share)
    return {sound: sum(same) / len(same) for sound, same in found.items()}
