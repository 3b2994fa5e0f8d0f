"""The device gets into Live's User Library whole, together with its script, and never over a later one."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.cli.app import app, main
from bridge.cli.daw_scripts.files import KEPT_SUFFIX
from bridge.cli.daw_scripts.max_device import FILES, PLACE, device_folder, device_version
from bridge.cli.daw_scripts.programs import PROGRAMS
from bridge.cli.daw_scripts.records import Records
from bridge.messages import BridgeError


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "Üser Library"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings folder, where the commands record what they installed."""
    folder = tmp_path / "config"
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_: str(folder))
    return folder


def install_device(library: Path, source: Path | None = None) -> list[str]:
    """Install a device that nothing is recorded of, from our own folder or another."""
    program = replace(PROGRAMS["max"], folder=str(source or "."))
    records = Records(library.parent / f"{secrets.token_hex(8)}.json")
    return list(program.install(program.base(library, records), records, "1"))


@pytest.fixture
def of_version(tmp_path: Path) -> Callable[[int], Path]:
    """Folders that hold a device of some version."""

    def make(version: int) -> Path:
        folder = tmp_path / f"version {version}"
        folder.mkdir()
        (folder / "Msanii.amxd").write_text(f'ampf {{"digest" : "Msanii device {version}"}}\0')
        (folder / "MsaniiLive.js").write_text(f"// {version}")
        return folder

    return make


def test_device_and_script_lie_together_where_lives_browser_shows_them(library: Path) -> None:
    said = install_device(library)
    for name in FILES:
        path = library / "Presets" / "Audio Effects" / "Max Audio Effect" / "Msanii" / name
        assert path.read_bytes() == (device_folder() / name).read_bytes()
        assert f"{path} written" in said
    assert sorted(path.name for path in (library / PLACE).iterdir()) == sorted(FILES)


def test_what_is_there_already_is_left_and_said(library: Path) -> None:
    install_device(library)
    assert all(sentence.endswith("is up to date") for sentence in install_device(library))


def test_an_older_device_is_replaced_and_kept(library: Path, of_version: Callable[[int], Path]) -> None:
    install_device(library, of_version(1))
    said = install_device(library, of_version(2))
    assert device_version((library / PLACE / "Msanii.amxd").read_bytes()) == 2
    assert (library / PLACE / "MsaniiLive.js").read_text() == "// 2"
    assert (library / PLACE / f"MsaniiLive.js{KEPT_SUFFIX}").read_text() == "// 1"
    assert sum("keeps what was there" in sentence for sentence in said) == 2


def test_a_later_device_stays_and_so_does_its_script(
    library: Path, of_version: Callable[[int], Path]
) -> None:
    install_device(library, of_version(3))
    with pytest.raises(
        BridgeError, match=r"version 3, later than this one \(2\): nothing was changed"
    ) as caught:
        install_device(library, of_version(2))
    assert caught.value.code == "exists"
    assert (library / PLACE / "MsaniiLive.js").read_text() == "// 3"


def test_the_devices_own_version_is_read() -> None:
    assert device_version((device_folder() / "Msanii.amxd").read_bytes()) >= 1
    assert device_version(b"something else") == 0


def test_a_user_library_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match=r"no such folder; give the path of Live's User Library") as caught:
        install_device(tmp_path / "nowhere")
    assert caught.value.code == "folder"


def test_a_folder_that_cannot_be_written_is_named(library: Path) -> None:
    (library / "Presets").write_text("a file where a folder should be")
    with pytest.raises(BridgeError, match="make it writable") as caught:
        install_device(library)
    assert caught.value.code == "folder"


def test_a_package_without_its_device_says_so(library: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BridgeError, match=r"no files for .* Max for Live: install msanii-bridge again"):
        install_device(library, tmp_path / "empty")
    assert list(library.iterdir()) == []


def test_the_command_says_what_it_did(library: Path) -> None:
    done = CliRunner().invoke(app, ["install-device", "--to", str(library)])
    assert done.exit_code == 0, done.output
    assert done.output.count(" written") == len(FILES)


def test_the_command_finds_the_library_or_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platformdirs.user_music_dir", lambda: str(tmp_path / "Music"))
    monkeypatch.setattr("platformdirs.user_documents_dir", lambda: str(tmp_path / "Documents"))
    with pytest.raises(SystemExit):
        main(["install-device"])
    assert "Settings > Library" in capsys.readouterr().err
    (tmp_path / "Music" / "Ableton" / "User Library").mkdir(parents=True)
    assert CliRunner().invoke(app, ["install-device"]).exit_code == 0
    assert (tmp_path / "Music" / "Ableton" / "User Library" / PLACE / "Msanii.amxd").is_file()


def test_installing_loads_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys, bridge.cli.daw_scripts.programs\n"
        "print([m for m in ('torch', 'max_for_live', 'numpy', 'diffusers') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
