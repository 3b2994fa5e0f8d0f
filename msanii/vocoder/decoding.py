"""Decoding with a one-pass vocoder instead of Griffin-Lim, on a source's phases or around kept audio.

Letters: B batch (variations), C audio channels, L samples, M mels, F linear bins, T mel frames, N = B * C, J
frames and K bins of one of the vocoder's STFTs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from msanii.devices import Placement
from msanii.diffusion.circle import Circle
from msanii.signal.griffin_lim import Kept
from msanii.vocoder.mel_correction import MelCorrection
from msanii.vocoder.network import OnePassVocoder
from msanii.vocoder.streaming import OnePassStream
from msanii.vocoder.synthesis import KnownPhase, Prediction, Synthesis

# Higher powers ignore a source's phase sooner where its magnitude differs from the predicted one.
LIKENESS_POWER = 2.0
SMALLEST = 1e-5
# For muted bins; finite, so that weighting them gives no NaN.
SILENT_LOG_MAGNITUDE = -50.0
# Mel frames, 18 s. Longer audio is decoded in sections, each with a second of context recomputed on either
# side; minutes at once would take gigabytes.
SECTION_FRAMES = 768


class OnePassDecoder:
    """Decodes unscaled log-mels to waveforms in one pass, in the placement's type; spectra are float32."""

    def __init__(self, vocoder: OnePassVocoder, placement: Placement) -> None:
        self._vocoder, self._placement = placement.place(vocoder), placement

    def magnitude(self, log_mel: Tensor) -> Tensor:
        """Log-mel (B, C, M, T) to magnitude (B, C, F, T) at the mel's frames, for Griffin-Lim."""
        upsampling = self._vocoder.config.upsampling
        magnitude = self._predictions(log_mel, circular=False)[0].log_magnitude[:, ::upsampling].exp()
        return magnitude.transpose(1, 2).reshape(*log_mel.shape[:2], -1, log_mel.shape[3])

    def waveform(
        self,
        log_mel: Tensor,
        *,
        circle: Circle | None = None,
        source: Tensor | None = None,
        near: bool = False,
        kept: Kept | None = None,
        correction: MelCorrection | None = None,
        from_hz: float = 0.0,
    ) -> Tensor:
        """Log-mel (B, C, M, T) to (B, C, L), L = (T - 1) * hop, or the samples of the circle.

        Uses the phases of `source` (C, L) as far as the magnitudes agree, and with `near` its magnitudes too.
        Phases continue those of `kept` audio; the caller puts its samples in. Without any of these, a
        `correction` may bring the waveform to its mel; use it for mels of real audio only, as the vocoder
        smooths over a U-Net's errors. Bins centred below `from_hz` are silent.
        """
        # One at a time takes a third less time on a CPU, as the spectra then stay in its cache.
        at_once = 1 if self._placement.device_name == "cpu" else len(log_mel)
        parts = torch.split(log_mel, at_once)
        if correction is not None:
            return torch.cat([self._in_sections(part, from_hz, correction) for part in parts])
        held: Sequence[Kept | None] = [None] * len(parts)
        if kept is not None:
            waveforms = torch.split(kept.waveform.expand(*log_mel.shape[:2], -1), at_once)
            held = [Kept(waveform, kept.mask) for waveform in waveforms]
        pairs = zip(parts, held, strict=True)
        made = [
            self._decode(part, circle, source, near=near, kept=part_kept, from_hz=from_hz)
            for part, part_kept in pairs
        ]
        return made[0] if len(made) == 1 else torch.cat(made)

    def _decode(
        self,
        log_mel: Tensor,
        circle: Circle | None,
        source: Tensor | None,
        *,
        near: bool,
        kept: Kept | None,
        from_hz: float,
    ) -> Tensor:
        batch, channels, _, frames = log_mel.shape
        if circle is None and source is None and kept is None and frames > SECTION_FRAMES:
            return self._in_sections(log_mel, from_hz)
        predictions = self._predictions(log_mel, circular=circle is not None, from_hz=from_hz)
        known: tuple[KnownPhase, ...] | None = None
        bands = list(zip(self._vocoder.syntheses, predictions, strict=True))
        if kept is not None:
            known = tuple(_held(kept, channels, *band, circle) for band in bands)
        elif source is not None:
            known = tuple(_followed(source, batch, *band, circle) for band in bands)
            if near:
                predictions = tuple(map(_near, predictions, known))
        samples = None if circle is None else circle.samples
        return self._vocoder.waveform(predictions, channels, circle_samples=samples, known=known)

    def _in_sections(
        self, log_mel: Tensor, from_hz: float, correction: MelCorrection | None = None
    ) -> Tensor:
        """The whole waveform (B, C, L), with the memory of one section."""
        stream = OnePassStream(
            self._vocoder,
            lambda mel: self._predictions(mel, circular=False, from_hz=from_hz),
            correction,
        )
        sections = log_mel.chunk(-(-log_mel.shape[-1] // SECTION_FRAMES), dim=-1)
        # Each section goes to its place at once: all of them beside the whole would take its memory twice.
        samples = (log_mel.shape[-1] - 1) * self._vocoder.hop * self._vocoder.config.upsampling
        waveform = torch.empty(*log_mel.shape[:2], samples, device=self._placement.signal_device)
        done = 0
        for section in (*sections, None):
            made = stream.end() if section is None else stream.push(section)
            waveform[..., done : done + made.shape[-1]] = made
            done += made.shape[-1]
        return waveform

    def _predictions(
        self, log_mel: Tensor, *, circular: bool, from_hz: float = 0.0
    ) -> tuple[Prediction, ...]:
        with self._placement.autocast():
            outputs = self._vocoder.outputs(log_mel.to(self._placement.device), circular=circular)
        read = self._vocoder.read(*(output.to(self._placement.signal_device) for output in outputs))
        bands = zip(read, self._vocoder.bin_hz, strict=True)
        return tuple(_from(one, math.ceil(from_hz / hertz)) for one, hertz in bands)


def _from(prediction: Prediction, first: int) -> Prediction:
    """Mute the bins before `first`."""
    if first == 0:
        return prediction
    silent = functional.pad(prediction.log_magnitude[..., first:], (first, 0), value=SILENT_LOG_MAGNITUDE)
    return replace(prediction, log_magnitude=silent)


def _followed(
    source: Tensor, batch: int, synthesis: Synthesis, prediction: Prediction, circle: Circle | None
) -> KnownPhase:
    spectrum = _analysed(source, synthesis, prediction, circle).repeat(batch, 1, 1)
    ours, theirs = prediction.log_magnitude.exp(), spectrum.abs()
    smaller, larger = torch.minimum(ours, theirs), torch.maximum(ours, theirs)
    return KnownPhase(spectrum, (smaller / larger.clamp(min=SMALLEST)) ** LIKENESS_POWER)


def _held(
    kept: Kept, channels: int, synthesis: Synthesis, prediction: Prediction, circle: Circle | None
) -> KnownPhase:
    """Phases of the kept audio, with weight 1 for windows that lie wholly in it and 0 for all others."""
    batch = prediction.log_magnitude.shape[0] // channels
    waveform = kept.waveform.expand(batch, channels, -1).flatten(0, 1)
    spectrum = _analysed(waveform, synthesis, prediction, circle)
    part = _analysed((~kept.mask).float()[None], synthesis, prediction, circle)
    # A window wholly over kept samples has no energy from the rest.
    whole = (part.abs().sum(dim=2, keepdim=True) < SMALLEST).float()
    return KnownPhase(spectrum, whole.expand(spectrum.shape))


def _analysed(
    waveform: Tensor, synthesis: Synthesis, prediction: Prediction, circle: Circle | None
) -> Tensor:
    """Spectrum (N, J, K) of waveform (N, L), with the prediction's frames and bins."""
    frames, bins = prediction.log_magnitude.shape[1:]
    waveform = waveform.to(prediction.log_magnitude)
    if circle is not None:
        return synthesis.analyse_loop(waveform, frames)[..., :bins]
    return synthesis.analyse(waveform)[:, :frames, :bins]


def _near(prediction: Prediction, known: KnownPhase) -> Prediction:
    """Move the predicted magnitudes to the source's, by the weight of its phases."""
    theirs = known.spectrum.abs().clamp(min=SMALLEST).log()
    return replace(prediction, log_magnitude=torch.lerp(prediction.log_magnitude, theirs, known.weight))
