"""Scripts go where each program looks for them, on Linux, macOS and Windows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.cli.daw_scripts.machine import Machine, this_machine
from bridge.cli.daw_scripts.programs import PROGRAMS
from bridge.messages import BridgeError

WHERE = {
    ("bitwig", "linux"): "Bitwig Studio/Controller Scripts/Msanii",
    ("bitwig", "darwin"): "Documents/Bitwig Studio/Controller Scripts/Msanii",
    ("bitwig", "win32"): "Documents/Bitwig Studio/Controller Scripts/Msanii",
    ("reaper", "linux"): ".config/REAPER/Scripts/Msanii",
    ("reaper", "darwin"): "Library/Application Support/REAPER/Scripts/Msanii",
    ("reaper", "win32"): "AppData/Roaming/REAPER/Scripts/Msanii",
    ("ardour", "linux"): ".config/ardour8/scripts",
    ("ardour", "darwin"): "Library/Preferences/Ardour8/scripts",
    ("ardour", "win32"): "AppData/Local/ardour8/scripts",
    ("pure-data", "linux"): ".local/lib/pd/extra/msanii",
    ("pure-data", "darwin"): "Library/Pd/msanii",
    ("pure-data", "win32"): "AppData/Roaming/Pd/msanii",
    ("supercollider", "linux"): ".local/share/SuperCollider/Extensions/Msanii",
    ("supercollider", "darwin"): "Library/Application Support/SuperCollider/Extensions/Msanii",
    ("supercollider", "win32"): "AppData/Local/SuperCollider/Extensions/Msanii",
}
# Programs make these when they run for the first time.
FIRST_RUN = {"bitwig": 2, "reaper": 2, "ardour": 1}


@pytest.mark.parametrize(("name", "system"), WHERE)
def test_scripts_go_where_each_program_looks_on_each_system(name: str, system: str, tmp_path: Path) -> None:
    machine = Machine(system, tmp_path, tmp_path / "Documents")
    program, expected = PROGRAMS[name], tmp_path / WHERE[name, system]
    if name in FIRST_RUN:
        with pytest.raises(BridgeError, match=r"no such folder; start \w+.* once, or give .*--to") as caught:
            program.find(machine)
        assert caught.value.code == "folder"
        expected.parents[FIRST_RUN[name] - 1].mkdir(parents=True)
    assert program.find(machine) / program.below == expected


def test_the_systems_own_variables_count(tmp_path: Path) -> None:
    environment = {
        "APPDATA": str(tmp_path / "roaming"),
        "LOCALAPPDATA": str(tmp_path / "local"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    for folder in ("roaming/REAPER", "config/REAPER", "local/ardour9"):
        (tmp_path / folder).mkdir(parents=True)
    windows, linux = (Machine(system, tmp_path, tmp_path, environment) for system in ("win32", "linux"))
    assert PROGRAMS["reaper"].find(windows) == tmp_path / "roaming" / "REAPER"
    assert PROGRAMS["ardour"].find(windows) == tmp_path / "local" / "ardour9"
    assert PROGRAMS["reaper"].find(linux) == tmp_path / "config" / "REAPER"
    assert PROGRAMS["supercollider"].find(linux) == tmp_path / "data" / "SuperCollider" / "Extensions"


def test_the_newest_ardour_is_served(tmp_path: Path) -> None:
    for name in ("ardour6", "ardour10", "ardour9", "ardour-old"):
        (tmp_path / ".config" / name).mkdir(parents=True)
    (tmp_path / ".config" / "ardour11").write_text("a file")
    found = PROGRAMS["ardour"].find(Machine("linux", tmp_path, tmp_path))
    assert found == tmp_path / ".config" / "ardour10"


def test_lives_scripts_go_into_its_user_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "Music" / "Ableton" / "User Library"
    library.mkdir(parents=True)
    monkeypatch.setattr("platformdirs.user_music_dir", lambda: str(tmp_path / "Music"))
    live = PROGRAMS["live"]
    assert live.find(this_machine()) / live.below == library / "Remote Scripts" / "Msanii"


def test_this_machine_is_the_one_that_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platformdirs.user_documents_dir", lambda: str(tmp_path))
    found = this_machine()
    assert (found.platform, found.home, found.documents) == (sys.platform, Path.home(), tmp_path)
