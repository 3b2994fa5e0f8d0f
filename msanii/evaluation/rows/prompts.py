"""The table's rows on prompts of test songs: harmony by part, drums on the grid, notes, sounds, melodies.

Every prompt is rendered once by `measure_prompts`; the rows are means over its results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from msanii.evaluation.clip_metrics import Metrics, note_metrics
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.prompts import Prompt
from msanii.evaluation.reference import (
    MIX,
    PITCHED,
    WINDOWS,
    Reference,
    clip_metrics,
    share_correct,
    sound_prompts,
    spread,
)
from msanii.evaluation.reference_plan import BPM_BANDS, GRID_METERS
from msanii.evaluation.rows.row import Row, make_row, mean_of_known, ratio
from msanii.evaluation.sound_classifier import classify_windows, frechet_distance, gaussian
from msanii.metrics.harmony import Audio, FloatArray
from msanii.metrics.melody_match import intervals, longest_match
from msanii.metrics.tone import melody
from msanii.music.score import Feel, Score

CHORD_RANGE = (0.9, 1.1)
MOST_AWAY = 0.4
FEWEST_GRID = 0.85
FEWEST_NOTES = 0.9
FEWEST_ACCURACY = 0.9
MOST_FRECHET = 3.0
OnClip = Callable[[Prompt, Audio], None]
WriteNotes = Callable[[Score, int], Score]
"""a score and a seed -> the score with notes"""


@dataclass
class PromptResults:
    """Results of rendering the prompts: metrics of each, features of windows, matches of melodies."""

    metrics: list[tuple[Prompt, Metrics]] = field(default_factory=list)
    features: list[FloatArray] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    matches: list[int] = field(default_factory=list)

    def classify(self, clip: Audio, rate: int, prompt: Prompt, reference: Reference) -> None:
        """Classify the sound of a prompt's clip (C, L), window by window."""
        features, named = classify_windows(reference.classifier, clip, rate)
        self.features.append(features)
        self.right.append(share_correct(named, prompt.score.sounds[0]))

    def pairs(self, purpose: str, name: str) -> list[tuple[float, float]]:
        """(generated, real) values of a metric over the prompts of a purpose."""
        return [
            (found[name], prompt.real[name])
            for prompt, found in self.metrics
            if prompt.purpose == purpose and name in prompt.real and name in found
        ]


def chosen_prompts(reference: Reference, count: int | None) -> list[Prompt]:
    """The prompts of all rows here: at most `count` per part, three times as many for drums; mixes last."""
    pitched = [prompt for part in PITCHED for prompt in reference.of(part, count)]
    drums = reference.of("drums", None if count is None else 3 * count)
    return [*pitched, *drums, *reference.of(MIX, count)]


def measure_prompts(
    renderer: ClipRenderer,
    reference: Reference,
    prompts: Sequence[Prompt],
    on_clip: OnClip | None = None,
    write: WriteNotes | None = None,
) -> PromptResults:
    """Render every prompt and measure its clip; `on_clip` receives the clip too.

    Each is rendered with the notes that `write` gives it, if any, and measured against them.
    """
    results = PromptResults()
    compared = {id(prompt) for prompt in sound_prompts(prompts)}
    scores = [
        prompt.score if write is None else write(prompt.score, renderer.seed + number)
        for number, prompt in enumerate(prompts)
    ]
    for prompt, score, clip in zip(prompts, scores, renderer.render(scores), strict=True):
        if on_clip is not None:
            on_clip(prompt, clip)
        found = clip_metrics(clip, renderer.rate, prompt)
        if score.notes:
            found |= note_metrics(clip, renderer.rate, score.notes)
        results.metrics.append((prompt, found))
        if id(prompt) in compared:
            results.classify(clip, renderer.rate, prompt, reference)
        if prompt.purpose == "lead":
            found_melody = intervals(melody(clip, renderer.rate))
            results.matches.append(longest_match(found_melody, reference.melodies))
    return results


def chord_rows(
    results: PromptResults,
    parts: Sequence[str] = ("keys", "pad", "bass"),
    within: tuple[float, float] = CHORD_RANGE,
) -> list[Row]:
    """Chord-tone energy by part, generated over real, and for the chords a tritone away."""
    rows: list[Row] = []
    low, high = within
    for part in parts:
        pairs = results.pairs(part, "chord_tones")
        made, real = _means(pairs)
        away, away_real = _means(results.pairs(part, "chord_tones_away"))
        rows += [
            make_row(
                f"{part}: chord-tone energy over real", ratio(made, real), f"{low} to {high}", low, high
            ),
            make_row(
                f"{part}: a tritone away over real",
                ratio(away, real),
                f"under {MOST_AWAY}",
                high=MOST_AWAY - 1e-9,
            ),
            make_row(f"{part}: chord-tone energy [real]", real),
            make_row(f"{part}: a tritone away over real [real]", ratio(away_real, real)),
        ]
    return rows


def mix_rows(results: PromptResults) -> list[Row]:
    """Mixes: chord-tone energy and onsets on the grid, as for single parts."""
    return [*chord_rows(results, (MIX,)), *_grid_rows(MIX, results, MIX)]


def grid_rows(results: PromptResults, fewest: float = FEWEST_GRID) -> list[Row]:
    """Onsets of drums on the grid of eighth notes, by tempo band and by meter."""
    groups = [
        (f"drums {low:g}-{high:g} bpm", [item for item in results.metrics if low <= item[0].score.bpm < high])
        for low, high in BPM_BANDS
    ]
    groups += [
        (
            f"drums {meter}",
            [i for i in results.metrics if f"{i[0].score.numerator}/{i[0].score.denominator}" == meter],
        )
        for meter in GRID_METERS
    ]
    rows: list[Row] = []
    for name, found in groups:
        rows += _grid_rows(name, PromptResults(metrics=found), "drums", fewest)
    return rows


def _grid_rows(name: str, results: PromptResults, purpose: str, fewest: float = FEWEST_GRID) -> list[Row]:
    made, real = _means(results.pairs(purpose, "grid"))
    shifted, real_shifted = _means(results.pairs(purpose, "grid_shifted"))
    return [
        make_row(f"{name}: onset agreement over real", ratio(made, real), f"{fewest:g} or more", fewest),
        make_row(f"{name}: onset agreement", made),
        make_row(f"{name}: onset agreement, half a step beside", shifted),
        make_row(f"{name}: onset agreement [real]", real),
        make_row(f"{name}: onset agreement, half a step beside [real]", real_shifted),
    ]


def note_rows(renderer: ClipRenderer, reference: Reference, count: int | None) -> list[Row]:
    """Onsets of keys rendered from notes, against those of the notes."""
    prompts = [prompt for prompt in reference.of("keys", count) if "notes" in prompt.real]
    if not renderer.has_control("notes"):
        return onset_rows("notes", [])[:1]
    clips = renderer.render([replace(prompt.score, notes=prompt.notes) for prompt in prompts], salt=1_000)
    pairs = [
        (note_metrics(clip, renderer.rate, prompt.notes)["notes"], prompt.real["notes"])
        for prompt, clip in zip(prompts, clips, strict=True)
    ]
    return onset_rows("notes", pairs)


def onset_rows(name: str, pairs: Sequence[tuple[float, float]], fewest: float = FEWEST_NOTES) -> list[Row]:
    """Onsets of clips against those of their notes: (generated, real) F-measures."""
    made, real = _means(pairs)
    return [
        make_row(f"{name}: onset F-measure over real", ratio(made, real), f"{fewest:g} or more", fewest),
        make_row(f"{name}: onset F-measure", made),
        make_row(f"{name}: onset F-measure [real]", real),
    ]


def sound_rows(results: PromptResults, reference: Reference) -> list[Row]:
    """Accuracy of the sound classifier on generated clips, and Frechet distance of its features to real."""
    right = mean_of_known(results.right)
    windows = _windows(results.features)
    distance = frechet_to_real(results.features, reference)
    return [
        make_row(
            "sounds: classifier's accuracy over real",
            ratio(right, reference.accuracy),
            f"{FEWEST_ACCURACY} or more",
            FEWEST_ACCURACY,
        ),
        make_row("sounds: classifier's accuracy", right),
        make_row("sounds: classifier's accuracy [real]", reference.accuracy),
        # No target for fewer windows: a covariance estimated from few is biased.
        make_row(
            "sounds: Frechet distance over real to real",
            ratio(distance, reference.real_to_real),
            f"at most {MOST_FRECHET:g}" if len(windows) >= WINDOWS else None,
            high=MOST_FRECHET,
        ),
        make_row("sounds: Frechet distance", distance),
        make_row("sounds: Frechet distance, real to real [real]", reference.real_to_real),
        make_row("sounds: windows compared", len(windows)),
    ]


def melody_rows(results: PromptResults, reference: Reference) -> list[Row]:
    """The longest match of generated leads with a training melody, compared with that of real test songs."""
    chance = reference.chance_notes
    longest = max(results.matches, default=math.nan)
    usual = float(np.percentile(results.matches, 95)) if results.matches else math.nan
    return [
        make_row(
            "melody: longest match with a training song, notes, 95th percentile",
            usual,
            f"at most {chance:g} (chance's 95th percentile)",
            high=chance,
        ),
        make_row("melody: longest match of all, notes", longest),
        make_row("melody: longest match of all, notes [real]", float(reference.chance.max())),
    ]


def unconditional_rows(renderer: ClipRenderer, reference: Reference, count: int) -> list[Row]:
    """Unconditional music: the distance of its windows to all real ones; no target."""
    empty = [
        replace(prompt.score, chords=(), sounds=(), part="", feel=Feel())
        for prompt in reference.of("keys", count)
    ]
    features = [
        classify_windows(reference.classifier, clip, renderer.rate)[0]
        for clip in renderer.render(empty, salt=2_000)
    ]
    distance = frechet_to_real(features, reference)
    return [
        make_row(
            "unconditional: Frechet distance over real to real", ratio(distance, reference.real_to_real)
        ),
        make_row("unconditional: windows compared", len(_windows(features))),
    ]


def frechet_to_real(features: Sequence[FloatArray], reference: Reference) -> float:
    """Frechet distance of clips' features, each (N, D), to real ones; NaN for fewer than two windows."""
    windows = _windows(features)
    return frechet_distance(gaussian(windows), reference.real) if len(windows) > 1 else math.nan


def _windows(features: Sequence[FloatArray]) -> FloatArray:
    """The clips' features in one array (N, D), at most as many windows as the real ones; maybe empty."""
    together = np.concatenate(features) if features else np.zeros((0, 1))
    return together[spread(range(len(together)), WINDOWS)]


def _means(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    known = [(made, real) for made, real in pairs if made == made and real == real]
    return mean_of_known(made for made, _ in known), mean_of_known(real for _, real in known)
