"""The library: names never collide, files are the truth, one daemon at a time in a folder."""

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
from bridge.library.index import known_takes
from bridge.library.recipes import read_recipe
from bridge.library.shelf import Shelf
from bridge.library.take import Take, read_take
from bridge.library.takes import Library, star
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


def indexed(library: Library) -> set[Path]:
    """The takes in the index, whether or not their files exist."""
    return {take.path for take in known_takes(library).values()}


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
    assert indexed(again) == set(used)
    assert again.allocate_names(make_job("new"))[0].name.endswith("_4.wav")
    again.close()


# --- the index follows the files -------------------------------------------------------------------


def test_an_added_take_is_listed_with_its_size_and_tempo(library: Library) -> None:
    path = drop_take(library.allocate_names(make_job("a", bpm=97.3))[0], make_recipe(bpm=97.3))
    take = library.add(path)
    assert Shelf(library.folder).takes() == [take]
    assert (take.bytes, take.seconds, take.bpm, take.starred) == (path.stat().st_size, 2.0, 97.3, False)


def test_a_take_that_no_index_heard_of_is_found_at_the_next_start(tmp_path: Path) -> None:
    library = Library(tmp_path)
    path = drop_take(library.allocate_names(make_job("a"))[0])
    assert indexed(library) == set()
    library.close()
    again = Library(tmp_path)
    assert indexed(again) == {path}
    again.close()


@pytest.mark.parametrize("format", ["wav", "aiff", "flac", "float"])
def test_a_take_without_its_json_is_found_by_the_recipe_inside(tmp_path: Path, format: FileFormat) -> None:
    recipe = make_recipe(chords="B♭" * 2_048, format=format)
    path = drop_take(tmp_path / f"take_1{EXTENSIONS[format]}", recipe)
    path.with_suffix(".json").unlink()
    assert read_recipe(path) == recipe
    assert [take.path for take in Shelf(tmp_path).takes()] == [path]


def test_a_deleted_file_is_no_take_and_somebody_elses_audio_is_none_either(tmp_path: Path) -> None:
    library = Library(tmp_path)
    path = drop_take(library.allocate_names(make_job("a"))[0])
    library.add(path)
    library.close()
    path.unlink()
    write_audio(tmp_path / "my own.wav")
    assert Shelf(tmp_path).takes() == []
    again = Library(tmp_path)
    assert indexed(again) == set()
    again.close()


def test_takes_go_to_the_drop_folder_when_there_is_one(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", drop_folder=tmp_path / "drop")
    path = drop_take(library.allocate_names(make_job("a"))[0])
    assert path.parent == tmp_path / "drop"
    assert [take.path for take in Shelf(tmp_path / "library", tmp_path / "drop").takes()] == [path]
    library.close()


def test_half_written_files_of_a_killed_render_go_at_the_next_start(tmp_path: Path) -> None:
    Library(tmp_path).close()
    sources, foreign = tmp_path / ".msanii" / "sources", tmp_path / ".download.zip.part"
    leftovers = [tmp_path / f".take_1.wav{PART_SUFFIX}", sources / f"x{PART_SUFFIX}"]
    for leftover in (*leftovers, foreign):
        leftover.write_bytes(b"half")
    Shelf(tmp_path).takes()
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
    assert indexed(again) == {path}
    again.close()


def test_a_name_that_is_no_utf8_is_left_out_with_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = drop_take(tmp_path / "take_1.wav")
    odd = os.path.join(os.fsencode(tmp_path), b"\xff\xfe.wav")
    try:
        shutil.copy(os.fsencode(path), odd)
    except OSError:
        missing("this file system takes names in UTF-8 alone")
    library = Library(tmp_path)
    assert indexed(library) == {path}
    library.close()
    assert "is no name in UTF-8, so it is not listed: rename it" in caplog.text


def test_a_damaged_or_false_recipe_beside_a_take_leaves_the_one_inside(tmp_path: Path) -> None:
    cut, piped = drop_take(tmp_path / "cut_1.wav"), drop_take(tmp_path / "piped_2.wav")
    recipe = cut.with_suffix(".json")
    recipe.write_bytes(recipe.read_bytes()[:100])
    if hasattr(os, "mkfifo"):
        piped.with_suffix(".json").unlink()
        os.mkfifo(piped.with_suffix(".json"))  # whoever opens it to read waits for ever
    library = Library(tmp_path)
    assert indexed(library) == {cut, piped}
    library.close()


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
        assert Shelf(tmp_path).takes() == []
        first.kill()
    Library(tmp_path).close()


def test_two_libraries_never_share_a_folder_for_takes(tmp_path: Path) -> None:
    first = Library(tmp_path / "one", drop_folder=tmp_path / "drop")
    part = tmp_path / "drop" / f".take_1.wav.0{PART_SUFFIX}"
    part.write_bytes(b"the first one writes it")
    for folder, drop_folder in ((tmp_path / "two", tmp_path / "drop"), (tmp_path / "drop", None)):
        with pytest.raises(BridgeError, match=r"already uses the folder `.*drop`") as caught:
            Library(folder, drop_folder=drop_folder)
        assert caught.value.code == "folder"
    assert part.exists()
    first.close()
    Library(tmp_path / "two", drop_folder=tmp_path / "drop").close()


def test_a_drop_folder_that_is_the_library_under_another_name_is_one_folder(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "drop").symlink_to(tmp_path / "library")
    Library(tmp_path / "library", drop_folder=tmp_path / "drop").close()


def test_a_star_looks_at_one_file_however_many_there_are(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop_take(library.folder / "take_1.wav")  # no index has heard of it

    def walked(*_: object) -> None:
        raise AssertionError("the folder is walked")

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", walked)
        patch.setattr(Path, "iterdir", walked)
        assert library.star("take_1.wav", on=True).path == path
        with pytest.raises(BridgeError, match="not in this library"):
            library.star("take_2.wav", on=True)
    assert [take.starred for take in Shelf(library.folder).takes()] == [True]


def test_a_list_of_stars_that_is_a_link_leaves_alone_what_it_leads_to(
    library: Library, tmp_path: Path
) -> None:
    path = drop_take(library.folder / "take_1.wav")
    victim = tmp_path / "victim.txt"
    victim.write_text("mine", encoding="utf-8")
    library.starred_path.symlink_to(victim)
    library.star(path.name, on=True)
    assert victim.read_text("utf-8") == "mine"


def test_a_star_outlives_the_index_and_keeps_a_take_from_the_trash(tmp_path: Path) -> None:
    trashed: list[str] = []
    library = Library(tmp_path)
    kept, gone = (
        library.add(drop_take(library.allocate_names(make_job(name))[0])) for name in ("kept", "gone")
    )
    notes = gone.path.with_suffix(".mid")
    notes.touch()
    assert library.star(kept.name, on=True).starred
    library.close()
    shutil.rmtree(tmp_path / ".msanii" / "sources")
    (tmp_path / ".msanii" / "index.sqlite").unlink()
    shelf = Shelf(tmp_path, trash=trashed.append)
    assert [take.name for take in shelf.prune_candidates()] == [gone.name]
    assert [take.name for take in shelf.prune([kept, gone])] == [gone.name]
    assert trashed == [str(gone.path), str(gone.path.with_suffix(".json")), str(notes)]
    assert not star(shelf, str(kept.path), on=False).starred
    assert len(shelf.prune_candidates()) == 2


def test_starring_what_is_not_there_says_so(library: Library) -> None:
    with pytest.raises(BridgeError, match=r"`nothing\.wav`: not in this library") as caught:
        library.star("/somewhere/nothing.wav", on=True)
    assert caught.value.code == "missing"


def test_pruned_takes_lie_in_the_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        missing("where the trash is, is known on Linux alone")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # It looks for the trash when it is imported, for another test perhaps.
    for name in [name for name in sys.modules if name.split(".")[0] == "send2trash"]:
        monkeypatch.delitem(sys.modules, name)
    library = Library(tmp_path / "library")
    take = library.add(drop_take(library.allocate_names(make_job("a"))[0]))
    shelf = Shelf(tmp_path / "library")
    shelf.prune([take])
    assert not take.path.exists()
    assert shelf.takes() == []
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


_SHELF_AS_NOBODY = """
import os, sys
from pathlib import Path
from bridge.library.shelf import Shelf
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
print([take.name for take in Shelf(Path(sys.argv[1])).takes()])
"""


def test_a_library_that_can_only_be_read_is_listed(tmp_path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        missing("only root can become an unprivileged user")
    folder = tmp_path / "library"
    library = Library(folder)
    library.add(drop_take(folder / "known_1.wav"))
    library.close()
    drop_take(folder / "unknown_2.wav")
    for parent in (tmp_path, *tmp_path.parents):
        if parent != Path(parent.anchor):
            parent.chmod(parent.stat().st_mode | 0o011)
    program = [sys.executable, "-c", _SHELF_AS_NOBODY, str(folder)]
    shown = subprocess.run(program, capture_output=True, text=True, check=False)
    assert shown.stdout == "['unknown_2.wav', 'known_1.wav']\n", shown.stderr


def test_listing_reads_only_the_recipes_that_the_index_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path)
    for number in range(20):
        library.add(drop_take(tmp_path / f"take_{number}.wav"))
    drop_take(tmp_path / "new_20.wav")
    read: list[Path] = []

    def reading(path: Path) -> Take:
        read.append(path)
        return read_take(path)

    monkeypatch.setattr("bridge.library.index.read_take", reading)
    assert len(Shelf(tmp_path).takes()) == 21
    assert read == [tmp_path / "new_20.wav"]
    library.close()
