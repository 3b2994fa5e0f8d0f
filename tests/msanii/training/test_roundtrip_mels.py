"""Round-trip mels: controls, caching, and alignment with the audio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from msanii.config import DEFAULT_CONTROLS, TransformsConfig
from msanii.controls.tensor import Events, events_to_controls
from msanii.data.shards import write_song
from msanii.errors import ConfigError, DataError
from msanii.rendering.job import prepare
from msanii.signal.transforms import Transforms
from msanii.training import roundtrip_mels
from msanii.training.one_pass_config import MelNoiseConfig
from msanii.training.roundtrip_mels import Roundtrip, RoundtripDataset, draw_windows, with_gain

RATE, HOP, SAMPLES = 44_100, 1024, 8 * 1024
MEL = TransformsConfig()
TRANSFORMS = Transforms(MEL).eval()
ALL = MelNoiseConfig(share=1.0, most_noise=0.4, windows=3)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song longer than a window and one that is shorter, with a note in every second."""
    folder = tmp_path_factory.mktemp("data") / "train"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name, seconds in (("long", 12), ("short", 4)):
        time = np.arange(seconds * RATE) / RATE
        sound = np.sin(2 * np.pi * 440 * time * (1 + time / 40)) * np.exp(-4 * (time % 1.0))
        audio = 0.3 * np.stack([sound, 0.5 * sound]) + random.normal(0, 0.001, (2, len(time)))
        soundfile.write(folder / f"{name}.flac", audio.T, RATE)
        heard = torch.from_numpy(audio.astype(np.float32))
        onsets = np.arange(seconds, dtype=np.float64)
        notes = np.stack([onsets, onsets + 0.5, 0 * onsets + 69, 0 * onsets + 80], axis=1)
        log_mel = TRANSFORMS.log_mel(heard).half().numpy()
        write_song(folder / f"{name}.safetensors", log_mel, Events(notes=notes), {"part": "lead"})
    return folder.parent


def dataset(data: Path, folder: Path, unet: Path, config: MelNoiseConfig = ALL) -> RoundtripDataset:
    return RoundtripDataset(data, folder, unet, config, MEL, samples=SAMPLES, seed=5)


def test_roundtrip_mels_are_aligned_with_their_audio(
    data: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With noise that is taken off without a trace, the mel is that of the very samples."""
    monkeypatch.setattr(roundtrip_mels, "vary", lambda *tools: tools[2])
    # The untrained scalers of the tiny model would clip.
    for name in ("scale", "unscale"):
        monkeypatch.setattr(Transforms, name, lambda _, mel: mel)
    clips = dataset(data, tmp_path, tiny_model, MelNoiseConfig(share=1.0, windows=32))
    assert {one.song.path.stem for one in clips.windows} == {"long", "short"}
    for index in range(24):
        clip = clips[index]
        assert bool(clip["is_roundtrip"])
        assert clip["audio"].shape == (2, SAMPLES)
        # At its ends a clip's mel is padded by reflection, a window's has the song.
        true, found = TRANSFORMS.log_mel(clip["audio"])[..., 1:-1], clip["log_mel"][..., 1:-1]
        assert clip["log_mel"].shape == (2, 128, 9)
        assert (true - found).abs().mean() < 0.02


def test_mels_are_computed_once_for_each_set_of_settings(
    data: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[float] = []
    first = RoundtripDataset(
        data, tmp_path, tiny_model, ALL, MEL, samples=SAMPLES, seed=5, on_step=done.append
    )
    assert done[-1] == 1.0
    clip = first[4]["log_mel"]
    assert clip.isfinite().all()

    def never(*_: object) -> Tensor:
        raise AssertionError("made again")

    monkeypatch.setattr(Roundtrip, "log_mels", never)
    again = dataset(data, tmp_path, tiny_model)
    assert again.signature == first.signature
    assert torch.equal(again[4]["log_mel"], clip)
    with pytest.raises(AssertionError, match="made again"):
        dataset(data, tmp_path, tiny_model, MelNoiseConfig(share=1.0, most_noise=0.3, windows=3))
    next(first.folder.iterdir()).write_bytes(b"damaged")
    with pytest.raises(DataError, match="delete it and start again"):
        again[4]


def test_the_u_net_sees_all_controls_and_strengths_stay_in_range(
    data: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Tensor] = []
    strengths: list[float] = []

    def listening(*arguments: Any, **values: Any) -> Any:
        told.append(values["controls"])
        return prepare(*arguments, **values)

    def noted(denoise: Any, solver: Any, mel: Tensor, noise: Tensor, strength: float) -> Tensor:
        strengths.append(strength)
        assert noise.std() == pytest.approx(1.0, abs=0.02)
        assert not torch.equal(noise[0], noise[1])
        return mel

    monkeypatch.setattr(roundtrip_mels, "prepare", listening)
    monkeypatch.setattr(roundtrip_mels, "vary", noted)
    clips = dataset(data, tmp_path, tiny_model, MelNoiseConfig(most_noise=0.2, windows=12))
    assert [len(controls) for controls in told] == [4, 4, 4]
    for controls, first in zip(told, range(0, 12, 4), strict=True):
        for rows, one in zip(controls, clips.windows[first : first + 4], strict=True):
            start = one.start * HOP / RATE
            assert torch.equal(
                rows, events_to_controls(one.song.events, DEFAULT_CONTROLS, 512, start_seconds=start)
            )
            assert rows.std(dim=1).any(), "nothing is played"
    assert all(0.05 <= strength <= 0.2 for strength in strengths)
    assert len(set(strengths)) == 3


def test_the_rest_of_the_clips_have_no_roundtrip_mel(data: Path, tmp_path: Path, tiny_model: Path) -> None:
    clips = dataset(data, tmp_path, tiny_model, MelNoiseConfig(share=0.3, windows=1))
    kinds = [bool(clips[index]["is_roundtrip"]) for index in range(100)]
    assert 0.15 < sum(kinds) / 100 < 0.45
    plain = kinds.index(False)
    assert torch.equal(clips[plain]["audio"], clips.plain[plain])


def test_with_gain_is_the_mel_of_the_amplified_audio() -> None:
    sound = 0.1 * torch.randn(2, 3 * RATE // 10, generator=torch.Generator().manual_seed(0))
    for gain in (0.5, 2.0):
        expected = TRANSFORMS.log_mel(gain * sound)
        found = with_gain(TRANSFORMS.log_mel(sound), torch.tensor(gain))
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)


def test_clips_longer_than_a_window_are_refused(data: Path, tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(ConfigError, match="expected at most 523264"):
        RoundtripDataset(data, tmp_path, tiny_model, ALL, MEL, samples=512 * HOP)


def test_windows_need_audio(data: Path, tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train/one.safetensors").write_bytes((data / "train/short.safetensors").read_bytes())
    with pytest.raises(DataError, match="has audio beside its shard"):
        draw_windows(tmp_path, 1, torch.Generator())
