"""`msanii-bridge takes`: whole names, newest first, and nothing that steers the terminal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import BinaryIO

import pytest

from bridge.cli.app import main
from bridge.cli.options import plain, safe
from bridge.cli.render import find_recipe
from bridge.listening import other_audio
from bridge.listening.heard_files import HeardFiles, RememberedAudio
from bridge.messages import HeardAudio
from bridge.settings import load_settings
from bridge.system.disk import open_regular
from tests.bridge.files import drop_take, write_audio, write_tone
from tests.bridge.render_requests import make_recipe

LONG_NAME = "piano_loop_97.3bpm_4bars_11988076123456_and_a_name_longer_than_most_terminals_12.wav"
ESCAPE = "\x1b]0;owned\x07"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the library that the commands use, with the user's own settings kept out."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MSANII_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("COLUMNS", "40")
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


def run(*words: str) -> None:
    """The command in this process."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert not ended.value.code


def test_names_are_whole_and_the_newest_comes_first(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"chords": "Am F C G", "sound": "grand piano", "seed": 41, "bpm": 97.3, "count": 3}
    for index, name in enumerate(("old_1.wav", LONG_NAME, "new_2.wav")):
        drop_take(library / name, make_recipe(index, **said))
    run("takes")
    folder, headings, *rows = capsys.readouterr().out.splitlines()
    assert folder == f"{library}:"
    assert " ".join(headings.split()) == "take name length bpm chords sound seed size created (UTC)"
    assert [row.split()[0] for row in rows] == ["new_2.wav", LONG_NAME, "old_1.wav"]
    for word in ("2.00 s", "97.3", "Am F C G", "grand piano", "43", "2026-11-22 14:00"):
        assert word in rows[0]


def test_an_arrangements_takes_have_their_own_sounds(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"parts": "keys,bass", "sound": "organ, finger bass", "count": 3}
    for index in range(3):
        drop_take(library / f"take_{index}.wav", make_recipe(index, **said))
    run("takes", "--json")
    takes = json.loads(capsys.readouterr().out)
    assert [(take["part"], take["sound"]) for take in takes] == [
        ("mix", "organ, finger bass"),
        ("bass", "finger bass"),
        ("keys", "organ"),
    ]


def test_json_has_everything(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = drop_take(library / "take_1.wav", make_recipe(chords="Am F|C G " * 20, numerator=7, denominator=8))
    run("takes", "star", "take_1.wav")
    run("takes", "--json")
    (take,) = json.loads(capsys.readouterr().out)
    assert (take["name"], take["path"], take["bytes"]) == (path.name, str(path), path.stat().st_size)
    assert (take["chords"], take["meter"], take["starred"]) == ("Am F|C G " * 20, "7/8", True)


def test_a_name_is_listed_and_stands_for_the_take(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drop_take(library / "take_1.wav")
    run("takes", "name", "take_1.wav", "Chorus [2]")
    run("takes", "star", "chorus [2]")
    run("takes")
    row = capsys.readouterr().out.splitlines()[2]
    assert row.split()[:4] == ["*", "take_1.wav", "Chorus", "[2]"]
    settings = load_settings(None, {"library": str(library)})
    assert find_recipe(Path("Chorus [2]"), settings) == library / "take_1.wav"
    run("takes", "name", "Chorus [2]", "Verse")
    run("takes", "--json")
    (take,) = json.loads(capsys.readouterr().out)
    assert (take["name"], take["label"], take["starred"]) == ("take_1.wav", "Verse", True)
    run("takes", "name", "Verse")
    run("takes", "--json")
    assert json.loads(capsys.readouterr().out)[0]["label"] == ""


def test_an_empty_library_says_so_and_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("takes", "--library", str(tmp_path / "nowhere"))
    assert capsys.readouterr().out == f"no takes in {tmp_path / 'nowhere'} yet\n"
    assert not (tmp_path / "nowhere").exists()


def test_names_of_strangers_neither_steer_the_terminal_nor_split_a_row(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drop_take(library / f"[bold]{ESCAPE}\n_1.wav", make_recipe(sound=ESCAPE))
    run("takes")
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 3
    assert rows[2].split()[0] == r"[bold]\x1b]0;owned\x07\n_1.wav"
    assert all(row.isprintable() for row in rows)


@pytest.mark.parametrize("field", ["model_fingerprint", "device"])
def test_what_a_recipe_says_is_printed_without_escapes(
    library: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    text = json.dumps(make_recipe().model_dump(mode="json") | {field: ESCAPE, "index": 5})
    (library / f"{ESCAPE}.json").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["render", f"{ESCAPE}.json"])
    assert "\x1b" not in "".join(capsys.readouterr())


def test_escapes_are_shown_and_letters_of_any_script_stay() -> None:
    assert plain(f"Größe 音楽 F♯ {ESCAPE}\n\udcff") == r"Größe 音楽 F♯ \x1b]0;owned\x07\n\udcff"
    assert safe("[bold]") == r"\[bold]"


def test_a_star_for_what_is_not_there_is_refused(library: Path) -> None:
    with pytest.raises(SystemExit):
        main(["takes", "star", "nothing.wav"])


def remember(library: Path, path: Path, heard: HeardAudio) -> None:
    """Have a file heard, by a listener of earlier days."""
    content = path.read_bytes()
    answer = RememberedAudio(name=path.name, listener="", heard=heard, bytes=len(content))
    HeardFiles(library / ".msanii" / "heard").write(hashlib.sha256(content).hexdigest(), answer)


LOOP = HeardAudio(97.3, 3, 4, 9_600, "A minor", "Am | F:2 C:1", 0.91, (0.2, 0.8), 1.0)


def test_other_audio_has_a_table_of_its_own_with_what_was_heard(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drop_take(library / "take_1.wav")
    write_audio(library / "take_1_tail.wav")
    remember(library, write_tone(library / "loop.wav", 1.5), LOOP)
    write_tone(library / "Birds.wav", 2.0)
    (library / "notes.wav").write_text("no audio")
    run("takes")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == [f"{library}:", "take", "take_1.wav"]
    folder, headings, *rows, hint = lines[3:]
    assert folder == f"{library}:"
    assert headings.split("  ")[0] == "other audio"
    assert [row.split() for row in rows] == [
        ["Birds.wav", "2.00", "s", "not", "heard", "yet"],
        ["loop.wav", "1.50", "s", "97.3", "3/4", "A", "minor", "Am", "|", "F:2", "C:1"],
    ]
    assert "msanii-bridge listen" in hint


def test_what_is_not_sure_is_not_listed(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_tone(library / "rain.wav", 1.0)
    remember(library, path, HeardAudio(0.0, 0, 0, -1, "", "", 0.0))
    run("takes")
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == (f"no takes in {library} yet", "rain.wav     1.00 s")


def test_a_file_that_was_edited_since_is_not_heard_yet(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_tone(library / "loop.wav", 1.0)
    remember(library, path, LOOP)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    run("takes")
    assert "not heard yet" in capsys.readouterr().out


def test_of_many_files_only_those_that_may_have_been_heard_are_read(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(path: Path) -> BinaryIO:
        read.append(path.name)
        return open_regular(path)

    monkeypatch.setattr(other_audio, "open_regular", noted)
    remember(library, write_tone(library / "loop.wav", 1.0), LOOP)
    for number in range(3):
        write_tone(library / f"{number}.wav", 1.1 + number)
    run("takes")
    assert read == ["loop.wav"]


def test_json_has_other_audio_after_the_takes_by_the_same_names(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drop_take(library / "take_1.wav")
    loop = write_tone(library / "loop.wav", 1.5)
    remember(library, loop, LOOP)
    write_tone(library / "new.wav", 2.0)
    run("takes", "--json")
    take, heard, new = json.loads(capsys.readouterr().out)
    assert take["name"] == "take_1.wav"
    assert set(heard) == set(new) == {*take, "heard"}
    assert (heard["path"], heard["bytes"], heard["seconds"]) == (str(loop), loop.stat().st_size, 1.5)
    assert (heard["bpm"], heard["meter"], heard["key"], heard["chords"]) == (
        97.3, "3/4", "A minor", "Am | F:2 C:1",
    )  # fmt: skip
    assert heard["heard"] == {
        "bpm": 97.3, "confidence": 0.91, "numerator": 3, "denominator": 4, "first_downbeat_samples": 9_600,
        "key": "A minor", "chords": ["Am", "F:2 C:1"],
    }  # fmt: skip
    assert (new["bpm"], new["heard"], new["seed"]) == (None, None, None)
