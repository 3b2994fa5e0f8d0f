"""The composing network: a transformer that writes the notes of some bars, given the others and the harmony.

A sequence is a context, every token of which attends to all of it (a token for each bar with its chords; the
notes that are there), and then steps, each of which attends to the context and to the steps before it: a
bar's start, then its notes by onset and pitch. A step gives the next note's slot, or the bar's end; then,
knowing that slot and the chord there, its pitch; then length and velocity.

Shapes: B batch, T tokens, N bars, S steps whose output counts, D the width.
"""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from msanii.composer.melodic import config as sizes
from msanii.composer.melodic.config import ComposerConfig
from msanii.composer.melodic.grid import DURATION_TICKS, MOST_QUARTERS, PITCHES, VELOCITIES
from msanii.composer.melodic.harmony import CHORD_FEATURES
from msanii.composer.melodic.tokens import KINDS, TOKEN_FIELDS

_SIZES = {
    "kind": len(KINDS),
    "part": len(sizes.WRITTEN_PARTS),
    "slot": sizes.END + 1,
    "pitch": PITCHES + 1,
    "duration": len(DURATION_TICKS) + 1,
    "velocity": VELOCITIES + 1,
}


class Block(nn.Module):
    """Attention, then a feed-forward layer, each added to a stream (B, T, D)."""

    def __init__(self, config: ComposerConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.attention_norm, self.hidden_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, config.hidden), nn.Linear(config.hidden, width)

    def forward(self, x: Tensor, turn: Tensor, mask: Tensor) -> Tensor:
        """`turn` (2, B, 1, T, head width / 2) holds cosines and sines, `mask` (B, 1, T, T) what is seen."""
        B, T, D = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(turned(q, turn), turned(k, turn), v, attn_mask=mask)
        attended: Tensor = x + self.out(seen.transpose(1, 2).reshape(B, T, D))
        hidden = F.gelu(self.up(self.hidden_norm(attended)), approximate="tanh")
        return attended + cast(Tensor, self.down(hidden))


def turned(x: Tensor, turn: Tensor) -> Tensor:
    """Rotate pairs of the last axis (RoFormer, Su et al. 2021)."""
    cosine, sine = turn.to(x.dtype).unbind()
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), dim=-1)


class ComposerNetwork(nn.Module):
    """See the module's text. `msanii.composer.melodic.inference` computes the same in numpy."""

    def __init__(self, config: ComposerConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.embeddings = nn.ModuleDict({name: nn.Embedding(size, width) for name, size in _SIZES.items()})
        self.bar_chords = nn.Linear(MOST_QUARTERS * CHORD_FEATURES, width)
        self.meter = nn.Linear(sizes.METER_FEATURES, width)
        self.density = nn.Embedding(sizes.UNKNOWN_DENSITY + 1, width)
        self.register = nn.Embedding(sizes.UNKNOWN_REGISTER + 1, width)
        self.likeness = nn.Embedding(len(sizes.LAGS) * sizes.LIKENESS_CLASSES, width)
        self.chord_here = nn.Linear(CHORD_FEATURES, width)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.layers)])
        self.norm = nn.LayerNorm(width)
        self.to_slot = nn.Linear(width, sizes.END + 1)
        self.slot_drawn = nn.Embedding(sizes.END + 1, width)
        self.chord_drawn = nn.Linear(CHORD_FEATURES, width)
        self.pitch_hidden, self.to_pitch = nn.Linear(width, 2 * width), nn.Linear(2 * width, PITCHES)
        self.pitch_drawn = nn.Embedding(PITCHES, width)
        self.length_hidden = nn.Linear(width, width)
        self.to_duration = nn.Linear(width, len(DURATION_TICKS))
        self.duration_drawn = nn.Embedding(len(DURATION_TICKS), width)
        self.to_velocity = nn.Linear(width, VELOCITIES)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                deep = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * config.layers) ** 0.5 if deep else 0.02)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Logits (S, classes) of each field at the steps that count.

        `batch`: `tokens` (B, T, 6) of TOKEN_FIELDS; `place` (B, T) bar * MOST_QUARTERS + quarter; `turn`
        (B, T, head width / 2) angles; `context` (B,) the length of the context; `chords`
        (B, N * MOST_QUARTERS, CHORD_FEATURES); `meter` (B, N, METER_FEATURES); `told` (B, N, 2 + lags)
        classes of density, register and likeness; `labels` (S, 6): row of the batch, token, and the slot,
        pitch, duration and velocity to come. Bar n is token n of a sequence.
        """
        x = self._embedded(batch)
        angles = batch["turn"][:, None]
        turn = torch.stack((angles.cos(), angles.sin()))
        mask = _seen(batch["context"], x.shape[1])
        for block in self.blocks:
            x = block(x, turn, mask)
        rows, tokens, slot, pitch, duration, _ = batch["labels"].unbind(1)
        h = self.norm(x[rows, tokens])
        bars = batch["place"][rows, tokens] // MOST_QUARTERS
        quarters = (slot // 6).clamp(max=MOST_QUARTERS - 1)
        chord = batch["chords"][rows, bars * MOST_QUARTERS + quarters]
        u = h + self.slot_drawn(slot) + self.chord_drawn(chord)
        v = F.gelu(self.length_hidden(u + self.pitch_drawn(pitch)), approximate="tanh")
        return {
            "slot": self.to_slot(h),
            "pitch": self.to_pitch(F.gelu(self.pitch_hidden(u), approximate="tanh")),
            "duration": self.to_duration(v),
            "velocity": self.to_velocity(v + self.duration_drawn(duration)),
        }

    def _embedded(self, batch: dict[str, Tensor]) -> Tensor:
        tokens, place = batch["tokens"], batch["place"]
        embedded: list[Tensor] = [
            self.embeddings[name](tokens[..., i]) for i, name in enumerate(TOKEN_FIELDS)
        ]
        x: Any = sum(embedded)
        here = self.chord_here(batch["chords"])
        x = x + here.gather(1, place[..., None].expand(-1, -1, here.shape[-1])).to(x.dtype)
        B, N, _ = batch["meter"].shape
        told = batch["told"]
        lags = torch.arange(len(sizes.LAGS), device=told.device) * sizes.LIKENESS_CLASSES
        bars = (
            self.bar_chords(batch["chords"].view(B, N, -1))
            + self.meter(batch["meter"])
            + self.density(told[..., 0])
            + self.register(told[..., 1])
            + self.likeness(told[..., 2:] + lags).sum(dim=2)
        )
        return torch.cat((x[:, :N] + bars.to(x.dtype), x[:, N:]), dim=1)


def _seen(context: Tensor, length: int) -> Tensor:
    """(B, 1, T, T): whether a token sees another."""
    places = torch.arange(length, device=context.device)
    causal = places[:, None] >= places
    return (causal | (places < context[:, None])[:, None, :])[:, None]


def losses(logits: dict[str, Tensor], labels: Tensor) -> dict[str, Tensor]:
    """The cross entropy of each field, in nats a note; a bar's end counts for the slot alone."""
    slot = labels[:, 2]
    is_note = slot != sizes.END
    notes = is_note.sum().clamp(min=1)
    result = {"slot": F.cross_entropy(logits["slot"].float(), slot, reduction="sum") / notes}
    for column, name in ((3, "pitch"), (4, "duration"), (5, "velocity")):
        each = F.cross_entropy(logits[name].float(), labels[:, column], reduction="none")
        result[name] = (each * is_note).sum() / notes
    return result
