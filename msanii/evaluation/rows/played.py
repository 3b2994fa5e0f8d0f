"""The table's rows on notes that a model is given: what it makes of them, beside real renders of the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from msanii.data.synthesizer import find_soundfont
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.played import MODEL, PLAYED_PARTS, REAL, VOCODER, Judges, PlayedClip, play, playable
from msanii.evaluation.prompts import Prompt
from msanii.evaluation.reference import Reference, spread
from msanii.evaluation.rows.row import Row, beside, make_row, mean_of_known, ratio
from msanii.listening.listener import Listener
from msanii.music.families import FAMILIES, FAMILY_OF
from msanii.rendering.resynthesis import Resynthesis

FEWEST_ONSETS = {"keys": 0.97, "lead": 0.97, "pad": 0.97, "drums": 0.97, "bass": 0.95}
FEWEST_RIGHT = 0.9
# Of real renders' voices and notes a second.
COUNT_RANGE = (0.9, 1.1)
MOST_WRONG_NOTES = 0.05
MOST_LOUDER_LU = 2.0
_COUNTS = {"voices": "voices at once", "notes_a_second": "notes a second"}
_SHARES = {"missing": "missing notes", "spurious": "spurious notes"}


def played_rows(
    renderers: Mapping[str, ClipRenderer],
    reference: Reference,
    count: int | None,
    soundfont: Path | None = None,
    vocoder: Resynthesis | None = None,
) -> list[Row]:
    """The rows of models by name, `MODEL` among them, on at most `count` prompts a part.

    All prompts are in sounds that every model knows.
    The rows of the vocoder alone follow, if it is given. Values are None for a model without a control for
    notes. Raises DataError without FluidSynth or the sound font.
    """
    able = {name: renderer for name, renderer in renderers.items() if renderer.has_control("notes")}
    clips: list[PlayedClip] = []
    if able:
        prompts = [
            prompt
            for part in PLAYED_PARTS
            for prompt in _chosen(playable(reference.of(part), able.values()), count)
        ]
        judges = Judges(reference=reference, listener=Listener.load())
        clips = list(play(able, prompts, judges, find_soundfont(soundfont), vocoder))
    return rows_of_clips(clips, [*renderers, *([] if vocoder is None else [VOCODER])])


def rows_of_clips(clips: Sequence[PlayedClip], versions: Sequence[str]) -> list[Row]:
    """The rows by part, then those of sounds by family; versions but `MODEL` have no targets."""
    rows: list[Row] = []
    for part in PLAYED_PARTS:
        of_part = [clip for clip in clips if clip.prompt.score.part == part]
        for version in versions:
            rows += _labelled(_part_rows(part, of_part, version), version)
        rows += _real_rows(part, of_part)
    for version in versions:
        rows += _labelled(_sound_rows(clips, version), version)
    return rows


def _labelled(rows: list[Row], version: str) -> list[Row]:
    return rows if version == MODEL else [beside(row, version) for row in rows]


def _chosen(prompts: Sequence[Prompt], count: int | None) -> list[Prompt]:
    return list(prompts) if count is None else spread(prompts, count)


def _part_rows(part: str, clips: Sequence[PlayedClip], version: str) -> list[Row]:
    """Onsets, voices, notes, levels and distance of a part's clips, all against the real renders."""

    def row(name: str, value: float, target: str, low: float = -math.inf, high: float = math.inf) -> Row:
        return make_row(f"played {part}: {name}", value, target, low, high)

    low, high = COUNT_RANGE
    ratios = {metric: ratio(*_means(clips, version, metric)) for metric in ("notes", "right", *_COUNTS)}
    shares = {metric: _means(clips, version, metric) for metric in _SHARES}
    loud, real_loud = _means(clips, version, "loudness")
    fewest, most, lu = FEWEST_ONSETS[part], MOST_WRONG_NOTES, MOST_LOUDER_LU
    return [
        row("onset F-measure over real", ratios["notes"], f"{fewest:g} or more", fewest),
        *[
            row(f"{name} over real", ratios[metric], f"{low:g} to {high:g}", low, high)
            for metric, name in _counted(part).items()
        ],
        *[
            row(
                f"{name}, share less real",
                shares[metric][0] - shares[metric][1],
                f"at most {most:g}",
                high=most,
            )
            for metric, name in _SHARES.items()
        ],
        row("sounds told right over real", ratios["right"], f"{FEWEST_RIGHT:g} or more", FEWEST_RIGHT),
        row("loudness less real, LU", loud - real_loud, f"{-lu:g} to {lu:g}", -lu, lu),
        make_row(f"played {part}: log-mel distance to real, dB", _means(clips, version, "distance")[0]),
    ]


def _real_rows(part: str, clips: Sequence[PlayedClip]) -> list[Row]:
    """What the same measures say of the real renders themselves."""
    names = {"notes": "onset F-measure", **_counted(part), **_SHARES, "right": "sounds told right"}
    return [
        make_row(f"played {part}: {name} [real]", _means(clips, REAL, metric)[1])
        for metric, name in names.items()
    ]


def _counted(part: str) -> dict[str, str]:
    """The counts of a part: the listener counts no voices of drums."""
    return {metric: name for metric, name in _COUNTS.items() if metric != "voices" or part != "drums"}


def _sound_rows(clips: Sequence[PlayedClip], version: str) -> list[Row]:
    """Sounds told right, over real, by family."""
    rows = []
    for family in FAMILIES:
        same = [clip for clip in clips if FAMILY_OF[clip.prompt.score.sounds[0]] == family]
        if same:
            rows.append(
                make_row(
                    f"played {family} sounds: told right over real", ratio(*_means(same, version, "right"))
                )
            )
    return rows


def _means(clips: Sequence[PlayedClip], version: str, metric: str) -> tuple[float, float]:
    """Means of a version's metric and the real renders', over the clips that have both; NaN without any."""
    pairs = [
        (clip.metrics.get(version, {}).get(metric, math.nan), clip.metrics[REAL].get(metric, math.nan))
        for clip in clips
    ]
    known = [(made, real) for made, real in pairs if made == made and real == real]
    return mean_of_known(made for made, _ in known), mean_of_known(real for _, real in known)
