"""Takes into Live's User Library: found where Live puts it, or given; never guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.cli.daw_scripts.programs import PROGRAMS
from bridge.cli.daw_scripts.records import Records
from bridge.library.user_library import drop_folder, find_user_library
from bridge.messages import BridgeError
from tests.conftest import DaemonUnderTest


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's Music and Documents folders, both empty."""
    monkeypatch.setattr("platformdirs.user_music_dir", lambda: str(tmp_path / "Music"))
    monkeypatch.setattr("platformdirs.user_documents_dir", lambda: str(tmp_path / "Documents"))
    return tmp_path


@pytest.mark.parametrize("home", ["Music", "Documents"])
def test_it_is_found_where_live_puts_it(home: str, homes: Path) -> None:
    library = homes / home / "Ableton" / "User Library"
    library.mkdir(parents=True)
    assert find_user_library() == library
    assert drop_folder(None, "live") == library / "Samples" / "Msanii"


def test_where_there_is_none_the_words_say_where_to_look(homes: Path) -> None:
    with pytest.raises(BridgeError, match=r"Music.*Documents.*Settings > Library") as caught:
        drop_folder(None, "live")
    assert caught.value.code == "folder"


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match=r"no such folder; give the path of Live's User Library"):
        drop_folder(None, str(tmp_path / "User Libary"))


@pytest.mark.parametrize("named", ["", "."])
def test_a_variable_that_was_never_set_is_no_path(named: str, tmp_path: Path) -> None:
    live, none = PROGRAMS["live"], Records(tmp_path / "none.json")
    words = r"empty path; give the path of Live's User Library"
    with pytest.raises(BridgeError, match=words):
        drop_folder(None, named)
    with pytest.raises(BridgeError, match=words):
        live.base(Path(named), none)


def test_both_flags_at_once_are_refused(tmp_path: Path) -> None:
    assert drop_folder(tmp_path, None) == tmp_path
    with pytest.raises(BridgeError, match="both say where takes go"):
        drop_folder(tmp_path, "live")


def test_serve_writes_takes_there(make_daemon: Callable[..., DaemonUnderTest], tmp_path: Path) -> None:
    library = tmp_path / "Moved" / "User Library"
    library.mkdir(parents=True)
    running = make_daemon(flags=["--drop-to", str(library)]).start()
    running.status()
    answers = list(running.client().ask("/msanii/generate", "bars", 1, "steps", 2, "iterations", 2))
    assert answers[-1].address == "/msanii/done"
    (take,) = [answer for answer in answers if answer.address == "/msanii/take"]
    assert Path(str(take.arguments[2])).parent == library / "Samples" / "Msanii"
