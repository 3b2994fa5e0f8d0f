"""Copy synthesis: a waveform to its mel and back, through the vocoder alone.

Letters: C audio channels, L samples, M mels, T frames.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from msanii.checkpoint.folder import LoadedModel
from msanii.devices import Placement
from msanii.errors import MsaniiError
from msanii.signal.griffin_lim import griffin_lim
from msanii.vocoder.decoding import OnePassDecoder
from msanii.vocoder.mel_correction import MelCorrection
from msanii.vocoder.network import OnePassVocoder


class Resynthesis:
    """Encodes waveforms to unscaled mels, and decodes those with a model's vocoder.

    `iterations` None takes the phase from a one-pass vocoder; a number is that of Griffin-Lim iterations.
    Raises MsaniiError if the model's vocoder has no phase and no iterations are given.
    """

    def __init__(self, model: LoadedModel, placement: Placement, *, iterations: int | None = None) -> None:
        trained = "vocoder" in model.config.trained
        one_pass = isinstance(model.vocoder, OnePassVocoder)
        if iterations is None and not (trained and one_pass):
            raise MsaniiError(
                "phase: this model's vocoder gives magnitudes alone; ask for griffin-lim, with iterations"
            )
        self.rate = model.config.transforms.sample_rate
        self.hop = model.config.transforms.hop_length
        self._config, self._iterations, self._placement = model.config.transforms, iterations, placement
        self._transforms = model.transforms.to(placement.signal_device)
        self._scaled = model.config.vocoder.features == "scaled"
        self._one_pass = self._paper = None
        if trained and isinstance(model.vocoder, OnePassVocoder):
            self._one_pass = OnePassDecoder(model.vocoder, placement)
            self._correction = MelCorrection(self._transforms)
        elif trained:
            self._paper = model.vocoder.to(placement.device)

    @torch.inference_mode()
    def __call__(self, waveform: Tensor, *, seed: int = 0) -> Tensor:
        """Resynthesise a waveform (C, L) from its mel, on the CPU; `seed` draws Griffin-Lim's first phase."""
        samples, hop = waveform.shape[1], self._config.hop_length
        whole = functional.pad(waveform[None], (0, -samples % hop), mode="reflect")[0]
        return self.decode(self.encode(whole), seed=seed, heard=True)[0, :, :samples].cpu()

    @torch.inference_mode()
    def encode(self, waveform: Tensor) -> Tensor:
        """Encode a waveform (C, L) as unscaled log-mel (1, C, M, T), T = L // hop + 1."""
        return self._transforms.log_mel(waveform.to(self._placement.signal_device))[None]

    @torch.inference_mode()
    def decode(self, log_mel: Tensor, *, seed: int = 0, heard: bool = False) -> Tensor:
        """Decode unscaled log-mel (B, C, M, T) to waveforms (B, C, L), L = (T - 1) * hop.

        `heard` means that the mel was measured from audio, not generated: the output of a one-pass vocoder
        is then corrected to match it.
        """
        if self._iterations is None and self._one_pass is not None:
            return self._one_pass.waveform(log_mel, correction=self._correction if heard else None)
        generators = [torch.Generator().manual_seed(seed + index) for index in range(len(log_mel))]
        return griffin_lim(
            self.magnitude(log_mel),
            n_fft=self._config.n_fft,
            hop=self._config.hop_length,
            iterations=self._iterations or 0,
            generators=generators,
        )

    @torch.inference_mode()
    def magnitude(self, log_mel: Tensor) -> Tensor:
        """Unscaled log-mel (B, C, M, T) to magnitude (B, C, F, T)."""
        if self._one_pass is not None:
            return self._one_pass.magnitude(log_mel)
        if self._paper is None:
            return self._transforms.mel_to_linear(log_mel)
        features = self._transforms.scale(log_mel) if self._scaled else log_mel
        magnitude: Tensor = self._paper(features.to(self._placement.device))
        return magnitude.to(self._placement.signal_device)
