"""Batches for training the composer: bars of songs in random roles, some written, some kept.

Letters: B batch, T tokens, N bars, S steps whose output counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msanii.composer.melodic.config import (
    END,
    LAGS,
    UNKNOWN_DENSITY,
    UNKNOWN_LIKENESS,
    UNKNOWN_REGISTER,
    WRITTEN_PARTS,
    ComposerConfig,
    density_class,
    register_class,
    rotation_angles,
)
from msanii.composer.melodic.grid import BAR, PITCH, PITCHES, SLOT, Ints
from msanii.composer.melodic.grid_song import GridSong
from msanii.composer.melodic.harmony import chord_features, shift_to_c, tonic_of, transposed
from msanii.composer.melodic.tokens import (
    Tokens,
    Window,
    context_tokens,
    events_of,
    joined,
    likeness,
    likeness_classes,
    onsets_a_quarter,
    step_tokens,
)
from msanii.errors import DataError

_LENGTHS, _LENGTH_SHARES = (4, 8, 16), (0.2, 0.5, 0.3)
_PLAIN_SHARE, _LEAD_SHARE = 0.6, 0.45
_OTHER_PART_SHARE = {"keys": 0.35, "lead": 0.65}
_TOLD_SHARE, _FORM_TOLD_SHARE = 0.4, 0.65
_OTHER_KEY_SHARE = 0.25
_ALL, _END, _MIDDLE = 0.55, 0.72, 0.88
_MOST_TOKENS = 420
_EMPTY_BARS_SHARE = 0.25  # of a window; more says nothing of how the part plays


class ComposerWindows:
    """Batches of about `tokens` tokens by index, each of windows of one length and part, drawn by `seed`."""

    def __init__(
        self, songs: Sequence[GridSong], signature: str, config: ComposerConfig, *, tokens: int, seed: int
    ) -> None:
        self.signature = signature
        self._plain = [song for song in songs if song.is_plain]
        self._others = [song for song in songs if not song.is_plain] or self._plain
        if not self._plain:
            raise DataError("the composer's data hold no song")
        self._config, self._tokens, self._seed = config, tokens, seed

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        random = np.random.default_rng([self._seed, index])
        part = int(random.random() < _LEAD_SHARE)
        bars = int(random.choice(_LENGTHS, p=_LENGTH_SHARES))
        found: list[tuple[Window, Tokens, Ints]] = []
        longest = 0
        while True:
            window, notes = self._window(part, bars, random)
            events = events_of(notes, window.written)
            tokens = joined(context_tokens(window), step_tokens(part, events))
            if len(tokens.bars) > _MOST_TOKENS:
                continue
            longest = max(longest, len(tokens.bars))
            if found and longest * (len(found) + 1) > self._tokens:
                return collated(found, self._config)
            found.append((window, tokens, events))

    def _window(self, part: int, bars: int, random: np.random.Generator) -> tuple[Window, Ints]:
        while True:
            songs = self._plain if random.random() < _PLAIN_SHARE else self._others
            song = songs[int(random.integers(len(songs)))]
            if song.bars < bars:
                continue
            first = int(random.integers(song.bars - bars + 1))
            notes = song.notes_in(WRITTEN_PARTS[part], first, bars)
            if len(np.unique(notes[:, BAR])) < (1 - _EMPTY_BARS_SHARE) * bars:
                continue
            return drawn_window(song, part, first, bars, random)


def drawn_window(
    song: GridSong, part: int, first: int, bars: int, random: np.random.Generator
) -> tuple[Window, Ints]:
    """Bars of a song in C, with random bars to write and random things told; and the part's notes there."""
    chords = song.chords_in(first, bars)
    tonic = tonic_of(chords) if random.random() >= _OTHER_KEY_SHARE else int(random.integers(12))
    shift = shift_to_c(tonic)
    notes, other = (
        moved(song.notes_in(name, first, bars), shift)
        for name in (WRITTEN_PARTS[part], WRITTEN_PARTS[1 - part])
    )
    if random.random() >= _OTHER_PART_SHARE[WRITTEN_PARTS[part]]:
        other = other[:0]
    written = _drawn_bars(bars, random)
    window = Window(
        part=part,
        bar_beats=song.bar_beats,
        unit=song.unit,
        bpm=song.bpm,
        chords=transposed(chords, shift),
        written=written,
        kept=notes[~written[notes[:, BAR]]],
        other=other,
        told=_told(notes, bars, song.bar_beats, random),
    )
    return window, notes


def moved(rows: Ints, semitones: int) -> Ints:
    """Transpose notes, dropping those that leave MIDI's range."""
    result = rows.copy()
    result[:, PITCH] += semitones
    return np.asarray(result[(result[:, PITCH] >= 0) & (result[:, PITCH] < PITCHES)])


def _drawn_bars(bars: int, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Everything, the end, a stretch, or any bars."""
    written = np.zeros(bars, np.bool_)
    kind = random.random()
    if kind < _ALL:
        written[:] = True
    elif kind < _END:
        written[int(random.integers(1, bars)) :] = True
    elif kind < _MIDDLE:
        length = int(random.integers(1, max(2, bars // 2 + 1)))
        start = int(random.integers(bars - length + 1))
        written[start : start + length] = True
    else:
        written[:] = random.random(bars) < 0.5
        written[int(random.integers(bars))] = True
    return written


def _told(notes: Ints, bars: int, bar_beats: float, random: np.random.Generator) -> Ints:
    told = np.empty((bars, 2 + len(LAGS)), np.int64)
    told[:] = (UNKNOWN_DENSITY, UNKNOWN_REGISTER, *([UNKNOWN_LIKENESS] * len(LAGS)))
    if random.random() < _TOLD_SHARE:
        told[:, 0] = density_class(onsets_a_quarter(notes, bars, bar_beats))
    if random.random() < _TOLD_SHARE:
        told[:, 1] = register_class(float(notes[:, PITCH].mean()))
    if random.random() < _FORM_TOLD_SHARE:
        told[:, 2:] = likeness_classes(likeness(notes, bars))
    return told


def collated(found: Sequence[tuple[Window, Tokens, Ints]], config: ComposerConfig) -> dict[str, Tensor]:
    """The input of `ComposerNetwork.forward` for windows, their tokens and the events among them."""
    count, longest = len(found), max(len(tokens.bars) for _, tokens, _ in found)
    arrays: dict[str, NDArray[Any]] = {
        "tokens": np.zeros((count, longest, found[0][1].fields.shape[1]), np.int64),
        "place": np.zeros((count, longest), np.int64),
        "turn": np.zeros((count, longest, config.head_width // 2), np.float32),
        "context": np.zeros(count, np.int64),
        "chords": np.stack([chord_features(window.chords) for window, _, _ in found]),
        "meter": np.stack([window.meter() for window, _, _ in found]),
        "told": np.stack([window.told for window, _, _ in found]),
    }
    labels: list[Ints] = []
    for row, (_, tokens, events) in enumerate(found):
        length = len(tokens.bars)
        arrays["tokens"][row, :length] = tokens.fields
        arrays["place"][row, :length] = tokens.place()
        arrays["turn"][row, :length] = rotation_angles(config, tokens.bars, tokens.ticks())
        arrays["context"][row] = length - len(events)
        labels.append(_labels(row, length - len(events), events))
    arrays["labels"] = np.concatenate(labels)
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _labels(row: int, context: int, events: Ints) -> Ints:
    """(S, 6): row, token, and the next event's fields; before a bar's start and at the end, END."""
    labels = np.zeros((len(events), 6), np.int64)
    labels[:, 0] = row
    labels[:, 1] = context + np.arange(len(events))
    labels[:, 2] = END
    notes = np.flatnonzero(events[1:, SLOT] != END)
    labels[notes, 2:] = events[notes + 1, SLOT:]
    return labels
