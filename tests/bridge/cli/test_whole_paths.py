"""Paths are typed as in any shell, and sent so that the daemon finds them from its own folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.cli.whole_paths import with_whole_paths


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "song.mid").write_bytes(b"MThd")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "base.wav").write_bytes(b"RIFF")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize(
    ("address", "typed", "sent"),
    [
        ("generate", ["notes", "song.mid", "bpm", "90"], ["notes", "{here}/song.mid", "bpm", "90"]),
        ("generate", ["me-1", "notes", "song.mid"], ["me-1", "notes", "{here}/song.mid"]),
        ("vary", ["source", "folder/base.wav"], ["source", "{here}/folder/base.wav"]),
        ("vary", ["source", "~/x.wav"], ["source", "{here}/home/x.wav"]),
        ("deck/2/generate", ["notes", "song.mid"], ["notes", "{here}/song.mid"]),
        ("endless/start", ["1", "notes", "song.mid"], ["1", "notes", "{here}/song.mid"]),
        ("param/source", ["folder/base.wav"], ["{here}/folder/base.wav"]),
        ("deck/1/load", ["folder/base.wav", "97.3"], ["{here}/folder/base.wav", "97.3"]),
        # Names of takes, and words that only look like files.
        ("vary", ["source", "piano_loop_1.wav"], ["source", "piano_loop_1.wav"]),
        ("deck/1/load", ["piano_loop_1.wav"], ["piano_loop_1.wav"]),
        ("listen", ["folder/base.wav"], ["{here}/folder/base.wav"]),
        ("generate", ["song.mid", "bpm", "90"], ["song.mid", "bpm", "90"]),
        ("generate", ["notes"], ["notes"]),
        ("param/source", [], []),
        ("param/source", [""], [""]),
        ("vary", ["source", "a\0b"], ["source", "a\0b"]),
        ("vary", ["source", "~no-such-user/x.wav"], ["source", "~no-such-user/x.wav"]),
    ],
)
def test_paths_are_made_whole(address: str, typed: list[str], sent: list[str], here: Path) -> None:
    expected = [word.replace("{here}", str(here)) for word in sent]
    assert with_whole_paths(f"/msanii/{address}", typed) == expected
