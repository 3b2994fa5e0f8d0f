"""What is kept of trainings under way goes on from the model that ships."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors import safe_open

import msanii.training
from msanii.checkpoint.folder import DEFAULT_FOLDER
from msanii.fingerprints import fingerprint

FILES = sorted((Path(msanii.training.__file__).parent / "under_way").glob("*.difference"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_belongs_to_the_shipped_model(path: Path) -> None:
    with safe_open(path, framework="pt") as file:
        assert file.metadata()["base"] == fingerprint(DEFAULT_FOLDER), (
            f"the default model changed: {path.name} cannot go on from it, so it has to go"
        )
