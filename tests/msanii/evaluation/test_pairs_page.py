"""`msanii pairs`: a page of spectrograms of every sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msanii.errors import MsaniiError
from msanii.evaluation.pairs_page import PAGE, PairsPage, prompt_of_each_sound, verdict
from msanii.evaluation.played import MODEL, REAL, PlayedClip
from msanii.evaluation.reference import write_reference
from tests.msanii.command import run
from tests.msanii.evaluation.palette import (
    palette_prompt,
    palette_reference,
    save_palette_model,
    written_font,
)

RATE = 44_100


def clip(right: float, heard: str, loudness: float) -> PlayedClip:
    audio = np.random.default_rng(0).standard_normal((2, RATE)).astype(np.float32) * np.float32(0.1)
    metrics = {REAL: {"right": 1.0, "loudness": -20.0}, MODEL: {"right": right, "loudness": loudness}}
    return PlayedClip(
        prompt=palette_prompt("bass"),
        audio={REAL: audio, MODEL: audio},
        metrics=metrics,
        heard_as={REAL: "saw bass", MODEL: heard},
    )


def test_a_verdict_says_what_is_heard_and_how_loud() -> None:
    assert verdict(clip(0.88, "saw bass", -19.0), MODEL) == "0.88, +1.0 LU"
    assert verdict(clip(0.25, "organ", -26.0), MODEL) == "0.25 as organ, -6.0 LU"
    assert verdict(clip(float("nan"), "", float("nan")), MODEL) == "silent"
    assert verdict(clip(0.25, "organ", -26.0), REAL) == "1.00"


def test_the_page_marks_what_is_off(tmp_path: Path) -> None:
    page = PairsPage(tmp_path, "<performer>")
    page.add(clip(0.25, "organ", -19.0))
    text = page.write().read_text(encoding="utf-8")
    assert "Sounds of &lt;performer&gt;" in text
    assert '<td class="off">0.25 as organ</td><td>+1.0</td>' in text
    assert "<td></td><td></td>" in text  # no vocoder alone
    picture = tmp_path / "16_saw_bass.png"
    assert f'src="{picture.name}"' in text
    with Image.open(picture) as drawn:
        assert drawn.width > 2 * 40
    (tmp_path / PAGE).unlink()
    (tmp_path / PAGE).mkdir()
    with pytest.raises(MsaniiError, match="page: "):
        page.write()


def test_each_sound_has_its_first_prompt() -> None:
    first, mix = palette_prompt("bass"), palette_prompt("keys")
    both = replace(mix, score=replace(mix.score, sounds=("saw bass", "clav")))
    found = prompt_of_each_sound([both, palette_prompt("keys"), first, palette_prompt("bass", seconds=2.0)])
    assert [prompt.score.sounds for prompt in found] == [("saw bass",), ("chord stab",)]
    assert found[0] == first
    (start,) = prompt_of_each_sound([palette_prompt("lead", seconds=11.9)])
    assert start.score.seconds == 6.0


def test_notes_end_with_the_picture() -> None:
    long = palette_prompt("pad", seconds=11.9)
    late = replace(long.notes[0], onset_seconds=6.5, end_seconds=8.0)
    held = replace(long.notes[0], end_seconds=9.0)
    (start,) = prompt_of_each_sound([replace(long, notes=(held, late))])
    assert start.notes == (replace(held, end_seconds=6.0),)


def test_the_command_draws_the_sounds_of_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = save_palette_model(tmp_path / "model")
    write_reference(tmp_path / "r", palette_reference())
    asked = ("--reference", tmp_path / "r", "--steps", 1, "--soundfont", written_font(tmp_path / "font.sf2"))
    assert run("pairs", model, tmp_path / "page", *asked, "--sounds", "909 kit, sweep pad") == 0
    names = sorted(path.name for path in (tmp_path / "page").iterdir())
    assert names == ["29_sweep_pad.png", "40_909_kit.png", "index.html"]
    assert str(tmp_path / "page" / "index.html") in "".join(capsys.readouterr().out.split("\n"))
    assert run("pairs", model, tmp_path / "page", *asked, "--sounds", "kazoo") == 1
    assert "sounds: got 'kazoo', expected some of saw bass" in " ".join(capsys.readouterr().err.split())


def test_a_model_without_sounds_has_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from msanii.config import DEFAULT_CONTROLS
    from tests.conftest import save_tiny_model

    plain = save_tiny_model(tmp_path / "plain", controls=DEFAULT_CONTROLS[:2])
    font = written_font(tmp_path / "font.sf2")
    assert run("pairs", plain, tmp_path / "page", "--soundfont", font) == 1
    assert "plays no notes or no sounds" in " ".join(capsys.readouterr().err.split())
