"""Noise taken off a recording by partial diffusion (paper section 6.3), as a mask on its own spectrum.

The model renders what the recording's mel would be without noise; each band is turned down to that, never up,
and the recording keeps its own phase. Letters: C audio channels, L samples, M mels, F linear bins, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msanii.checkpoint.folder import LoadedModel
from msanii.controls.tensor import control_tensor
from msanii.devices import Placement
from msanii.diffusion.sampling import OnStep, starting_noise, vary
from msanii.errors import CheckpointError
from msanii.music.score import Score
from msanii.rendering.codec import Codec
from msanii.rendering.job import Sampling, prepare

# Below this noise nothing is gained; from there on the strength grows with the noise.
_CLEAN_DB = -60.0
_LOUD_DB = -10.0
LEAST_STRENGTH, MOST_STRENGTH = 0.05, 0.5
# The quietest a band is turned down, so that what stays does not gurgle.
_FLOOR = 10 ** (-30 / 20)
_NOISE_PERCENTILE = 10.0
# How far noise comes above its own quietest tenth.
_SPREAD = 1.6


@dataclass(frozen=True)
class Gain:
    """SNR before and after at one level of added noise, dB."""

    added_snr_db: float
    strength: float
    restored_snr_db: float

    @property
    def gained_db(self) -> float:
        """Negative where restoring did harm."""
        return self.restored_snr_db - self.added_snr_db


def noise_level_db(log_mel: Tensor) -> float:
    """How loud steady noise is below the music in a log-mel (C, M, T), dB, at most 0.

    Each band's quietest tenth against the loudest moments of all: what is always there is noise.
    """
    quiet = torch.quantile(log_mel.float(), _NOISE_PERCENTILE / 100, dim=-1).median()
    loud = torch.quantile(log_mel.float().amax(dim=1), 0.9)
    return float(min(0.0, 20 / np.log(10) * float(quiet - loud)))


def strength_for(noise_db: float) -> float:
    """The share of the schedule that noise of a level calls for, LEAST_STRENGTH to MOST_STRENGTH."""
    share = (noise_db - _CLEAN_DB) / (_LOUD_DB - _CLEAN_DB)
    return LEAST_STRENGTH + (MOST_STRENGTH - LEAST_STRENGTH) * float(np.clip(share, 0.0, 1.0))


def _without_floor(levels: Tensor) -> Tensor:
    """What of each band's amplitude is above its quietest tenth, 0 to 1, in log-mel (C, M, T).

    Bands are never turned down further: what the model would take beyond the steady noise is music.
    """
    floor = torch.quantile(levels, _NOISE_PERCENTILE / 100, dim=-1, keepdim=True)
    return (1 - _SPREAD * (floor - levels).exp()).clamp(min=0.0)


class Restorer:
    """Restores recordings with one model's U-Net; no vocoder is needed."""

    def __init__(self, model: LoadedModel, placement: Placement) -> None:
        if "unet" not in model.config.trained:
            raise CheckpointError("model: its U-Net was never trained; train it, or choose another model")
        self.rate = model.config.transforms.sample_rate
        self._config, self._placement = model.config, placement
        self._codec = Codec(model, placement)
        self._transforms = model.transforms
        self._unet = placement.place(model.unet)

    @torch.inference_mode()
    def restore(
        self,
        source: Tensor,
        score: Score | None = None,
        *,
        strength: float | None = None,
        seed: int = 0,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> tuple[Tensor, float]:
        """The source (C, L) with less noise, as long and as loud, and the strength (None: from its noise).

        Raises AudioError for a source that cannot be used and MsaniiError for a strength out of range.
        """
        source = self._codec.check_source("source", source)
        # Tuned and measured with the loudest mel at the loudest known, as edition 1 has it.
        canvas = self._codec.canvas(source, edition=1)
        noisy = self._codec.encode(canvas.line)  # (1, C, M, T), scaled
        levels = self._levels(noisy)
        chosen = strength_for(noise_level_db(levels)) if strength is None else strength
        job = prepare(
            self._unet.under,
            self._config,
            seeds=[seed],
            sampling=sampling,
            controls=self._controls(score, canvas.frames),
            on_step=on_step,
        )
        noise = starting_noise(job.generators, noisy.shape[1:], self._placement.device)
        with self._placement.autocast():
            clean = vary(job.denoise, job.solver, noisy, noise, chosen, job.on_sampling)
        mask = torch.maximum((self._levels(clean) - levels).exp(), _without_floor(levels)).clamp(_FLOOR, 1.0)
        restored = self._masked(canvas.line, mask)[:, canvas.content] / canvas.gain
        return restored[:, : source.shape[1]].cpu(), chosen

    def _levels(self, mel: Tensor) -> Tensor:
        """Scaled mel (1, C, M, T) as unscaled log-mel (C, M, T)."""
        return self._transforms.unscale(mel.float().to(self._placement.signal_device))[0]

    def _controls(self, score: Score | None, frames: int) -> Tensor | None:
        groups = self._config.unet.controls
        if score is None:
            return torch.zeros(self._config.unet.n_controls, frames) if groups else None
        return control_tensor(score, groups, frames, hop=self._config.transforms.hop_length, rate=self.rate)

    def _masked(self, line: Tensor, mask: Tensor) -> Tensor:
        """A line (C, L) with a mel mask (C, M, T) on its spectrum, each bin between its bands."""
        transforms = self._config.transforms
        window = torch.hann_window(transforms.n_fft, device=line.device)
        spectrum = torch.stft(
            line.float(),
            transforms.n_fft,
            transforms.hop_length,
            window=window,
            return_complex=True,
        )  # (C, F, T)
        bank = cast(Tensor, self._transforms.mel_scale.fb).to(line.device)  # (F, M)
        total = bank.sum(dim=1, keepdim=True)
        # Bins that no band covers, at both ends, go with nothing: they are left alone.
        weights = torch.where(total > 0, bank / total.clamp(min=1e-8), torch.zeros_like(bank))
        gains = weights @ mask.to(line.device) + (total == 0).float()
        return torch.istft(
            spectrum * gains[..., : spectrum.shape[-1]],
            transforms.n_fft,
            transforms.hop_length,
            window=window,
            length=line.shape[-1],
        )


def snr_db(audio: NDArray[np.float32], clean: NDArray[np.float32]) -> float:
    """The signal-to-noise ratio of audio (C, L) against what it should be."""
    wrong = float(np.sum((audio.astype(np.float64) - clean) ** 2))
    return float(10 * np.log10(np.sum(clean.astype(np.float64) ** 2) / max(wrong, 1e-20)))


def restoring_figures(
    restorer: Restorer,
    clean: NDArray[np.float32],
    snrs_db: Sequence[float],
    *,
    score: Score | None = None,
    seed: int = 0,
    sampling: Sampling | None = None,
) -> tuple[Gain, ...]:
    """What restoring a clean recording (C, L) gains after white noise at each SNR was added to it."""
    random = np.random.default_rng(seed)
    level = float(np.sqrt(np.mean(clean.astype(np.float64) ** 2)))
    found = []
    for wanted in snrs_db:
        noise = random.standard_normal(clean.shape) * level * 10 ** (-wanted / 20)
        noisy = (clean + noise).astype(np.float32)
        restored, strength = restorer.restore(torch.from_numpy(noisy), score, seed=seed, sampling=sampling)
        found.append(Gain(snr_db(noisy, clean), strength, snr_db(restored.numpy(), clean)))
    return tuple(found)
