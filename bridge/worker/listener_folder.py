"""Where the listener is, which hears audio files and takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msanii
from bridge.messages import BridgeError

LISTENER_NAME = "listener"
_FILES = ("listener.json", "model.safetensors")


def find_listener(model_folders: Sequence[Path]) -> Path:
    """Return the folder of the listener: `listener` in one of the folders of models, or the shipped one.

    Raises BridgeError `model` if there is none.
    """
    shipped = Path(msanii.__file__).parent / "pretrained"
    for folder in (*model_folders, shipped):
        if (folder / LISTENER_NAME / _FILES[0]).is_file():
            return folder / LISTENER_NAME
    where = f"`{model_folders[0]}`" if model_folders else "the folder that the setting `models_folder` names"
    raise BridgeError(
        "model",
        "no listener is installed, so that audio cannot be heard; put the folder of a trained one, named "
        f"`{LISTENER_NAME}`, into {where}",
    )


def listener_version(folder: Path) -> tuple[object, ...]:
    """Return a key that changes when the files of a listener are replaced."""
    try:
        files = [(folder / name).stat() for name in _FILES]
    except OSError:
        return (folder,)  # loading will report what is missing
    return (folder, *((status.st_mtime_ns, status.st_size) for status in files))
