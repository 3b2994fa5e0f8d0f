"""The listening network: two spectra of mono audio to notes, beats, chords, key, meter and sounds.

Convolutions over pitch find notes; a stream of dilated convolutions over time hears meter and harmony, the
latter at a quarter of the frame rate. There is no attention and no recurrence, so that any length is heard
alike and a file can be heard in overlapping windows.

Shapes: B batch, M mels, P bins of pitch, T frames, S = ceil(T / 4) slow frames, W width, H channels,
K = 88 keys.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from msanii.listening.config import METERS, PITCHES, SLOW_FRAMES, ListenerConfig
from msanii.listening.spectra import BINS_A_SEMITONE, FLOOR, PITCH_BINS
from msanii.music.chord_classes import CHORD_CLASSES, KEYS
from msanii.music.families import FAMILIES
from msanii.music.palette import PALETTE
from msanii.music.sounds import PARTS

NOTE_MAPS = ("onset", "sustain", "velocity")
POOLED = {"sound": len(PALETTE), "part": len(PARTS), "family": len(FAMILIES)}
SLOW_POOLED = {"key": len(KEYS), "meter": len(METERS)}
BASS_CLASSES = 13  # none, then pitch classes
# The octave below, the tone itself, and its next four harmonics, in bins.
_HARMONICS = tuple(round(12 * BINS_A_SEMITONE * math.log2(ratio)) for ratio in (0.5, 1, 2, 3, 4, 5))
_PER_KEY = 8
# How rare an attack, a sounding key and a beat are, so that training starts from there.
_RARE = {"onset": -5.0, "sustain": -3.0, "velocity": 0.0}


class ListenerNetwork(nn.Module):
    """See the module's text."""

    def __init__(self, config: ListenerConfig) -> None:
        super().__init__()
        self.config = config
        H, W = config.channels, config.width
        self.pitch_in = nn.Conv2d(len(_HARMONICS), 16, 3, padding=1)
        self.to_keys = nn.Conv2d(16, H, 3, stride=(BINS_A_SEMITONE, 1), padding=(0, 1))
        self.keys = nn.ModuleList([nn.Conv2d(H, H, 3, padding=1) for _ in range(2)])
        self.keys_narrow = nn.Conv2d(H, _PER_KEY, 1)
        self.keys_out = nn.Linear(_PER_KEY * PITCHES, W)
        bands = config.transforms.n_mels
        self.mel = nn.ModuleList()
        for before, after in ((1, 16), (16, H), (H, H)):
            self.mel.append(nn.Conv2d(before, after, 3, stride=(2, 1), padding=1))
            bands = (bands + 1) // 2
        self.mel_out = nn.Linear(H * bands, W)
        self.blocks = nn.ModuleList([Block(W, config.hidden, dilation) for dilation in config.dilations])
        self.norm = nn.LayerNorm(W)
        self.beats = nn.Linear(W, 2)
        self.notes_from_stream = nn.Linear(W, _PER_KEY * PITCHES)
        self.notes_hidden = nn.Conv2d(H + _PER_KEY, 16, 3, padding=1)
        self.notes = nn.Conv2d(16, len(NOTE_MAPS), 1)
        self.slow_in = nn.Linear(W, W)
        self.slow_blocks = nn.ModuleList([Block(W, config.hidden, step) for step in config.slow_dilations])
        self.slow_norm = nn.LayerNorm(W)
        self.chord = nn.Linear(W, CHORD_CLASSES)
        self.bass = nn.Linear(W, BASS_CLASSES)
        self.pooled = Pooled(W, POOLED)
        self.slow_pooled = Pooled(W, SLOW_POOLED)
        with torch.no_grad():
            self.beats.bias.copy_(torch.tensor([-3.0, 0.0]))
            assert self.notes.bias is not None  # noqa: S101 (for the type checker)
            self.notes.bias.copy_(torch.tensor([_RARE[name] for name in NOTE_MAPS]))

    def forward(self, mel: Tensor, pitch: Tensor) -> dict[str, Tensor]:
        """Normal log-mel (B, M, T) and pitch spectrum (B, P, T) to logits.

        `beat`, `downbeat` (B, T): of a beat, and of a bar's start given a beat. `onset`, `sustain`,
        `velocity` (B, K, T). `chord` (B, S, CHORD_CLASSES), `bass` (B, S, 13). `sound`, `part`, `family`,
        `key`, `meter` (B, classes): of the whole clip.
        """
        keys = self._keys(pitch)  # (B, H, K, T)
        stream = self._stream(keys, mel)
        heard = self.norm(stream)
        beats = self.beats(heard)
        notes = self._notes(keys, heard)
        slow = self._slow(heard)
        return {
            "beat": beats[..., 0],
            "downbeat": beats[..., 1],
            **{name: notes[:, place] for place, name in enumerate(NOTE_MAPS)},
            "chord": self.chord(slow),
            "bass": self.bass(slow),
            **self.pooled(heard),
            **self.slow_pooled(slow),
        }

    def _keys(self, pitch: Tensor) -> Tensor:
        x = F.gelu(self.pitch_in(stacked_harmonics(pitch)))
        x = F.gelu(self.to_keys(x))
        for convolution in self.keys:
            x = x + F.gelu(convolution(x))
        return x

    def _stream(self, keys: Tensor, mel: Tensor) -> Tensor:
        x = mel[:, None]
        for convolution in self.mel:
            x = F.gelu(convolution(x))
        narrow = F.gelu(self.keys_narrow(keys)).flatten(1, 2).transpose(1, 2)  # (B, T, 8 K)
        stream: Tensor = self.keys_out(narrow) + self.mel_out(x.flatten(1, 2).transpose(1, 2))
        for block in self.blocks:
            stream = block(stream)
        return stream

    def _notes(self, keys: Tensor, heard: Tensor) -> Tensor:
        B, T, _ = heard.shape
        told = self.notes_from_stream(heard).view(B, T, _PER_KEY, PITCHES).permute(0, 2, 3, 1)
        notes: Tensor = self.notes(F.gelu(self.notes_hidden(torch.cat((keys, told.to(keys.dtype)), dim=1))))
        return notes

    def _slow(self, heard: Tensor) -> Tensor:
        # The last slow frame is the mean of those frames that there are.
        x = F.avg_pool1d(heard.transpose(1, 2), SLOW_FRAMES, ceil_mode=True).transpose(1, 2)
        x = self.slow_in(x)
        for block in self.slow_blocks:
            x = block(x)
        slow: Tensor = self.slow_norm(x)
        return slow


class Block(nn.Module):
    """A residual block of the stream (B, T, W): narrow, a dilated convolution over time, wide again."""

    def __init__(self, width: int, hidden: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.down = nn.Linear(width, hidden)
        self.dilation = dilation
        self.taps = nn.Linear(3 * hidden, hidden)
        self.up = nn.Linear(hidden, width)
        nn.init.normal_(self.up.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        y = F.gelu(self.down(self.norm(x)))
        # As one matrix product, which processors do faster than a dilated Conv1d.
        padded = F.pad(y, (0, 0, self.dilation, self.dilation))
        T, step = x.shape[1], self.dilation
        taps = torch.cat([padded[:, place : place + T] for place in (0, step, 2 * step)], dim=-1)
        added: Tensor = self.up(F.gelu(self.taps(taps)))
        return x + added


class Pooled(nn.Module):
    """Logits of a whole clip: means of the stream, weighted for each head by what it attends to."""

    def __init__(self, width: int, heads: dict[str, int]) -> None:
        super().__init__()
        self.weights = nn.Linear(width, len(heads))
        self.heads = nn.ModuleDict({name: nn.Linear(width, classes) for name, classes in heads.items()})

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        shares = self.weights(x).softmax(dim=1)  # (B, T, heads)
        means = torch.einsum("bth,btw->hbw", shares, x)
        return {name: head(mean) for (name, head), mean in zip(self.heads.items(), means, strict=True)}


def stacked_harmonics(pitch: Tensor) -> Tensor:
    """Spectrum (B, P, T) to (B, 6, 3 K, T): at each bin its sub-octave, itself and its harmonics (Bittner et
    al., ISMIR 2017), so that a small kernel sees a whole tone."""
    count = PITCHES * BINS_A_SEMITONE
    low = max(0, -min(_HARMONICS))
    high = max(_HARMONICS) + count - PITCH_BINS
    padded = F.pad(pitch, (0, 0, low, max(0, high)), value=FLOOR)
    return torch.stack([padded[:, low + shift : low + shift + count] for shift in _HARMONICS], dim=1)
