"""A file is shown by what the desktop has: a file manager on the session bus, `xdg-open`, or an error."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bridge.messages import BridgeError
from bridge.system.file_manager import reveal
from tests.bridge.files import drop_take
from tests.conftest import NO_MODEL, DaemonUnderTest, missing, need

NAME = "große Skizze, 97.3 bpm #1 100%.wav"
FILE_MANAGER = "org.freedesktop.FileManager1"
SECONDS = 60.0


@pytest.fixture(autouse=True)
def no_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Linux machine without a desktop, whatever this one has."""
    if sys.platform != "linux":
        missing("what a desktop is asked, is known on Linux alone")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("bridge.system.file_manager._PATIENCE_SECONDS", SECONDS)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session's bus with nobody on it; its address."""
    need("dbus-send")
    command = (need("dbus-daemon"), "--session", "--nofork", "--nopidfile", "--print-address")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        address = running.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address
        running.terminate()


@pytest.fixture
def shown(bus: str) -> Iterator[queue.Queue[tuple[list[str], str]]]:
    """What a file manager on the bus is asked to show."""
    from jeepney import DBusAddress, HeaderFields, new_method_call, new_method_return
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    asked: queue.Queue[tuple[list[str], str]] = queue.Queue()
    connection = open_dbus_connection(bus)
    connection.send_and_get_reply(message_bus.RequestName(FILE_MANAGER))

    def serve() -> None:
        called = ""
        while called != "End":
            message = connection.receive()
            called = message.header.fields.get(HeaderFields.member)
            if called == "ShowItems":
                asked.put(message.body)
                connection.send(new_method_return(message))

    serving = threading.Thread(target=serve)
    serving.start()
    yield asked
    with closing(open_dbus_connection(bus)) as other:
        address = DBusAddress("/", bus_name=FILE_MANAGER, interface=FILE_MANAGER)
        other.send(new_method_call(address, "End"))
        serving.join()
    connection.close()


def with_xdg_open(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Put an `xdg-open` on the PATH that writes its argument down; the file that it writes to."""
    written, program = folder / "opened", folder / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{written}"\n{script}\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":none")
    return written


def test_the_file_manager_of_the_session_selects_the_file(
    shown: queue.Queue[tuple[list[str], str]], tmp_path: Path
) -> None:
    path = tmp_path / NAME
    path.touch()
    reveal(path)
    assert shown.get(timeout=SECONDS) == ([path.as_uri()], "")


def test_without_a_file_manager_on_the_bus_the_folder_is_opened(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = with_xdg_open(tmp_path, monkeypatch, "exit 0")
    reveal(tmp_path / NAME)
    assert opened.read_text("utf-8") == str(tmp_path)


def test_an_opener_that_goes_on_with_its_window_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.system.file_manager._PATIENCE_SECONDS", 0.2)
    stop = tmp_path / "stop"
    opened = with_xdg_open(
        tmp_path, monkeypatch, f'while [ ! -e "{stop}" ]; do sleep 0.05; done; rm "{stop}"'
    )
    reveal(tmp_path / NAME)
    until(opened.exists)
    stop.touch()
    until(lambda: not stop.exists())


@pytest.mark.parametrize("why", ["no program", "it fails", "no screen"])
def test_a_machine_without_a_desktop_says_so_and_where_the_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    opened = with_xdg_open(tmp_path, monkeypatch, "exit 3" if why == "it fails" else "exit 0")
    if why == "no program":
        monkeypatch.setenv("PATH", str(tmp_path))
    if why == "no screen":
        monkeypatch.delenv("DISPLAY")
    with pytest.raises(BridgeError, match="reaches no file manager") as caught:
        reveal(tmp_path / NAME)
    assert caught.value.code == "missing"
    assert f"`{NAME}` is in `{tmp_path}`" in caught.value.message
    assert opened.exists() == (why == "it fails")


def test_the_daemon_shows_a_take(
    shown: queue.Queue[tuple[list[str], str]], make_daemon: Callable[..., DaemonUnderTest]
) -> None:
    running = make_daemon(model=NO_MODEL).start()
    client, take = running.client(), drop_take(running.library / NAME)
    client.send("/msanii/take/reveal", NAME)
    assert client.wait_for("/msanii/take/reveal.reply", timeout_seconds=SECONDS).arguments == (NAME,)
    assert shown.get(timeout=SECONDS) == ([take.as_uri()], "")
    client.send("/msanii/take/reveal", "nothing.wav")
    failed = client.wait_for("/msanii/fail", timeout_seconds=SECONDS)
    assert failed.arguments[:2] == ("/msanii/take/reveal", "missing")
    assert shown.empty()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
