"""The files of a take lie beside its audio, under its name."""

from __future__ import annotations

from pathlib import Path

from bridge.library.take_files import TakeFiles


def test_a_take_is_its_audio_recipe_tail_notes_and_picture() -> None:
    files = TakeFiles(Path("takes/song 97.3bpm_1.flac"))
    names = ("1.flac", "1.json", "1_tail.flac", "1.mid", "1.png")
    assert files.all() == tuple(Path("takes") / f"song 97.3bpm_{name}" for name in names)
    assert files.all() == (files.audio, files.recipe, files.tail, files.midi, files.picture)


def test_the_recipe_is_read_from_the_audio_where_none_lies_beside_it(tmp_path: Path) -> None:
    files = TakeFiles(tmp_path / "a_1.wav")
    assert files.recipe_source() == files.audio
    files.recipe.touch()
    assert files.recipe_source() == files.recipe
