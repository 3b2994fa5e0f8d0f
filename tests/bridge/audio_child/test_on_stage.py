"""The daemon on stage with real parts: JACK's dummy driver, a client that records, a worker that renders."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Answer, Client
from tests.bridge.audio_child.jack_desk import Sink, from_first_sound, jack_sink
from tests.bridge.audio_child.sounds import noise
from tests.bridge.jack_server import RATE, JackServer, jack_server, while_the_server_holds
from tests.conftest import ROOT, DaemonUnderTest, fail_of

SECONDS = 16.0
pytestmark = [pytest.mark.calm, pytest.mark.timeout(240)]


def status(client: Client) -> dict[str, Any]:
    client.send("/msanii/stream/status")
    words = client.wait_for("/msanii/stream/status.reply").arguments
    return dict(zip(words[::2], words[1::2], strict=True))  # type: ignore[arg-type]


def until(client: Client, address: str, *begins: object, seconds: float = 60.0) -> Answer:
    """The first message there whose arguments begin like this."""
    for answer in client.answers(seconds):
        if answer.address == address and answer.arguments[: len(begins)] == begins:
            return answer
    raise AssertionError(f"no {address} {begins} within {seconds} s")


@pytest.fixture
def server() -> Iterator[JackServer]:
    with jack_server("stage") as running:
        yield running


@pytest.fixture
def stage(server: JackServer, make_daemon: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Starts a daemon with a stream on the server; more flags may be given."""
    for name, value in server.environment.items():
        if name.startswith("JACK_"):
            monkeypatch.setenv(name, value)
    library = tmp_path / "library"
    library.mkdir()
    for number in range(1, 5):
        audio = noise(2 * RATE * (1 + number % 2), number, level=0.2)
        soundfile.write(library / f"take{number}.wav", audio, RATE, subtype="FLOAT")

    def start(*flags: str, renders: bool = False) -> tuple[DaemonUnderTest, Client]:
        daemon = make_daemon(library=library, flags=["--stream", *flags])
        daemon.start()
        client = daemon.client()
        client.hello()
        playing(client)
        if renders:
            daemon.status()  # the model is there
        client.send("/msanii/notify", 1)
        return daemon, client

    return start


def playing(client: Client, seconds: float = 60.0) -> None:
    """Wait until the stream plays."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if status(client)["state"] == "playing":
            return
        time.sleep(0.1)
    raise AssertionError("the stream does not play")


def test_what_is_captured_is_what_was_rendered_while_decks_change_and_the_worker_renders(
    stage: Any, server: JackServer, tmp_path: Path
) -> None:
    with jack_sink(server) as sink:
        _, client = stage("--audio-device", "msbsink", renders=True)
        for deck in range(1, 5):
            client.send(f"/msanii/deck/{deck}/load", f"take{deck}.wav", 120)
            client.send(f"/msanii/deck/{deck}/quantise", "beat")
            until(client, "/msanii/deck", deck, "stopped")
        hurt = while_the_server_holds(lambda: performed(client, sink, tmp_path / "library" / "recordings"))
    assert hurt == dict.fromkeys(hurt, 0)


def performed(client: Client, sink: Sink, recordings: Path) -> tuple[dict[str, int], int]:
    """Launch, load and stop decks while takes render: what went wrong, and the periods that were missed."""
    client.send("/msanii/panic", 1)
    time.sleep(0.5)
    before, xruns = status(client), sink.xruns()
    sink.anew()
    client.send("/msanii/record/master", 1)
    heard: list[Answer] = []
    began, turn = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        deck = 1 + turn % 4
        match turn % 3:
            case 0:
                client.send(f"/msanii/deck/{deck}/launch", 1)
            case 1:
                client.send(f"/msanii/deck/{deck}/load", f"take{1 + turn // 3 % 4}.wav", 120)
            case 2 if turn % 2 == 0:
                client.send(f"/msanii/deck/{deck}/stop", 1)
        if turn % 4 == 0:
            client.send("/msanii/generate", f"r{round(began)}-{turn}", "bars", 2, "count", 2)
            client.send("/msanii/notify", 1)  # a lease lasts a minute
        turn += 1
        time.sleep(0.5)
        heard.extend(client.answers(0.01))
    after, missed = status(client), sink.xruns() - xruns
    client.send("/msanii/record/master", 0)
    path = str(until(client, "/msanii/recorded", 0).arguments[1])
    time.sleep(0.3)
    captured = from_first_sound(sink.captured())
    said = Counter((answer.address, *answer.arguments[1:2]) for answer in heard)
    assert sum(answer.address == "/msanii/take" for answer in heard) > 0
    assert min(said["/msanii/deck", "playing"], said["/msanii/deck", "stopping"]) > 2
    assert recordings.samefile(Path(path).parent)
    rendered, rate = soundfile.read(path, dtype="float32", always_2d=True)
    rendered = from_first_sound(rendered)
    assert rate == RATE
    length = min(len(rendered), len(captured))
    assert length > (SECONDS - 2) * RATE
    hurt = {name: after[name] - before[name] for name in ("starved", "underruns")}
    differ = (captured[:length] != rendered[:length]).any(axis=1)
    return {**hurt, "differing samples": int(differ.sum())}, missed


@pytest.mark.parametrize("renders", [False, True], ids=["idle", "while a render runs"])
def test_a_server_that_dies_is_noticed_and_playing_resumes_at_the_right_bar(
    stage: Any, server: JackServer, renders: bool
) -> None:
    _, client = stage(renders=renders)
    client.send("/msanii/deck/1/load", "take1.wav", 120)
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/deck", 1, "playing")
    if renders:
        client.send("/msanii/generate", "long", "bars", 16, "steps", 200)
        until(client, "/msanii/progress", "long")
    client.send("/msanii/deck/1/state")
    launched = until(client, "/msanii/deck/1/state.reply").arguments[2]
    died = time.monotonic()
    server.kill()
    until(client, "/msanii/stream", "lost", seconds=5)
    noticed = time.monotonic() - died
    # JACK's server alone would be missed for good: the device comes back.
    server.start()
    until(client, "/msanii/stream", "playing")
    until(client, "/msanii/deck", 1, "playing")
    resumed = time.monotonic() - died
    client.send("/msanii/deck/1/state")
    again = until(client, "/msanii/deck/1/state.reply").arguments[2]
    print(f"noticed after {noticed:.2f} s, playing again after {resumed:.2f} s")
    assert noticed < 1.0
    assert again == launched  # the music still counts from its own launch
    after = status(client)
    assert after["state"] == "playing"
    assert after["callbacks"] > 0
    client.send("/msanii/cancel", "all")


def test_bad_input_is_answered_and_the_stream_goes_on(stage: Any, tmp_path: Path) -> None:
    daemon, client = stage()
    library = tmp_path / "library"
    soundfile.write(library / "one.wav", np.full((1, 2), 0.1, np.float32), RATE, subtype="FLOAT")
    soundfile.write(library / "none.wav", np.zeros((0, 2), np.float32), RATE, subtype="FLOAT")
    soundfile.write(library / "long.wav", np.zeros(30 * 60 * 8_000, np.int16), 8_000, subtype="PCM_16")
    (library / "text.wav").write_text("not audio")
    cases = [
        (("/msanii/deck/1/load", "nope.wav"), "source", "nope.wav"),
        (("/msanii/deck/1/load", "text.wav"), "source", "not an audio file"),
        (("/msanii/deck/1/load", "none.wav"), "source", "holds no sound"),
        (("/msanii/deck/1/load", "long.wav"), "value", "lasts 30.0 minutes"),
        (("/msanii/deck/9/launch",), "value", "there are 4"),
        (("/msanii/deck/3/launch",), "missing", "deck 3 is empty"),
        (("/msanii/transport/tempo", 0.0), "value", "from 20 to 999"),
        (("/msanii/transport/tempo", float("nan")), "value", "from 20 to 999"),
        (("/msanii/deck/1/quantise", "3"), "value", "off, beat, 1, 2, 4, 8"),
    ]
    for message, code, words in cases:
        client.send(*message)
        _, said, sentence = fail_of([until(client, "/msanii/fail")])
        assert (said, words in sentence) == (code, True), sentence
    client.send("/msanii/deck/2/load", "take1.wav", 120)
    client.send("/msanii/deck/2/launch", 1)
    until(client, "/msanii/deck", 2, "playing")
    (library / "take1.wav").unlink()
    client.send("/msanii/deck/1/load", "one.wav")
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/deck", 1, "playing")
    client.send("/msanii/transport/tempo", 999.0)
    until(client, "/msanii/transport", seconds=5)
    time.sleep(0.5)
    after = status(client)
    assert (after["state"], after["bpm"]) == ("playing", 999.0)
    client.send("/msanii/deck/2/state")
    assert until(client, "/msanii/deck/2/state.reply").arguments[0] == "playing"
    assert daemon.process is not None
    assert daemon.process.poll() is None


def test_a_device_that_was_not_there_is_played_through_as_soon_as_it_comes(
    stage: Any, server: JackServer
) -> None:
    _, client = stage("--audio-device", "msbsink")
    found = status(client)
    assert (found["device"], found["note"]) == ("system", "`msbsink` is not there")
    client.send("/msanii/deck/1/load", "take1.wav", 120)
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/deck", 1, "playing")
    client.send("/msanii/deck/1/state")
    launched = until(client, "/msanii/deck/1/state.reply").arguments[2]
    with jack_sink(server) as sink:
        came = time.monotonic()
        until(client, "/msanii/stream", "playing", "msbsink")
        until(client, "/msanii/deck", 1, "playing")
        print(f"played through after {time.monotonic() - came:.1f} s")
        assert time.monotonic() - came < 20
        client.send("/msanii/deck/1/state")
        assert until(client, "/msanii/deck/1/state.reply").arguments[2] == launched
        assert from_first_sound(sink.captured()).any()


def test_a_recording_goes_on_over_a_change_of_device_and_a_server_that_dies(
    stage: Any, server: JackServer
) -> None:
    _, client = stage()
    client.send("/msanii/record/master", 1)
    first = Path(str(until(client, "/msanii/recording", 0).arguments[1]))
    files = [first, *(first.with_name(f"{first.stem}_{number}.wav") for number in (2, 3, 4))]
    holds_sound(first)
    client.send("/msanii/stream/device", "system")
    goes_on(client, *files[:2])
    server.kill()
    # Without a device it goes on in silence, until there is one.
    goes_on(client, *files[1:3])
    server.start()
    goes_on(client, *files[2:])
    assert status(client)["recording"] == "master"
    client.send("/msanii/record/master", 0)
    until(client, "/msanii/recorded", 0, str(files[3]))
    assert [soundfile.info(path).samplerate for path in files] == 4 * [RATE]


def goes_on(client: Client, ended: Path, begun: Path) -> None:
    """Wait until a recording's file has ended and its next has begun."""
    until(client, "/msanii/recorded", 0, str(ended))
    until(client, "/msanii/recording", 0, str(begun))
    holds_sound(begun)


def holds_sound(path: Path) -> None:
    """Wait until a file that is being recorded has half a second in it."""
    end = time.monotonic() + 60
    while path.stat().st_size < 4 * RATE:
        assert time.monotonic() < end, path
        time.sleep(0.05)


def test_the_devices_are_listed_and_the_bench_prints_its_table(
    server: JackServer, tiny_context_model: Path
) -> None:
    def run(*words: str) -> str:
        command = [sys.executable, "-m", "bridge", *words]
        environment = {**server.environment, "COLUMNS": "160"}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    listed = run("devices").splitlines()
    assert any(re.fullmatch(r"\s*\*\s+\d+\s+system\s+JACK.*\s2\s+48000 Hz\s*", line) for line in listed), (
        listed
    )
    model = "--models-folder", str(tiny_context_model.parent), "--model", "tiny", "--device", "cpu"
    table = run("bench", "stage", "--minutes", "0.1", *model)
    figures = dict(re.findall(r"^\s*([a-z ]+?)\s{2,}(\S+(?: \S+)?)", table, re.MULTILINE))
    assert figures["launch error"] == "0 samples"
    # How many bars are late, and how much work one is, depends on what else runs here.
    assert figures["behind"].isdigit()
    assert figures["endless margin"] in ("0 bars", "1 bars", "2 bars", "3 bars")
    assert "by context with the model `tiny`" in table
    assert float(figures["work for a bar"].split()[0]) > 0
    assert 0 < float(figures["trigger to sound"].split()[0]) < 1000
    assert float(figures["worst callback"].split()[0]) > 0
    assert {"starved", "underruns", "memory", "worst block"} <= set(figures)


def test_a_rate_that_the_device_lacks_and_channels_that_it_lacks_are_said(stage: Any) -> None:
    _, client = stage("--audio-rate", "44100", "--audio-channels", "8")
    found = status(client)
    assert (found["rate"], found["channels"]) == (RATE, 2)
    assert re.search("does not play at 44100 Hz, so the stream runs at 48000", str(found["note"]))
    assert "it has 2 channels, not 8" in str(found["note"])


def test_without_a_device_the_clock_runs_and_the_reason_is_said(
    make_daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "msb-nobody")
    daemon = make_daemon(flags=["--stream"]).start()
    client = daemon.client()
    end = time.monotonic() + 30
    while (found := status(client))["state"] != "no device" and time.monotonic() < end:
        time.sleep(0.1)
    assert "no audio device can play" in str(found["note"])
    client.send("/msanii/transport/play", 1)
    time.sleep(1.0)
    first = status(client)
    time.sleep(0.5)
    assert status(client)["beat"] - first["beat"] == pytest.approx(1.0, abs=0.3)


def test_a_daemon_without_a_stream_says_how_to_have_one(client: Client) -> None:
    client.send("/msanii/deck/1/launch", 1)
    assert "serve --stream" in fail_of([until(client, "/msanii/fail")])[2]
