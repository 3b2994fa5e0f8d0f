"""Waveform <-> scaled mel with a loaded model: what stands around the sampling in every verb.

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
from msanii.signal.finishing import SILENCE_PEAK
from msanii.signal.griffin_lim import Kept, griffin_lim, stft
from msanii.signal.subsonic import SILENT_HZ, WHOLE_HZ, without_subsonic
from msanii.vocoder.decoding import OnePassDecoder
from msanii.vocoder.network import OnePassVocoder

SHORTEST_SECONDS = 0.1
# A source is never raised or lowered by more than this before it is encoded.
MOST_GAIN = 100.0


@dataclass(frozen=True, slots=True)
class Canvas:
    """A source laid out for the networks: `line` (C, L) at the model's level, L = (T - 1) * hop.

    `kept` (L,) is true where the line holds the source and is to stay so; elsewhere it holds a reflection, or
    what is to be replaced. `gain` is what was applied. `content` is the part that the verb was asked for.
    """

    line: Tensor
    kept: Tensor
    gain: float
    frames: int
    content: slice


class Codec:
    """Encodes to what the diffusion sees and decodes it, at any length and level."""

    def __init__(self, model: LoadedModel, placement: Placement) -> None:
        self.placement = placement
        self.config = model.config.transforms
        self._source_lufs = model.config.source_lufs
        self.frame_multiple = model.config.unet.frame_multiple
        self._takes_scaled = model.config.vocoder.features == "scaled"
        # Without a trained vocoder the mel bank's pseudo-inverse gives a duller spectrum, but the right one.
        self._vocoder = self._one_pass = None
        if "vocoder" in model.config.trained and isinstance(model.vocoder, OnePassVocoder):
            self._one_pass = OnePassDecoder(model.vocoder, placement)
        elif "vocoder" in model.config.trained:
            self._vocoder = model.vocoder.to(placement.device)
        self._transforms = model.transforms.to(placement.signal_device)
        self._lowest_band = self._transforms.bands_below(WHOLE_HZ)

    def frames_for(self, samples: int) -> int:
        """T for `samples` or more: the network's next multiple, the last frame at the end or after it."""
        frames = math.ceil(samples / self.config.hop_length) + 1
        return math.ceil(frames / self.frame_multiple) * self.frame_multiple

    def check_source(self, name: str, source: object) -> Tensor:
        """A source (C, L) as a float32 tensor. Raises AudioError for one that no verb can start from."""
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
        """Two sources (C, L) of the shorter one's length; a mono one fills the other's channels."""
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
        """The first sample and the one after the last. Raises AudioError for a region outside the source."""
        whole = source.shape[1] / self.config.sample_rate
        begin = 0.0 if from_seconds is None else from_seconds
        end = whole if to_seconds is None else to_seconds
        # Half a sample of tolerance: the end of a source may be given in decimals.
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
        """Samples to add. Raises AudioError for a length or side that makes no sense."""
        if side not in get_args(Side):
            raise AudioError(f"side: got {side!r}, expected before or after")
        if not SECONDS.low <= seconds <= SECONDS.high:
            expected = f"expected {SECONDS.low:g} to {SECONDS.high:g} of new music"
            raise AudioError(f"seconds: got {seconds:g}, {expected}")
        # Rounded twice: a length of exactly half a sample more must go where exact fractions take it.
        return round(round(seconds * self.config.sample_rate, 6))

    def canvas(
        self,
        waveform: Tensor,
        *,
        gap: slice | None = None,
        added: int = 0,
        before: bool = False,
        edition: Edition = LATEST_EDITION,
    ) -> Canvas:
        """Lay out a waveform (C, M) for a verb, `added` or more samples longer (at its start with `before`).

        The samples of `gap` are not kept. What the network's multiple adds lies beyond what is asked for.
        """
        content = waveform.shape[1] + added
        frames = self.frames_for(content)
        samples = (frames - 1) * self.config.hop_length
        gain = self._level_gain(waveform, edition)
        missing = samples - waveform.shape[1]
        widths = (missing, 0) if before else (0, missing)
        # Unlike torch's, numpy's reflection goes on where the padding is longer than the waveform.
        line = np.pad(waveform.cpu().numpy() * np.float32(gain), ((0, 0), widths), mode="reflect")
        kept = torch.ones(waveform.shape[1], dtype=torch.bool)
        if gap is not None:
            kept[gap] = False
        return Canvas(
            torch.from_numpy(line).to(waveform.device),
            functional.pad(kept, widths, value=False).to(waveform.device),
            gain,
            frames,
            slice(samples - content, samples) if before else slice(0, content),
        )

    def loop_canvas(self, waveform: Tensor, circle: Circle, edition: Edition = LATEST_EDITION) -> Canvas:
        """Lay out a loop (C, L) on its circle: nothing is added to it."""
        gain = self._level_gain(waveform, edition)
        kept = torch.ones(waveform.shape[1], dtype=torch.bool, device=waveform.device)
        return Canvas(waveform * gain, kept, gain, circle.frames, slice(0, waveform.shape[1]))

    def _level_gain(self, waveform: Tensor, edition: Edition) -> float:
        """The factor that brings a waveform (C, L) to a level that the model knows.

        Where the model does not tell how loud its training data was, and in edition 1: its loudest mel to the
        loudest that the model knows. That made a piano as loud as the model's loudest drum.
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

    def whole_frames(self, kept: Tensor) -> Tensor:
        """(T,): which frames see nothing but kept samples (L,) and their reflection at the ends."""
        reach = self.config.n_fft // 2
        edges = kept[:1].expand(reach), kept[-1:].expand(reach)
        return (
            torch.cat((edges[0], kept, edges[1])).unfold(0, self.config.n_fft, self.config.hop_length).all(-1)
        )

    def encode(self, waveform: Tensor, circle: Circle | None = None) -> Tensor:
        """A waveform (C, L) as the diffusion sees it: scaled mel (1, C, M, T), T = L // hop + 1.

        On a `circle` the waveform is a loop, and T its frames.
        """
        if circle is None:
            log_mel = self._transforms.log_mel(waveform)
        else:
            log_mel = self._transforms.mel_of(self.spectrum(waveform, circle).abs())
        return self._transforms.scale(log_mel)[None].to(self.placement.device)

    def frame_power(self, mel: Tensor, edition: Edition = LATEST_EDITION) -> Tensor:
        """The power (T,) of each frame of a scaled mel (B, C, M, T), all its channels and audible bands."""
        log_mel = self._transforms.unscale(mel.float().to(self.placement.signal_device))
        lowest = self._lowest_band if edition >= 2 else 0
        return log_mel[:, :, lowest:].exp().square().sum(dim=(0, 1, 2))

    def mel_level(self, mel: Tensor) -> Tensor:
        """The level of scaled mels (B, C, M, T) by the power of their audible bands, (B, 1, 1, 1).

        It is in their own units: a mel to which 0.1 is added has a level that is 0.1 higher.
        """
        low, high = self._transforms.unscale(torch.tensor(self.config.feature_range, device=mel.device))
        steepness = 2 * float(high - low) / (self.config.feature_range[1] - self.config.feature_range[0])
        bands = steepness * mel[:, :, self._lowest_band :].float().flatten(1)
        return ((bands.logsumexp(1) - math.log(bands.shape[1])) / steepness)[:, None, None, None]

    def spectrum(self, waveform: Tensor, circle: Circle | None = None) -> Tensor:
        """The STFT (C, F, T) of a waveform (C, L), with the frames of `encode`."""
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
        """Scaled mel (B, C, M, T) to waveforms (B, C, L), L = (T - 1) * hop; the rest is `griffin_lim`'s.

        On a `circle` the mel is a loop's, and L its samples. The phase starts from that of `source` (C, L),
        where one is given, and with `near` its fine structure stays where the mel stayed as it was.
        `iterations` None leaves all of that to a one-pass vocoder. From edition 2 on nothing is made
        below 20 Hz; what is `kept` stays as it is.
        """
        if iterations is None:
            if self._one_pass is None:
                raise ValueError("iterations: got None, but this model's vocoder gives magnitudes alone")
            log_mel = self._transforms.unscale(mel.float().to(self.placement.signal_device))
            # Silent from the start, an offset cannot leak into the bins above, where no filter finds it.
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
        """A waveform (..., L) as an edition has it: from the second on without what lies below 20 Hz.

        With `circular` it is a loop.
        """
        if edition < 2:
            return waveform
        lines = waveform.reshape(-1, waveform.shape[-1]).cpu().numpy()
        done = without_subsonic(lines, self.config.sample_rate, circular=circular)
        return torch.from_numpy(done).to(waveform.device).reshape(waveform.shape)

    def audible_source(
        self, name: str, source: object, edition: Edition, *, circular: bool = False
    ) -> Tensor:
        """`check_source` of what is audible of a source: one that is nothing but an offset is silent."""
        heard = self.audible(self.check_source(name, source), edition, circular=circular)
        return self.check_source(name, heard)

    def magnitude(self, mel: Tensor, circle: Circle | None = None) -> Tensor:
        """Scaled mel (B, C, M, T) to magnitude (B, C, F, T)."""
        if circle is None:
            return self._magnitude(mel.float())
        # A vocoder's convolutions hear past the ends as well.
        wide = wrap(mel.float(), MARGIN_FRAMES, MARGIN_FRAMES)
        return self._magnitude(wide)[..., MARGIN_FRAMES:-MARGIN_FRAMES]

    def _like_source(self, magnitude: Tensor, mel: Tensor, source: Tensor) -> Tensor:
        """The magnitude (B, C, F, T) of a mel (B, C, M, T), with what it left as it was in a source's."""
        log_mel = self._transforms.unscale(mel.float().to(source))
        # Through the scale and back: what it clips of the source must not count as moved.
        heard = self._transforms.unscale(self._transforms.scale(self._transforms.mel_of(source)))
        bank = cast(Tensor, self._transforms.mel_scale.fb)
        return transfer_detail(magnitude, log_mel, source, heard, bank)

    def _magnitude(self, mel: Tensor) -> Tensor:
        """(B, C, F, T), in float32: the ear hears what bfloat16 would do to the phase's target."""
        signal = self.placement.signal_device
        log_mel = self._transforms.unscale(mel.to(signal))
        if self._one_pass is not None:
            return self._one_pass.magnitude(log_mel)
        if self._vocoder is None:
            return self._transforms.mel_to_linear(log_mel)
        features = mel if self._takes_scaled else log_mel
        magnitude: Tensor = self._vocoder(features.to(self.placement.device))
        return magnitude.to(signal)


def level(waveform: Tensor) -> Tensor:
    """The root mean square of (..., C, L), as (..., 1, 1)."""
    return waveform.square().mean(dim=(-2, -1), keepdim=True).sqrt().cpu()


def at_level(waveform: Tensor, wanted: Tensor) -> Tensor:
    """(B, C, L) with each variation at the `wanted` level; silence stays silent."""
    own = level(waveform)
    return torch.where(own > 0, waveform * (wanted / own), waveform)
