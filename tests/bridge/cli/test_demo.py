"""`demo` end to end with the tiny model, `doctor` and its figures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from rich.console import Console

from bridge.cli.demo import ARRANGED, HOUSE_PARTS, requests_for, run_demo
from bridge.cli.own_daemon import launched
from bridge.messages import BridgeError
from bridge.render.engine import save_spectrogram


def _tiny(model: Path) -> tuple[str, ...]:
    return ("--models-folder", str(model.parent), "--model", model.name, "--device", "cpu")


def test_the_demo_leaves_exact_files_with_recipes_and_pictures(tiny_model: Path, tmp_path: Path) -> None:
    words = io.StringIO()
    made = run_demo(tmp_path / "out", Console(file=words, width=200), *_tiny(tiny_model))
    # Two arrangements with their mixes, a loop, and the edit of a part.
    assert len(made) == len(ARRANGED) + 1 + len(HOUSE_PARTS) + 1 + 2
    house = made[len(ARRANGED) + 1 : -2]
    loop, edit = (
        json.loads(take.path.with_suffix(".json").read_text(encoding="utf-8"))["request"]
        for take in made[-2:]
    )
    assert loop["loop"]
    assert (edit["parent"], edit["renew_bars"]) == (made[0].path.name, "3-4")
    for take in made:
        info = soundfile.info(str(take.path))
        assert info.frames == round(16 * 60 * 44_100 / (122 if take in house else 113))
        assert take.seconds == pytest.approx(info.frames / 44_100, abs=1e-3)
        assert take.path.with_suffix(".json").exists()
        assert take.path.with_suffix(".mid").exists()
        with Image.open(take.picture) as picture:
            assert picture.size[0] > 100
        assert str(take.path) in words.getvalue()
    assert "real-time factor" in words.getvalue()
    assert "asked: 113 bpm; chords Am | F | C | G" in words.getvalue()
    assert "heard: tempo: " in words.getvalue()


def test_a_model_without_parts_is_asked_for_none() -> None:
    for request in requests_for("keys,lead"):
        assert not {"parts", "part", "sound"} & set(request)


def test_the_spectrogram_shows_a_tone_where_it_is(tmp_path: Path) -> None:
    rate = 44_100
    tone = np.sin(2 * np.pi * 1_000 * np.arange(rate) / rate)
    soundfile.write(tmp_path / "tone.wav", tone, rate)
    save_spectrogram(tmp_path / "tone.wav", tmp_path / "tone.png")
    with Image.open(tmp_path / "tone.png") as picture:
        brightness = np.asarray(picture.convert("L"), dtype=float).mean(axis=1)
    row = int(brightness.argmax())
    hertz = float(np.geomspace(40, 16_000, len(brightness))[::-1][row])
    assert hertz == pytest.approx(1_000, rel=0.05)


def test_a_spectrogram_of_almost_nothing_is_drawn(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(10), 44_100)
    save_spectrogram(tmp_path / "short.wav", tmp_path / "short.png")
    assert (tmp_path / "short.png").stat().st_size > 0


def test_a_daemon_that_cannot_start_gives_its_own_words(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("not a folder", encoding="utf-8")
    with pytest.raises(BridgeError, match="folder"), launched("--library", str(file), start_seconds=20.0):
        pass
