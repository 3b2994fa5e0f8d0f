"""Training of the one-pass vocoder at a tiny size: exact resumption, discriminators, round-trip mels."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
import yaml

from msanii.checkpoint.folder import load_model
from msanii.config import LowBandConfig, OnePassConfig, SidesConfig, TransformsConfig
from msanii.controls.tensor import Events
from msanii.data.shards import write_song
from msanii.errors import ConfigError, DataError
from msanii.signal.split_complex import cis
from msanii.signal.transforms import Transforms
from msanii.training.adversarial import AdversarialLoss
from msanii.training.config import load_training_config
from msanii.training.one_pass_config import DiscriminatorConfig, MelNoiseConfig, OnePassTraining
from msanii.training.vocoder import train_vocoder
from msanii.training.waveform_losses import Mel, Weights, motion_loss, waveform_loss
from tests.msanii.training.tiny_runs import losses

RATE, HOP = 44_100, 1024
VOCODER = {
    "kind": "one_pass",
    "d_model": 16,
    "d_hidden_factor": 1,
    "mel_blocks": 1,
    "blocks": 1,
    "carried_bins": 64,
}
MODEL = {"name": "tiny", "unet": {"d_base": 16, "d_timestep": 16, "d_hidden_factor": 1}, "vocoder": VOCODER}
ADVERSARY = {"width": 2, "periods": [2, 3], "sizes": [128], "band_edges": [0.5]}
SETTINGS = {
    "task": "vocoder",
    "model": MODEL,
    "one_pass": {"sizes": [128, 512, 2048], "sizes_per_step": 2},
    "seed": 3,
    "steps": 6,
    "batch_size": 2,
    "samples": 4 * HOP,
    "optimizer": "adamw",
    "learning_rate": 1e-3,
    "warmup_steps": 2,
    "precision": "no",
    "ema": {"decay": 0.9, "start_step": 2, "every": 1},
    "checkpoint_every": 3,
    "preview_every": 100,
    "workers": 0,
}
ALL_EQUAL = Weights(1.0, 1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two songs of decaying tones, and their mels."""
    folder = tmp_path_factory.mktemp("data") / "train"
    folder.mkdir()
    time = np.arange(RATE) / RATE
    for song, hertz in enumerate((220.0, 330.0)):
        tone = np.sin(2 * np.pi * hertz * time) * np.exp(-3 * (time % 0.25)) * 0.3
        audio = np.stack([tone, 0.7 * tone])
        soundfile.write(folder / f"{song}.flac", audio.T, RATE)
        log_mel = Transforms(TransformsConfig()).log_mel(torch.from_numpy(audio.astype(np.float32)))
        write_song(folder / f"{song}.safetensors", log_mel.half().numpy(), Events(), {})
    return folder.parent


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration file, with changes."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "vocoder.yaml"
        path.write_text(yaml.safe_dump({**SETTINGS, **changes}))
        return path

    return write


@pytest.mark.parametrize("adversary", [None, ADVERSARY])
def test_a_resumed_run_is_the_unbroken_one(
    data: Path, tmp_path: Path, configured: Callable[..., Path], adversary: dict[str, Any] | None
) -> None:
    config = configured(one_pass={**SETTINGS["one_pass"], "adversary": adversary})  # type: ignore[dict-item]
    train_vocoder(config, data, tmp_path / "whole")
    train_vocoder(config, data, tmp_path / "broken", steps=3)
    train_vocoder(config, data, tmp_path / "broken")
    assert losses(tmp_path / "broken") == losses(tmp_path / "whole")
    whole, broken = (
        load_model(tmp_path / name / "model").vocoder.state_dict() for name in ("whole", "broken")
    )
    assert all(torch.equal(whole[name], broken[name]) for name in whole)
    if adversary is not None:
        assert losses(tmp_path / "broken", "discriminators") == losses(tmp_path / "whole", "discriminators")


LOW = {"d_model": 16, "d_hidden_factor": 1, "blocks": 1}
LOW_SETTINGS = {
    "model": {**MODEL, "vocoder": {**VOCODER, "low": LOW}},
    "one_pass": {"trains": "low", "sizes": [2048, 8192], "sizes_per_step": 2},
    "samples": 16 * HOP,
    "learning_rate": 3e-3,
}


def test_training_the_low_band_changes_no_other_weight(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(), data, tmp_path / "start")
    start = tmp_path / "start/model"
    for name, rate in (("whole", 3e-3), ("still", 1e-12)):
        config = configured(**{**LOW_SETTINGS, "learning_rate": rate, "checkpoint_every": 20})
        train_vocoder(config, data, tmp_path / name, start=start, steps=40)
    for part in ("motion", "log_magnitude"):
        learnt, still = (np.mean(losses(tmp_path / name, part)[-10:]) for name in ("whole", "still"))
        assert learnt < still - 0.1 * abs(still)
    config = configured(**LOW_SETTINGS, checkpoint_every=20)
    train_vocoder(config, data, tmp_path / "broken", start=start, steps=20)
    train_vocoder(config, data, tmp_path / "broken", start=start, steps=40)
    assert losses(tmp_path / "broken") == losses(tmp_path / "whole")
    # The rest is that of the last call, although the run was finished by then.
    train_vocoder(configured(seed=4), data, tmp_path / "other")
    start = tmp_path / "other/model"
    before = load_model(tmp_path / "whole/model").vocoder.state_dict()
    config = configured(**LOW_SETTINGS, checkpoint_every=20)
    train_vocoder(config, data, tmp_path / "whole", start=start, steps=40)
    made = load_model(tmp_path / "whole/model").vocoder.state_dict()
    rest = load_model(start).vocoder.state_dict()
    assert all(torch.equal(made[name], value) for name, value in before.items() if name.startswith("low."))
    assert not torch.equal(before["head.weight"], rest["head.weight"])
    assert set(rest) == {name for name in made if not name.startswith("low.")}
    assert all(torch.equal(made[name], value) for name, value in rest.items())


def test_training_the_rest_keeps_the_low_band(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(), data, tmp_path / "start")
    train_vocoder(configured(**LOW_SETTINGS), data, tmp_path / "low", start=tmp_path / "start/model", steps=4)
    start = tmp_path / "low/model"
    settings = SETTINGS["one_pass"]
    for name, rate in (("rest", 3e-3), ("still", 1e-12)):
        config = configured(
            model=LOW_SETTINGS["model"], one_pass=settings, learning_rate=rate, checkpoint_every=30
        )
        train_vocoder(config, data, tmp_path / name, start=start, steps=30)
    learnt, still = (np.mean(losses(tmp_path / name, "mel")[-10:]) for name in ("rest", "still"))
    assert learnt < 0.9 * still
    before, after = (load_model(path).vocoder.state_dict() for path in (start, tmp_path / "rest/model"))
    stayed = {name for name in before if torch.equal(before[name], after[name])}
    assert stayed == {name for name in before if name.startswith("low.")}


def test_training_stereo_width_changes_no_other_weight(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(), data, tmp_path / "start", steps=3)
    start = tmp_path / "start/model"
    sides = {"bins": 40, "d_model": 16, "d_hidden_factor": 1, "blocks": 1, "smoothing": 1}
    model = {**MODEL, "vocoder": {**VOCODER, "sides": sides}}
    for name, rate in (("sides", 1e-2), ("still", 1e-12)):
        changes = {"model": model, "one_pass": {"trains": "sides"}, "samples": 16 * HOP}
        config = configured(**changes, learning_rate=rate, checkpoint_every=20)
        train_vocoder(config, data, tmp_path / name, start=start, steps=20)
    # These songs are mono.
    assert np.mean(losses(tmp_path / "sides")[-5:]) < 0.5 * np.mean(losses(tmp_path / "still")[-5:])
    before, after = (load_model(path).vocoder.state_dict() for path in (start, tmp_path / "sides/model"))
    assert set(after) - set(before) == {name for name in after if name.startswith("sides.")}
    assert all(torch.equal(after[name], value) for name, value in before.items())
    with pytest.raises(ConfigError, match="trains sides extends a trained vocoder"):
        train_vocoder(config, data, tmp_path / "run")
    with pytest.raises(ConfigError, match=r"model\.vocoder\.sides"):
        train_vocoder(configured(one_pass={"trains": "sides"}), data, tmp_path / "run", start=start)
    judged = {"trains": "sides", "adversary": ADVERSARY}
    with pytest.raises(ConfigError, match="without discriminators"):
        train_vocoder(configured(model=model, one_pass=judged), data, tmp_path / "run", start=start)


def test_parts_that_stay_fixed_must_be_in_the_start(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    """Else a band that never learned would be saved as trained, or a part would be lost."""
    train_vocoder(configured(), data, tmp_path / "start", steps=3)
    train_vocoder(configured(**LOW_SETTINGS), data, tmp_path / "low", start=tmp_path / "start/model", steps=3)
    plain, with_low = tmp_path / "start/model", tmp_path / "low/model"
    both = {"one_pass": SETTINGS["one_pass"], "model": LOW_SETTINGS["model"]}
    faded = {**MODEL, "vocoder": {**VOCODER, "low": {**LOW, "fade_bins": 5}}}
    wide = {**MODEL, "vocoder": {**VOCODER, "low": LOW, "sides": {"d_model": 16, "blocks": 1}}}
    for changes, start, sentence in (
        (both, None, "a new vocoder has none"),
        (both, plain, "low stays fixed"),
        ({}, with_low, "has another model.vocoder.low"),
        ({**both, "model": faded}, with_low, "has another model.vocoder.low"),
        ({**LOW_SETTINGS, "model": faded}, with_low, "has another model.vocoder.low"),
        ({"one_pass": {"trains": "sides"}, "model": wide}, plain, "low stays fixed"),
        ({**both, "model": wide}, with_low, "sides stays fixed"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            train_vocoder(configured(**changes), data, tmp_path / "run", start=start)
    narrow = {**LOW_SETTINGS, "model": wide, "one_pass": {"trains": "sides"}, "samples": 3 * HOP}
    with pytest.raises(ConfigError, match="samples: got 3072, expected at least 4096"):
        train_vocoder(configured(**narrow), data, tmp_path / "run", start=with_low)


def test_a_run_older_than_a_setting_can_be_resumed(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(), data, tmp_path / "run", steps=3)
    path = tmp_path / "run/training.json"
    stored = json.loads(path.read_text())
    del stored["one_pass"]["trains"], stored["model"]["vocoder"]["sides"]
    path.write_text(json.dumps(stored))
    train_vocoder(configured(), data, tmp_path / "run", steps=4)
    assert len(losses(tmp_path / "run")) == 4
    path.write_text(json.dumps({**stored, "seed": "a seed"}))
    with pytest.raises(ConfigError, match=r"other .*seed"):
        train_vocoder(configured(), data, tmp_path / "run", steps=5)


def test_stereo_width_cannot_be_trained_on_mono(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(), data, tmp_path / "start", steps=3)
    folder = tmp_path / "mono/train"
    folder.mkdir(parents=True)
    soundfile.write(folder / "0.flac", np.zeros(RATE), RATE)
    model = {**MODEL, "vocoder": {**VOCODER, "sides": {"bins": 8, "d_model": 8, "blocks": 0}}}
    config = configured(model=model, one_pass={"trains": "sides"})
    with pytest.raises(DataError, match="mono song"):
        train_vocoder(config, folder.parent, tmp_path / "run", start=tmp_path / "start/model")


def test_settings_that_do_not_suit_a_low_band_are_refused(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(), data, tmp_path / "start", steps=3)
    start = tmp_path / "start/model"
    with pytest.raises(ConfigError, match="trains low extends a trained vocoder"):
        train_vocoder(configured(**LOW_SETTINGS), data, tmp_path / "run")
    for changes, sentence in (
        ({"one_pass": {**LOW_SETTINGS["one_pass"], "sizes": [128, 8192]}}, "one_pass.sizes: .* expected 512"),  # type: ignore[dict-item]
        ({"samples": 16 * HOP + 1}, "multiple of the hop"),
        ({"one_pass": {**LOW_SETTINGS["one_pass"], "adversary": ADVERSARY}}, "one_pass.adversary"),  # type: ignore[dict-item]
        ({"model": {**MODEL, "vocoder": {**VOCODER, "low": {"n_fft": 1000}}}}, "vocoder.low.n_fft"),
        ({"model": {**MODEL, "vocoder": {**VOCODER, "low": {"bins": 8}}}}, "vocoder.low.bins"),
        ({"model": {**MODEL, "vocoder": {**VOCODER, "low": {"kernel": 4}}}}, "vocoder.low.kernel"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            train_vocoder(configured(**{**LOW_SETTINGS, **changes}), data, tmp_path / "run", start=start)


def test_training_lowers_the_loss(data: Path, tmp_path: Path, configured: Callable[..., Path]) -> None:
    """Against a run that cannot learn: the same clips and sizes hide the trend of one curve."""
    for name, rate in (("learning", 1e-3), ("still", 1e-12)):
        train_vocoder(configured(learning_rate=rate, checkpoint_every=100), data, tmp_path / name, steps=60)
    for part, share in (("loss", 0.93), ("motion", 0.9), ("mel", 0.8)):
        learnt, still = (np.mean(losses(tmp_path / name, part)[-15:]) for name in ("learning", "still"))
        assert learnt < still - (1 - share) * abs(still)


def test_the_result_lists_the_trained_parts(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(preview_every=6), data, tmp_path / "run")
    model = load_model(tmp_path / "run/model")
    assert model.config.trained == ("vocoder",)
    assert model.config.vocoder == OnePassConfig.from_dict(VOCODER)
    assert sorted(path.suffix for path in (tmp_path / "run/preview").iterdir()) == [".png", ".wav"]


def test_a_run_can_start_from_another_vocoder(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured(), data, tmp_path / "first")
    still = configured(learning_rate=1e-12, ema={"decay": 0.9, "start_step": 100, "every": 1})
    train_vocoder(still, data, tmp_path / "second", start=tmp_path / "first/model", steps=3)
    first, second = (
        load_model(tmp_path / name / "model").vocoder.state_dict() for name in ("first", "second")
    )
    assert all(torch.allclose(first[name], second[name], atol=1e-6) for name in first)
    other = configured(model={**MODEL, "vocoder": {**VOCODER, "d_model": 8}})
    with pytest.raises(ConfigError, match="other settings"):
        train_vocoder(other, data, tmp_path / "third", start=tmp_path / "first/model")


def test_a_vocoder_trains_on_roundtrip_mels(
    data: Path, tmp_path: Path, configured: Callable[..., Path], tiny_model: Path
) -> None:
    noisy = {**SETTINGS["one_pass"], "mel_noise": {"share": 1.0, "most_noise": 0.5, "windows": 2}}  # type: ignore[dict-item]
    plain, passed = tmp_path / "plain", tmp_path / "passed"
    train_vocoder(configured(), data, plain, steps=3)
    train_vocoder(configured(one_pass=noisy), data, passed, unet=tiny_model, steps=3)
    assert losses(plain) != losses(passed)
    for folder, settings in ((None, noisy), (tiny_model, SETTINGS["one_pass"])):
        with pytest.raises(ConfigError, match=r"unet: one_pass\.mel_noise and"):
            train_vocoder(configured(one_pass=settings), data, tmp_path / "bad", unet=folder)
    with pytest.raises(ConfigError, match="is not trained"):
        train_vocoder(configured(one_pass=noisy), data, tmp_path / "bad", unet=plain / "model")


def test_roundtrip_mels_are_never_compared_as_mid_and_side(
    data: Path, tmp_path: Path, configured: Callable[..., Path], tiny_model: Path
) -> None:
    """Not by sum and difference: of nearly mono music the noise would be all the difference."""
    found = []
    for share in (0.0, 1.0):
        noisy = {**SETTINGS["one_pass"], "mid_side": share, "mel_noise": {"share": 1.0, "windows": 2}}  # type: ignore[dict-item]
        run = tmp_path / f"run_{share}"
        train_vocoder(configured(one_pass=noisy), data, run, unet=tiny_model, steps=2)
        found.append(losses(run))
    assert found[0] == found[1]


def test_invalid_settings_are_refused(
    data: Path, tmp_path: Path, configured: Callable[..., Path], tiny_model: Path
) -> None:
    for changes, sentence in (
        ({"samples": 4 * HOP + 1}, "multiple of the hop"),
        ({"one_pass": {"sizes": [8192]}}, "sizes_per_step"),
        ({"one_pass": {"sizes": [8192], "sizes_per_step": 1}}, "windows of 8192 samples"),
        ({"one_pass": {"sizes": [10], "sizes_per_step": 1}}, "multiples of 4"),
        ({"one_pass": {"mid_side": 2}}, "mid_side"),
        ({"one_pass": {"adversary": {"band_edges": [0.5, 0.2]}}}, "band_edges"),
        ({"one_pass": {"adversary": {"periods": [1]}}}, "periods from 2"),
        ({"one_pass": {"mel_noise": {"share": 0}}}, "share"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            train_vocoder(configured(**changes), data, tmp_path / "run")
    paper = configured(model={**MODEL, "vocoder": {"d_model": 16, "d_hidden_factor": 1}})
    with pytest.raises(ConfigError, match="only a one_pass vocoder"):
        train_vocoder(paper, data, tmp_path / "run", unet=tiny_model)


def test_shipped_settings_load() -> None:
    folder = Path(__file__).parents[3] / "msanii/configs"
    first, last, low, levels, rest, sides = (
        load_training_config(folder / f"one_pass_vocoder{stage}.yaml")
        for stage in ("", "_finetune", "_low", "_low_finetune", "_rest", "_sides")
    )
    # Each stage starts from the last, so all must have the same network and mel.
    assert first.model == last.model
    assert dataclasses.replace(low.model, vocoder=last.model.vocoder) == last.model
    assert low.model.vocoder == OnePassConfig(low=LowBandConfig())
    assert levels.model == low.model == rest.model
    assert sides.model.vocoder == OnePassConfig(low=LowBandConfig(), sides=SidesConfig())
    trained = [stage.one_pass.trains for stage in (first, last, low, levels, rest, sides) if stage.one_pass]
    assert trained == ["rest", "rest", "low", "low", "rest", "sides"]
    assert first.model.vocoder == OnePassConfig()
    assert first.one_pass == OnePassTraining()
    assert last.one_pass == OnePassTraining(mel_noise=MelNoiseConfig())


def test_discriminators_learn_to_tell_noise_from_tones() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        adversary = AdversarialLoss(DiscriminatorConfig.from_dict({**ADVERSARY, "learning_rate": 3e-3}))
    random = torch.Generator().manual_seed(0)
    real = 0.3 * torch.sin(torch.arange(2048) * 0.05).expand(2, -1)
    verdicts = []
    for _ in range(30):
        made = (0.1 * torch.randn(2, 2048, generator=random)).requires_grad_()
        loss, parts = adversary.loss(made, real)
        loss.backward()  # type: ignore[no-untyped-call]
        assert made.grad is not None
        assert made.grad.abs().max() > 0
        verdicts.append(float(parts["discriminators"]))
    assert np.mean(verdicts[-5:]) < 0.5 * np.mean(verdicts[:3])


def test_discriminators_wait_for_their_start_step() -> None:
    adversary = AdversarialLoss(DiscriminatorConfig.from_dict({**ADVERSARY, "start_step": 2}))
    sound = torch.randn(1, 1024)
    for expected in (0, 0, 1):
        loss, parts = adversary.loss(sound * 0.5, sound)
        assert (float(loss) > 0, bool(parts)) == (bool(expected), bool(expected))


def test_the_loss_is_zero_for_the_target_and_grows_with_the_error() -> None:
    random = torch.Generator().manual_seed(0)
    sound, noise = (0.1 * torch.randn(2, 8192, generator=random) for _ in range(2))
    hears = Mel(n_fft=2048, n_mels=128, rate=RATE)

    def loss(other: torch.Tensor) -> float:
        return float(waveform_loss(other, sound, [256, 1024], ALL_EQUAL, mel=hears)[0])

    assert loss(sound) == pytest.approx(0.0, abs=1e-3)
    assert loss(sound) < loss(sound + 0.1 * noise) < loss(sound + noise) < loss(noise)
    # Inverted polarity sounds the same.
    assert loss(-sound) == pytest.approx(0.0, abs=1e-3)
    assert np.isfinite(loss(torch.zeros_like(sound)))


def test_motion_loss_is_least_at_the_true_motion() -> None:
    hertz, bins = 440.0, 64
    tone = 0.3 * torch.sin(2 * torch.pi * hertz * torch.arange(16_384) / RATE)[None]
    step = 2 * torch.pi * 512 * (hertz / RATE - torch.arange(bins) / 2048)

    def loss(off: float, concentration: float) -> float:
        motion = cis((step + off).expand(1, 33, bins)).scaled(torch.tensor(concentration))
        return float(motion_loss(motion, tone, n_fft=2048, hop=512))

    assert loss(0.0, 20.0) < loss(0.3, 20.0) < loss(3.0, 20.0)
    assert loss(0.0, 20.0) < loss(0.0, 1.0) < loss(0.0, 0.0) < loss(3.0, 20.0)


def test_motion_loss_weights_octaves_equally() -> None:
    """Of two tones five octaves apart and as loud, the same angle off costs more where it is low."""
    low, high, bins = 110.0, 3520.0, 256
    time = torch.arange(16_384) / RATE
    tones = sum(0.3 * torch.sin(2 * torch.pi * hertz * time) for hertz in (low, high))[None]  # type: ignore[index]
    is_low = torch.arange(bins) < 40
    hertz = torch.where(is_low, low, high)
    step = 2 * torch.pi * 512 * (hertz / RATE - torch.arange(bins) / 2048)

    def loss(low_off: float, high_off: float) -> float:
        angle = step + torch.where(is_low, low_off, high_off)
        motion = cis(angle.expand(1, 33, bins)).scaled(torch.tensor(20.0))
        return float(motion_loss(motion, tones, n_fft=2048, hop=512))

    assert loss(0.1, 0.0) - loss(0.0, 0.0) > 10 * (loss(0.0, 0.1) - loss(0.0, 0.0)) > 0
