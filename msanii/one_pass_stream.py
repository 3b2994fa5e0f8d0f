"""A one-pass vocoder stretch by stretch: mels come in as they are made, and sound goes out behind them.

Letters: B batch, C channels, N = B * C, M mels, T mel frames, J frames of the vocoder's STFT, L samples.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from msanii.one_pass import OnePassVocoder
from msanii.one_pass_synthesis import SMALLEST_COVER, Prediction


class OnePassStream:
    """Gives, in pieces, what the whole mel would give at once (to 1e-4 in float32).

    A piece's sound ends `latency_frames` mel frames before the end of what came in; `end` gives the rest.
    `predict` stands in for the vocoder's own where that runs in another type or place.
    """

    def __init__(
        self, vocoder: OnePassVocoder, predict: Callable[[Tensor], Prediction] | None = None
    ) -> None:
        self._vocoder, self._synthesis = vocoder, vocoder.synthesis
        self._predict = vocoder.predict if predict is None else predict
        self._mel: Tensor | None = None
        self._first = 0  # the mel frame that `_mel` begins with
        self._done = 0  # mel frames whose sound has been made
        self._phases: Tensor | None = None
        self._sums: tuple[Tensor, Tensor] | None = None
        self._left_out = 0  # samples given so far of the half window before the first one

    @property
    def latency_frames(self) -> int:
        """Mel frames that must be known after one before its sound is made."""
        return self._vocoder.reach

    @torch.inference_mode()
    def push(self, log_mel: Tensor) -> Tensor:
        """More mel (B, C, M, t): the sound that is now certain, (B, C, l); l may be 0."""
        self._mel = log_mel if self._mel is None else torch.cat((self._mel, log_mel), dim=-1)
        ready = self._first + self._mel.shape[-1] - self.latency_frames
        return self._made(self._mel, ready, last=False)

    @torch.inference_mode()
    def end(self) -> Tensor:
        """The rest (B, C, l): the sound so far is then (T - 1) * mel hop samples long."""
        if self._mel is None:
            raise ValueError("stream: no mel was pushed")
        return self._made(self._mel, self._first + self._mel.shape[-1], last=True)

    def _made(self, mel: Tensor, ready: int, *, last: bool) -> Tensor:
        """Sound of the mel frames from `_done` up to `ready`; `mel` begins with frame `_first`."""
        batch, channels = mel.shape[:2]
        if ready <= self._done:
            return mel.new_zeros(batch, channels, 0, dtype=torch.float32)
        prediction = self._prediction(mel, ready, last=last)
        spectrum, self._phases = self._synthesis.spectrum(prediction, before=self._phases)
        line = self._overlapped(spectrum, last=last)
        # Later frames hear `reach` frames of what has been made.
        first = max(0, ready - self._vocoder.reach)
        self._mel, self._first, self._done = mel[..., first - self._first :], first, ready
        return line.reshape(batch, channels, -1)

    def _prediction(self, mel: Tensor, ready: int, *, last: bool) -> Prediction:
        """Of the mel frames from `_done` up to `ready`, heard with all that has a part in them."""
        factor = self._vocoder.config.upsampling
        whole = self._predict(mel)
        start = (self._done - self._first) * factor
        count = (ready - self._done) * factor - (factor - 1 if last else 0)
        parts = (whole.log_magnitude, whole.entry, whole.motion)
        return Prediction(*(part[:, start : start + count] for part in parts))

    def _overlapped(self, spectrum: Tensor, *, last: bool) -> Tensor:
        """(N, l): what no later frame adds to."""
        hop, half = self._synthesis.hop, self._synthesis.n_fft // 2
        sums = self._synthesis.overlapped(spectrum)
        if self._sums is not None:
            for new, old in zip(sums, self._sums, strict=True):
                new[:, : old.shape[1]] += old
        count = spectrum.shape[1] * hop
        self._sums = sums[0][:, count:], sums[1][:, count:]
        end = count + half - hop if last else count
        line = sums[0][:, :end] / sums[1][:, :end].clamp(min=SMALLEST_COVER)
        skipped = min(half - self._left_out, line.shape[1])
        self._left_out += skipped
        return line[:, skipped:]
