"""A model folder with weights averaged over a training, from the snapshots of its run."""

from __future__ import annotations

from pathlib import Path

from msanii.checkpoint.folder import load_model, save_model
from msanii.errors import ConfigError
from msanii.training.optimizing.power_averages import reconstruct


def write_averaged_model(run: Path, out: Path, sigma_rel: float) -> float:
    """Write the model of a U-Net's run with the average of length `sigma_rel`; return its error.

    Raises MsaniiError if the folder holds no such run, or the length is out of range.
    """
    model = load_model(run / "model")
    found = reconstruct(run / "averages", sigma_rel)
    given = {name.removeprefix("unet."): value for name, value in found.weights.items()}
    own = model.unet.state_dict()
    missing = sorted(own.keys() - given.keys())
    if missing or any(given[name].shape != value.shape for name, value in own.items()):
        raise ConfigError(f"{run}: its snapshots are of another network than {run / 'model'}")
    model.unet.load_state_dict({name: given[name] for name in own})
    save_model(out, model.config, model.unet, model.vocoder, model.transforms)
    return found.error
