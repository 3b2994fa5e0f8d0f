"""Form: how full, high and loud a part is, and which bars come again, as in a song of like chords.

Letters: N bars, F forms, L notes, Q quarters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.config import LAGS, density_class
from msanii.composer.melodic.grid import BAR, MOST_QUARTERS, PITCH, Ints, mean_velocity
from msanii.composer.melodic.grid_song import GridSong
from msanii.composer.melodic.harmony import shift_to_c, tonic_of
from msanii.composer.melodic.tokens import likeness, likeness_classes, onsets_a_quarter

FORM_BARS = 16
MOST_FORMS = 1024
_STEP_BARS = 8
_FULL_BARS = 12  # of a form's, in which its part plays
_SAME_CHORDS = 8  # this bit of a byte; the lower ones are the class of likeness
_NEAREST = 64
_LIKENESS = 3  # the first column of likeness in a form
FORM_SHAPE = (FORM_BARS, _LIKENESS + len(LAGS))

Forms = NDArray[np.uint8]
"""(F, FORM_BARS, 3 + lags) of parts in C: the class of density, the mean pitch, the mean velocity, and the
class of each bar's likeness to those LAGS before, to which a bit for the same chords is added"""


@dataclass(frozen=True, kw_only=True)
class Form:
    """Some bars of a part: class of density, mean pitch in C, mean velocity, likeness classes (N, lags)."""

    density: int
    register: int
    velocity: int
    likeness: Ints


def forms_of(songs: Sequence[GridSong], part: str) -> Forms:
    """The forms of a part in songs as they are; of many, MOST_FORMS that are spread evenly."""
    found = []
    for song in songs:
        for first in range(0, song.bars - FORM_BARS + 1, _STEP_BARS) if song.is_plain else ():
            notes = song.notes_in(part, first, FORM_BARS)
            if len(np.unique(notes[:, BAR])) >= _FULL_BARS:
                found.append(_form(notes, song.chords_in(first, FORM_BARS), song.bar_beats))
    forms = np.array(found, np.uint8).reshape(-1, *FORM_SHAPE)
    if len(forms) <= MOST_FORMS:
        return forms
    return forms[np.linspace(0, len(forms) - 1, MOST_FORMS).astype(np.int64)]


def _form(notes: Ints, chords: Ints, bar_beats: float) -> Ints:
    form = np.empty(FORM_SHAPE, np.int64)
    form[:, :_LIKENESS] = (
        density_class(onsets_a_quarter(notes, FORM_BARS, bar_beats)),
        round(float(notes[:, PITCH].mean())) + shift_to_c(tonic_of(chords)),
        round(mean_velocity(notes)),
    )
    classes = likeness_classes(likeness(notes, FORM_BARS))
    form[:, _LIKENESS:] = classes + _SAME_CHORDS * has_same_chords(chords)
    return form


def has_same_chords(chords: Ints) -> NDArray[np.bool_]:
    """(N, lags): whether each bar has the chords (Q, 14) of those LAGS before; False without one."""
    bars = chords.reshape(-1, MOST_QUARTERS * chords.shape[1])
    same = np.zeros((len(bars), len(LAGS)), bool)
    for column, lag in enumerate(LAGS):
        if len(bars) > lag:
            same[lag:, column] = (bars[lag:] == bars[:-lag]).all(axis=1)
    return same


def usual_form(forms: Forms) -> Form:
    """The middle of forms: mean density, pitch and velocity; of no likeness."""
    density, register, velocity = forms[:, 0, :_LIKENESS].mean(axis=0).round().astype(np.int64).tolist()
    likeness = np.zeros((0, len(LAGS)), np.int64)
    return Form(density=density, register=register, velocity=velocity, likeness=likeness)


def drawn_form(forms: Forms, chords: Ints, random: np.random.Generator) -> Form:
    """The form of at most FORM_BARS bars with chords (Q, 14): one whose chords come again as these do."""
    same = has_same_chords(chords)
    start = forms[:, : len(same)]
    differences = ((start[..., _LIKENESS:] & _SAME_CHORDS).astype(bool) != same).sum(axis=(1, 2))
    nearest = np.argsort(differences + random.random(len(forms)), kind="stable")[:_NEAREST]
    chosen = start[random.choice(nearest)].astype(np.int64)
    density, register, velocity = chosen[0, :_LIKENESS].tolist()
    return Form(
        density=density, register=register, velocity=velocity, likeness=chosen[:, _LIKENESS:] % _SAME_CHORDS
    )
