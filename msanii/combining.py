"""One model folder from two trainings: a U-Net and a vocoder of the same mel."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from msanii.checkpoint import LoadedModel, load_model, save_model
from msanii.errors import CheckpointError


def combine(unet_folder: Path, vocoder_folder: Path, out: Path, *, name: str, half: bool = True) -> None:
    """Write `out` with the U-Net and scalers of one folder and the vocoder of another, in float16 if `half`.

    Raises CheckpointError when a part was not trained, the mels differ, or the vocoder reads scaled mels,
    which mean something only under the scalers that it was trained with.
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
    config = dataclasses.replace(
        unet.config, name=name, vocoder=vocoder.config.vocoder, trained=("unet", "vocoder")
    )
    save_model(out, config, unet.unet, vocoder.vocoder, unet.transforms, half=half)


def _require(model: LoadedModel, part: str, folder: Path) -> None:
    if part not in model.config.trained:
        raise CheckpointError(
            f"combine: the {part} of {folder.name} is not trained; give the folder of its training"
        )


def _mel(model: LoadedModel) -> tuple[int, int, int, int]:
    transforms = model.config.transforms
    return transforms.sample_rate, transforms.n_fft, transforms.hop_length, transforms.n_mels
