"""Preparing scores for a model: dropping what it has no controls for, and batching several.

Letters: B batch, K controls, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from msanii.config import ModelConfig
from msanii.errors import ScoreError
from msanii.music.score import Feel, Score


def without_unknown_controls(score: Score, config: ModelConfig) -> Score:
    """Drop what a model has no control for: older ones know chords, beat and notes, or nothing.

    For metrics, which render the same score with every model; users get an error instead.
    """
    known = {group.name for group in config.unet.controls}
    return replace(
        score,
        chords=score.chords if "chords" in known else (),
        notes=score.notes if "notes" in known else (),
        sounds=score.sounds if "sound" in known else (),
        part=score.part if "part" in known else "",
        feel=score.feel if "feel" in known else Feel(),
    )


def one_length(score: Score | Sequence[Score], seeds: int, rate: int) -> tuple[Score, ...]:
    """Return one score for all variations, or one for each, all of the same length.

    Raises ScoreError if the number of scores differs from that of seeds, or if lengths differ.
    """
    if isinstance(score, Score):
        return (score,)
    scores = tuple(score)
    if not scores or len(scores) != seeds:
        raise ScoreError(f"scores: got {len(scores)} for {seeds} seeds, expected one for each")
    lengths = {one.samples(rate) for one in scores}
    if len(lengths) > 1:
        raise ScoreError(f"scores: their lengths are {sorted(lengths)} samples, expected one length for all")
    return scores


def together(controls: Sequence[Tensor | None]) -> Tensor | None:
    """Stack controls (K, T) as a batch (B, K, T); a single score's stay (K, T). None without any."""
    shown = [one for one in controls if one is not None]
    if not shown:
        return None
    return shown[0] if len(shown) == 1 else torch.stack(shown)
