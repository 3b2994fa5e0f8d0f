"""Scripts get into other programs' folders, and out again; what a user changed is never lost."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.cli.app import app, main
from bridge.cli.daw_scripts.command import Name
from bridge.cli.daw_scripts.programs import PROGRAMS, Program
from bridge.cli.daw_scripts.records import Records
from tests.conftest import ROOT

CARRIED = [program for program in PROGRAMS.values() if program.source().is_dir()]
each_program = pytest.mark.parametrize("program", CARRIED, ids=lambda program: program.name)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "config" / "installed.json")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A program's folder, with a space and an umlaut in its name."""
    folder = tmp_path / "Scripts für alle"
    folder.mkdir()
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """SuperCollider, with two files of a test's own."""
    source = tmp_path / "source"
    (source / "HelpSource" / "Classes").mkdir(parents=True)
    (source / "Msanii.sc").write_text("Msanii {}")
    (source / "HelpSource" / "Classes" / "Msanii.schelp").write_text("TITLE:: Msanii")
    return replace(PROGRAMS["supercollider"], folder=str(source))


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


# --- what -----------------------------------------------------------------------------------------------


def test_every_name_has_its_program_and_its_files_are_here() -> None:
    assert [name.value for name in Name] == list(PROGRAMS)
    assert {"max", "live", "bitwig", "pure-data", "supercollider"} <= {one.name for one in CARRIED}


@each_program
def test_all_files_are_installed_and_removed_again(program: Program, base: Path, records: Records) -> None:
    said = list(program.install(base, records, "1.0"))
    assert _tree(base / program.below) == program.files()
    assert len([one for one in said if one.endswith(" written")]) == len(program.files())
    assert all(one.endswith("is up to date") for one in program.install(base, records, "1.0"))
    assert program.state(base, records, "1.0") == "version 1.0"
    said = list(program.remove(base, records))
    assert all(one.endswith(" removed") for one in said)
    assert _tree(base) == {}
    assert program.whole_folder != (base / program.below).exists()
    assert program.state(base, records, "1.0") == "not installed"


def test_live_gets_python_alone_and_bitwig_its_script() -> None:
    assert set(PROGRAMS["live"].files()) >= {"__init__.py", "settings.py", "surface.py"}
    assert all(name.endswith(".py") and "/" not in name for name in PROGRAMS["live"].files())
    assert set(PROGRAMS["bitwig"].files()) == {"Msanii.control.js"}


# --- a user's own changes -------------------------------------------------------------------------------


def test_a_changed_file_stays_while_ours_is_the_same(program: Program, base: Path, records: Records) -> None:
    list(program.install(base, records, "1"))
    mine = base / "Msanii" / "Msanii.sc"
    mine.write_text("mine")
    said = list(program.install(base, records, "1"))
    assert f"{mine} stays as you changed it; delete it to have ours again" in said
    assert mine.read_text() == "mine"
    assert program.state(base, records, "1") == "version 1, changed by you: Msanii.sc"


def test_a_changed_file_is_kept_where_ours_is_newer(program: Program, base: Path, records: Records) -> None:
    list(program.install(base, records, "1"))
    ours, mine = program.source() / "Msanii.sc", base / "Msanii" / "Msanii.sc"
    ours.write_text("second")
    assert program.state(base, records, "2") == "version 1; install again for 2"
    list(program.install(base, records, "2"))
    assert not list(base.rglob("*.previous*")), "nothing of the user's was there"
    for number, text in enumerate(("third", "fourth"), 1):
        mine.write_text(f"mine {number}")
        ours.write_text(text)
        said = list(program.install(base, records, "3"))
        assert sum("keeps what was there" in one for one in said) == 1
        assert mine.read_text() == text
    assert mine.with_name("Msanii.sc.previous").read_text() == "mine 1"
    assert mine.with_name("Msanii.sc.previous-2").read_text() == "mine 2"


def test_a_changed_file_outlives_its_removal(program: Program, base: Path, records: Records) -> None:
    list(program.install(base, records, "1"))
    mine = base / "Msanii" / "Msanii.sc"
    mine.write_text("mine")
    said = list(program.remove(base, records))
    assert f"{mine} stays: you changed it" in said
    assert _tree(base) == {"Msanii/Msanii.sc": b"mine"}


def test_somebody_elses_file_of_that_name_is_kept(program: Program, base: Path, records: Records) -> None:
    other = base / "Msanii" / "Msanii.sc"
    other.parent.mkdir()
    other.write_text("another class of this name")
    assert program.state(base, records, "1") == "installed, version unknown"
    list(program.install(base, records, "1"))
    assert other.with_name("Msanii.sc.previous").read_text() == "another class of this name"


def test_files_that_are_no_longer_ours_go_and_pythons_leavings_too(
    program: Program, base: Path, records: Records
) -> None:
    (program.source() / "Old.sc").write_text("Old {}")
    list(program.install(base, records, "1"))
    (program.source() / "Old.sc").unlink()
    said = list(program.install(base, records, "2"))
    assert f"{base / 'Msanii' / 'Old.sc'} removed" in said
    (base / "Msanii" / "__pycache__").mkdir()
    (base / "Msanii" / "__pycache__" / "x.pyc").write_bytes(b"")
    list(program.remove(base, records))
    assert list(base.iterdir()) == []


def test_ardours_folder_of_scripts_is_shared(base: Path, records: Records, tmp_path: Path) -> None:
    source = tmp_path / "lua"
    source.mkdir()
    (source / "msanii_generate.lua").write_text("ardour {}")
    ardour = replace(PROGRAMS["ardour"], folder=str(source))
    (base / "scripts").mkdir()
    (base / "scripts" / "theirs.lua").write_text("")
    list(ardour.install(base, records, "1"))
    list(ardour.remove(base, records))
    assert set(_tree(base)) == {"scripts/theirs.lua"}


def test_what_was_installed_before_there_were_records_can_be_removed(
    program: Program, base: Path, records: Records
) -> None:
    list(program.install(base, records, "1"))
    nothing = Records(base.parent / "none.json")
    assert program.state(base, nothing, "1") == "version 1"
    list(program.remove(base, nothing))
    assert _tree(base) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"supercollider": 3}', '{"supercollider": {"what": 1}}', "\0"]
)
def test_damaged_records_count_as_none(text: str, program: Program, base: Path, records: Records) -> None:
    list(program.install(base, records, "1"))
    (base.parent / "config" / "installed.json").write_text(text)
    assert records.get("supercollider") is None
    list(program.install(base, records, "2"))
    assert program.state(base, records, "2") == "version 2"


# --- the command ----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds or changes what is on this computer."""
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_: str(tmp_path / "config"))
    monkeypatch.setattr("platformdirs.user_music_dir", lambda: str(tmp_path / "Music"))
    monkeypatch.setattr("platformdirs.user_documents_dir", lambda: str(tmp_path / "Documents"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["install", *arguments], env={"COLUMNS": "300"})
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_installs_says_what_comes_next_and_removes(base: Path) -> None:
    said = _run("pure-data", "--to", str(base))
    assert "next, in a patch: create an object called msanii" in said
    assert (base / "msanii" / "msanii.pd").is_file()
    assert "is up to date" in _run("pure-data"), "it is known where it was installed"
    assert "removed" in _run("pure-data", "--remove", "--to", str(base))
    assert list(base.iterdir()) == []
    assert "nothing is installed in" in _run("pure-data", "--remove")


def test_the_list_shows_every_program_and_what_is_installed(base: Path) -> None:
    _run("bitwig", "--to", str(base))
    lines = {line.split()[0]: line for line in _run("--list").splitlines() if line}
    assert set(PROGRAMS) <= set(lines)
    assert "version" in lines["bitwig"]
    assert str(base / "Msanii") in lines["bitwig"]
    assert "not found" in lines["reaper"]
    assert "not installed" in lines["supercollider"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "which program? Give one of max, live, bitwig"),
        (["bitwig"], "start Bitwig Studio once"),
        (["live"], "Settings > Library"),
        (["pure-data", "--to", "/no/such/folder"], "create it, or give another one"),
        (["pure-data", "--to", ""], "empty path"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["install", *arguments])
    assert words in " ".join(capsys.readouterr().err.split())


def test_a_folder_that_cannot_be_written_is_named(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (base / "msanii").write_text("a file where a folder should be")
    with pytest.raises(SystemExit):
        main(["install", "pure-data", "--to", str(base)])
    assert "make it writable" in " ".join(capsys.readouterr().err.split())


def test_install_device_is_install_max(base: Path) -> None:
    done = CliRunner().invoke(app, ["install-device", "--to", str(base)])
    assert done.exit_code == 0, done.output
    assert "Max Audio Effect > Msanii" in done.output
    assert "removed" in _run("max", "--remove")
    assert list(base.rglob("Msanii*")) == []


def test_the_help_loads_nothing_of_it() -> None:
    code = "import sys, bridge.cli.app\nprint([m for m in sys.modules if 'daw_scripts.p' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
