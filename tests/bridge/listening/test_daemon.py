"""`/msanii/listen` through a real socket, with a real listener that has learned nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli.app import main
from bridge.cli.client import Answer, Client
from tests.bridge.after_trouble import status_of, wait_until
from tests.bridge.files import drop_take, write_tone
from tests.bridge.listening.listeners import asked_and_begun, listeners_of, save_tiny_listener
from tests.conftest import NO_MODEL, DaemonUnderTest, fail_of

MakeDaemon = Callable[..., DaemonUnderTest]
_SECONDS = 240.0


@pytest.fixture(scope="module")
def hearing(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonUnderTest]:
    """One daemon with a listener, for the tests that leave it as it was."""
    running = DaemonUnderTest(tmp_path_factory.mktemp("hearing") / "library", models, model=NO_MODEL)
    try:
        yield running.start()
    finally:
        running.stop()


def answer_to(client: Client, path_or_name: object) -> Answer:
    client.send("/msanii/listen", str(path_or_name))
    return client.wait_for("/msanii/heard", "/msanii/fail", timeout_seconds=_SECONDS)


def refusal(client: Client, path_or_name: object) -> tuple[str, str]:
    about, code, sentence = fail_of([answer_to(client, path_or_name)])
    assert about == "/msanii/listen"
    return code, sentence


def test_a_file_is_heard_and_what_is_not_known_is_not_said(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(88_200), 44_100)
    heard = answer_to(hearing.client(), silence)
    assert heard == Answer("/msanii/heard", (str(silence), 0.0, 0, 0, -1, "", "", 0.0))


def test_strange_names_are_names(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    path = write_tone(tmp_path / "ü 'loop' [#1] 日本 100%?*.wav", 1.0)
    heard = answer_to(hearing.client(), path)
    assert (heard.address, heard.arguments[0]) == ("/msanii/heard", str(path))


def test_a_take_is_named_as_everywhere(hearing: DaemonUnderTest) -> None:
    client = hearing.client()
    take = drop_take(hearing.library / "take_7.wav")
    by_file = answer_to(client, take.name)
    list(client.ask("/msanii/take/name", take.name, "Chorus"))
    by_label = answer_to(client, "chorus")
    assert (by_file.arguments[0], by_label.arguments[0]) == (take.name, "chorus")
    assert by_file.arguments[1:] == by_label.arguments[1:]


def test_what_was_heard_is_remembered_by_content(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    assert hearing.process is not None
    client = hearing.client()
    path = write_tone(tmp_path / "once.wav", 1.5)
    first = answer_to(client, path)
    children = listeners_of(hearing, set())
    for child in children:  # with nobody left to ask
        child.suspend()
    try:
        again = answer_to(client, path.rename(tmp_path / "renamed.wav"))
    finally:
        for child in children:
            child.resume()
    assert again.arguments[1:] == first.arguments[1:]


def test_the_next_daemon_remembers_it_too(make_daemon: MakeDaemon, models: Path, tmp_path: Path) -> None:
    running = make_daemon(models=models, model=NO_MODEL).start()
    path = write_tone(tmp_path / "loop.wav", 1.5)
    first = answer_to(running.client(), path)
    running.stop()
    running.start()
    wait_until(lambda: bool(status_of(running.client())["pid"]))  # its render process is there
    others = {child.pid for child in listeners_of(running, set())}
    assert answer_to(running.client(), path) == first
    assert not listeners_of(running, others)


def test_no_copy_stays(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    client = hearing.client()
    answer_to(client, write_tone(tmp_path / "copied.wav", 1.2))
    assert not list((hearing.library / ".msanii" / "sources").iterdir())


def test_two_questions_at_once_are_both_answered(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    paths = [write_tone(tmp_path / f"{number}.wav", 1.0 + number / 10) for number in range(2)]
    clients = [hearing.client() for _ in paths]
    for client, path in zip(clients, paths, strict=True):
        client.send("/msanii/listen", str(path))
    for client, path in zip(clients, paths, strict=True):
        heard = client.wait_for("/msanii/heard", timeout_seconds=_SECONDS)
        assert heard.arguments[0] == str(path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.wav", None, "`gone.wav`"),
        ("empty.wav", b"", "no audio that can be read"),
        ("song.wav", b"this is text", "no audio that can be read"),
        ("folder", None, "`folder`"),
    ],
)
def test_what_is_no_audio_is_refused(
    hearing: DaemonUnderTest, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif name == "folder":
        path.mkdir()
    code, sentence = refusal(hearing.client(), path)
    assert (code, words in sentence) == ("source", True), sentence


def test_a_file_of_more_than_half_an_hour_is_refused(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    path = tmp_path / "concert.flac"
    soundfile.write(path, np.zeros(1_801 * 1_000, np.int16), 1_000)
    code, sentence = refusal(hearing.client(), path)
    assert (code, "lasts 1801 seconds, expected at most 1800" in sentence) == ("source", True), sentence


def test_a_set_of_a_quarter_of_an_hour_is_heard(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    path = tmp_path / "set.flac"
    soundfile.write(path, np.zeros(900 * 1_000, np.int16), 1_000)
    assert answer_to(hearing.client(), path).arguments == (str(path), 0.0, 0, 0, -1, "", "", 0.0)


@pytest.mark.parametrize("arguments", [(), ("a.wav", "b.wav"), (3.5,), ("",), ("two\nlines.wav",)])
def test_what_names_no_file_is_refused(hearing: DaemonUnderTest, arguments: tuple[str | float, ...]) -> None:
    client = hearing.client()
    about, code, _ = fail_of(list(client.ask("/msanii/listen", *arguments)))
    assert (about, code in ("missing", "value", "type")) == ("/msanii/listen", True)


def test_the_terminal_prints_it_in_sentences_or_as_json(
    hearing: DaemonUnderTest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MSANII_LIBRARY", str(hearing.library))
    monkeypatch.chdir(tmp_path)
    soundfile.write(tmp_path / "silence.wav", np.zeros(88_200), 44_100)
    port = ["--port", str(hearing.port)]
    with pytest.raises(SystemExit) as ended:
        main(["listen", "silence.wav", *port])
    assert not ended.value.code
    assert capsys.readouterr().out.splitlines() == [
        "tempo: none that is sure (confidence 0.00)",
        "key: none that is sure",
        "chords: none that are sure",
    ]
    with pytest.raises(SystemExit) as ended:
        main(["listen", "silence.wav", "--json", *port])
    assert not ended.value.code
    told = json.loads(capsys.readouterr().out)
    assert told.pop("source") == "silence.wav"
    assert told.pop("confidence") == 0.0
    assert set(told.values()) == {None}
    with pytest.raises(SystemExit) as ended:
        main(["listen", "no_such.wav", *port])
    assert ended.value.code == 1
    assert "no_such.wav" in capsys.readouterr().err


def test_a_process_that_dies_while_it_listens_costs_one_answer(
    make_daemon: MakeDaemon, models: Path, tmp_path: Path
) -> None:
    running = make_daemon(models=models, model=NO_MODEL).start()
    client = running.client()
    path = write_tone(tmp_path / "tone.wav", 20.0)
    asked_and_begun(running, client, path).kill()
    _, code, sentence = fail_of([client.wait_for("/msanii/heard", "/msanii/fail", timeout_seconds=_SECONDS)])
    assert (code, "the listening process ended" in sentence) == ("internal", True)
    assert answer_to(client, path).address == "/msanii/heard"


def test_the_daemon_stops_while_it_listens(make_daemon: MakeDaemon, models: Path, tmp_path: Path) -> None:
    running = make_daemon(models=models, model=NO_MODEL).start()
    listening = asked_and_begun(running, running.client(), write_tone(tmp_path / "tone.wav", 20.0))
    assert running.stop() == 0
    assert not listening.is_running()
    assert "Traceback" not in running.words()


def test_more_questions_than_a_few_are_too_many(
    make_daemon: MakeDaemon, models: Path, tmp_path: Path
) -> None:
    running = make_daemon(models=models, model=NO_MODEL).start()
    client = running.client()
    listening = asked_and_begun(running, client, write_tone(tmp_path / "first.wav", 20.0))
    listening.suspend()  # whatever this machine does, it is not done before the others ask
    others = [running.client() for _ in range(5)]
    try:
        for number, other in enumerate(others):
            other.send("/msanii/listen", str(write_tone(tmp_path / f"{number}.wav", 1.0 + number / 10)))
        _, code, sentence = fail_of([others[-1].wait_for("/msanii/fail", timeout_seconds=_SECONDS)])
        assert (code, "wait" in sentence) == ("busy", True)
    finally:
        listening.resume()
    assert client.wait_for("/msanii/heard", timeout_seconds=_SECONDS).arguments[0]


def test_without_a_listener_the_daemon_says_so(make_daemon: MakeDaemon, models: Path, tmp_path: Path) -> None:
    from bridge.messages import BridgeError
    from bridge.worker.listener_folder import find_listener

    path = write_tone(tmp_path / "tone.wav", 1.0)
    folder = tmp_path / "models"
    folder.mkdir()
    running = make_daemon(models=folder, model=NO_MODEL).start()
    client = running.client()
    try:
        find_listener(())
    except BridgeError:
        code, sentence = refusal(client, path)
        assert (code, "no listener is installed" in sentence) == ("model", True)
    # One that is put there later counts at once; so does a damaged one.
    listener = save_tiny_listener(folder)
    assert answer_to(client, path).address == "/msanii/heard"
    (listener / "model.safetensors").write_bytes(b"not weights")
    code, sentence = refusal(client, path)
    assert (code, "listener" in sentence) == ("model", True)


def test_a_network_client_names_files_of_shared_folders_alone(
    make_daemon: MakeDaemon, models: Path, tmp_path: Path, own_address: str
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    inside, outside = write_tone(shared / "in.wav", 1.0), write_tone(tmp_path / "out.wav", 1.0)
    (shared / "way_out.wav").symlink_to(outside)
    flags = ["--lan", "--allow", own_address, "--folder", str(shared)]
    far = make_daemon(models=models, model=NO_MODEL, flags=flags).start().client(own_address)
    for name in (str(outside), "way_out.wav", "../out.wav", "/no/such/file.wav"):
        code, sentence = refusal(far, name)
        assert (code, "not in a folder that this machine shares" in sentence) == ("forbidden", True), name
        assert str(tmp_path) not in sentence
    heard = answer_to(far, inside.name)
    assert (heard.address, heard.arguments[0]) == ("/msanii/heard", "in.wav")
