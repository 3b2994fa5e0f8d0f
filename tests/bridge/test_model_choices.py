"""What a model can be asked to play is told in `status.reply`, for menus."""

from __future__ import annotations

import json
from pathlib import Path

from bridge.engine import sounds_and_parts
from tests.conftest import DaemonUnderTest


def _model(folder: Path, controls: list[dict[str, object]], config: Path) -> Path:
    values = json.loads((config / "config.json").read_text(encoding="utf-8"))
    values["unet"]["controls"] = controls
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "config.json").write_text(json.dumps(values), encoding="utf-8")
    (folder / "one" / "model.safetensors").write_bytes(b"")
    return folder


def test_a_model_with_sounds_and_parts_names_them(tmp_path: Path, tiny_model: Path) -> None:
    groups: list[dict[str, object]] = [{"name": "sound", "width": 16}, {"name": "part", "width": 6}]
    sounds, parts = sounds_and_parts("one", [_model(tmp_path, groups, tiny_model)])
    assert "grand piano" in sounds.split(",")
    assert {"keys", "bass", "drums"} <= set(parts.split(","))


def test_a_model_without_that_choice_names_none(tmp_path: Path, tiny_model: Path) -> None:
    assert sounds_and_parts("one", [_model(tmp_path, [{"name": "beat", "width": 4}], tiny_model)]) == ("", "")
    assert sounds_and_parts("missing", [tmp_path]) == ("", "")


def test_status_tells_them(daemon: DaemonUnderTest) -> None:
    status = daemon.status()
    assert isinstance(status["sounds"], str)
    assert isinstance(status["parts"], str)
