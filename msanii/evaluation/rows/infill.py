"""The table's rows on the level of new music next to old: inpainting, outpainting and endless continuation.

The source pieces are the model's own, so that its overall level does not matter. Letters: C audio channels, L
samples.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.rows.row import Row, make_row, mean_of_known
from msanii.metrics.harmony import Audio
from msanii.metrics.level import OCTAVE_RANGE_DB, level_db, octave_levels
from msanii.music.score import Score, make_score
from msanii.music.sounds import FIRST_SOUNDS, SOUNDS_OF_PART, sounds_of_part

MOST_MEAN_DB = 1.5
MOST_DB = 3.0
PIECE_BARS, NEW_BARS = 8, 2
ENDLESS_BARS, LAST_BARS = 16, 4
INPAINT = "inpaint 2 bars of 8, over the bars that were there"
OUTPAINT = "outpaint 2 bars after 8, over the bars of the same chords"
ENDLESS = "endless, bars 13 to 16 over the last 4 of the source"
_BPM = (104.0, 90.0, 140.0, 120.0)
_CHORDS = ("Am F C G", "Dm7 G7 Cmaj7 A7", "Em C G D", "Bbmaj7 Eb Cm7 F")
_SALT = 20_000
# Choosing every seventh piece covers all tempos, progressions and nearly all sounds.
_STEP = 7


@dataclass(frozen=True, kw_only=True, eq=False)
class Renewal:
    """New music in a piece, the old music whose level it should have, and the kept music around it.

    All are (C, L). Inpainted bars should have the level of the bars that they replace: this equals their
    level relative to the kept music minus that of the original at the same place.
    """

    sound: str
    new: Audio
    old: Audio
    around: Audio

    @property
    def level_db(self) -> float:
        """Level of the new music relative to the old, in dB of mean power."""
        return level_db(self.new) - level_db(self.old)


Renew = Callable[[ClipRenderer, Score, Audio, int], Renewal]


def renewed_rows(renderer: ClipRenderer, count: int, endless: int) -> list[Row]:
    """For each part: inpainting and outpainting in `count` pieces, continuation of `endless` of them."""
    total = max(count, endless)
    ways: tuple[tuple[str, Renew, set[int]], ...] = (
        (INPAINT, _inpainted, set(range(count))),
        (OUTPAINT, _outpainted, set(range(count))),
        (ENDLESS, _endless, {_STEP * place % total for place in range(endless)}),
    )
    rows: list[Row] = []
    for part in SOUNDS_OF_PART:
        found: dict[str, list[Renewal]] = {name: [] for name, _, _ in ways}
        scores = piece_scores(part, total, renderer.sounds)
        for number, (score, clip) in enumerate(zip(scores, renderer.render(scores, salt=_SALT), strict=True)):
            for name, renew, chosen in ways:
                if number in chosen:
                    seed = renderer.seed + _SALT + 1_000 + number
                    found[name].append(renew(renderer, score, clip, seed))
        for name, renewals in found.items():
            rows += renewal_rows(f"{name}: {part}", renewals, renderer.rate)
    return rows


def renewal_rows(name: str, renewals: Sequence[Renewal], rate: int) -> list[Row]:
    """Level of new over old music, overall and by sound, and its spectrum compared with the kept music's."""
    levels = [renewal.level_db for renewal in renewals]
    by_sound = sorted(zip((renewal.sound for renewal in renewals), levels, strict=True))
    means = [
        abs(mean_of_known(level for _, level in same))
        for _, same in groupby(by_sound, key=lambda item: item[0])
    ]
    of_all = mean_of_known(levels)
    worst = max(map(abs, levels), default=float("nan"))
    target = f"at most {MOST_MEAN_DB:g}"
    octaves = f"{name}, octaves beside what is kept, dB"
    return [
        make_row(
            f"{name}, level, dB, mean",
            of_all,
            f"{-MOST_MEAN_DB:g} to {MOST_MEAN_DB:g}",
            -MOST_MEAN_DB,
            MOST_MEAN_DB,
        ),
        make_row(
            f"{name}, level, dB, furthest mean of a sound",
            max(means, default=float("nan")),
            target,
            high=MOST_MEAN_DB,
        ),
        make_row(
            f"{name}, level, dB, furthest",
            worst,
            f"at most {MOST_DB:g}",
            high=MOST_DB,
        ),
        make_row(octaves, mean_of_known(octave_distance(one.new, one.around, rate) for one in renewals)),
        make_row(
            f"{octaves} [before]",
            mean_of_known(octave_distance(one.old, one.around, rate) for one in renewals),
        ),
    ]


def octave_distance(first: Audio, second: Audio, rate: int) -> float:
    """The difference in spectral shape of two stretches (C, L), whatever their level: mean of octaves, dB."""
    shapes = [octave_levels(audio, rate) - level_db(audio) for audio in (first, second)]
    counts = shapes[1] > shapes[1].max() - OCTAVE_RANGE_DB
    return float(np.abs(shapes[0] - shapes[1])[counts].mean())


def piece_scores(part: str, count: int, known: Collection[str]) -> list[Score]:
    """Pieces of 8 bars in the part's sounds in turn; those of the same tempo are neighbours, for batching.

    `known` are the sounds of the model; of one without any, those that all others know.
    """
    sounds = sounds_of_part(part, known or FIRST_SOUNDS)
    each = -(-count // len(_BPM))
    return [
        make_score(
            bars=PIECE_BARS,
            bpm=_BPM[number // each],
            chords=_CHORDS[number % len(_CHORDS)],
            sounds=(sounds[number % len(sounds)],),
            part=part,
        )
        for number in range(count)
    ]


def _inpainted(renderer: ClipRenderer, score: Score, clip: Audio, seed: int) -> Renewal:
    bar = score.seconds / PIECE_BARS
    start, end = 3 * bar, (3 + NEW_BARS) * bar
    made = renderer.inpaint(clip, start, end, score, seed=seed)
    first, last = round(start * renderer.rate), round(end * renderer.rate)
    around = np.concatenate((clip[:, :first], clip[:, last:]), axis=1)
    return Renewal(sound=_sound(score), new=made[:, first:last], old=clip[:, first:last], around=around)


def _outpainted(renderer: ClipRenderer, score: Score, clip: Audio, seed: int) -> Renewal:
    """The progression has four bars, so two bars after the eighth have the chords of bars 5 and 6."""
    bar = score.seconds / PIECE_BARS
    made = renderer.outpaint(clip, NEW_BARS * bar, score, seed=seed)
    first, last = round(4 * bar * renderer.rate), round((4 + NEW_BARS) * bar * renderer.rate)
    return Renewal(sound=_sound(score), new=made[:, clip.shape[1] :], old=clip[:, first:last], around=clip)


def _endless(renderer: ClipRenderer, score: Score, clip: Audio, seed: int) -> Renewal:
    made = renderer.continue_bars(clip, score, ENDLESS_BARS, seed=seed)
    new = np.concatenate(made[-LAST_BARS:], axis=1)
    old = clip[:, -round(LAST_BARS * score.seconds / PIECE_BARS * renderer.rate) :]
    return Renewal(sound=_sound(score), new=new, old=old, around=clip)


def _sound(score: Score) -> str:
    return ", ".join(score.sounds)
