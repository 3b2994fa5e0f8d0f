"""What a model can be asked to play is told in `status.reply`, for menus."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from bridge.library.takes import Library
from bridge.messages import PartialRequest, Render, partial_request
from bridge.render.engine import model_sampling, parse_notes, sounds_and_parts
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.settings import factory_presets_folder, load_settings
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


def test_a_preset_lends_no_part_and_sound_to_a_model_that_knows_none(tmp_path: Path) -> None:
    def players(
        knows: tuple[str, str], session: PartialRequest | None = None, **values: Any
    ) -> tuple[str, str]:
        resolver = Resolver(
            load_settings(None, {"library": str(tmp_path)}),
            library,
            presets,
            parse_notes,
            lambda _model: knows,
            model_sampling,
        )
        request = asyncio.run(
            resolver.resolve(Render("generate", None, partial_request(values)), session or {})
        )
        return request.part, request.sound

    library, presets = Library(tmp_path), Presets(factory_presets_folder(), tmp_path / "presets")
    try:
        assert players(("grand piano", "keys")) == ("keys", "grand piano")
        assert players(("", "")) == ("", "")
        assert players(("grand piano", "")) == ("", "grand piano")
        # Whoever asks for it by name is told that the model cannot.
        assert players(("", ""), part="keys") == ("keys", "")
        assert players(("", ""), {"sound": "marimba"}) == ("", "marimba")
    finally:
        library.close()
