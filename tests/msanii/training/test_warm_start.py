"""Starting a U-Net from one with fewer controls: the same function, the same scalers, or a clear refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from msanii.checkpoint.folder import load_model, save_model
from msanii.config import ControlGroup
from msanii.controls.features import APPENDED
from msanii.errors import ConfigError
from msanii.training.config import load_training_config
from msanii.training.unet import UNetTask, train_unet
from tests.msanii.training.tiny_runs import MODEL, TINY_UNET, losses

ASKED = [
    {"name": "chords", "width": 36},
    {"name": "beat", "width": 15},
    {"name": "notes", "width": 176},
    {"name": "velocity", "width": 88},
    {"name": "sound", "width": 16},
    {"name": "part", "width": 6},
    {"name": "feel", "width": 8},
]


def wider(**changes: object) -> dict[str, object]:
    """The tiny model with velocities, and context and shortcut too."""
    added = {
        "controls": ASKED,
        "joint_channels": 2,
        "context": True,
        "shortcut": True,
        "controls_in_blocks": True,
    }
    return {**MODEL, "unet": {**TINY_UNET, **added, **changes}}


@pytest.fixture
def start(data: Path, tmp_path: Path, configured: Callable[..., Path]) -> Path:
    """A trained model that knows ten sounds and no velocities, and has none of the parts that were added."""
    fewer = [{**group, "width": 10} if group["name"] == "sound" else group for group in ASKED]
    controls = [group for group in fewer if group["name"] != "velocity"]
    train_unet(
        configured(
            "unet", model=wider(controls=controls, context=False, shortcut=False, controls_in_blocks=False)
        ),
        data,
        tmp_path / "old",
    )
    folder = tmp_path / "start"
    model = load_model(tmp_path / "old/model")
    with torch.no_grad():  # so that every control matters
        assert model.unet.control_fn is not None
        model.unet.control_fn.out.weight.normal_(generator=torch.Generator().manual_seed(1))
    save_model(
        folder,
        replace(model.config, trained=("unet", "vocoder")),
        model.unet,
        model.vocoder,
        model.transforms,
    )
    return folder


def rows_of(groups: tuple[ControlGroup, ...], controls: torch.Tensor) -> dict[str, torch.Tensor]:
    """Each group's rows of controls (B, K, T), its flag last."""
    parts = torch.split(controls, [group.width + 1 for group in groups], dim=1)
    return dict(zip((group.name for group in groups), parts, strict=True))


def test_a_grown_network_computes_what_it_did(
    data: Path, tmp_path: Path, configured: Callable[..., Path], start: Path
) -> None:
    task = UNetTask(load_training_config(configured("unet", model=wider())), data, start=start)
    old = load_model(start)
    random = torch.Generator().manual_seed(0)
    groups = task.config.model.unet.controls
    controls = torch.rand((2, task.config.model.unet.n_controls, 8), generator=random)
    rows = rows_of(groups, controls)
    fewer = torch.cat(
        [
            torch.cat([rows[group.name][:, : group.width], rows[group.name][:, -1:]], dim=1)
            for group in old.config.unet.controls
        ],
        dim=1,
    )
    x, timestep = torch.randn((2, 2, 128, 8), generator=random), torch.tensor([3, 700])
    context = torch.rand((2, 2, 129, 8), generator=random)
    with torch.no_grad():
        ours = task.unet(x, timestep, controls, context)
        theirs = old.unet(x, timestep, fewer)
        assert (ours - old.unet(x, timestep)).abs().max() > 0.01, "controls matter"
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    for name, value in old.transforms.state_dict().items():
        assert torch.equal(task.transforms.state_dict()[name], value)


def test_a_start_is_kept_in_mind_and_its_vocoder_taken_over(
    data: Path, tmp_path: Path, configured: Callable[..., Path], start: Path
) -> None:
    config = configured("unet", model=wider())
    train_unet(config, data, tmp_path / "whole", start=start)
    train_unet(config, data, tmp_path / "broken", start=start, steps=4)
    with pytest.raises(ConfigError, match="holds a run with other start"):
        train_unet(config, data, tmp_path / "broken")
    train_unet(config, data, tmp_path / "broken", start=start)
    assert losses(tmp_path / "broken") == losses(tmp_path / "whole")
    made, given = load_model(tmp_path / "whole/model"), load_model(start)
    assert json.loads((tmp_path / "whole/training.json").read_text())["start"] == given.fingerprint
    assert made.config.trained == ("unet", "vocoder")
    for name, value in given.vocoder.state_dict().items():
        assert torch.equal(made.vocoder.state_dict()[name], value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"d_base": 32}, r"model.unet.d_base is 16 in .* and 32 in the settings"),
        ({"controls": ASKED[1:]}, "has the control `chords`; the settings must have it too"),
        ({"controls": [{**ASKED[0], "width": 40}, *ASKED[1:]]}, "`chords` is 36 wide in .* and 40"),
        ({"controls": [{**group, "width": 5} for group in ASKED if group["name"] == "sound"]}, "chords"),
        (
            {"controls": [{**g, "width": 5} if g["name"] == "sound" else g for g in ASKED]},
            "`sound` is 10 wide in .* and 5 in the settings; only sound and part can grow",
        ),
    ],
)
def test_what_cannot_grow_is_refused(
    data: Path, configured: Callable[..., Path], start: Path, changes: dict[str, object], message: str
) -> None:
    config = load_training_config(configured("unet", model=wider(**changes)))
    with pytest.raises(ConfigError, match=message):
        UNetTask(config, data, start=start)


def test_another_schedule_or_an_untrained_network_is_no_start(
    data: Path, tmp_path: Path, configured: Callable[..., Path], start: Path
) -> None:
    other = {**wider(), "schedule": {"prediction_type": "v_prediction"}}
    with pytest.raises(ConfigError, match=r"schedule.prediction_type is epsilon"):
        UNetTask(load_training_config(configured("unet", model=other)), data, start=start)
    model = load_model(start)
    config = replace(model.config, trained=("vocoder",))
    save_model(tmp_path / "untrained", config, model.unet, model.vocoder, model.transforms)
    with pytest.raises(ConfigError, match="is not trained"):
        UNetTask(load_training_config(configured("unet", model=wider())), data, start=tmp_path / "untrained")
    assert APPENDED == ("sound", "part")
