"""Denoising of recordings by partial diffusion (paper section 6.3), applied as a spectral mask.

The model estimates the recording's mel without noise; each band is attenuated to that, never amplified, and
the recording keeps its own phase. Letters: C audio channels, L samples, M mels, F linear bins, T frames.
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

# Noise levels at which the strength is least (below, there is nothing to gain) and most.
_CLEAN_DB = -60.0
_LOUD_DB = -10.0
LEAST_STRENGTH, MOST_STRENGTH = 0.05, 0.5
# The most that a band is attenuated, so that the residue does not gurgle.
_FLOOR = 10 ** (-30 / 20)
_NOISE_PERCENTILE = 10.0
# How far noise rises above its own quietest tenth, as a factor.
_SPREAD = 1.6


@dataclass(frozen=True)
class Gain:
    """SNR in dB before and after restoring, at one level of added noise."""

    added_snr_db: float
    strength: float
    restored_snr_db: float

    @property
    def gained_db(self) -> float:
        """The SNR improvement in dB; negative if restoring made it worse."""
        return self.restored_snr_db - self.added_snr_db


def noise_level_db(log_mel: Tensor) -> float:
    """The level of steady noise relative to the music in a log-mel (C, M, T), in dB, at most 0.

    Compares each band's quietest tenth with the loudest moments of all bands: what is always there is noise.
    """
    quiet = torch.quantile(log_mel.float(), _NOISE_PERCENTILE / 100, dim=-1).median()
    loud = torch.quantile(log_mel.float().amax(dim=1), 0.9)
    return float(min(0.0, 20 / np.log(10) * float(quiet - loud)))


def strength_for(noise_db: float) -> float:
    """The strength to use at a noise level, as a share of the schedule: LEAST_STRENGTH to MOST_STRENGTH."""
    share = (noise_db - _CLEAN_DB) / (_LOUD_DB - _CLEAN_DB)
    return LEAST_STRENGTH + (MOST_STRENGTH - LEAST_STRENGTH) * float(np.clip(share, 0.0, 1.0))


def _without_floor(levels: Tensor) -> Tensor:
    """The share (0 to 1) of each band's amplitude above its quietest tenth, for a log-mel (C, M, T).

    A lower bound of the mask: anything that the model would remove beyond the steady noise is music.
    """
    floor = torch.quantile(levels, _NOISE_PERCENTILE / 100, dim=-1, keepdim=True)
    return (1 - _SPREAD * (floor - levels).exp()).clamp(min=0.0)


class Restorer:
    """Denoises recordings with a model's U-Net; no vocoder is needed."""

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
        """Return the denoised source (C, L), of the same length and level, and the strength used.

        `strength` None derives it from the noise. Raises AudioError for a source that cannot be used and
        MsaniiError for a strength out of range.
        """
        source = self._codec.check_source("source", source)
        # Tuned and measured with edition 1's gain: the loudest mel at the loudest that the model knows.
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
        """Unscale a mel (1, C, M, T) to log-mel (C, M, T)."""
        return self._transforms.unscale(mel.float().to(self._placement.signal_device))[0]

    def _controls(self, score: Score | None, frames: int) -> Tensor | None:
        groups = self._config.unet.controls
        if score is None:
            return torch.zeros(self._config.unet.n_controls, frames) if groups else None
        return control_tensor(score, groups, frames, hop=self._config.transforms.hop_length, rate=self.rate)

    def _masked(self, line: Tensor, mask: Tensor) -> Tensor:
        """Apply a mel mask (C, M, T) to the spectrum of audio (C, L), interpolated between bands."""
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
        # Bins at both ends that no band covers are left alone.
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
    """The signal-to-noise ratio in dB of audio (C, L) against the clean signal."""
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
    """Add white noise to a clean recording (C, L) at each SNR, and measure what restoring gains."""
    random = np.random.default_rng(seed)
    level = float(np.sqrt(np.mean(clean.astype(np.float64) ** 2)))
    found = []
    for wanted in snrs_db:
        noise = random.standard_normal(clean.shape) * level * 10 ** (-wanted / 20)
        noisy = (clean + noise).astype(np.float32)
        restored, strength = restorer.restore(torch.from_numpy(noisy), score, seed=seed, sampling=sampling)
        found.append(Gain(snr_db(noisy, clean), strength, snr_db(restored.numpy(), clean)))
    return tuple(found)
