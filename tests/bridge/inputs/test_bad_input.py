"""What bad input gets, through the real socket: a clear answer, and a daemon that goes on."""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Answer, Client
from bridge.messages import Argument
from tests.bridge.files import drop_take
from tests.conftest import NO_MODEL, DaemonUnderTest, fail_of
from tests.patient_client import PatientClient

MakeDaemon = Callable[..., DaemonUnderTest]


@pytest.fixture
def one_second(tmp_path: Path) -> Path:
    """One second of stereo noise."""
    path = tmp_path / "one second.wav"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (44_100, 2)).astype(np.float32)
    soundfile.write(path, noise, 44_100)
    return path


@pytest.fixture(autouse=True)
def still_alive(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test on the shared daemon it answers a stranger."""
    yield
    if "client" in request.fixturenames:
        running: DaemonUnderTest = request.getfixturevalue("daemon")
        with PatientClient(running.port) as stranger:
            stranger.hello()


# --- one bad message ------------------------------------------------------------------------------------

BAD: list[tuple[str, str, tuple[Argument, ...], str, tuple[str, ...]]] = [
    ("unknown address", "/msanii/generatte", ("bpm", 120), "address", ("/msanii/generatte", "/msanii/help")),
    ("foreign address", "/live/play", (), "address", ("/live/play",)),
    ("unknown parameter address", "/msanii/param/stepps", (12,), "address", ("stepps", "steps")),
    ("unknown key", "/msanii/generate", ("tempo", 120), "value", ("tempo", "bpm")),
    ("wrong type", "/msanii/generate", ("bpm", "fast"), "type", ("bpm", "fast", "20", "999")),
    ("number for text", "/msanii/generate", ("chords", 7), "type", ("chords", "7")),
    ("missing value", "/msanii/generate", ("bpm", 120, "chords"), "missing", ("chords",)),
    ("not a number", "/msanii/generate", ("bpm", math.nan), "value", ("bpm", "nan")),
    ("infinite", "/msanii/generate", ("guidance", math.inf), "value", ("guidance", "inf")),
    ("out of range", "/msanii/generate", ("bpm", 5), "value", ("bpm", "5", "20", "999")),
    ("huge number", "/msanii/generate", ("bars", 1e30), "value", ("bars",)),
    ("too long", "/msanii/generate", ("bars", 1024, "bpm", 20), "value", ("bars", "600")),
    ("fraction of a step", "/msanii/generate", ("steps", 1.5), "value", ("steps", "1.5")),
    ("no such rate", "/msanii/generate", ("rate", 22_050), "value", ("rate", "44100")),
    ("unknown preset", "/msanii/generate", ("preset", "tuba"), "preset", ("tuba", "piano_loop")),
    ("preset with a path", "/msanii/generate", ("preset", "../../etc/passwd"), "value", ("preset",)),
    ("unknown model", "/msanii/generate", ("model", "tuba"), "model", ("tuba", "tiny")),
    ("folder in the file name", "/msanii/generate", ("name_template", "../<n>"), "value", ("name_template",)),
    ("strength 0", "/msanii/vary", ("strength", 0), "value", ("strength", "0.01")),
    ("no source", "/msanii/vary", ("strength", 0.5), "missing", ("source", "vary")),
    ("missing file", "/msanii/vary", ("source", "/nowhere/a.wav"), "source", ("a.wav",)),
    ("a folder", "/msanii/vary", ("source", "/"), "source", ("regular file",)),
    ("a device", "/msanii/vary", ("source", "/dev/zero"), "source", ("zero",)),
    ("a path with a NUL", "/msanii/vary", ("source", "a\x01b"), "value", ("source",)),
    ("parameter out of range", "/msanii/param/steps", (0,), "value", ("steps", "1000")),
    ("unknown preset to read", "/msanii/preset/read", ("tuba",), "preset", ("tuba", "piano_loop")),
    ("unknown preset to load", "/msanii/preset/load", ("tuba",), "preset", ("tuba", "piano_loop")),
    ("factory preset to save", "/msanii/preset/save", ("paper", "replace", 1), "exists", ("paper",)),
    ("unknown job to cancel", "/msanii/cancel", ("nobody-1",), "unknown_job", ("nobody-1",)),
    ("unknown take to star", "/msanii/take/star", ("nothing.wav",), "missing", ("nothing.wav",)),
    ("low reply port", "/msanii/hello", ("n", 22), "value", ("22", "1024")),
]


@pytest.mark.parametrize(
    ("address", "arguments", "code", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_the_sender_is_told_what_is_wrong(
    address: str, arguments: tuple[Argument, ...], code: str, words: tuple[str, ...], client: Client
) -> None:
    _, got, sentence = fail_of(list(client.ask(address, *arguments)))
    assert got == code, sentence
    for word in words:
        assert word in sentence


def test_a_bad_chord_is_named_with_its_bar(client: Client) -> None:
    _, code, sentence = fail_of(list(client.ask("/msanii/generate", "chords", "Am F X7 C")))
    assert code == "chords"
    assert sentence.startswith("`X7` in bar 3: not a chord I know; a chord begins with its root, A to G")


def test_the_fail_names_the_job(client: Client) -> None:
    about, code, _ = fail_of(list(client.ask("/msanii/generate", f"mine-{client.port}", "bpm", "fast")))
    assert (about, code) == (f"mine-{client.port}", "type")


def test_a_file_that_is_no_audio(client: Client, tmp_path: Path) -> None:
    text = tmp_path / "song.wav"
    text.write_text("this is a letter, not a song", encoding="utf-8")
    _, code, sentence = fail_of(list(client.ask("/msanii/vary", "source", str(text))))
    assert code == "source"
    assert "song.wav" in sentence
    assert "WAV" in sentence


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only POSIX has named pipes")
def test_a_pipe_that_nobody_feeds_does_not_hang(client: Client, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    _, code, _ = fail_of(list(client.ask("/msanii/vary", "source", str(pipe))))
    assert code == "source"


@pytest.mark.parametrize(("begin", "end"), [(0.5, 9.0), (2.0, 3.0)])
def test_a_region_outside_its_source(begin: float, end: float, client: Client, one_second: Path) -> None:
    asked = client.ask("/msanii/inpaint", "source", str(one_second), "from_seconds", begin, "to_seconds", end)
    _, code, sentence = fail_of(list(asked))
    assert code == "value"
    assert "1.000 seconds" in sentence


# --- bad packets ----------------------------------------------------------------------------------------


def _bundle(inner: bytes) -> bytes:
    return b"#bundle\0" + (1).to_bytes(8, "big") + len(inner).to_bytes(4, "big") + inner


def _text(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return raw + b"\0" * (-len(raw) % 4)


def _next_fail(client: Client) -> tuple[str, str]:
    _, code, sentence = client.wait_for("/msanii/fail").arguments
    return str(code), str(sentence)


def test_a_message_of_60_kilobytes(client: Client) -> None:
    client.send("/msanii/generate", "chords", "A " * 30_000)
    code, sentence = _next_fail(client)
    assert code in ("malformed", "value")
    assert "16384" in sentence or "4096" in sentence


def test_bundles_nested_2000_deep(client: Client) -> None:
    packet = _text("/msanii/status") + _text(",")
    for _ in range(2_000):
        packet = _bundle(packet)
    client.send_bytes(packet)
    code, sentence = _next_fail(client)
    assert code == "malformed"
    assert "8" in sentence


@pytest.mark.parametrize(
    "pattern", ["/msanii/" + "*a" * 40, "/msanii/" + "*" * 40 + "x", "/*a*a*a*a*a*a*a*a*a*a*b" * 4]
)
def test_a_wildcard_with_40_stars_is_answered(pattern: str, client: Client) -> None:
    client.send(pattern, 1)
    code, _ = _next_fail(client)
    assert code == "address"


def test_a_wildcard_never_presses_a_command(client: Client) -> None:
    answers = [answer.address for answer in client.ask("/msanii/*", 1)]
    assert "/msanii/status.reply" in answers, "what only asks is reached"
    assert "/msanii/queued" not in answers
    assert "/msanii/synced" not in answers


def test_random_bytes_are_refused_in_words_and_start_nothing(client: Client, daemon: DaemonUnderTest) -> None:
    draw = random.Random(7)  # noqa: S311  (not for secrets)
    heads = (
        b"",
        b"/msanii/generate\0\0\0\0",
        b"#bundle\0",
        b"/msanii/hello\0\0\0,s\0\0",
        b"/msanii/vary\0\0\0\0,sb\0",
    )
    for _ in range(1_500):
        client.send_bytes(draw.choice(heads) + draw.randbytes(draw.randrange(1, 200)))
        time.sleep(0.0002)
    with PatientClient(daemon.port) as other:
        other.hello()
    answers = list(client.ask("/msanii/sync", "over"))
    assert answers.pop() == Answer("/msanii/synced", ("over",))
    assert {answer.address for answer in answers} <= {"/msanii/fail", "/msanii/welcome"}
    codes = {answer.arguments[1] for answer in answers if answer.address == "/msanii/fail"}
    assert codes <= {"address", "busy", "malformed", "missing", "type", "value"}
    assert "malformed" in codes


def test_a_bundle_dated_far_ahead_is_refused(client: Client) -> None:
    message = _text("/msanii/generate") + _text(",i") + (1).to_bytes(4, "big")
    ahead = int(time.time()) + 2_208_988_800 + 3_600
    tag = ahead.to_bytes(4, "big") + bytes(4)
    client.send_bytes(b"#bundle\0" + tag + len(message).to_bytes(4, "big") + message)
    code, sentence = _next_fail(client)
    assert code == "value"
    assert "ahead" in sentence


def test_a_button_released_does_nothing(client: Client, daemon: DaemonUnderTest) -> None:
    before = list(daemon.library.glob("*.wav"))
    assert list(client.ask("/msanii/generate", 0)) == []
    assert list(client.ask("/msanii/generate", 0.0)) == []
    assert list(daemon.library.glob("*.wav")) == before


# --- the network ----------------------------------------------------------------------------------------


def test_a_network_client_reads_only_allowed_folders(
    make_daemon: MakeDaemon, own_address: str, one_second: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "ours.wav").write_bytes(one_second.read_bytes())
    (shared / "link.wav").symlink_to(one_second)
    running = make_daemon(flags=["--lan", "--allow", own_address, "--folder", str(shared)]).start()
    far = running.client(own_address)
    for path in (
        str(one_second),
        str(shared / "link.wav"),
        str(shared / ".." / one_second.name),
        "/etc/passwd",
        "/nowhere",
    ):
        _, code, sentence = fail_of(list(far.ask("/msanii/vary", "source", path, "strength", 0.5)))
        assert code == "forbidden", path
        assert str(tmp_path) not in sentence
    far.send("/msanii/vary", "far-1", "source", str(shared / "ours.wav"), "strength", 0.5)
    assert far.wait_for("/msanii/queued", "/msanii/fail").address == "/msanii/queued"


def test_a_stranger_on_the_network_is_not_answered(make_daemon: MakeDaemon, own_address: str) -> None:
    running = make_daemon(model=NO_MODEL, flags=["--lan", "--allow", "203.0.113.7"]).start()
    far = running.client(own_address)
    far.send("/msanii/hello", "stranger")
    running.client().hello()  # which comes after the stranger's
    assert far.receive(0.05) is None


def test_without_the_flag_the_network_is_not_heard(
    daemon: DaemonUnderTest, client: Client, own_address: str
) -> None:
    with PatientClient(daemon.port, own_address) as far:
        far.send("/msanii/hello", "stranger")
        client.hello()  # which comes after the stranger's
        assert far.receive(0.05) is None


def test_a_network_client_learns_and_changes_nothing_of_this_machines_files(
    make_daemon: MakeDaemon, own_address: str, one_second: Path, tmp_path: Path
) -> None:
    running = make_daemon(flags=["--lan", "--allow", own_address]).start()
    far, near = running.client(own_address), running.client()
    welcome = far.hello()
    assert welcome.arguments[2:] == ("library", "exchange")
    assert near.hello().arguments[2] == str(running.library)

    # The session's paths are of clients on this machine, and for them alone.
    list(near.ask("/msanii/param/source", str(one_second)))
    (read,) = [a for a in far.ask("/msanii/param/source") if a.address == "/msanii/param/source"]
    assert read.arguments == (None,)
    for name in ("source", "source_b", "notes"):
        for message in ((f"/msanii/param/{name}", "/etc/hostname"), ("/msanii/param/reset", name)):
            _, code, sentence = fail_of(list(far.ask(*message)))
            assert (code, "name the file in the request itself" in sentence) == ("forbidden", True)
    _, code, sentence = fail_of(list(far.ask("/msanii/vary", "strength", 0.5)))
    assert (code, one_second.name in sentence) == ("missing", False)
    list(far.ask("/msanii/preset/load", "sketch"))
    (read,) = [a for a in near.ask("/msanii/param/source") if a.address == "/msanii/param/source"]
    assert read.arguments == (str(one_second),)

    # What is kept here is not replaced or removed; new presets may be saved.
    list(near.ask("/msanii/preset/save", "mine", "bpm", 77))
    take = drop_take(running.library / "take_1.wav")
    list(near.ask("/msanii/take/name", take.name, "mine"))
    for address, *arguments in (
        ("/msanii/preset/save", "mine", "replace", 1, "bpm", 199),
        ("/msanii/midi/learn", "bpm"),
        ("/msanii/midi/forget", "all"),
        ("/msanii/take/star", "a.wav", 0),
        ("/msanii/take/name", take.name, "theirs"),
        ("/msanii/take/name", take.name),
    ):
        _, code, sentence = fail_of(list(far.ask(str(address), *arguments)))
        assert (code, "`network_may_overwrite`" in sentence) == ("forbidden", True), address
    _, code, sentence = fail_of(list(far.ask("/msanii/take/reveal", take.name)))
    assert (code, "download the take" in sentence) == ("forbidden", True)
    assert "bpm: 77" in (tmp_path / "presets" / "mine.yaml").read_text(encoding="utf-8")
    saved = list(far.ask("/msanii/preset/save", "theirs", "bpm", 99))
    assert [answer.address for answer in saved] == ["/msanii/preset/save.reply"]
    new = drop_take(running.library / "take_2.wav")
    named = list(far.ask("/msanii/take/name", new.name, "theirs"))
    assert named == [Answer("/msanii/take/name.reply", (new.name, "theirs"))]


def test_the_settings_may_allow_the_network_to_overwrite(
    make_daemon: MakeDaemon, own_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSANII_NETWORK_MAY_OVERWRITE", "1")
    running = make_daemon(model=NO_MODEL, flags=["--lan", "--allow", own_address]).start()
    far = running.client(own_address)
    list(far.ask("/msanii/preset/save", "mine", "bpm", 77))
    list(far.ask("/msanii/preset/save", "mine", "replace", 1, "bpm", 199))
    assert "bpm: 199" in (tmp_path / "presets" / "mine.yaml").read_text(encoding="utf-8")
