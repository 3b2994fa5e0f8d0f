"""Combining two trainings into a model folder: a U-Net and a vocoder of the same mel."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from torch import nn

from msanii.checkpoint.folder import LoadedModel, load_model, save_model
from msanii.errors import CheckpointError


def combine(
    unet_folder: Path,
    vocoder_folder: Path,
    out: Path,
    *,
    name: str,
    half: bool = True,
    earlier_folder: Path | None = None,
) -> None:
    """Write a model with one folder's U-Net and scalers and another's vocoder, in float16 if `half`.

    With an `earlier_folder`, the vocoder's weights are averaged with those of the training that it started
    from, so that it keeps more of that training (Wortsman et al., arXiv 2109.01903). Raises CheckpointError
    if a part was not trained, the mels differ, or the vocoder reads scaled mels, which are valid only with
    the scalers of its own training.
    """
    unet, vocoder = load_model(unet_folder), load_model(vocoder_folder)
    _require(unet, "unet", unet_folder)
    _require(vocoder, "vocoder", vocoder_folder)
    if _mel(unet) != _mel(vocoder):
        raise CheckpointError(f"combine: {unet_folder.name} and {vocoder_folder.name} use different mels")
    if vocoder.config.vocoder.features == "scaled":
        raise CheckpointError(
            f"combine: the vocoder of {vocoder_folder.name} reads scaled mels; train one on log_mel"
        )
    if earlier_folder is not None:
        earlier = load_model(earlier_folder)
        _require(earlier, "vocoder", earlier_folder)
        _average_weights(vocoder.vocoder, earlier.vocoder, earlier_folder)
    config = dataclasses.replace(
        unet.config, name=name, vocoder=vocoder.config.vocoder, trained=("unet", "vocoder")
    )
    save_model(out, config, unet.unet, vocoder.vocoder, unet.transforms, half=half)


def _average_weights(vocoder: nn.Module, earlier: nn.Module, folder: Path) -> None:
    """Average the weights that both have; keep parts added since."""
    ours, theirs = vocoder.state_dict(), earlier.state_dict()
    if any(name not in ours or ours[name].shape != value.shape for name, value in theirs.items()):
        raise CheckpointError(
            f"combine: the vocoder's training did not start from that of {folder.name}; give the one it did"
        )
    vocoder.load_state_dict({**ours, **{name: (ours[name] + value) / 2 for name, value in theirs.items()}})


def _require(model: LoadedModel, part: str, folder: Path) -> None:
    if part not in model.config.trained:
        raise CheckpointError(
            f"combine: the {part} of {folder.name} is not trained; give the folder of its training"
        )


def _mel(model: LoadedModel) -> tuple[int, int, int, int]:
    transforms = model.config.transforms
    return transforms.sample_rate, transforms.n_fft, transforms.hop_length, transforms.n_mels
