"""Evaluation of a vocoder on mels of real audio, compared with the paper's: `msanii evaluate --vocoder`.

Both decode the same clips. Every value is a mean over clips (pitch: a median over notes).
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torchaudio
from torch import Tensor

from msanii.evaluation.rows.row import Row, make_row, mean_of_known, ratio
from msanii.evaluation.vocoder_clips import Clip
from msanii.metrics.harmony import Audio
from msanii.metrics.vocoder import (
    SPECTRUM_SIZES,
    attack_seconds,
    cents,
    pitch_hz,
    side_to_mid_db,
    spectral_error,
)
from msanii.rendering.resynthesis import Resynthesis

PAPER_ITERATIONS, PAPER_MOMENTUM = 200, 0.99
SPEED_SECONDS = 12.0
MOST_LSD_RATIO, MOST_MEL_RATIO = 0.75, 0.5
MOST_CENTS, MOST_ATTACK_MS, MOST_SIDE_DB = 3.0, 4.0, 1.0
LEAST_SPEED, LEAST_SPEED_OVER_GRIFFIN_LIM = 60.0, 40.0

OnClip = Callable[[str, Mapping[str, Audio]], None]
"""(title, audio by name, each (C, L))."""


@dataclass
class VocoderMetrics:
    """A vocoder's metrics, with a value for each clip, note or attack."""

    convergence: dict[int, list[float]] = field(default_factory=lambda: {size: [] for size in SPECTRUM_SIZES})
    distance_db: dict[int, list[float]] = field(default_factory=lambda: {size: [] for size in SPECTRUM_SIZES})
    mel: list[float] = field(default_factory=list)
    cents: list[float] = field(default_factory=list)
    attack_ms: list[float] = field(default_factory=list)
    side_db: list[float] = field(default_factory=list)

    def add(self, clip: Clip, made: Audio) -> None:
        """Measure the decoded audio `made` (C, L) of a clip."""
        for size in SPECTRUM_SIZES:
            error = spectral_error(made, clip.audio, size)
            self.convergence[size].append(error.convergence)
            self.distance_db[size].append(error.distance_db)
        self.cents += _pitch_errors(clip, made)
        self.attack_ms += _attack_errors_ms(clip, made)
        sides = side_to_mid_db(made), side_to_mid_db(clip.audio)
        if sides[0] is not None and sides[1] is not None:
            self.side_db.append(abs(sides[0] - sides[1]))


def evaluate_vocoder(
    vocoder: Resynthesis,
    paper: Resynthesis,
    clips: Sequence[Clip],
    *,
    on_step: Callable[[float], None] | None = None,
    on_clip: OnClip | None = None,
) -> tuple[Row, ...]:
    """The table of `vocoder`, compared with `paper`.

    After every clip `on_step(fraction)` is called, and `on_clip` with the clip's title and all versions.
    """
    metrics = VocoderMetrics(), VocoderMetrics()
    for number, clip in enumerate(clips):
        audio = torch.from_numpy(clip.audio)
        mel = vocoder.encode(audio)
        versions = {"true": clip.audio}
        for result, (name, decoder) in zip(metrics, named_vocoders(vocoder, paper).items(), strict=True):
            made = decoder(audio, seed=number)
            result.add(clip, made.numpy())
            result.mel.append(float((vocoder.encode(made) - mel).abs().mean()))
            versions[name] = made.numpy()
        if on_clip is not None:
            on_clip(f"{clip.name} {clip.sounds}".strip(), versions)
        if on_step is not None:
            on_step((number + 1) / len(clips))
    return (*rows_of(*metrics), *speed_rows(vocoder, paper, clips[0]))


def named_vocoders(vocoder: Resynthesis, paper: Resynthesis) -> dict[str, Resynthesis]:
    """Both vocoders by their titles in pictures."""
    return {"this vocoder": vocoder, f"Griffin-Lim, {PAPER_ITERATIONS} iterations": paper}


def rows_of(ours: VocoderMetrics, paper: VocoderMetrics) -> tuple[Row, ...]:
    """The table; names in `_paper` are of the paper's vocoder, those in `_ratio` of ours over the paper's."""
    rows: list[Row] = []
    for size in SPECTRUM_SIZES:
        rows += _pair(
            f"sc_{size}", mean_of_known(ours.convergence[size]), mean_of_known(paper.convergence[size]), 1.0
        )
        most = MOST_LSD_RATIO if size == min(SPECTRUM_SIZES) else 1.0
        rows += _pair(
            f"lsd_db_{size}",
            mean_of_known(ours.distance_db[size]),
            mean_of_known(paper.distance_db[size]),
            most,
        )
    rows += _pair("mel_l1", mean_of_known(ours.mel), mean_of_known(paper.mel), MOST_MEL_RATIO)
    for name, value, theirs, most in (
        ("pitch_cents", _median(ours.cents), _median(paper.cents), MOST_CENTS),
        ("attack_ms", mean_of_known(ours.attack_ms), mean_of_known(paper.attack_ms), MOST_ATTACK_MS),
        ("side_to_mid_db", mean_of_known(ours.side_db), mean_of_known(paper.side_db), MOST_SIDE_DB),
    ):
        rows += [make_row(name, value, f"at most {most:g}", high=most), make_row(f"{name}_paper", theirs)]
    counts = {"notes": len(ours.cents), "attacks": len(ours.attack_ms), "clips": len(ours.mel)}
    return (*rows, *(make_row(f"{name}_measured", float(count)) for name, count in counts.items()))


def speed_rows(vocoder: Resynthesis, paper: Resynthesis, clip: Clip) -> tuple[Row, ...]:
    """Speed of decoding 12 s, compared with torchaudio's Griffin-Lim on the same magnitudes."""
    samples = round(SPEED_SECONDS * clip.rate)
    repeats = -(-samples // clip.audio.shape[1])
    mel = vocoder.encode(torch.from_numpy(np.tile(clip.audio, (1, repeats))[:, :samples]))
    theirs = torchaudio.transforms.GriffinLim(
        n_fft=2048, hop_length=1024, power=1.0, n_iter=PAPER_ITERATIONS, momentum=PAPER_MOMENTUM
    ).to(mel.device)
    magnitude = paper.magnitude(mel)
    speed = SPEED_SECONDS / _least_seconds(lambda: vocoder.decode(mel), 3)
    paper_speed = SPEED_SECONDS / _least_seconds(lambda: paper.decode(mel), 1)
    usual = SPEED_SECONDS / _least_seconds(lambda: theirs(magnitude), 1)
    least, over = LEAST_SPEED, LEAST_SPEED_OVER_GRIFFIN_LIM
    return (
        make_row("real_time_factor", speed, f"at least {least:g}", low=least),
        make_row("real_time_factor_paper", paper_speed),
        make_row("real_time_factor_torchaudio", usual),
        make_row("over_torchaudio", speed / usual, f"at least {over:g}", low=over),
    )


def _pair(name: str, ours: float, paper: float, most: float) -> list[Row]:
    return [
        make_row(name, ours),
        make_row(f"{name}_paper", paper),
        make_row(f"{name}_ratio", ratio(ours, paper), f"at most {most:g}", high=most),
    ]


def _pitch_errors(clip: Clip, made: Audio) -> list[float]:
    errors = []
    for note in clip.notes:
        steady = slice(round(note.start_seconds * clip.rate), round(note.end_seconds * clip.rate))
        found = [pitch_hz(audio[:, steady], clip.rate, note.pitch_hz) for audio in (made, clip.audio)]
        errors.append(cents(*found))
    return errors


def _attack_errors_ms(clip: Clip, made: Audio) -> list[float]:
    errors = []
    for onset in clip.onsets_seconds:
        ours, real = (attack_seconds(audio, clip.rate, onset) for audio in (made, clip.audio))
        if real is not None:
            # A lost attack counts with the largest error that can be found.
            errors.append(1000 * (abs(ours - real) if ours is not None else 0.05))
    return errors


def _least_seconds(work: Callable[[], Tensor], repeats: int) -> float:
    """The least of `repeats` runs after a warm-up; a single run, which takes long, is not warmed up."""
    taken = []
    for turn in range(repeats + 1):
        started = time.perf_counter()
        with torch.inference_mode():
            made = work()
        if made.device.type == "cuda":
            torch.cuda.synchronize()
        if turn or repeats == 1:
            taken.append(time.perf_counter() - started)
        if repeats == 1:
            break
    return min(taken)


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan
