"""`msanii-bridge presets` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.cli.app import app
from bridge.requests.preset_folders import Presets
from bridge.settings import factory_presets_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text('description: "Soft \\e[2J keys"\nbpm: 90\n', encoding="utf-8")
    (tmp_path / "tab.yaml").write_text("bpm:\t97.3\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str, answer: str = "") -> tuple[int, str]:
    asked = ["presets", "--presets-folder", str(folder), *words]
    done = CliRunner().invoke(app, asked, input=answer, env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_a_broken_file_is_listed_as_broken_and_hides_none(folder: Path) -> None:
    code, shown = run(folder)
    assert code == 0
    assert "good" in shown
    assert "piano_loop" in shown
    assert "yours, broken" in shown
    assert "`tab.yaml`: a tab on line 1; use spaces" in shown


def test_a_description_cannot_steer_the_terminal(folder: Path) -> None:
    shown = run(folder)[1]
    assert "\x1b" not in shown
    assert "Soft" in shown


def test_a_preset_is_renamed_after_a_question(folder: Path) -> None:
    assert run(folder, "rename", "GOOD", "better", answer="n\n")[0] == 1
    assert (folder / "good.yaml").exists()
    assert run(folder, "rename", "GOOD", "better", answer="y\n")[0] == 0
    assert (folder / "better.yaml").exists()


def test_a_preset_is_deleted_after_a_question(folder: Path) -> None:
    code, shown = run(folder, "delete", "tab", answer="n\n")
    assert code == 1
    assert "move tab.yaml to the trash?" in shown
    assert (folder / "tab.yaml").exists()


def test_deleting_moves_to_the_trash(folder: Path) -> None:
    trashed: list[Path] = []
    presets = Presets(factory_presets_folder(), folder, trashed.append)
    presets.delete("Tab")
    assert trashed == [folder / "tab.yaml"]
