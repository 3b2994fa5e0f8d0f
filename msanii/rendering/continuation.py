"""Endless music: each bar is rendered from the audio before it, at a constant cost per bar.

Letters: C audio channels, L samples, M mels, T frames, K control rows, W samples of past.

Time is counted in samples of the stream from the start of bar 0. At `rate` hertz, bar k of a tempo lasts from
sample round(k * samples_per_bar) to round((k + 1) * samples_per_bar), whatever was played before it.
The networks run at the model's own rate, on a single frame grid: the controls of past bars are stored frame
by frame, and those of the next bar begin where it begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msanii.config import ModelConfig
from msanii.controls.tensor import control_tensor
from msanii.devices import Placement
from msanii.diffusion.infill import infill, infill_with_context, with_context
from msanii.diffusion.schedule import start_share
from msanii.errors import MsaniiError
from msanii.limits import LOUDNESS_LUFS
from msanii.music.score import Score
from msanii.rendering.codec import Codec
from msanii.rendering.context import ContinuationState
from msanii.rendering.job import SEED_LIMIT, Sampling, prepare
from msanii.rendering.level_holding import correction, gain_to, held_by, level_of, lost_gains
from msanii.rendering.morph import Morph, mels_between, morphed
from msanii.signal.finishing import resample
from msanii.signal.griffin_lim import Kept
from msanii.signal.splicing import FADE_SECONDS, crossfade, predict

Audio = NDArray[np.float32]

# How much past each bar is rendered from: half of the networks' training length. Render time grows with it
# and must stay below the length of a bar. Other lengths were not compared, by ear or by metric.
PAST_SECONDS = 6.0
# The resampler's reach, in samples of the model; at other rates this much is kept beyond the end of a bar.
RESAMPLER_REACH = 512
FIRST_FADE_SECONDS = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Bars rendered in one pass, `audio` (C, L) at the stream's rate, and the past of the next pass."""

    audio: Audio
    past: ContinuationState


class Continuation:
    """Renders bar after bar with a loaded model; all state of a session is in `ContinuationState`.

    `network_for` returns the U-Net that plays a score.
    """

    def __init__(
        self, network_for: Callable[[Score], Any], config: ModelConfig, codec: Codec, placement: Placement
    ) -> None:
        self._network_for = network_for
        self._config = config
        self._codec = codec
        self._placement = placement
        self._rate = config.transforms.sample_rate
        self._hop = config.transforms.hop_length

    def from_nothing(self, rate: int, channels: int = 2) -> ContinuationState:
        """Return an empty past."""
        rows = self._config.unet.n_controls
        silent = np.zeros((channels, 0), np.float32)
        return ContinuationState(rate, silent, np.zeros((rows, 0), np.float32), 0, 0, 0, 0.0, 0.0)

    def from_source(self, source: Audio, rate: int) -> ContinuationState:
        """Return the past that ends with `source` (C, L) at `rate`: bar 0 follows its last sample.

        Raises AudioError for a source that is too short, silent or not finite.
        """
        line = self._codec.check_source("source", resample(source, rate, self._rate))
        line = line[:, -round(PAST_SECONDS * self._rate) :]
        gain = self._codec.canvas(line).gain
        audio = line.numpy() * np.float32(gain)
        begin = self.from_nothing(rate, len(audio))
        return replace(begin, audio=audio, gain=gain, level=level_of(audio))

    @torch.inference_mode()
    def bars(
        self,
        past: ContinuationState,
        score: Score,
        bar: int,
        *,
        seed: int,
        count: int = 1,
        sampling: Sampling | None = None,
        loudness_lufs: float = LOUDNESS_LUFS,
        on_step: Callable[[float], None] | None = None,
        morph: Morph | None = None,
    ) -> Made:
        """Render bars `bar` to `bar + count - 1` of `score`, in its tempo and meter; its progression repeats.

        The length of the score is ignored. Each pass has a generator derived from `seed` and its first bar:
        the same past, score, bar and seed give the same samples. The first pass sets the level of the whole
        session from `loudness_lufs`, unless a source has set it. `on_step` is as in `Pipeline`. With `morph`
        the bars lie between its two loops, of which both play from bar 0 on.
        Raises MsaniiErrors: a bad value, ControlError if the model lacks a control that the score needs.
        """
        if bar < 0 or count < 1:
            raise MsaniiError(f"bar: got {bar} and {count} bars, expected 0 or more, and at least 1")
        length = bars_length(score, bar, count, past.rate)
        # A bar may be requested in the middle of a job, whose bfloat16 autocast would apply here too.
        with torch.autocast(self._placement.device.type, enabled=False):
            return self._made(past, score, bar, length, seed, sampling, loudness_lufs, on_step, morph)

    def _made(
        self,
        past: ContinuationState,
        score: Score,
        bar: int,
        length: int,
        seed: int,
        sampling: Sampling | None,
        loudness_lufs: float,
        on_step: Callable[[float], None] | None,
        morph: Morph | None,
    ) -> Made:
        begin, end = self._at_model(past, past.position), self._at_model(past, past.position + length)
        window = self._window(past, begin, end)
        controls = self._controls(past, score, bar, window, begin)
        line, kept = self._line(past, window)
        generator_seed = (seed * 1_000_003 + bar) % SEED_LIMIT
        mel, known = self._codec.encode(line), self._codec.whole_frames(kept)
        by_context = self._config.unet.context
        network = self._network_for(score)
        job = prepare(
            with_context(network, mel, known) if by_context else network.under,
            self._config,
            seeds=[generator_seed],
            sampling=sampling,
            controls=controls,
            on_step=on_step,
            new=~known,
        )
        with self._placement.autocast():
            if morph is not None:
                bar_samples = 240 * score.numerator / score.denominator / score.bpm * self._rate
                start = round(bar * bar_samples) - (begin - window.start)
                mels = mels_between(self._codec, morph, start, window.samples, len(line), job.edition)
                share = start_share(self._config.schedule, morph.strength, job.edition)
                mel = morphed(
                    job.denoise, job.solver, mels, morph, share, mel, known, job.generators, self._codec,
                    job.on_sampling,
                )  # fmt: skip
            elif by_context:
                held = held_by(self._codec, mel, known, ~known, job.edition)
                mel = infill_with_context(
                    job.denoise, job.solver, mel, known, job.generators, job.on_sampling, held
                )
            else:
                mel = infill(job.denoise, job.solver, mel, known, job.generators, job.on_sampling)
        decoded = self._codec.decode(
            mel,
            iterations=job.iterations,
            generators=job.generators,
            kept=Kept(line, kept),
            edition=job.edition,
            on_step=job.on_phase,
        )
        made = decoded[0].cpu().numpy()
        lost = lost_gains(self._codec, mel, decoded, ~known, job.edition)
        made[:, ~kept.cpu().numpy()] *= np.float32(lost.item())
        holds_level = morph is None
        return self._finished(past, made, controls, window, begin, end, length, loudness_lufs, holds_level)

    def _finished(
        self,
        past: ContinuationState,
        made: Audio,
        controls: Tensor | None,
        window: _Window,
        begin: int,
        end: int,
        length: int,
        loudness_lufs: float,
        holds_level: bool,
    ) -> Made:
        """Join the decoded window (C, L) to the past, and cut out the bars."""
        line = made.copy()
        if past.audio.shape[1]:
            line = self._joined(past, line, past.end - window.start, holds_level)
            gain, level = past.gain, past.level
        else:
            fade = round(FIRST_FADE_SECONDS * self._rate)
            level = level_of(line[:, : end - window.start])
            gain = gain_to(line[:, : end - window.start], self._rate, loudness_lufs)
            line[:, begin - window.start :][:, :fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        kept_until = end + self._reach(past)
        held = line[:, : kept_until - window.start]
        rows = np.zeros((0, window.frames), np.float32) if controls is None else controls.numpy()
        following = replace(
            past,
            audio=held[:, -round(PAST_SECONDS * self._rate) - self._hop - self._reach(past) :].copy(),
            controls=rows.copy(),
            first_frame=window.start // self._hop,
            end=kept_until,
            position=past.position + length,
            gain=gain,
            level=level,
        )
        bars = self._at_stream(past, held, window, length) / np.float32(gain)
        return Made(np.ascontiguousarray(bars, dtype=np.float32), following)

    def _joined(self, past: ContinuationState, line: Audio, after: int, holds_level: bool) -> Audio:
        """`line` (C, L) with the past up to `after`; from there, new audio is faded in at the right level."""
        gain = correction(past, line[:, after:]) if holds_level else 1.0
        new = line[:, after:] * np.float32(gain)
        fade = min(round(FADE_SECONDS * self._rate), new.shape[1])
        new[:, :fade] = crossfade(predict(past.audio, fade), new[:, :fade])
        kept = min(past.audio.shape[1], after)
        return np.concatenate((line[:, : after - kept], past.audio[:, -kept:], new), axis=1)

    def _window(self, past: ContinuationState, begin: int, end: int) -> _Window:
        """The span that the networks see: on the frame grid, from the past used to beyond the last bar."""
        start = (begin - round(PAST_SECONDS * self._rate)) // self._hop * self._hop
        needed = round(PAST_SECONDS * self._rate) + self._hop + end - begin + self._reach(past)
        # Two extra samples: bars of one tempo may differ by one sample, but must not differ in frames.
        frames = self._codec.frames_for(needed + 2 + self._config.transforms.n_fft)
        return _Window(start, frames, (frames - 1) * self._hop)

    def _line(self, past: ContinuationState, window: _Window) -> tuple[Tensor, Tensor]:
        """The window's samples (C, L), and (L,) where they are from the past."""
        line = np.zeros((past.audio.shape[0], window.samples), np.float32)
        kept = np.zeros(window.samples, dtype=bool)
        last = past.end - window.start
        count = min(past.audio.shape[1], last)
        if count:
            line[:, last - count : last] = past.audio[:, -count:]
            kept[last - count : last] = True
        device = self._placement.signal_device
        return torch.from_numpy(line).to(device), torch.from_numpy(kept).to(device)

    def _controls(
        self, past: ContinuationState, score: Score, bar: int, window: _Window, begin: int
    ) -> Tensor | None:
        """(K, T): the stored controls before the bar, the score's from there on."""
        if not self._config.unet.controls:
            return None
        bar_seconds = 240 * score.numerator / score.denominator / score.bpm
        controls = control_tensor(
            score,
            self._config.unet.controls,
            window.frames,
            hop=self._hop,
            rate=self._rate,
            start_seconds=bar * bar_seconds - (begin - window.start) / self._rate,
        )
        first = window.start // self._hop
        count = min(
            math.ceil((begin - window.start) / self._hop), past.first_frame + past.controls.shape[1] - first
        )
        if past.controls.shape[1] and count > 0 and first >= past.first_frame:
            there = past.controls[:, first - past.first_frame :][:, :count]
            controls[:, : there.shape[1]] = torch.from_numpy(there)
        return controls

    def _reach(self, past: ContinuationState) -> int:
        return 0 if past.rate == self._rate else RESAMPLER_REACH

    def _at_model(self, past: ContinuationState, position: int) -> int:
        """Convert a sample position of the stream to the model's rate, rounding up."""
        return -(-position * self._rate // past.rate)

    def _at_stream(self, past: ContinuationState, held: Audio, window: _Window, length: int) -> Audio:
        """The next `length` samples (C, L) of the stream; `held` begins where the window does."""
        period = self._rate // math.gcd(self._rate, past.rate)
        # Once per period both rates have a sample at the same instant, where the resampler may begin.
        first = -(-window.start // period) * period
        origin = first * past.rate // self._rate
        line = resample(held[:, first - window.start :], self._rate, past.rate)
        return line[:, past.position - origin : past.position - origin + length]


@dataclass(frozen=True, slots=True)
class _Window:
    """A span of time at the model's rate: its first sample, number of frames and number of samples."""

    start: int
    frames: int
    samples: int


def bars_length(score: Score, bar: int, count: int, rate: int) -> int:
    """The exact length in samples at `rate` of `count` bars from `bar` on, in the score's tempo and meter."""
    samples_per_bar = Fraction(240 * score.numerator * rate, score.denominator) / Fraction(score.bpm)
    return round((bar + count) * samples_per_bar) - round(bar * samples_per_bar)
