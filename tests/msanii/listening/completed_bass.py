"""How well a bass fits a mix that was heard, beside one that is told the mix's true chords and beats.

    python -m tests.msanii.listening.completed_bass CLIPS [--listener RUN/model] [--count 32] [--group seen]

CLIPS is the folder of `tests.msanii.listening.measure`. A bass is composed and performed for each mix, twice
with the same seed: to what is heard, and to the truth. Both are held against the true chords, by the share of
energy on their tones (`msanii.metrics.harmony`). Where no beat is heard there is no bass, which counts 0.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from msanii.evaluation.clip_metrics import chord_metrics
from msanii.listening.heard import Heard
from msanii.listening.listener import Listener
from msanii.music.chord_classes import class_chord
from msanii.music.chords import spans_without_gaps
from msanii.music.score import Score, make_score
from msanii.pipelines import Pipeline
from msanii.signal.audio_files import Clip, read_clip
from msanii.takes import TakeRenderer

PART = "bass"
Truth = dict[str, Any]


def told_score(truth: Truth, seconds: float) -> Score:
    """The score of a bass that is told the truth of a clip."""
    beats = [at for at, _ in _from_bar_line(truth["beats"])]
    numerator, denominator = truth["meter"]
    score = make_score(
        seconds=seconds, bpm=truth["bpm"], numerator=numerator, denominator=denominator, part=PART,
        beat_seconds=beats,
    )  # fmt: skip
    rows = [
        (score.quarters_at(start), score.quarters_at(end), class_chord(int(index)))
        for start, end, index in truth["chords"]
    ]
    return replace(score, chords=spans_without_gaps(rows, score.quarters_at(seconds)))


def heard_score(heard: Heard, seconds: float) -> Score | None:
    """The score of a bass that follows what was heard; None where no beat was."""
    grid = heard.followed()
    if grid is None or heard.numerator is None or heard.denominator is None:
        return None
    return make_score(
        seconds=seconds, bpm=grid.bpm, numerator=heard.numerator, denominator=heard.denominator, part=PART,
        chords=" | ".join(heard.chords or ()), beat_seconds=grid.beat_seconds,
    )  # fmt: skip


def bass_score(score: Score | None, truth: Truth, pipeline: Pipeline, seed: int) -> float:
    """The share of a performed bass's energy that is on the true chords; 0 for none."""
    if score is None:
        return 0.0
    (take,) = TakeRenderer(pipeline=pipeline, seed=seed, compose="auto").generate(score)
    rows = [_row(start, end, int(index)) for start, end, index in truth["chords"] if index]
    return chord_metrics(take.audio, take.rate, np.array(rows), PART)["chord_tones"]


def scores(paths: Sequence[Path], listener: Listener, pipeline: Pipeline) -> list[tuple[float, float]]:
    """The scores of each mix: heard, and told."""
    found = []
    for number, path in enumerate(paths):
        truth: Truth = json.loads(path.with_suffix(".json").read_text())
        clip: Clip = read_clip(path)
        both = heard_score(listener.listen(clip), clip.seconds), told_score(truth, clip.seconds)
        heard, told = (bass_score(score, truth, pipeline, number) for score in both)
        print(f"{path.stem}: heard {heard:.3f}, told {told:.3f}", flush=True)
        found.append((heard, told))
    return found


def _row(start: float, end: float, index: int) -> list[float]:
    chord = class_chord(index)
    tones = [float(tone in chord.tones) for tone in range(12)]
    root = -1.0 if chord.root is None else float(chord.root)
    return [start, end, root, float(chord.bass or 0), *tones]


def _from_bar_line(beats: Sequence[tuple[float, int]]) -> Sequence[tuple[float, int]]:
    return beats[[place for _, place in beats].index(0) :]


def main() -> None:
    """Print the score of each mix, and the means."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("--listener", type=Path)
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--group", default="seen", choices=("seen", "unseen", "loop"))
    asked = parser.parse_args()
    paths = sorted(asked.clips.glob(f"{asked.group}_mix_*.wav"))[: asked.count]
    both = np.array(scores(paths, Listener.load(asked.listener), Pipeline.load()))
    heard, told = both.mean(axis=0)
    sure = both[both[:, 0] > 0]
    print(f"{asked.group}: heard {heard:.3f}, told {told:.3f}, ratio {heard / told:.2f} ({len(both)} mixes)")
    print(f"of {len(sure)} with a beat that is sure: {(sure.mean(axis=0)[0] / sure.mean(axis=0)[1]):.2f}")


if __name__ == "__main__":
    main()
