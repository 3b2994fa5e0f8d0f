"""Encoding waveforms to scaled mels and decoding those with a loaded model, as every verb does.

Letters: B batch (variations), C audio channels, L samples, M mels, F linear bins, T frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast, get_args

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from msanii.checkpoint.folder import LoadedModel
from msanii.choices import LATEST_EDITION, Edition, Side
from msanii.devices import Placement
from msanii.diffusion.circle import MARGIN_FRAMES, Circle, wrap
from msanii.errors import AudioError
from msanii.limits import SECONDS
from msanii.metrics.loudness import loudness
from msanii.rendering.spectral_detail import transfer_detail
from msanii.signal.circular_stft import frame_centres
from msanii.signal.finishing import SILENCE_PEAK
from msanii.signal.griffin_lim import Kept, griffin_lim, stft
from msanii.signal.subsonic import SILENT_HZ, WHOLE_HZ, without_subsonic
from msanii.vocoder.decoding import OnePassDecoder
from msanii.vocoder.network import OnePassVocoder

SHORTEST_SECONDS = 0.1
# The largest factor by which a source is amplified or attenuated before encoding.
MOST_GAIN = 100.0


@dataclass(frozen=True, slots=True)
class Canvas:
    """A source laid out for the networks: `line` (C, L) at the model's level, L = (T - 1) * hop.

    `kept` (L,) is true where `line` holds source samples that must stay; elsewhere it holds a reflection, or
    samples to be replaced. `gain` is the factor applied to the source. `content` is the range that the verb
    was asked for.
    """

    line: Tensor
    kept: Tensor
    gain: float
    frames: int
    content: slice


class Codec:
    """Encodes waveforms of any length and level for the U-Net, and decodes its output."""

    def __init__(self, model: LoadedModel, placement: Placement) -> None:
        self.placement = placement
        self.config = model.config.transforms
        self._source_lufs = model.config.source_lufs
        self.frame_multiple = model.config.unet.frame_multiple
        self._takes_scaled = model.config.vocoder.features == "scaled"
        # Without a trained vocoder the mel bank's pseudo-inverse is used: duller, but the right spectrum.
        self._vocoder = self._one_pass = None
        if "vocoder" in model.config.trained and isinstance(model.vocoder, OnePassVocoder):
            self._one_pass = OnePassDecoder(model.vocoder, placement)
        elif "vocoder" in model.config.trained:
            self._vocoder = model.vocoder.to(placement.device)
        self._transforms = model.transforms.to(placement.signal_device)
        self._lowest_band = self._transforms.bands_below(WHOLE_HZ)

    def frames_for(self, samples: int) -> int:
        """Return T for `samples` or more: the network's next multiple, the last frame at or past the end."""
        frames = math.ceil(samples / self.config.hop_length) + 1
        return math.ceil(frames / self.frame_multiple) * self.frame_multiple

    def check_source(self, name: str, source: object) -> Tensor:
        """Return a source (C, L) as a float32 tensor. Raises AudioError if no verb can use it."""
        waveform = torch.as_tensor(source).detach().float()
        if waveform.ndim != 2 or waveform.shape[0] < 1:
            raise AudioError(
                f"{name}: got an array of shape {tuple(waveform.shape)}, expected channels, samples"
            )
        seconds = waveform.shape[1] / self.config.sample_rate
        if seconds < SHORTEST_SECONDS:
            raise AudioError(f"{name}: got {seconds:.3f} seconds, expected at least {SHORTEST_SECONDS}")
        if not torch.isfinite(waveform).all():
            raise AudioError(f"{name}: holds samples that are not finite; export it again")
        if waveform.abs().max() < SILENCE_PEAK:
            raise AudioError(f"{name}: is silent; choose a part with sound in it")
        return waveform.to(self.placement.signal_device)

    def check_pair(self, source: object, other: object) -> tuple[Tensor, Tensor]:
        """Return two sources (C, L), cut to the shorter; a mono one is repeated on the other's channels."""
        first, second = self.check_source("source", source), self.check_source("source_b", other)
        channels, samples = max(len(first), len(second)), min(first.shape[1], second.shape[1])
        if {len(first), len(second)} - {1, channels}:
            raise AudioError(
                f"source_b: got {len(second)} channels, expected {len(first)} as in source, or one"
            )
        return first[:, :samples].expand(channels, -1), second[:, :samples].expand(channels, -1)

    def check_region(
        self, source: Tensor, from_seconds: float | None, to_seconds: float | None
    ) -> tuple[int, int]:
        """Return the region's first sample and end (exclusive). Raises AudioError outside the source."""
        whole = source.shape[1] / self.config.sample_rate
        begin = 0.0 if from_seconds is None else from_seconds
        end = whole if to_seconds is None else to_seconds
        # Half a sample of tolerance: the end of a source may be given as a rounded decimal.
        if not 0 <= begin < end <= whole + 0.5 / self.config.sample_rate:
            raise AudioError(
                f"region: got {begin:g} to {end:g} seconds, expected a part of the source's {whole:.3f}; "
                "give from_seconds below to_seconds, both inside the source"
            )
        first, last = (
            round(begin * self.config.sample_rate),
            min(round(end * self.config.sample_rate), source.shape[1]),
        )
        if last - first < 2:
            raise AudioError(f"region: {begin:g} to {end:g} seconds holds no sample; make it longer")
        return first, last

    def check_added(self, seconds: float, side: str) -> int:
        """Return the number of samples to add. Raises AudioError for an invalid length or side."""
        if side not in get_args(Side):
            raise AudioError(f"side: got {side!r}, expected before or after")
        if not SECONDS.low <= seconds <= SECONDS.high:
            expected = f"expected {SECONDS.low:g} to {SECONDS.high:g} of new music"
            raise AudioError(f"seconds: got {seconds:g}, {expected}")
        # Rounded twice, so that a length of exactly half a sample more rounds as exact fractions would.
        return round(round(seconds * self.config.sample_rate, 6))

    def canvas(
        self,
        waveform: Tensor,
        *,
        gaps: Sequence[slice] = (),
        added: int = 0,
        before: bool = False,
        edition: Edition = LATEST_EDITION,
    ) -> Canvas:
        """Lay out a waveform (C, M) for a verb, at least `added` samples longer (at its start with `before`).

        The samples of `gaps` are not kept. Padding to the network's frame multiple lies outside `content`.
        """
        content = waveform.shape[1] + added
        frames = self.frames_for(content)
        samples = (frames - 1) * self.config.hop_length
        gain = self._level_gain(waveform, edition)
        missing = samples - waveform.shape[1]
        widths = (missing, 0) if before else (0, missing)
        # Unlike torch's, numpy's reflection padding may be longer than the waveform.
        line = np.pad(waveform.cpu().numpy() * np.float32(gain), ((0, 0), widths), mode="reflect")
        kept = _kept(waveform.shape[1], gaps)
        return Canvas(
            torch.from_numpy(line).to(waveform.device),
            functional.pad(kept, widths, value=False).to(waveform.device),
            gain,
            frames,
            slice(samples - content, samples) if before else slice(0, content),
        )

    def loop_canvas(
        self,
        waveform: Tensor,
        circle: Circle,
        edition: Edition = LATEST_EDITION,
        *,
        gaps: Sequence[slice] = (),
    ) -> Canvas:
        """Lay out a loop (C, L) on its circle, without padding. The samples of `gaps` are not kept."""
        gain = self._level_gain(waveform, edition)
        kept = _kept(waveform.shape[1], gaps).to(waveform.device)
        return Canvas(waveform * gain, kept, gain, circle.frames, slice(0, waveform.shape[1]))

    def _level_gain(self, waveform: Tensor, edition: Edition) -> float:
        """The factor that brings a waveform (C, L) to a level that the model knows.

        In edition 1, and for models that do not record the loudness of their training data, it brings the
        loudest mel to the loudest that the model knows. That made a piano as loud as the loudest drum.
        """
        loudest = self._transforms.log_mel(waveform).max()
        known = self._transforms.unscale(torch.full_like(loudest, self.config.feature_range[1]))
        most = float((known - loudest).exp().clamp(1 / MOST_GAIN, MOST_GAIN))
        if edition == 1 or self._source_lufs is None:
            return most
        heard_lufs = loudness(waveform.cpu().numpy(), self.config.sample_rate)
        if not math.isfinite(heard_lufs):
            return most
        return float(min(max(10 ** ((self._source_lufs - heard_lufs) / 20), 1 / MOST_GAIN), most))

    def whole_frames(self, kept: Tensor, circle: Circle | None = None) -> Tensor:
        """(T,): true for frames whose windows hold only kept samples (L,), or their reflection at an end.

        With a `circle` the samples are a loop's, and T is the circle's number of frames.
        """
        size, reach = self.config.n_fft, self.config.n_fft // 2
        if circle is not None:
            windows = wrap(kept, reach, reach).unfold(0, size, 1)
            return windows[frame_centres(circle.frames, circle.samples).to(kept.device)].all(-1)
        edges = kept[:1].expand(reach), kept[-1:].expand(reach)
        return torch.cat((edges[0], kept, edges[1])).unfold(0, size, self.config.hop_length).all(-1)

    def encode(self, waveform: Tensor, circle: Circle | None = None) -> Tensor:
        """Encode a waveform (C, L) for the U-Net: scaled mel (1, C, M, T), T = L // hop + 1.

        With a `circle` the waveform is a loop, and T is the circle's number of frames.
        """
        if circle is None:
            log_mel = self._transforms.log_mel(waveform)
        else:
            log_mel = self._transforms.mel_of(self.spectrum(waveform, circle).abs())
        return self._transforms.scale(log_mel)[None].to(self.placement.device)

    def frame_power(self, mel: Tensor, edition: Edition = LATEST_EDITION) -> Tensor:
        """The power (T,) of the frames of a scaled mel (B, C, M, T), over all channels and audible bands."""
        log_mel = self._transforms.unscale(mel.float().to(self.placement.signal_device))
        lowest = self._lowest_band if edition >= 2 else 0
        return log_mel[:, :, lowest:].exp().square().sum(dim=(0, 1, 2))

    def mel_level(self, mel: Tensor) -> Tensor:
        """The level (B, 1, 1, 1) of scaled mels (B, C, M, T), from the power of their audible bands.

        It is in the units of the mel: adding 0.1 to a mel raises its level by 0.1.
        """
        low, high = self._transforms.unscale(torch.tensor(self.config.feature_range, device=mel.device))
        steepness = 2 * float(high - low) / (self.config.feature_range[1] - self.config.feature_range[0])
        bands = steepness * mel[:, :, self._lowest_band :].float().flatten(1)
        return ((bands.logsumexp(1) - math.log(bands.shape[1])) / steepness)[:, None, None, None]

    def spectrum(self, waveform: Tensor, circle: Circle | None = None) -> Tensor:
        """The STFT (C, F, T) of a waveform (C, L), on the same frames as `encode`."""
        frames = None if circle is None else circle.frames
        return stft(waveform, n_fft=self.config.n_fft, hop=self.config.hop_length, circle_frames=frames)

    def decode(
        self,
        mel: Tensor,
        *,
        iterations: int | None,
        generators: Sequence[torch.Generator] | None = None,
        source: Tensor | None = None,
        near: bool = False,
        kept: Kept | None = None,
        circle: Circle | None = None,
        edition: Edition = LATEST_EDITION,
        on_step: Callable[[float], None] | None = None,
    ) -> Tensor:
        """Decode scaled mel (B, C, M, T) to waveforms (B, C, L), L = (T - 1) * hop.

        With a `circle` the mel is a loop's, and L is the circle's samples. The phase starts from that of
        `source` (C, L), if given; `near` also preserves the source's fine structure where its mel did not
        change. `iterations` None leaves all of this to a one-pass vocoder. From edition 2 on the result has
        nothing below 20 Hz; `kept` samples are unchanged. Other arguments are as in `griffin_lim`.
        """
        if iterations is None:
            if self._one_pass is None:
                raise ValueError("iterations: got None, but this model's vocoder gives magnitudes alone")
            log_mel = self._transforms.unscale(mel.float().to(self.placement.signal_device))
            # Removed before synthesis, an offset cannot leak into the bins above, beyond any filter's reach.
            from_hz = SILENT_HZ if edition >= 2 else 0.0
            made = self._one_pass.waveform(
                log_mel, circle=circle, source=source, near=near, kept=kept, from_hz=from_hz
            )
            if on_step is not None:
                on_step(1.0)
        else:
            known = None if source is None else self.spectrum(source, circle)
            magnitude = self.magnitude(mel, circle)
            if known is not None and near:
                magnitude = self._like_source(magnitude, mel, known.abs())
            made = griffin_lim(
                magnitude,
                n_fft=self.config.n_fft,
                hop=self.config.hop_length,
                iterations=iterations,
                circle_samples=None if circle is None else circle.samples,
                generators=generators,
                phase=None if known is None else known.angle(),
                kept=kept,
                on_step=on_step,
            )
        made = self.audible(made, edition, circular=circle is not None)
        return made if kept is None else kept.put_into(made)

    def audible(self, waveform: Tensor, edition: Edition, *, circular: bool = False) -> Tensor:
        """Remove everything below 20 Hz from a waveform (..., L), from edition 2 on; `circular`: a loop."""
        if edition < 2:
            return waveform
        lines = waveform.reshape(-1, waveform.shape[-1]).cpu().numpy()
        done = without_subsonic(lines, self.config.sample_rate, circular=circular)
        return torch.from_numpy(done).to(waveform.device).reshape(waveform.shape)

    def audible_source(
        self, name: str, source: object, edition: Edition, *, circular: bool = False
    ) -> Tensor:
        """Check a source and return its audible part: one that is nothing but an offset counts as silent."""
        heard = self.audible(self.check_source(name, source), edition, circular=circular)
        return self.check_source(name, heard)

    def magnitude(self, mel: Tensor, circle: Circle | None = None) -> Tensor:
        """Scaled mel (B, C, M, T) to magnitude (B, C, F, T)."""
        if circle is None:
            return self._magnitude(mel.float())
        # A vocoder's convolutions reach past both ends of the loop.
        wide = wrap(mel.float(), MARGIN_FRAMES, MARGIN_FRAMES)
        return self._magnitude(wide)[..., MARGIN_FRAMES:-MARGIN_FRAMES]

    def _like_source(self, magnitude: Tensor, mel: Tensor, source: Tensor) -> Tensor:
        """The magnitude (B, C, F, T) of a mel (B, C, M, T), with a source's detail where the mel is near."""
        log_mel = self._transforms.unscale(mel.float().to(source))
        # Scaled and unscaled like the mel, so that clipping does not count as a change.
        heard = self._transforms.unscale(self._transforms.scale(self._transforms.mel_of(source)))
        bank = cast(Tensor, self._transforms.mel_scale.fb)
        return transfer_detail(magnitude, log_mel, source, heard, bank)

    def _magnitude(self, mel: Tensor) -> Tensor:
        """(B, C, F, T), in float32: as the target of phase reconstruction, bfloat16 would be audible."""
        signal = self.placement.signal_device
        log_mel = self._transforms.unscale(mel.to(signal))
        if self._one_pass is not None:
            return self._one_pass.magnitude(log_mel)
        if self._vocoder is None:
            return self._transforms.mel_to_linear(log_mel)
        features = mel if self._takes_scaled else log_mel
        magnitude: Tensor = self._vocoder(features.to(self.placement.device))
        return magnitude.to(signal)


def _kept(samples: int, gaps: Sequence[slice]) -> Tensor:
    """(L,): false in the gaps."""
    kept = torch.ones(samples, dtype=torch.bool)
    for gap in gaps:
        kept[gap] = False
    return kept


def level(waveform: Tensor) -> Tensor:
    """The RMS level of (..., C, L), as (..., 1, 1)."""
    return waveform.square().mean(dim=(-2, -1), keepdim=True).sqrt().cpu()


def at_level(waveform: Tensor, wanted: Tensor) -> Tensor:
    """Scale each variation of (B, C, L) to the `wanted` RMS level; silence stays silent."""
    own = level(waveform)
    return torch.where(own > 0, waveform * (wanted / own), waveform)
