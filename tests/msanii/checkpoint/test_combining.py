"""Combining two trainings into a model folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from msanii.__main__ import main
from msanii.checkpoint.combining import combine
from msanii.checkpoint.folder import load_model, save_model
from msanii.config import ModelConfig, OnePassConfig, Part, SidesConfig, TransformsConfig, VocoderConfig
from msanii.errors import CheckpointError
from msanii.signal.transforms import Transforms
from msanii.vocoder.magnitude import Vocoder
from msanii.vocoder.network import OnePassVocoder
from tests.msanii.networks import seeded_unet, tiny_unet_config

VOCODER = VocoderConfig(d_model=16, d_hidden_factor=1)
CONFIG = ModelConfig(unet=tiny_unet_config(), vocoder=VOCODER)


def trained(folder: Path, part: Part, config: ModelConfig = CONFIG, seed: int = 1) -> Path:
    """A model folder as the training of one part leaves it."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        vocoder = Vocoder(VOCODER)
    config = dataclasses.replace(config, trained=(part,))
    save_model(folder, config, seeded_unet(config.unet, seed), vocoder, Transforms(config.transforms))
    return folder


def test_each_part_comes_from_its_training(tmp_path: Path) -> None:
    unet, vocoder = trained(tmp_path / "u", "unet", seed=1), trained(tmp_path / "v", "vocoder", seed=2)
    combine(unet, vocoder, tmp_path / "both", name="both")
    both = load_model(tmp_path / "both")
    assert (both.config.name, both.config.trained) == ("both", ("unet", "vocoder"))
    for name, tensor in load_model(unet).unet.state_dict().items():
        assert torch.equal(both.unet.state_dict()[name], tensor.half().float())
    for name, tensor in load_model(vocoder).vocoder.state_dict().items():
        assert torch.equal(both.vocoder.state_dict()[name], tensor.half().float())


def test_the_command_names_the_model_after_its_folder(tmp_path: Path) -> None:
    unet, vocoder = trained(tmp_path / "u", "unet"), trained(tmp_path / "v", "vocoder")
    with pytest.raises(SystemExit) as stopped:
        main(["combine", str(unet), str(vocoder), str(tmp_path / "both")])
    assert not stopped.value.code
    assert load_model(tmp_path / "both").config.name == "both"


def test_a_vocoder_can_be_averaged_with_its_start(tmp_path: Path) -> None:
    unet, vocoder = trained(tmp_path / "u", "unet"), trained(tmp_path / "v", "vocoder", seed=2)
    earlier = trained(tmp_path / "e", "vocoder", seed=3)
    arguments = [str(unet), str(vocoder), str(tmp_path / "both"), "--full", "--earlier", str(earlier)]
    with pytest.raises(SystemExit) as stopped:
        main(["combine", *arguments])
    assert not stopped.value.code
    weights = [load_model(path).vocoder.state_dict() for path in (vocoder, earlier, tmp_path / "both")]
    for name, made in weights[2].items():
        torch.testing.assert_close(made, (weights[0][name] + weights[1][name]) / 2)
    with pytest.raises(CheckpointError, match="the vocoder of u is not trained"):
        combine(unet, vocoder, tmp_path / "no", name="no", earlier_folder=unet)


def test_averaging_keeps_new_parts_and_refuses_other_networks(tmp_path: Path) -> None:
    plain = OnePassConfig(d_model=16, d_hidden_factor=1, mel_blocks=1, blocks=1)
    grown = dataclasses.replace(plain, sides=SidesConfig(d_model=8, blocks=0))
    folders = []
    for number, vocoder in enumerate((plain, grown, dataclasses.replace(plain, d_model=8))):
        config = dataclasses.replace(CONFIG, vocoder=vocoder, trained=("vocoder",))
        with torch.random.fork_rng():
            torch.manual_seed(number)
            network = OnePassVocoder(vocoder, config.transforms)
        folders.append(tmp_path / str(number))
        save_model(folders[-1], config, seeded_unet(config.unet, 1), network, Transforms(config.transforms))
    unet = trained(tmp_path / "u", "unet")
    combine(unet, folders[1], tmp_path / "both", name="both", half=False, earlier_folder=folders[0])
    paths = (*folders[:2], tmp_path / "both")
    before, after, made = (load_model(path).vocoder.state_dict() for path in paths)
    for name, value in made.items():
        wanted = (before[name] + after[name]) / 2 if name in before else after[name]
        torch.testing.assert_close(value, wanted)
    for earlier, later in ((folders[1], folders[0]), (folders[2], folders[0])):
        with pytest.raises(CheckpointError, match="did not start from"):
            combine(unet, later, tmp_path / "no", name="no", earlier_folder=earlier)


def test_an_untrained_part_is_refused(tmp_path: Path) -> None:
    folder = trained(tmp_path / "v", "vocoder")
    with pytest.raises(CheckpointError, match="the unet of v is not trained"):
        combine(folder, folder, tmp_path / "both", name="both")
    assert not (tmp_path / "both").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (dataclasses.replace(CONFIG, transforms=TransformsConfig(hop_length=512)), "different mels"),
        (
            dataclasses.replace(CONFIG, vocoder=dataclasses.replace(CONFIG.vocoder, features="scaled")),
            "scaled mels",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(tmp_path: Path, changed: ModelConfig, message: str) -> None:
    unet, vocoder = trained(tmp_path / "u", "unet"), trained(tmp_path / "v", "vocoder", changed)
    with pytest.raises(CheckpointError, match=message):
        combine(unet, vocoder, tmp_path / "both", name="both")
