"""The fixed prompts of the evaluation: what stretches of test songs ask for, and what their renders measure.

Shapes: C audio channels, L samples. Times count from the start of a prompt, which is the start of a bar.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from msanii.chords import NO_CHORD, Chord, ChordSpan
from msanii.controls import Events
from msanii.errors import DataError
from msanii.measures import (
    BASS,
    TRITONE,
    band_levels_db,
    chord_tone_energy,
    eighth_notes,
    onset_agreement,
    onset_seconds,
    shifted_by_half_a_step,
)
from msanii.score import Score
from msanii.shards import Song, read_songs

PROMPTS_PATH = Path(__file__).with_name("evaluation_prompts.json")
PROMPT_SECONDS = 511 * 1024 / 44_100  # 512 frames, which is what the models hear in training
FEWEST_CHORDED = 0.9
SOURCE = (
    "chords, beats and measured figures of songs that `msanii data pop909` rendered (POP909, MIT licence)"
)
_TRIES = 50
# Annotated chords start within some hundredths of a beat; asked for, they start on its quarters.
_PARTS_OF_A_BEAT = 4


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What `measure` finds in one piece; shares are 0 to 1, NaN where there is nothing to measure."""

    chord_tones: float
    chord_tones_away: float
    bass_tones: float
    bass_tones_away: float
    onsets: float
    onsets_shifted: float
    levels_db: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One stretch of a song as a score to be played, and the figures of its real render."""

    song: str
    start_seconds: float
    score: Score
    real: Figures


def measure(audio: NDArray[np.float32], rate: int, events: Events) -> Figures:
    """All figures of `audio` (C, L) against chords and beats. Raises DataError where `events` lack them."""
    if events.chords is None or events.beats is None:
        raise DataError("evaluation: chords and beats are needed; use data from `msanii data pop909`")
    grid = eighth_notes(events.beats)
    grid = grid[(grid >= 0) & (grid <= audio.shape[-1] / rate)]
    onsets = onset_seconds(audio, rate)
    return Figures(
        chord_tones=chord_tone_energy(audio, rate, events.chords),
        chord_tones_away=chord_tone_energy(audio, rate, events.chords, transpose=TRITONE),
        bass_tones=chord_tone_energy(audio, rate, events.chords, BASS),
        bass_tones_away=chord_tone_energy(audio, rate, events.chords, BASS, transpose=TRITONE),
        onsets=onset_agreement(onsets, grid),
        onsets_shifted=onset_agreement(onsets, shifted_by_half_a_step(grid)),
        levels_db=tuple(band_levels_db(audio, rate).tolist()),
    )


def score_events(score: Score) -> Events:
    """The chords and beats of a score as arrays, over its whole length."""
    chords = [
        [item.start_seconds, item.end_seconds, *_chord_columns(item.chord)]
        for item in score.chord_events(0.0, score.seconds)
    ]
    beats = [[beat.seconds, beat.starts_bar] for beat in score.beat_events(0.0, score.seconds)]
    return Events(
        chords=np.array(chords, dtype=np.float64).reshape(-1, 15),
        beats=np.array(beats, dtype=np.float64).reshape(-1, 2),
    )


def choose_prompts(folder: Path, count: int, seed: int) -> tuple[Prompt, ...]:
    """`count` stretches of different test songs, the same for the same seed and data.

    `folder` holds shards with their audio, or a `test` folder of such. Raises DataError where it does not.
    """
    folder = folder / "test" if (folder / "test").is_dir() else folder
    songs = [song for song in read_songs(folder) if song.audio_path is not None]
    generator = torch.Generator().manual_seed(seed)
    prompts: list[Prompt] = []
    for index in torch.randperm(len(songs), generator=generator).tolist():
        if len(prompts) < count and (prompt := _choose_in(songs[index], generator)) is not None:
            prompts.append(prompt)
    if len(prompts) < count:
        raise DataError(
            f"{folder}: {len(prompts)} songs with chords, beats and audio, expected {count}; render the test "
            "songs with `msanii data pop909`, or ask for fewer prompts"
        )
    return tuple(prompts)


def read_prompts(path: Path = PROMPTS_PATH) -> tuple[Prompt, ...]:
    """Prompts from a file of `write_prompts`. Raises DataError when it is missing or something else."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_prompt_from(item) for item in values["prompts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"prompts: `{path}` cannot be read ({error}); give the test data instead") from error


def write_prompts(path: Path, prompts: Sequence[Prompt]) -> None:
    """Keep prompts and the figures of their real renders. Raises DataError where that cannot be."""
    rows = ",\n".join(json.dumps(_plain(prompt), separators=(",", ":")) for prompt in prompts)
    try:
        path.write_text(f'{{"source":{json.dumps(SOURCE)},"prompts":[\n{rows}\n]}}\n', encoding="utf-8")
    except OSError as error:
        raise DataError(f"prompts: `{path}` cannot be written ({error}); check the folder") from error


def _choose_in(song: Song, generator: torch.Generator) -> Prompt | None:
    """A stretch from a random bar on that has a chord nearly all the time; None when the song has none."""
    beats, chords = song.events.beats, song.events.chords
    if beats is None or chords is None:
        return None
    bars = np.flatnonzero(beats[:, 1])
    for draw in torch.rand(_TRIES, generator=generator, dtype=torch.float64).tolist():
        start = int(bars[int(draw * len(bars))])
        start_seconds = float(beats[start, 0])
        if beats[-1, 0] < start_seconds + PROMPT_SECONDS:
            continue
        score = _score(beats[start:], chords, start_seconds)
        if score is not None and _chorded(score) >= FEWEST_CHORDED:
            audio, rate = _read_audio(song, start_seconds)
            shifted = Events(chords=_later(chords, -start_seconds, 2), beats=_later(beats, -start_seconds, 1))
            real = measure(audio, rate, shifted)
            name = song.info.get("song", song.path.stem)
            return Prompt(song=name, start_seconds=start_seconds, score=score, real=real)
    return None


def _score(beats: NDArray[np.float64], chords: NDArray[np.float64], start_seconds: float) -> Score | None:
    """The stretch that starts with `beats`, at a steady tempo; None where its bars differ in length."""
    count = int(np.searchsorted(beats[:, 0], start_seconds + PROMPT_SECONDS)) + 1
    bar_lengths = np.diff(np.flatnonzero(beats[: count + 1, 1]))
    if len(bar_lengths) == 0 or np.ptp(bar_lengths) != 0:
        return None
    numerator = int(bar_lengths[0])
    places = np.interp(chords[:, :2], beats[:, 0], np.arange(len(beats)))
    places = np.clip(np.round(places * _PARTS_OF_A_BEAT) / _PARTS_OF_A_BEAT, 0, count)
    return Score(
        seconds=PROMPT_SECONDS,
        bars=None,
        bpm=round(60 / float(np.median(np.diff(beats[:count, 0]))), 3),
        numerator=numerator,
        denominator=4,
        chords=_without_gaps(places, chords),
        notes=(),
    )


def _without_gaps(places: NDArray[np.float64], chords: NDArray[np.float64]) -> tuple[ChordSpan, ...]:
    spans: list[ChordSpan] = []
    reached = 0.0
    for (start, end), columns in zip(places.tolist(), chords[:, 2:].tolist(), strict=True):
        start = max(start, reached)
        if end <= start:
            continue
        if start > reached:
            spans.append(ChordSpan(start_beats=reached, end_beats=start, chord=NO_CHORD))
        spans.append(ChordSpan(start_beats=start, end_beats=end, chord=_chord_from(columns)))
        reached = end
    return tuple(spans)


def _chorded(score: Score) -> float:
    """The share of a score in which a chord sounds."""
    events = score.chord_events(0.0, score.seconds)
    named = (item.end_seconds - item.start_seconds for item in events if item.chord.root is not None)
    return sum(named) / score.seconds


def _chord_columns(chord: Chord) -> list[float]:
    """Root (-1 for N.C.), then the twelve tones."""
    return [
        -1.0 if chord.root is None else float(chord.root),
        *(float(tone in chord.tones) for tone in range(12)),
    ]


def _chord_from(columns: Sequence[float]) -> Chord:
    root, *tones = columns
    if root < 0:
        return NO_CHORD
    held = frozenset(tone for tone, sounds in enumerate(tones) if sounds)
    return Chord(root=int(root), bass=None, tones=held, text="")


def _later(values: NDArray[np.float64], seconds: float, columns: int) -> NDArray[np.float64]:
    moved = values.copy()
    moved[:, :columns] += seconds
    return moved


def _read_audio(song: Song, start_seconds: float) -> tuple[NDArray[np.float32], int]:
    rate = soundfile.info(song.audio_path).samplerate
    start, frames = round(start_seconds * rate), round(PROMPT_SECONDS * rate)
    audio, rate = soundfile.read(song.audio_path, start=start, frames=frames, dtype="float32", always_2d=True)
    return audio.T, rate


def _plain(prompt: Prompt) -> dict[str, Any]:
    score = prompt.score
    chords = [
        [span.start_beats, span.end_beats, *map(int, _chord_columns(span.chord))] for span in score.chords
    ]
    real = asdict(prompt.real)
    return {
        "song": prompt.song,
        "start_seconds": round(prompt.start_seconds, 3),
        "seconds": score.seconds,
        "bpm": score.bpm,
        "numerator": score.numerator,
        "denominator": score.denominator,
        "chords": chords,
        "real": {name: np.round(value, 4).tolist() for name, value in real.items()},
    }


def _prompt_from(values: dict[str, Any]) -> Prompt:
    real = values["real"]
    spans = (
        ChordSpan(start_beats=start, end_beats=end, chord=_chord_from(columns))
        for start, end, *columns in values["chords"]
    )
    score = Score(
        seconds=values["seconds"],
        bars=None,
        bpm=values["bpm"],
        numerator=values["numerator"],
        denominator=values["denominator"],
        chords=tuple(spans),
        notes=(),
    )
    figures = Figures(**{**real, "levels_db": tuple(real["levels_db"])})
    return Prompt(song=values["song"], start_seconds=values["start_seconds"], score=score, real=figures)
