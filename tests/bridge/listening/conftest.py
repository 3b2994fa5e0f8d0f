"""Folders of models with an untrained listener in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bridge.listening.listeners import save_tiny_listener


@pytest.fixture(scope="session")
def models(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: the tiny model, and the tiny listener."""
    folder = tmp_path_factory.mktemp("hearing_models")
    shutil.copytree(tiny_model, folder / "tiny")
    save_tiny_listener(folder)
    return folder
