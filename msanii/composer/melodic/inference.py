"""The composing network in numpy, a note at a time: quicker than torch where one token is computed at once.

It computes the same as `msanii.composer.melodic.network`. Letters: T tokens, N bars, D the width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic import config as sizes
from msanii.composer.melodic.config import ComposerConfig, rotation_angles
from msanii.composer.melodic.form import FORM_SHAPE, Forms
from msanii.composer.melodic.grid import MOST_QUARTERS, SLOTS, SLOTS_A_QUARTER, slot_ticks
from msanii.composer.melodic.harmony import chord_features
from msanii.composer.melodic.tokens import STEP, TOKEN_FIELDS, Tokens, Window, context_tokens
from msanii.errors import CheckpointError

Floats = NDArray[np.float32]
Linear = tuple[Floats, Floats]
"""a matrix (out, in) and a bias (out,)"""

_EPSILON = np.float32(1e-5)  # of torch's LayerNorm
_GELU_SLOPE, _GELU_CURVE = np.float32(0.7978845608), np.float32(0.7978845608 * 0.044715)


class Reader:
    """The network with its weights. Raises CheckpointError if weights are missing or have other shapes."""

    def __init__(
        self, config: ComposerConfig, weights: Mapping[str, Floats], forms: Mapping[str, Forms]
    ) -> None:
        self.config = config
        self.forms = forms
        for part in sizes.WRITTEN_PARTS:
            if part not in forms or len(forms[part]) < 1 or forms[part].shape[1:] != FORM_SHAPE:
                raise CheckpointError(f"composer: it has no forms of {part}; copy its folder again")
        self._weights = weights
        try:
            self.embeddings = [self._table(f"embeddings.{name}") for name in TOKEN_FIELDS]
            self.layers = [_Layer(self, f"blocks.{number}.") for number in range(config.layers)]
            self.norm = self.linear("norm")
            self.slot = self.linear("to_slot")
            self.slot_drawn, self.chord_drawn = self._table("slot_drawn"), self.linear("chord_drawn")
            self.pitch_hidden, self.pitch = self.linear("pitch_hidden"), _halved(self.linear("to_pitch"))
            self.pitch_drawn, self.length_hidden = self._table("pitch_drawn"), self.linear("length_hidden")
            self.duration, self.duration_drawn = self.linear("to_duration"), self._table("duration_drawn")
            self.velocity = self.linear("to_velocity")
            self.bar_chords, self.meter = self.linear("bar_chords"), self.linear("meter")
            self.chord_here = self.linear("chord_here")
            self._told = [self._table(name) for name in ("density", "register", "likeness")]
        except KeyError as error:
            raise CheckpointError(f"composer: it lacks {error.args[0]}; copy its folder again") from error
        except ValueError as error:
            raise CheckpointError(
                f"composer: its weights do not fit together ({error}); copy its folder again"
            ) from error
        places = np.arange(SLOTS)
        self.slot_angles = rotation_angles(config, np.zeros_like(places), slot_ticks(places))

    def linear(self, name: str) -> Linear:
        """A layer's matrix and bias."""
        return self._table(name), self._weights[f"{name}.bias"]

    def _table(self, name: str) -> Floats:
        values = self._weights[f"{name}.weight"]
        if not np.isfinite(values).all():
            raise CheckpointError(f"composer: {name} is not finite; copy its folder again")
        return values

    def embedded(self, tokens: Tokens, chords_here: Floats) -> Floats:
        """(T, D) of tokens; `chords_here` (N * MOST_QUARTERS, D) are the chords through `chord_here`."""
        x: Any = chords_here[tokens.place()]
        for column, table in enumerate(self.embeddings):
            x = x + table[tokens.fields[:, column]]
        return np.asarray(x)

    def embedded_bars(self, window: Window, chords: Floats) -> Floats:
        """(N, D): what each bar's token has beside its fields."""
        density, register, likeness = self._told
        lags = np.arange(len(sizes.LAGS)) * sizes.LIKENESS_CLASSES
        return np.asarray(
            applied(self.bar_chords, chords.reshape(len(window.written), -1))
            + applied(self.meter, window.meter())
            + density[window.told[:, 0]]
            + register[window.told[:, 1]]
            + likeness[window.told[:, 2:] + lags].sum(axis=1)
        )


class _Layer:
    """A layer's matrices; what stands before and behind each is multiplied into it."""

    def __init__(self, reader: Reader, prefix: str) -> None:
        config = reader.config
        qkv = _after_norm(reader.linear(prefix + "qkv"), reader.linear(prefix + "attention_norm"))
        for values in qkv:
            values[: config.width] *= np.float32(config.head_width**-0.5)
        self.qkv, self.out = qkv, reader.linear(prefix + "out")
        self.up = _after_norm(reader.linear(prefix + "up"), reader.linear(prefix + "hidden_norm"))
        self.down = _halved(reader.linear(prefix + "down"))


def _after_norm(layer: Linear, norm: Linear) -> Linear:
    """A layer behind a normalisation whose scale and offset it takes over."""
    weight, bias = layer
    return np.ascontiguousarray(weight * norm[0]), np.asarray(bias + weight @ norm[1])


def _halved(layer: Linear) -> Linear:
    """A layer behind `twice_gelu`."""
    return layer[0] * np.float32(0.5), layer[1]


class Reading:
    """A window that has been read, and the steps so far; `step` adds one and tells what may come next."""

    def __init__(self, reader: Reader, window: Window, most_steps: int) -> None:
        self._reader = reader
        config = reader.config
        chords = chord_features(window.chords)
        self._chords_here = applied(reader.chord_here, chords)
        self._chords_drawn = applied(reader.chord_drawn, chords)
        context = context_tokens(window)
        x = reader.embedded(context, self._chords_here)
        x[: len(window.written)] += reader.embedded_bars(window, chords)
        shape = (config.layers, config.heads, len(x) + most_steps, config.head_width)
        self._keys, self._values = np.empty(shape, np.float32), np.empty(shape, np.float32)
        self._length = 0
        self._step = reader.embeddings[0][STEP] + reader.embeddings[1][window.part]
        bars = np.arange(len(window.written))
        self._bar_angles = rotation_angles(config, bars, np.zeros_like(bars))
        self._run(x, rotation_angles(config, context.bars, context.ticks()))

    def step(self, bar: int, slot: int, pitch: int, duration: int, velocity: int) -> Floats:
        """Read an event, a note or a bar's start, and return the state (D,) that its output is told from."""
        place = 0 if slot == sizes.END else slot
        _, _, slots, pitches, durations, velocities = self._reader.embeddings
        x = self._step + slots[slot] + pitches[pitch] + durations[duration] + velocities[velocity]
        x += self._chords_here[bar * MOST_QUARTERS + place // SLOTS_A_QUARTER]
        x = self._run(x[None], (self._bar_angles[bar] + self._reader.slot_angles[place])[None])[0]
        return normalised(x) * self._reader.norm[0] + self._reader.norm[1]

    def slot_logits(self, h: Floats) -> Floats:
        return applied(self._reader.slot, h)

    def at_slot(self, h: Floats, bar: int, slot: int) -> Floats:
        """The state (D,) that knows the place of the next note, and the chord there."""
        chord = self._chords_drawn[bar * MOST_QUARTERS + slot // SLOTS_A_QUARTER]
        return np.asarray(h + self._reader.slot_drawn[slot] + chord)

    def pitch_logits(self, u: Floats) -> Floats:
        return applied(self._reader.pitch, twice_gelu(applied(self._reader.pitch_hidden, u)))

    def length_state(self, u: Floats, pitch: int) -> Floats:
        """The state (D,) that knows the pitch too."""
        hidden = applied(self._reader.length_hidden, u + self._reader.pitch_drawn[pitch])
        return twice_gelu(hidden) * np.float32(0.5)

    def duration_logits(self, v: Floats) -> Floats:
        return applied(self._reader.duration, v)

    def velocity_logits(self, v: Floats, duration: int) -> Floats:
        return applied(self._reader.velocity, v + self._reader.duration_drawn[duration])

    def _run(self, x: Floats, angles: Floats) -> Floats:
        """Tokens (T, D) through all layers; they see everything before and each other."""
        config = self._reader.config
        cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]  # (T, 1, head width / 2)
        T, start, end = len(x), self._length, self._length + len(x)
        for number, layer in enumerate(self._reader.layers):
            qkv = applied(layer.qkv, normalised(x)).reshape(T, 3 * config.heads, config.head_width)
            turned = _turned(qkv[:, : 2 * config.heads], cosine, sine)
            keys, values = self._keys[number, :, :end], self._values[number, :, :end]
            keys[:, start:] = turned[:, config.heads :].swapaxes(0, 1)
            values[:, start:] = qkv[:, 2 * config.heads :].swapaxes(0, 1)
            scores = turned[:, : config.heads].swapaxes(0, 1) @ keys.swapaxes(1, 2)
            seen = softmax(scores) @ values  # (heads, T, head width)
            x = x + applied(layer.out, seen.swapaxes(0, 1).reshape(T, -1))
            x += applied(layer.down, twice_gelu(applied(layer.up, normalised(x))))
        self._length = end
        return x


def applied(layer: Linear, x: Floats) -> Floats:
    """A linear layer on (in,) or (T, in)."""
    weight, bias = layer
    if x.ndim == 1:
        return np.asarray(weight @ x + bias)
    # A matrix times a vector is much quicker than a matrix of one row times a matrix.
    return np.asarray((weight @ x[0] + bias)[None] if len(x) == 1 else x @ weight.T + bias)


def normalised(x: Floats) -> Floats:
    """(..., D) with mean 0 and variance 1."""
    size = np.float32(x.shape[-1])
    centred = x - np.add.reduce(x, axis=-1, keepdims=True) / size
    variance = np.add.reduce(centred * centred, axis=-1, keepdims=True) / size
    centred /= np.sqrt(variance + _EPSILON)
    return np.asarray(centred)


def twice_gelu(x: Floats) -> Floats:
    """Twice the GELU, by its approximation with tanh."""
    inner = x * x
    inner *= _GELU_CURVE
    inner += _GELU_SLOPE
    inner *= x
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= x
    return np.asarray(inner)


def softmax(scores: Floats) -> Floats:
    """Over the last axis."""
    raised = scores - np.maximum.reduce(scores, axis=-1, keepdims=True)
    np.exp(raised, out=raised)
    raised /= np.add.reduce(raised, axis=-1, keepdims=True)
    return np.asarray(raised)


def _turned(x: Floats, cosine: Floats, sine: Floats) -> Floats:
    """Rotate (T, heads, head width) by angles (T, 1, head width / 2)."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    turned = np.empty_like(x)
    turned[..., :half] = first * cosine - second * sine
    turned[..., half:] = first * sine + second * cosine
    return turned
