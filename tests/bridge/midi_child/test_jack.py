"""MIDI for real: a daemon, a JACK server of its own, and another program that plays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bridge.cli.client import Answer, Client
from bridge.midi_child.hints import MIDI_OFF
from tests.bridge.jack_server import JackServer
from tests.bridge.midi_stage import Player, midi_server
from tests.conftest import DaemonUnderTest
from tests.patient_client import PatientClient

pytestmark = pytest.mark.calm

EVENT = "/msanii/midi/event/"
# The same name each time: JACK keeps one of eight places for every server that was killed.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
SEND_LIMIT_SECONDS = 20.0


@pytest.fixture(scope="module")
def server() -> Iterator[JackServer]:
    with midi_server(f"midi-{WORKER}") as running:
        yield running


@pytest.fixture(scope="module")
def hands(
    server: JackServer, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DaemonUnderTest]:
    folder = tmp_path_factory.mktemp("hands")
    daemon = midi_daemon(server, folder, tiny_model)
    try:
        yield daemon.start()
    finally:
        daemon.stop()


def midi_daemon(server: JackServer, folder: Path, tiny_model: Path) -> DaemonUnderTest:
    # `env` and not our own environment, which other tests' daemons inherit.
    names = ("JACK_NO_AUDIO_RESERVATION", "JACK_NO_START_SERVER", "JACK_DEFAULT_SERVER")
    variables = [f"{name}={server.environment[name]}" for name in names]
    return DaemonUnderTest(
        folder / "library",
        tiny_model.parent,
        flags=["--midi", "--midi-api", "UNIX_JACK"],
        wrapper=["env", *variables],
    )


@pytest.fixture
def listener(hands: DaemonUnderTest) -> Iterator[Client]:
    with PatientClient(hands.port) as client:
        client.send("/msanii/notify", 1)
        client.wait_for("/msanii/notify.reply")
        yield client


@pytest.fixture(scope="module")
def pads(server: JackServer, hands: DaemonUnderTest) -> Iterator[Player]:
    with PatientClient(hands.port) as client:
        client.send("/msanii/notify", 1)
        client.wait_for("/msanii/notify.reply")
        player = plugged_in(server, client, "Test pad")
    yield player
    player.close()


def plugged_in(server: JackServer, listener: Client, name: str) -> Player:
    player = Player(server, name)
    _see(listener, name, 1)
    return player


def gone_from(listener: Client, name: str) -> None:
    _see(listener, name, 0)


def _see(listener: Client, name: str, there: int) -> None:
    """Waits until both ports of a program are there, or gone."""
    seen: set[str] = set()
    while seen != {"in", "out"}:
        kind, port, now = listener.wait_for(EVENT + "port", timeout_seconds=SEND_LIMIT_SECONDS).arguments
        if str(port).startswith(name) and now == there:
            seen.add(str(kind))


def read(client: Client, name: str) -> object:
    client.send("/msanii/sync", "read")
    client.wait_for("/msanii/synced")
    client.send(f"/msanii/param/{name}")
    return client.wait_for(f"/msanii/param/{name}").arguments[0]


def becomes(client: Client, name: str, value: object) -> bool:
    until = time.monotonic() + SEND_LIMIT_SECONDS
    while (now := read(client, name)) != value:
        if time.monotonic() > until:
            pytest.fail(f"{name} is {now}, expected {value}")
        time.sleep(0.01)
    return True


def learn(client: Client, player: Player, words: list[str | int | float], *moves: list[int]) -> Answer:
    client.send("/msanii/midi/learn", *words)
    client.wait_for(EVENT + "learning", timeout_seconds=SEND_LIMIT_SECONDS)
    player.send(*moves)
    return client.wait_for(EVENT + "learned", timeout_seconds=SEND_LIMIT_SECONDS)


def test_ports_are_seen_as_they_come_and_the_map_of_each(listener: Client, pads: Player) -> None:
    listener.send("/msanii/midi/ports")
    state, own, _ = listener.wait_for("/msanii/midi/ports.reply").arguments
    assert (state, own) == ("open", "control")
    row = listener.wait_for("/msanii/midi/port.reply", about="in").arguments
    assert row == ("in", pads.output, "pads")


def test_a_knob_is_learned_by_moving_it_and_found_in_the_users_map(
    hands: DaemonUnderTest, listener: Client, pads: Player
) -> None:
    told = learn(listener, pads, ["strength"], [0xB2, 20, 10], [0xB2, 20, 11], [0xB2, 20, 12])
    assert told.arguments == ("strength", "cc", 3, 20, pads.output, "")
    # Pick-up: at 0.4 the knob must pass the value before it moves it.
    pads.send([0xB2, 20, 20])
    assert listener.wait_for(EVENT + "pickup").arguments[1] == "strength"
    assert read(listener, "strength") == pytest.approx(0.4)
    pads.send([0xB2, 20, 90], [0xB2, 20, 127])
    assert becomes(listener, "strength", 1.0)
    learned = hands.library.parent / "presets" / "midi" / "learned.yaml"
    (row,) = [row for row in yaml.safe_load(learned.read_text())["controls"] if row.get("cc") == 20]
    assert row == {"cc": 20, "channel": 3, "port": pads.output, "parameter": "strength"}
    listener.send("/msanii/midi/forget", "strength")
    assert listener.wait_for(EVENT + "forgotten").arguments == ("strength", 1)
    pads.send([0xB2, 20, 64])
    assert read(listener, "strength") == 1.0


def test_a_14_bit_knob_is_learned_as_one_and_as_fine(listener: Client, pads: Player) -> None:
    told = learn(listener, pads, ["bpm"], [0xB0, 4, 10], [0xB0, 36, 1], [0xB0, 4, 10], [0xB0, 36, 2])
    assert told.arguments[1:4] == ("cc14", 1, 4)
    # Through 120 of 20 to 999, and on to a step that 7 bits do not have.
    pads.send([0xB0, 4, 20], [0xB0, 36, 0], [0xB0, 4, 1], [0xB0, 36, 0])
    pads.send([0xB0, 4, 64], [0xB0, 36, 5])
    assert becomes(listener, "bpm", pytest.approx(20 + 979 * (64 * 128 + 5) / 16_383, abs=1e-3))


def test_an_nrpn_is_learned_and_sets_an_integer(listener: Client, pads: Player) -> None:
    choose = [[0xB0, 99, 3], [0xB0, 98, 7]]
    told = learn(listener, pads, ["steps"], *choose, [0xB0, 6, 0], [0xB0, 38, 3])
    assert told.arguments[1:4] == ("nrpn", 1, 3 * 128 + 7)
    pads.send([0xB0, 6, 0], [0xB0, 6, 127], [0xB0, 38, 127])
    assert becomes(listener, "steps", 1000)


def test_pads_trigger_and_a_broken_request_is_heard_of(listener: Client, pads: Player) -> None:
    learn(listener, pads, ["/msanii/preset/load", "sketch"], [0x90, 60, 100])
    pads.send([0x90, 60, 100], [0x80, 60, 0])
    assert becomes(listener, "preset", "sketch")
    learn(listener, pads, ["/msanii/preset/load", "nowhere"], [0x90, 61, 100])
    pads.send([0x90, 61, 100])
    about, code, sentence = listener.wait_for("/msanii/fail").arguments
    assert (about, code) == ("/msanii/preset/load", "preset")
    assert "nowhere" in str(sentence)


def test_a_flood_arrives_whole_and_in_order(listener: Client, pads: Player) -> None:
    """2,000 messages: each of 200 pads counts, and of 1,800 knob moves each that stood before a pad."""
    learn(listener, pads, ["/msanii/cancel", "flood"], [0x90, 70, 1])
    learn(listener, pads, ["guidance"], [0xB0, 30, 0], [0xB0, 30, 1])
    listener.send("/msanii/param/guidance", 0.0)
    flood = []
    for press in range(200):
        flood += [[0xB0, 30, (press * 9 + move) % 128] for move in range(9)]
        flood.append([0x90, 70, 100])
    flood.append([0xB0, 30, 127])
    pads.send([0xB0, 30, 0])
    pads.send(*flood)
    fails = [listener.wait_for("/msanii/fail", about="flood") for _ in range(200)]
    assert len(fails) == 200
    assert becomes(listener, "guidance", 20.0)
    # The knob's value is told to all; another pad would be another failure.
    assert "/msanii/fail" not in {answer.address for answer in listener.answers(0.1)}


def test_chords_played_one_after_another_are_rendered_by_a_pad(
    hands: DaemonUnderTest, server: JackServer, listener: Client
) -> None:
    hands.status()
    keyboard = plugged_in(server, listener, "Test keyboard")
    try:
        listener.send("/msanii/midi/capture/clear")
        assert _progression(listener) == ("", 0.0)
        for chord in ([57, 60, 64], [53, 57, 60], [52, 55, 60]):
            keyboard.send(*[[0x90, pitch, 80] for pitch in chord])
            keyboard.send(*[[0x80, pitch, 0] for pitch in chord])
            text, bars = _progression(listener)
        assert (text, bars) == ("Am F C/E", 3.0)
        for name, value in (("bpm", 240.0), ("steps", 2), ("iterations", 2), ("model", "tiny")):
            listener.send(f"/msanii/param/{name}", value)
        listener.send("/msanii/sync", 1)
        listener.wait_for("/msanii/synced")
        keyboard.send([0xB0, 67, 127], [0xB0, 67, 0])
        take = listener.wait_for("/msanii/take")
        assert take.arguments[3] == pytest.approx(3.0)
        from bridge.library.recipes import read_recipe

        request = read_recipe(Path(str(take.arguments[2]))).request
        assert (request.chords, request.bars) == ("Am F C/E", 3.0)
    finally:
        keyboard.close()
        gone_from(listener, "Test keyboard")


def _progression(client: Client) -> tuple[object, ...]:
    return client.wait_for(EVENT + "progression").arguments


def test_a_port_that_vanishes_lets_go_of_its_keys(server: JackServer, listener: Client) -> None:
    keyboard = plugged_in(server, listener, "Test keyboard 2")
    listener.send("/msanii/midi/capture/clear")
    assert _progression(listener) == ("", 0.0)
    keyboard.send([0x90, 60, 80], [0x90, 64, 80], [0x90, 67, 80])
    chord = [listener.wait_for(EVENT + "chord").arguments[0] for _ in range(3)][-1]
    assert chord == "C"
    keyboard.close()
    # The last key is up: the chord is whole.
    text, _ = listener.wait_for(EVENT + "progression", timeout_seconds=SEND_LIMIT_SECONDS).arguments
    assert text == "C"
    gone = listener.wait_for(EVENT + "port", timeout_seconds=SEND_LIMIT_SECONDS)
    assert gone.arguments[2] == 0


def test_a_midi_server_that_dies_is_noticed_and_its_successor_used(
    tiny_model: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with midi_server(f"midi-dies-{WORKER}") as server:
        daemon = midi_daemon(server, tmp_path, tiny_model)
        request.addfinalizer(lambda: daemon.stop())
        daemon.start()
        with PatientClient(daemon.port) as client:
            client.send("/msanii/notify", 1)
            _until_open(client)
            server.kill()
            began = time.monotonic()
            child, reason = client.wait_for("/msanii/child").arguments
            assert child == "MIDI"
            assert "MIDI system" in str(reason) or "SIG" in str(reason)
            assert time.monotonic() - began < 10
            server.start()
            _until_open(client)


def _until_open(client: Client) -> None:
    until = time.monotonic() + 30
    state: object = ""
    while state != "open":
        assert time.monotonic() < until, state
        client.send("/msanii/midi/ports")
        state = client.wait_for("/msanii/midi/ports.reply").arguments[0]
        time.sleep(0.1)


def test_a_daemon_without_a_midi_system_says_so_where_it_is_asked_and_in_its_log(
    tmp_path: Path, tiny_model: Path
) -> None:
    nobody = ("env", "JACK_NO_START_SERVER=1", "JACK_DEFAULT_SERVER=msb-nobody")
    flags = ["--midi", "--midi-api", "UNIX_JACK"]
    daemon = DaemonUnderTest(tmp_path / "library", tiny_model.parent, flags=flags, wrapper=nobody)
    try:
        client = daemon.start().client()
        problem: object = ""
        until = time.monotonic() + SEND_LIMIT_SECONDS
        while not problem and time.monotonic() < until:
            client.send("/msanii/midi/ports")
            state, _, problem = client.wait_for("/msanii/midi/ports.reply").arguments
            time.sleep(0.1)
        assert (state, "start the JACK server" in str(problem)) == ("none", True)
        client.send("/msanii/midi/learn", "guidance")
        assert client.wait_for("/msanii/fail").arguments == ("/msanii/midi/learn", "missing", problem)
        assert str(problem) in daemon.words()
    finally:
        daemon.stop()


def test_a_daemon_without_midi_says_that_it_is_off(daemon: DaemonUnderTest, client: Client) -> None:
    client.send("/msanii/midi/ports")
    assert client.wait_for("/msanii/midi/ports.reply").arguments[2] == MIDI_OFF
