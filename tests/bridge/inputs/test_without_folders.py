"""What network clients are told has the names of files, and no folder."""

from __future__ import annotations

import os

import pytest

from bridge.inputs.without_folders import without_folders
from bridge.messages import Argument

HOME = "/home/alice/Music/Msanii"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("j1", 0, f"{HOME}/a_1.wav", 8.0, 120.0), ("j1", 0, "a_1.wav", 8.0, 120.0)),
        (("nonce", "0.1.0", HOME, f"{HOME}/.msanii/exchange"), ("nonce", "0.1.0", "Msanii", "exchange")),
        ((1, "C:\\Users\\alice\\Music\\my take.wav"), (1, "my take.wav")),
        (
            ("j1", "folder", f"cannot write in `{HOME}` (denied): make it writable"),
            ("j1", "folder", "cannot write in `Msanii` (denied): make it writable"),
        ),
        (
            ("x", "disk", f"the recording ended (full); what was written is in {HOME}/rec 1.wav"),
            ("x", "disk", "the recording ended (full); what was written is in rec 1.wav"),
        ),
        (
            ("x", "busy", "`port`: 9800 is taken; see `D:\\Sets\\alice\\a.yaml`"),
            ("x", "busy", "`port`: 9800 is taken; see `a.yaml`"),
        ),
        (
            ("j1", "render", f"FileNotFoundError: [Errno 2] It isn't there: '{HOME}/my take.wav'"),
            ("j1", "render", "FileNotFoundError: [Errno 2] It isn't there: 'my take.wav'"),
        ),
        (
            ("j1", "render", r"""OSError: "/home/alice/it's.wav", 'C:\\Users\\alice\\my take.wav'"""),
            ("j1", "render", """OSError: "it's.wav", 'my take.wav'"""),
        ),
        (("j1", r"\\nas\alice\my take.wav"), ("j1", "my take.wav")),
        (("j1", "source", r"no `\\nas\alice\a b.wav`"), ("j1", "source", "no `a b.wav`")),
    ],
)
def test_a_path_is_told_by_its_name(said: tuple[Argument, ...], told: tuple[Argument, ...]) -> None:
    assert without_folders("/msanii/any", said) == told


@pytest.mark.parametrize("home", ["/home/alice", "/Users/alice", r"C:\Users\alice", os.path.expanduser("~")])
def test_no_home_folder_is_told_by_its_name(home: str) -> None:
    sentence = f"source `x.wav`: there is no such file in `{home}`; give its whole path"
    told = without_folders("/msanii/fail", ("j1", "source", sentence))
    assert told == ("j1", "source", "source `x.wav`: there is no such file in `~`; give its whole path")


def test_the_paths_of_the_session_are_not_told() -> None:
    for name in ("source", "source_b", "notes"):
        assert without_folders(f"/msanii/param/{name}", (f"{HOME}/a.wav",)) == (None,)


@pytest.mark.parametrize(
    "said",
    [
        ("/nope", "address", "'/nope': no such address; send /msanii/help for the list."),
        ("/home/alice", "address", "..."),  # the client's own words come back as they were
        ("/msani/deck/1/gain", "address", "'/msani/deck/1/gain': no such address"),
        ("/msanii/deck/1", "missing", "deck 1 is empty: load a take first (`/msanii/deck/1/load`)"),
        ("bpm_low", 60.0, "meters", "4/4,6/8", "chords", "C/E F/A"),
        ("x", "value", "notify: 32 subscribers at 10.0.0.1 already; end one with `/msanii/notify 0`."),
        ("mine", "chords", "Am /E F / G", "count", 2),
        ("x", "value", "write `3`/`4`, don't write '3'/'4'"),
        (),
        (7,),
    ],
)
def test_all_else_stays_as_it_is(said: tuple[Argument, ...]) -> None:
    assert without_folders("/msanii/any", said) == said
