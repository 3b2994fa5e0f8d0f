"""The library: names never collide, files are the truth, one daemon at a time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.library.file_names import EXTENSIONS
from bridge.library.recipes import read_recipe
from bridge.library.takes import Library
from bridge.messages import BridgeError, FileFormat
from bridge.system.disk import PART_SUFFIX
from tests.bridge.files import drop_take, write_audio
from tests.bridge.render_requests import make_job, make_recipe
from tests.conftest import missing


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "Müsik" / "Msanii")
    yield opened
    opened.close()


def test_every_take_of_a_library_gets_its_own_name(library: Library) -> None:
    names = [path.name for job_id in "ab" for path in library.allocate_names(make_job(job_id, count=3))]
    assert len(set(names)) == 6
    assert [re.search(r"_(\d+)_(\d+)\.wav", name).groups() for name in names[:3]] == [  # type: ignore[union-attr]
        ("7", "1"),
        ("8", "2"),
        ("9", "3"),
    ]


def test_takes_of_an_arrangement_are_named_after_their_parts(library: Library) -> None:
    names = [path.stem for path in library.allocate_names(make_job("a", parts="keys,bass", count=3))]
    assert [name.split("_")[-2] for name in names] == ["keys", "bass", "mix"]


def test_an_interrupted_job_gets_the_same_names_again(library: Library) -> None:
    first = library.allocate_names(make_job("a", count=2))
    library.allocate_names(make_job("b"))
    assert library.allocate_names(make_job("a", count=2, attempts=1)) == first


def test_a_lost_index_gives_no_name_of_a_file_that_is_there(tmp_path: Path) -> None:
    library = Library(tmp_path)
    used = [drop_take(library.allocate_names(make_job(str(number)))[0]) for number in range(3)]
    library.close()
    for path in (tmp_path / ".msanii").glob("index.sqlite*"):
        path.unlink()
    again = Library(tmp_path)
    assert {take.path for take in again.takes()} == set(used)
    assert again.allocate_names(make_job("new"))[0].name.endswith("_4.wav")
    again.close()


# --- the index follows the files -------------------------------------------------------------------


def test_an_added_take_is_listed_with_its_size_and_tempo(library: Library) -> None:
    path = drop_take(library.allocate_names(make_job("a", bpm=97.3))[0], make_recipe(bpm=97.3))
    take = library.add(path)
    assert library.takes() == [take]
    assert (take.bytes, take.seconds, take.bpm, take.starred) == (path.stat().st_size, 2.0, 97.3, False)


def test_a_take_that_no_index_heard_of_is_found_at_the_next_start(tmp_path: Path) -> None:
    library = Library(tmp_path)
    path = drop_take(library.allocate_names(make_job("a"))[0])
    assert library.takes() == []
    library.close()
    again = Library(tmp_path)
    assert [take.path for take in again.takes()] == [path]
    again.close()


@pytest.mark.parametrize("format", ["wav", "aiff", "flac", "float"])
def test_a_take_without_its_json_is_found_by_the_recipe_inside(tmp_path: Path, format: FileFormat) -> None:
    recipe = make_recipe(chords="B♭" * 2_048, format=format)
    path = drop_take(tmp_path / f"take_1{EXTENSIONS[format]}", recipe)
    path.with_suffix(".json").unlink()
    assert read_recipe(path) == recipe
    library = Library(tmp_path)
    assert [take.path for take in library.takes()] == [path]
    library.close()


def test_a_deleted_file_is_no_take_and_somebody_elses_audio_is_none_either(library: Library) -> None:
    path = drop_take(library.allocate_names(make_job("a"))[0])
    library.add(path)
    path.unlink()
    write_audio(library.folder / "my own.wav")
    library.refresh()
    assert library.takes() == []


def test_takes_go_to_the_drop_folder_when_there_is_one(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", drop_folder=tmp_path / "drop")
    path = drop_take(library.allocate_names(make_job("a"))[0])
    library.refresh()
    assert path.parent == tmp_path / "drop"
    assert [take.path for take in library.takes()] == [path]
    library.close()


def test_half_written_files_of_a_killed_render_go_at_the_next_start(tmp_path: Path) -> None:
    Library(tmp_path).close()
    sources, foreign = tmp_path / ".msanii" / "sources", tmp_path / ".download.zip.part"
    leftovers = [tmp_path / f".take_1.wav{PART_SUFFIX}", sources / f"x{PART_SUFFIX}"]
    for leftover in (*leftovers, foreign):
        leftover.write_bytes(b"half")
    Library(tmp_path, exclusive=False).close()
    assert all(leftover.exists() for leftover in leftovers)
    Library(tmp_path).close()
    assert not any(leftover.exists() for leftover in leftovers)
    assert foreign.exists()


def test_a_half_written_file_that_cannot_be_removed_stops_no_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "it is open elsewhere")

    (tmp_path / f".take_1.wav{PART_SUFFIX}").write_bytes(b"half")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        library = Library(tmp_path)
    library.close()


def test_a_damaged_index_is_made_again_from_the_files(tmp_path: Path) -> None:
    library = Library(tmp_path)
    path = drop_take(library.allocate_names(make_job("a"))[0])
    library.close()
    (tmp_path / ".msanii" / "index.sqlite").write_bytes(b"no database" * 1_000)
    again = Library(tmp_path)
    assert [take.path for take in again.takes()] == [path]
    again.close()


# --- one daemon, stars, trash ----------------------------------------------------------------------

_HOLD = """
import sys
from pathlib import Path
from bridge.library.takes import Library
library = Library(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_daemon_is_refused_until_the_first_one_is_gone(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(BridgeError, match="another msanii-bridge already uses") as caught:
            Library(tmp_path)
        assert caught.value.code == "folder"
        Library(tmp_path, exclusive=False).close()
        first.kill()
    Library(tmp_path).close()


def test_a_star_outlives_the_index_and_keeps_a_take_from_the_trash(tmp_path: Path) -> None:
    trashed: list[str] = []
    library = Library(tmp_path, trash=trashed.append)
    kept, gone = (
        library.add(drop_take(library.allocate_names(make_job(name))[0])) for name in ("kept", "gone")
    )
    assert library.star(kept.name, on=True).starred
    library.close()
    shutil.rmtree(tmp_path / ".msanii" / "sources")
    (tmp_path / ".msanii" / "index.sqlite").unlink()
    again = Library(tmp_path, trash=trashed.append)
    assert [take.name for take in again.prune_candidates()] == [gone.name]
    assert [take.name for take in again.prune([kept, gone])] == [gone.name]
    assert trashed == [str(gone.path), str(gone.path.with_suffix(".json"))]
    assert not again.star(str(kept.path), on=False).starred
    again.close()


def test_starring_what_is_not_there_says_so(library: Library) -> None:
    with pytest.raises(BridgeError, match=r"`nothing\.wav`: not in this library") as caught:
        library.star("/somewhere/nothing.wav", on=True)
    assert caught.value.code == "missing"


def test_pruned_takes_lie_in_the_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        missing("where the trash is, is known on Linux alone")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("send2trash.plat_other.HOMETRASH", str(tmp_path / "data" / "Trash"), raising=False)
    library = Library(tmp_path / "library")
    take = library.add(drop_take(library.allocate_names(make_job("a"))[0]))
    library.prune([take])
    assert not take.path.exists()
    assert library.takes() == []
    assert list(tmp_path.rglob("Trash/files/*.wav"))
    library.close()


# --- a disk that does not want to ------------------------------------------------------------------

_AS_NOBODY = """
import os, sys
from pathlib import Path
from bridge.messages import BridgeError
from bridge.library.takes import Library
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    Library(Path(sys.argv[1]))
except BridgeError as error:
    print(error.code, error)
"""


@pytest.mark.parametrize("made_before", [False, True])
def test_a_library_that_cannot_be_written_is_named(tmp_path: Path, made_before: bool) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        missing("only root can become an unprivileged user")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o755)
    if made_before:
        Library(folder).close()
    for parent in (tmp_path, *tmp_path.parents):
        if parent != Path(parent.anchor):
            parent.chmod(parent.stat().st_mode | 0o011)
    shown = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(folder)], capture_output=True, text=True, check=False
    )
    assert shown.stdout.startswith("folder cannot write in"), shown.stdout + shown.stderr
    assert str(folder) in shown.stdout
