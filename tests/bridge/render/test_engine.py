"""What the engine refuses before it is queued, each in a sentence that says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.library.takes import Library
from bridge.messages import BridgeError
from bridge.render.engine import check_renderable, find_model, hints, model_fingerprints, sounds_and_parts
from msanii.music.sounds import FIRST_SOUNDS, SOUNDS
from tests.bridge.fake_worker import save_model_without_weights
from tests.bridge.render_requests import make_request
from tests.msanii.teaching.instrument import write_sound


@pytest.fixture
def models(tmp_path: Path) -> Path:
    save_model_without_weights(tmp_path / "models" / "plain", controls=False)
    return save_model_without_weights(tmp_path / "models" / "default")


def refused(tmp_path: Path, models: Path, **values: Any) -> tuple[str, str]:
    library = Library(tmp_path / "library")
    request = make_request(**values)
    try:
        with pytest.raises(BridgeError) as caught:
            check_renderable(request, library, [models], tmp_path / "grooves", tmp_path / "sounds")
    finally:
        library.close()
    return caught.value.code, str(caught.value)


def test_an_ordinary_request_passes(tmp_path: Path, models: Path) -> None:
    library = Library(tmp_path / "library")
    check_renderable(make_request(chords="Am F C G"), library, [models])
    check_renderable(make_request(chords="ii V I", key="Eb major", bars=None), library, [models])
    library.close()


def test_bad_chords_are_refused_in_the_musicians_words(tmp_path: Path, models: Path) -> None:
    code, message = refused(tmp_path, models, chords="Am F X7 G")
    assert code == "chords"
    assert message.startswith("`X7` in bar 3: not a chord I know; a chord begins with its root, A to G")


def test_chords_for_a_model_without_that_control_are_refused(tmp_path: Path, models: Path) -> None:
    assert refused(tmp_path, models, chords="Am", model="plain")[0] == "model"


def test_a_sound_that_the_model_does_not_know_is_refused_with_those_that_it_knows(
    tmp_path: Path, models: Path, tiny_model: Path
) -> None:
    code, message = refused(tmp_path, models, sound="saw bass", part="bass")
    assert code == "model"
    assert message.startswith(
        "`sound`: the model `default` does not know `saw bass`, expected one of grand p"
    )
    assert "electronic kit; choose one of them, or another model" in message
    taught = {"mine": write_sound(tmp_path / "sounds", tiny_model, "mine", like="strings").ref}
    assert "`saw bass`" in refused(tmp_path, models, sound="mine + saw bass:0.1", taught=taught)[1]
    save_model_without_weights(models / "wide", sounds=len(SOUNDS))
    library = Library(tmp_path / "library")
    check_renderable(make_request(sound="saw bass", part="bass", model="wide"), library, [models])
    library.close()
    assert sounds_and_parts("default", [models])[0] == ",".join(FIRST_SOUNDS)
    assert sounds_and_parts("wide", [models])[0] == ",".join(SOUNDS)
    assert sounds_and_parts("plain", [models]) == ("", "")


def test_a_value_without_effect_is_said_and_only_to_who_said_it(tmp_path: Path, models: Path) -> None:
    request = make_request(verb="inpaint")
    assert hints({"steps"}, request, [models]) == [
        "`steps` has no effect here: the model `default` has no context, so that inpaint is set by `repaint`."
    ]
    assert hints({"repaint"}, request, [models]) == []
    assert hints(set(), request, [models]) == []
    assert hints({"steps"}, make_request(), [models]) == []
    shipped = make_request(verb="outpaint")
    assert hints({"steps"}, shipped, []) == []
    assert (
        "`repaint` has no effect here: the model `default` has context" in hints({"repaint"}, shipped, [])[0]
    )


def test_a_missing_model_is_refused_and_those_that_are_there_are_named(tmp_path: Path, models: Path) -> None:
    code, message = refused(tmp_path, models, model="gone")
    assert code == "model"
    assert "default, plain" in message


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be used"),
        (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe"), "cannot be used"),
        (lambda folder: (folder / "config.json").write_text("[" * 60_000), "cannot be used"),
        (lambda folder: (folder / "config.json").write_text(json.dumps({"hop": 1})), "unknown hop"),
        (lambda folder: (folder / "config.json").write_text(" " * 100_000), "too large"),
        (lambda folder: (folder / "model.safetensors").unlink(), "no model.safetensors"),
    ],
)
def test_a_damaged_model_folder_is_refused(
    tmp_path: Path, models: Path, damage: Callable[[Path], object], words: str
) -> None:
    damage(models / "default")
    code, message = refused(tmp_path, models)
    assert code == "model"
    assert words in message


@pytest.mark.parametrize("name", ["../models/default", "a/b", "", "."])
def test_a_model_is_a_name_and_never_a_path(models: Path, name: str) -> None:
    with pytest.raises(BridgeError):
        find_model(name, [models])


def test_a_models_fingerprint_is_that_of_its_files(tiny_model: Path, models: Path) -> None:
    from msanii.checkpoint.folder import load_model

    assert model_fingerprints("tiny", [models, tiny_model.parent]) == (load_model(tiny_model).fingerprint,)
    with pytest.raises(BridgeError, match="there is no `gone` here"):
        model_fingerprints("gone", [models])
    (models / "plain" / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(BridgeError, match="cannot be read") as caught:
        model_fingerprints("plain", [models])
    assert caught.value.code == "model"


@pytest.mark.parametrize(("begin", "end"), [(0.5, 3.0), (2.5, None), (0.0, 2.2)])
def test_a_region_outside_the_source_is_refused(
    tmp_path: Path, models: Path, begin: float | None, end: float | None
) -> None:
    soundfile.write(tmp_path / "two seconds.wav", np.full((16_000, 1), 0.1), 8_000)
    library = Library(tmp_path / "library")
    source = library.keep_source(str(tmp_path / "two seconds.wav"), None)
    check_renderable(
        make_request(verb="inpaint", source=source, from_seconds=0.5, to_seconds=2.0), library, [models]
    )
    library.close()
    code, message = refused(
        tmp_path, models, verb="inpaint", source=source, from_seconds=begin, to_seconds=end
    )
    assert code == "value"
    assert "which lasts 2.000 seconds" in message


def test_a_source_longer_than_any_take_is_refused(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.render.engine.MAX_SECONDS", 1.0)
    soundfile.write(tmp_path / "long.wav", np.full((16_000, 1), 0.1), 8_000)
    library = Library(tmp_path / "library")
    source = library.keep_source(str(tmp_path / "long.wav"), None)
    library.close()
    assert refused(tmp_path, models, verb="vary", source=source)[0] == "source"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"style": "housse"}, "style: got `housse`; did you mean `house`?"),
        ({"style": "qqqq"}, "expected one of afrobeat, balkan"),
        ({"style": "waltz"}, "style: `waltz` is in 3/4, not in 4/4; in 4/4 ask for"),
        ({"style": "mine"}, "`mine.yaml`, line 2: `kick` is nothing that a groove has"),
    ],
)
def test_a_style_that_cannot_be_played_is_refused(
    tmp_path: Path, models: Path, values: dict[str, Any], words: str
) -> None:
    (tmp_path / "grooves").mkdir()
    (tmp_path / "grooves" / "mine.yaml").write_text("meter: 4/4\nkick: loud\n", encoding="utf-8")
    code, message = refused(tmp_path, models, **values)
    assert code == "value"
    assert words in message
    library = Library(tmp_path / "other")
    check_renderable(make_request(**values, compose="off"), library, [models], tmp_path / "grooves")
    library.close()
