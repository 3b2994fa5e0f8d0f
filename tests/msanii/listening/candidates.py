"""What the best of several candidates gains, as heard and by independent metrics. A table in Markdown.

    python -m tests.msanii.listening.candidates [--prompts 8] [--parts keys,bass,lead,pad] [--bars 8] \
        [--model FOLDER] [--listener RUN/model] [--json figures.json]

For each prompt and part one batch of the most candidates is rendered; the best of N is that of its first N.
Times are those of batches of N, rendered and heard, for the first prompt of each part. The independent
metrics are the evaluation's: the share of energy on the chords' tones, and the F-measure of the attacks in
the sound against the notes within 30 ms. Of drums the second is not independent: they are heard by it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from msanii.checkpoint.folder import find_model
from msanii.composer.scores import ScoreComposer
from msanii.evaluation.clip_metrics import chord_metrics, note_metrics, score_chords
from msanii.listening.activations import Ears
from msanii.listening.judging import Asked, Judgement, judge
from msanii.listening.weights import LISTENER_FOLDER, load_listener
from msanii.music.score import Score, make_score
from msanii.pipelines import Pipeline
from msanii.signal.audio_files import Clip
from msanii.takes import Take, TakeRenderer

COUNTS = (1, 2, 4)
PROMPTS = (
    (120.0, "Am F C G"), (98.0, "Dm G C Am"), (140.0, "Em C G D"), (87.0, "F Dm Bb C"),
    (110.0, "Bm G D A"), (124.0, "Fm Db Ab Eb"), (76.0, "C Am Dm G"), (132.0, "C#m A E B"),
)  # fmt: skip
_SEEDS_APART = 100

Row = dict[str, float]


def measured(ears: Ears, take: Take, score: Score) -> Row:
    """What is heard of a take of a score with notes, and the independent metrics; NaN is not known."""
    onsets = [note.onset_seconds for note in score.notes]
    clip = Clip(take.audio, take.rate)
    heard: Judgement = judge(ears, clip, Asked.by(score, (score.part,), onsets))
    numbers = {"heard chords": heard.chords, "heard onsets": heard.onsets}
    known = [value for value in numbers.values() if value is not None]
    return {
        **{name: float("nan") if value is None else value for name, value in numbers.items()},
        "chosen by": float(np.mean(known)) if known else 0.0,
        "chord-tone energy": chord_metrics(take.audio, take.rate, score_chords(score), score.part)[
            "chord_tones"
        ],
        "attacks": note_metrics(take.audio, take.rate, score.notes)["notes"],
    }


def best_of(rows: Sequence[Row], count: int) -> Row:
    """The row that would be kept of the first `count`: the first of equals."""
    return max(rows[:count], key=lambda row: row["chosen by"])


def seconds_of(renderer: TakeRenderer, ears: Ears, score: Score, count: int) -> float:
    """The time of one take of so many candidates."""
    started = time.perf_counter()
    for take in replace(renderer, count=count).generate(score):
        measured(ears, take, score)
    return time.perf_counter() - started


def figures(pipeline: Pipeline, ears: Ears, parts: Sequence[str], prompts: int, bars: int) -> dict[int, Row]:
    """The mean row by number of candidates."""
    kept: dict[int, list[Row]] = {count: [] for count in COUNTS}
    taken: dict[int, list[float]] = {count: [] for count in COUNTS}
    for part in parts:
        for number, (bpm, chords) in enumerate(PROMPTS[:prompts]):
            seed = _SEEDS_APART * number
            # One set of notes for all: candidates of a take with composed notes differ in those too.
            asked = make_score(bars=bars, bpm=bpm, chords=chords, part=part)
            score = ScoreComposer().with_notes(asked, seed).score
            renderer = TakeRenderer(pipeline=pipeline, seed=seed, count=COUNTS[-1])
            rows = [measured(ears, take, score) for take in renderer.generate(score)]
            for count in COUNTS:
                kept[count].append(best_of(rows, count))
                if number == 0:
                    taken[count].append(seconds_of(renderer, ears, score, count))
            print(f"{part} {chords}: {[round(row['chosen by'], 3) for row in rows]}", flush=True)
    return {
        count: {name: float(np.nanmean([row[name] for row in rows])) for name in rows[0]}
        | {"seconds": float(np.mean(taken[count]))}
        for count, rows in kept.items()
    }


def table(columns: dict[int, Row]) -> str:
    """A table in Markdown, a column for each number of candidates."""
    lines = [
        f"| figure | {' | '.join(f'N = {count}' for count in columns)} |",
        f"|---|{'---|' * len(columns)}",
    ]
    lines += [
        f"| {name} | {' | '.join(f'{row[name]:.3f}' for row in columns.values())} |"
        for name in next(iter(columns.values()))
    ]
    return "\n".join(lines)


def main() -> None:
    """Render, hear, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prompts", type=int, default=len(PROMPTS), choices=range(1, len(PROMPTS) + 1))
    parser.add_argument("--parts", default="keys,bass,lead,pad")
    parser.add_argument("--bars", type=int, default=8)
    parser.add_argument("--model")
    parser.add_argument("--listener", type=Path, default=LISTENER_FOLDER)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    pipeline = Pipeline.load(find_model(asked.model))
    ears = Ears(load_listener(asked.listener), pipeline.placement)
    found = figures(pipeline, ears, asked.parts.split(","), asked.prompts, asked.bars)
    print(table(found))
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
