"""The table's rows on notes that a model is given: what it makes of them, beside real renders of the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
_COUNTS = {"voices at once": "voices", "notes a second": "notes_a_second"}
_SHARES = {"missing notes": "missing", "spurious notes": "spurious"}


def played_rows(
    renderer: ClipRenderer,
    reference: Reference,
    count: int | None,
    soundfont: Path | None = None,
    vocoder: Resynthesis | None = None,
) -> list[Row]:
    """The rows of at most `count` prompts a part, and those of the vocoder alone if it is given.

    Raises DataError without FluidSynth or the sound font.
    """
    clips: list[PlayedClip] = []
    if renderer.has_control("notes"):
        prompts = [
            prompt
            for part in PLAYED_PARTS
            for prompt in _chosen(playable(renderer, reference.of(part)), count)
        ]
        judges = Judges(reference=reference, listener=Listener.load())
        clips = list(play(renderer, prompts, judges, find_soundfont(soundfont), vocoder))
    return rows_of_clips(clips, [MODEL] if vocoder is None else [MODEL, VOCODER])


def rows_of_clips(clips: Sequence[PlayedClip], versions: Sequence[str]) -> list[Row]:
    """The rows by part, then those of sounds by family; versions but `MODEL` have no targets."""
    rows: list[Row] = []
    for part in PLAYED_PARTS:
        of_part = [clip for clip in clips if clip.prompt.score.part == part]
        for version in versions:
            made = _part_rows(part, of_part, version)
            rows += made if version == MODEL else [beside(row, version) for row in made]
    for version in versions:
        sounds = _sound_rows(clips, version)
        rows += sounds if version == MODEL else [beside(row, version) for row in sounds]
    return rows


def _chosen(prompts: Sequence[Prompt], count: int | None) -> list[Prompt]:
    return list(prompts) if count is None else spread(prompts, count)


def _part_rows(part: str, clips: Sequence[PlayedClip], version: str) -> list[Row]:
    """Onsets, voices, notes, levels and distance of a part's clips, all beside the real renders."""

    def row(name: str, value: float, target: str, low: float = -math.inf, high: float = math.inf) -> Row:
        return make_row(f"played {part}: {name}", value, target, low, high)

    low, high = COUNT_RANGE
    rows = []
    for name, metric in _COUNTS.items():
        made, real = _means(clips, version, metric)
        if metric != "voices" or part != "drums":
            rows += [
                row(f"{name} over real", ratio(made, real), f"{low:g} to {high:g}", low, high),
                make_row(f"played {part}: {name} [real]", real),
            ]
    most = MOST_WRONG_NOTES
    for name, metric in _SHARES.items():
        made, real = _means(clips, version, metric)
        rows += [
            row(f"{name}, share less real", made - real, f"at most {most:g}", high=most),
            make_row(f"played {part}: {name}, share [real]", real),
        ]
    onsets, right = (ratio(*_means(clips, version, metric)) for metric in ("notes", "right"))
    loud, real_loud = _means(clips, version, "loudness")
    fewest, lu = FEWEST_ONSETS[part], MOST_LOUDER_LU
    return [
        row("onset F-measure over real", onsets, f"{fewest:g} or more", fewest),
        *rows,
        row("sounds told right over real", right, f"{FEWEST_RIGHT:g} or more", FEWEST_RIGHT),
        row("loudness less real, LU", loud - real_loud, f"{-lu:g} to {lu:g}", -lu, lu),
        make_row(f"played {part}: log-mel distance to real, dB", _means(clips, version, "distance")[0]),
    ]


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
        (clip.metrics[version].get(metric, float("nan")), clip.metrics[REAL].get(metric, float("nan")))
        for clip in clips
    ]
    known = [(made, real) for made, real in pairs if made == made and real == real]
    return mean_of_known(made for made, _ in known), mean_of_known(real for _, real in known)
