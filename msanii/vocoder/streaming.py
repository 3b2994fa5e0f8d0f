"""Streaming with a one-pass vocoder: mels arrive in pieces, and audio is returned as soon as it is final.

Letters: B batch, C channels, N = B * C, M mels, T mel frames, J frames of the vocoder's STFT, L samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from msanii.signal.split_complex import SplitComplex
from msanii.vocoder.mel_correction import CorrectionStream, MelCorrection
from msanii.vocoder.network import OnePassVocoder
from msanii.vocoder.synthesis import OverlapAdd, Prediction, Synthesis


class OnePassStream:
    """Decodes a mel in pieces; together they equal the whole mel decoded at once (to 1e-4 in float32).

    A piece's audio ends `latency_frames` mel frames plus half of the longest window before the end of the mel
    so far, and another three mel windows earlier with a correction; `end` returns the rest. `predict`
    replaces the vocoder's own prediction, for another type or device.
    """

    def __init__(
        self,
        vocoder: OnePassVocoder,
        predict: Callable[[Tensor], Sequence[Prediction]] | None = None,
        correction: MelCorrection | None = None,
    ) -> None:
        self._vocoder = vocoder
        self._predict = vocoder.predict if predict is None else predict
        self._bands = [_Band(synthesis) for synthesis in vocoder.syntheses]
        self._corrected = None if correction is None else CorrectionStream(correction)
        self._mel: Tensor | None = None
        self._first = 0  # index of the first frame in `_mel`
        self._done = 0  # mel frames already synthesised

    @property
    def latency_frames(self) -> int:
        """The mel frames needed after a frame before its audio can be computed."""
        return self._vocoder.reach

    @torch.inference_mode()
    def push(self, log_mel: Tensor) -> Tensor:
        """Add mel frames (B, C, M, t) and return the audio that is final now, (B, C, l); l may be 0."""
        if self._corrected is not None:
            self._corrected.push_mel(log_mel.flatten(0, 1).transpose(1, 2))
        self._mel = log_mel if self._mel is None else torch.cat((self._mel, log_mel), dim=-1)
        ready = self._first + self._mel.shape[-1] - self.latency_frames
        return self._decode(self._mel, ready, last=False)

    @torch.inference_mode()
    def end(self) -> Tensor:
        """Return the rest (B, C, l): (T - 1) * mel hop samples in all. Raises ValueError if T is 0."""
        if self._mel is None:
            raise ValueError("stream: no mel was pushed")
        return self._decode(self._mel, self._first + self._mel.shape[-1], last=True)

    def _decode(self, mel: Tensor, ready: int, *, last: bool) -> Tensor:
        """Audio of the mel frames from `_done` up to `ready`; `mel` begins with frame `_first`."""
        batch, channels = mel.shape[:2]
        if ready <= self._done:
            return mel.new_zeros(batch, channels, 0, dtype=torch.float32)
        predictions = zip(self._predict(mel), self._vocoder.frames_per_mel, strict=True)
        for band, (prediction, factor) in zip(self._bands, predictions, strict=True):
            band.put(self._cut(prediction, factor, ready, last=last), last=last)
        # Final in every band; with longer windows less is.
        length = min(band.length for band in self._bands)
        made = torch.stack([band.taken(length) for band in self._bands]).sum(dim=0)
        if self._corrected is not None:
            made = self._corrected.push(made, last=last)
        # Later frames depend on the last `reach` frames.
        first = max(0, ready - self._vocoder.reach)
        self._mel, self._first, self._done = mel[..., first - self._first :], first, ready
        return made.reshape(batch, channels, -1)

    def _cut(self, prediction: Prediction, factor: int, ready: int, *, last: bool) -> Prediction:
        """The predictions of the mel frames from `_done` up to `ready` only."""
        start = (self._done - self._first) * factor
        count = (ready - self._done) * factor - (factor - 1 if last else 0)
        return prediction.map(lambda part: part[:, start : start + count])


class _Band:
    """Synthesises one band's predictions as they arrive."""

    def __init__(self, synthesis: Synthesis) -> None:
        self._synthesis, self._overlap = synthesis, OverlapAdd(synthesis)
        self._phases: SplitComplex | None = None
        self._ready: Tensor | None = None

    @property
    def length(self) -> int:
        """The number of samples ready."""
        return 0 if self._ready is None else self._ready.shape[1]

    def taken(self, length: int) -> Tensor:
        """Remove and return the first `length` samples, (N, length). Call after a `put`."""
        if self._ready is None:
            raise ValueError("stream: nothing was put")
        taken, self._ready = self._ready[:, :length], self._ready[:, length:]
        return taken

    def put(self, prediction: Prediction, *, last: bool) -> None:
        """Add frames."""
        spectrum, self._phases = self._synthesis.spectrum(prediction, before=self._phases)
        audio = self._overlap.add(spectrum, last=last)
        self._ready = audio if self._ready is None else torch.cat((self._ready, audio), dim=1)
