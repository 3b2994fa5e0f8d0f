"""A one-pass vocoder stretch by stretch: mels come in as they are made, and sound goes out behind them.

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
    """Gives, in pieces, what the whole mel would give at once (to 1e-4 in float32).

    A piece's sound ends `latency_frames` mel frames before the end of what came in, and half of the longest
    window, and where it is corrected to its mel three windows of that more; `end` gives the rest. `predict`
    stands in for the vocoder's own where that runs in another type or place.
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
        self._first = 0  # the mel frame that `_mel` begins with
        self._done = 0  # mel frames whose sound has been made

    @property
    def latency_frames(self) -> int:
        """Mel frames that must be known after one before its sound is made."""
        return self._vocoder.reach

    @torch.inference_mode()
    def push(self, log_mel: Tensor) -> Tensor:
        """More mel (B, C, M, t): the sound that is now certain, (B, C, l); l may be 0."""
        if self._corrected is not None:
            self._corrected.push_mel(log_mel.flatten(0, 1).transpose(1, 2))
        self._mel = log_mel if self._mel is None else torch.cat((self._mel, log_mel), dim=-1)
        ready = self._first + self._mel.shape[-1] - self.latency_frames
        return self._decode(self._mel, ready, last=False)

    @torch.inference_mode()
    def end(self) -> Tensor:
        """The rest (B, C, l): the sound so far is then (T - 1) * mel hop samples long."""
        if self._mel is None:
            raise ValueError("stream: no mel was pushed")
        return self._decode(self._mel, self._first + self._mel.shape[-1], last=True)

    def _decode(self, mel: Tensor, ready: int, *, last: bool) -> Tensor:
        """Sound of the mel frames from `_done` up to `ready`; `mel` begins with frame `_first`."""
        batch, channels = mel.shape[:2]
        if ready <= self._done:
            return mel.new_zeros(batch, channels, 0, dtype=torch.float32)
        predictions = zip(self._predict(mel), self._vocoder.frames_per_mel, strict=True)
        for line, (prediction, factor) in zip(self._bands, predictions, strict=True):
            line.put(self._cut(prediction, factor, ready, last=last), last=last)
        # What is certain in every line; a longer window knows less.
        length = min(line.length for line in self._bands)
        made = torch.stack([line.taken(length) for line in self._bands]).sum(dim=0)
        if self._corrected is not None:
            made = self._corrected.push(made, last=last)
        # Later frames hear `reach` frames of what has been made.
        first = max(0, ready - self._vocoder.reach)
        self._mel, self._first, self._done = mel[..., first - self._first :], first, ready
        return made.reshape(batch, channels, -1)

    def _cut(self, prediction: Prediction, factor: int, ready: int, *, last: bool) -> Prediction:
        """Of all that was heard, the frames of the mel frames from `_done` up to `ready`."""
        start = (self._done - self._first) * factor
        count = (ready - self._done) * factor - (factor - 1 if last else 0)
        return prediction.map(lambda part: part[:, start : start + count])


class _Band:
    """What one synthesis makes of predictions as they come."""

    def __init__(self, synthesis: Synthesis) -> None:
        self._synthesis, self._overlap = synthesis, OverlapAdd(synthesis)
        self._phases: SplitComplex | None = None
        self._ready: Tensor | None = None

    @property
    def length(self) -> int:
        """How many samples lie ready."""
        return 0 if self._ready is None else self._ready.shape[1]

    def taken(self, length: int) -> Tensor:
        """(N, length): the first of what lies ready. Only after a `put`."""
        if self._ready is None:
            raise ValueError("stream: nothing was put")
        taken, self._ready = self._ready[:, :length], self._ready[:, length:]
        return taken

    def put(self, prediction: Prediction, *, last: bool) -> None:
        """The next frames."""
        spectrum, self._phases = self._synthesis.spectrum(prediction, before=self._phases)
        line = self._overlap.add(spectrum, last=last)
        self._ready = line if self._ready is None else torch.cat((self._ready, line), dim=1)
