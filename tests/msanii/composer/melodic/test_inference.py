"""The network in numpy computes what the network in torch does; damaged weights are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from msanii.composer.melodic.config import END
from msanii.composer.melodic.inference import Reader, Reading
from msanii.composer.melodic.tokens import context_tokens, events_of, joined, step_tokens
from msanii.composer.melodic.weights import load_weights, save_weights
from msanii.errors import CheckpointError
from msanii.training.composer_windows import collated, drawn_window
from tests.msanii.composer.melodic.songs import TINY, grid_song, tiny_forms, tiny_network, tiny_reader


@pytest.mark.parametrize("seed", range(4))
def test_numpy_gives_the_logits_of_torch(seed: int) -> None:
    window, notes = drawn_window(grid_song(), seed % 2, 2, 8, np.random.default_rng(seed))
    events = events_of(notes, window.written)
    tokens = joined(context_tokens(window), step_tokens(window.part, events))
    batch = collated([(window, tokens, events)], TINY)
    with torch.no_grad():
        expected = tiny_network()(batch)
    reading = Reading(tiny_reader(), window, len(events))
    for step, event in enumerate(events.tolist()):
        h = reading.step(*event)
        _, _, slot, pitch, duration, _ = batch["labels"][step].tolist()
        found = {"slot": reading.slot_logits(h)}
        if slot != END:
            u = reading.at_slot(h, event[0], slot)
            v = reading.length_state(u, pitch)
            found |= {"pitch": reading.pitch_logits(u), "duration": reading.duration_logits(v)}
            found["velocity"] = reading.velocity_logits(v, duration)
        for name, logits in found.items():
            np.testing.assert_allclose(logits, expected[name][step], atol=2e-4)


def test_a_step_sees_no_later_step() -> None:
    window, notes = drawn_window(grid_song(), 0, 0, 4, np.random.default_rng(0))
    events = events_of(notes, window.written)
    changed = events.copy()
    changed[-1, 2] += 1
    logits = []
    for each in (events, changed):
        tokens = joined(context_tokens(window), step_tokens(0, each))
        with torch.no_grad():
            logits.append(tiny_network()(collated([(window, tokens, each)], TINY))["slot"])
    assert torch.equal(logits[0][:-2], logits[1][:-2])
    assert not torch.equal(logits[0][-1], logits[1][-1])


def test_a_folder_gives_back_its_weights_in_half_precision(tmp_path: Path) -> None:
    weights = {name: values.numpy() for name, values in tiny_network().state_dict().items()}
    save_weights(tmp_path, TINY, weights, tiny_forms())
    config, loaded, forms = load_weights(tmp_path)
    assert config == TINY
    for name, values in weights.items():
        np.testing.assert_array_equal(loaded[name], values.astype(np.float16))
    for part, values in tiny_forms().items():
        np.testing.assert_array_equal(forms[part], values)


def test_a_missing_or_damaged_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has no composer\.json"):
        load_weights(tmp_path)
    weights = {name: values.numpy() for name, values in tiny_network().state_dict().items()}
    save_weights(tmp_path, TINY, weights, tiny_forms())
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_weights(tmp_path)
    path.unlink()
    with pytest.raises(CheckpointError, match=r"has no model\.safetensors"):
        load_weights(tmp_path)
    (tmp_path / "composer.json").write_text('{"name": "default"}')
    with pytest.raises(CheckpointError, match="unknown name"):
        load_weights(tmp_path)


def test_weights_that_are_missing_or_not_finite_are_named() -> None:
    weights = {name: values.numpy().copy() for name, values in tiny_network().state_dict().items()}
    with pytest.raises(CheckpointError, match=r"lacks to_slot\.bias"):
        Reader(
            TINY, {name: values for name, values in weights.items() if name != "to_slot.bias"}, tiny_forms()
        )
    weights["to_pitch.weight"][0, 0] = np.nan
    with pytest.raises(CheckpointError, match="to_pitch is not finite"):
        Reader(TINY, weights, tiny_forms())
    weights["to_pitch.weight"][0, 0] = 0.0
    with pytest.raises(CheckpointError, match="no forms of lead"):
        Reader(TINY, weights, {"keys": tiny_forms()["keys"]})
    with pytest.raises(CheckpointError, match="is not finite in float16"):
        save_weights(Path("nowhere"), TINY, {"large": np.full(2, 1e6, np.float32)}, {})
