"""The stage through the daemon's own socket. No device is needed: the clock runs in silence without."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.addresses.table import BY_PATH, is_answer, parse
from bridge.cli.client import Answer, Client
from bridge.library.takes import Library
from bridge.messages import BridgeError, Peer
from bridge.messages import stage as s
from bridge.settings import Settings
from bridge.stage.stage import Stage
from tests.bridge.outlets import RecordingOutlet
from tests.bridge.stage.slow_ears import SlowEars
from tests.conftest import DaemonUnderTest, fail_of

ME = Peer("127.0.0.1", 5000)
RATE = 48_000


@pytest.fixture(scope="module")
def stage(
    tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DaemonUnderTest, Client]]:
    """One daemon with a stream that nobody hears."""
    library = tmp_path_factory.mktemp("stage") / "library"
    library.mkdir()
    soundfile.write(library / "hum.wav", np.full((2 * RATE, 2), 0.1, np.float32), RATE, subtype="FLOAT")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JACK_NO_START_SERVER", "1")
        patch.setenv("JACK_DEFAULT_SERVER", "msb-nobody")
        running = DaemonUnderTest(library, tiny_model.parent, flags=["--stream"])
        try:
            running.start().status()
            yield running, running.client()
        finally:
            running.stop()


@pytest.fixture
def client(stage: tuple[DaemonUnderTest, Client]) -> Client:
    """A subscriber whose lease has just begun."""
    one = stage[0].client()
    one.hello()
    one.send("/msanii/notify", 1)
    one.wait_for("/msanii/notify.reply")
    return one


def until(client: Client, address: str, *begins: object) -> Answer:
    for answer in client.answers(60):
        if answer.address == address and answer.arguments[: len(begins)] == begins:
            return answer
    raise AssertionError(f"no {address} {begins}")


def state_of(client: Client, deck: int) -> tuple[Any, ...]:
    client.send(f"/msanii/deck/{deck}/state")
    return client.wait_for(f"/msanii/deck/{deck}/state.reply").arguments


def test_what_is_made_for_a_deck_plays_on_it_from_a_bar_line(client: Client) -> None:
    client.send("/msanii/deck/2/generate", "g1", "bars", 1, "bpm", 120, "seed", 5)
    take = Path(str(until(client, "/msanii/take", "g1").arguments[2]))
    until(client, "/msanii/deck", 2, "playing", take.name)
    assert state_of(client, 2)[2] % 4 == 0
    client.send("/msanii/vary", "v1", "source", str(take), "strength", 0.3)
    client.send("/msanii/deck/3/await", "v1")
    varied = Path(str(until(client, "/msanii/take", "v1").arguments[2]))
    until(client, "/msanii/deck", 3, "playing", varied.name)
    assert state_of(client, 3)[2] % 4 == 0
    client.send("/msanii/deck/*/stop", 1)
    until(client, "/msanii/deck", 3, "stopped")


def test_what_is_made_already_is_loaded_at_once_and_what_never_will_be_is_said(client: Client) -> None:
    client.send("/msanii/generate", "over", "bars", 1, "bpm", 120, "seed", 6)
    until(client, "/msanii/done", "over")
    client.send("/msanii/deck/1/await", "over")
    until(client, "/msanii/deck", 1, "playing")
    client.send("/msanii/deck/1/await", "nobody")
    assert fail_of([until(client, "/msanii/fail")])[:2] == ("/msanii/deck/1/await", "unknown_job")
    client.send("/msanii/generate", "gone", "bars", 64, "steps", 500)
    client.send("/msanii/cancel", "gone")
    until(client, "/msanii/fail", "gone")
    client.send("/msanii/deck/1/await", "gone")
    assert fail_of([until(client, "/msanii/fail")])[1:] == (
        "missing",
        "job id: `gone` has ended (cancelled) and its first take does not exist; render it again",
    )
    client.send("/msanii/panic", 1)


def test_two_decks_may_wait_for_one_job(client: Client) -> None:
    client.send("/msanii/generate", "both", "bars", 1, "bpm", 120, "seed", 7)
    client.send("/msanii/deck/1/await", "both")
    client.send("/msanii/deck/3/await", "both")
    waiting = {1, 3}
    for answer in client.answers(60):
        if answer.address == "/msanii/deck" and answer.arguments[1] == "playing":
            waiting.discard(int(str(answer.arguments[0])))
        if not waiting:
            break
    assert not waiting
    client.send("/msanii/panic", 1)


def test_a_fresh_child_holds_what_the_last_one_did_but_for_a_take_that_is_gone(
    client: Client, stage: tuple[DaemonUnderTest, Client]
) -> None:
    library = stage[0].library
    for name in ("stays", "goes"):
        soundfile.write(library / f"{name}.wav", np.full((2 * RATE, 2), 0.1, np.float32), RATE)
    for deck, name in ((1, "hum"), (1, "stays"), (2, "hum"), (2, "goes")):
        client.send(f"/msanii/deck/{deck}/load", f"{name}.wav", 120)
    for deck in (1, 2):
        client.send(f"/msanii/deck/{deck}/quantise", "off")
        client.send(f"/msanii/deck/{deck}/launch", 1)
        until(client, "/msanii/deck", deck, "playing")
    launched = state_of(client, 1)[2]
    (library / "goes.wav").unlink()
    client.send("/msanii/stream/status")
    words = client.wait_for("/msanii/stream/status.reply").arguments
    os.kill(int(str(words[words.index("pid") + 1])), signal.SIGTERM)
    until(client, "/msanii/stream", "lost")
    client.send("/msanii/stream/status")  # nobody is there to ask, and it is answered all the same
    assert client.wait_for("/msanii/stream/status.reply").arguments[1] in ("lost", "starting", "no device")
    assert fail_of([until(client, "/msanii/fail", "/msanii/deck/2")])[1] == "source"
    until(client, "/msanii/deck", 1, "playing", "stays.wav")
    assert state_of(client, 1)[:3] == ("playing", "stays.wav", launched)
    assert state_of(client, 2)[:2] == ("empty", "")
    client.send("/msanii/deck/2/launch", 1)
    assert "deck 2 is empty" in fail_of([until(client, "/msanii/fail")])[2]
    client.send("/msanii/panic", 1)


def test_a_job_that_fails_leaves_its_deck_as_it_is(client: Client) -> None:
    client.send("/msanii/deck/4/generate", "bad", "model", "nobody")
    assert fail_of([until(client, "/msanii/fail")])[1] == "model"
    assert state_of(client, 4)[0] == "empty"


def test_launch_undo_panic_and_recording_over_osc(client: Client, stage: Any) -> None:
    client.send("/msanii/deck/1/load", "hum.wav", 120)
    client.send("/msanii/deck/1/quantise", "off")
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/deck", 1, "playing", "hum.wav")
    client.send("/msanii/deck/1/record", 1)
    client.send("/msanii/deck/1/gain", -6)
    client.send("/msanii/deck/1/gain")
    assert client.wait_for("/msanii/deck/1/gain.reply").arguments == (-6.0,)
    client.send("/msanii/undo", 1)
    until(client, "/msanii/deck", 1, "stopped")
    client.send("/msanii/deck/1/record", 0)
    _, path, seconds = until(client, "/msanii/recorded", 1).arguments
    audio, _ = soundfile.read(path, dtype="float32")
    assert len(audio) == round(float(str(seconds)) * RATE)
    assert Path(str(path)).parent == stage[0].library / "recordings"
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/deck", 1, "playing")
    client.send("/msanii/panic", 1)
    until(client, "/msanii/deck", 1, "stopped")


def test_tempo_meter_and_place_are_told_to_everybody(client: Client) -> None:
    client.send("/msanii/transport/meter", 6, 8)
    assert until(client, "/msanii/transport").arguments[3] == 3.0
    client.send("/msanii/transport/meter", 4, 4)
    until(client, "/msanii/transport")
    client.send("/msanii/transport/tempo", 97.3)
    assert until(client, "/msanii/transport", 1).arguments[1] == pytest.approx(97.3)
    client.send("/msanii/transport/tempo")
    client.wait_for("/msanii/transport/tempo.reply")
    client.send("/msanii/transport/tempo", 120.0)


def test_the_devices_are_listed_or_it_is_said_that_there_are_none(client: Client) -> None:
    client.send("/msanii/stream/devices")
    client.send("/msanii/stream/status")
    answer = client.wait_for("/msanii/stream/status.reply")
    assert answer.arguments[:2] == ("state", "no device")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (("/msanii/deck/1/gain", 99), "expected decibels from -60 to 12"),
        (("/msanii/deck/1/gain", "loud"), "send an OSC int or float"),
        (("/msanii/deck/1/quantise", "3"), "expected one of off, beat, 1, 2, 4, 8"),
        (("/msanii/deck/1/load",), "expected a take's name"),
        (("/msanii/deck/1/load", "x.wav", 5), "from 20 to 999"),
        (("/msanii/deck/1/await", ""), "a job id"),
        (("/msanii/deck/17/launch",), "no such address"),
        (("/msanii/transport/tempo", 0), "from 20 to 999"),
        (("/msanii/transport/tempo", float("inf")), "from 20 to 999"),
        (("/msanii/transport/meter", 4), "a time signature as text, as in 7/8"),
        (("/msanii/transport/meter", 4, 3), "denominator"),
        (("/msanii/transport/locate", -1), "a beat from 0"),
        (("/msanii/record/master",), "1 or 0"),
        (("/msanii/stream/device", float("nan")), "a device's name or number"),
        (("/msanii/stream/nudge_ms", 501), "milliseconds from -500 to 500"),
    ],
)
def test_a_bad_message_is_told_what_was_wrong(message: tuple[Any, ...], words: str) -> None:
    with pytest.raises(BridgeError) as raised:
        parse(message[0], message[1:], ME)
    assert words in raised.value.message


def test_messages_are_read_and_name_their_own_address_in_a_failure() -> None:
    read = {
        ("/msanii/deck/3/launch", 1): s.LaunchDeck(3, sender=ME),
        ("/msanii/deck/3/mute", 0): s.SetDeck(3, "mute", False, sender=ME),
        ("/msanii/deck/16/gain", -6): s.SetDeck(16, "gain", -6.0, sender=ME),
        ("/msanii/deck/1/quantise", 4): s.SetDeck(1, "quantise", "4", sender=ME),
        ("/msanii/deck/1/state",): s.ReadDeck(1, "state", sender=ME),
        ("/msanii/record/master", 1): s.Record(True, None, sender=ME),
        ("/msanii/deck/2/record", 0): s.Record(False, 2, sender=ME),
        ("/msanii/transport/meter", 6, 8): s.SetMeter(6, 8, sender=ME),
        ("/msanii/stream/device", 4): s.ChooseDevice(4, sender=ME),
        ("/msanii/stream/nudge_ms", 12.5): s.SetStage("nudge_ms", 12.5, sender=ME),
        ("/msanii/panic",): s.Panic(sender=ME),
    }
    for (address, *arguments), expected in read.items():
        found = parse(str(address), arguments, ME)
        assert found == expected
        assert found is not None
        assert found.about == address
    assert parse("/msanii/deck/3/launch", (0,), ME) == s.ReleaseDeck(3, sender=ME)
    assert parse("/msanii/deck/3/stop", (0,), ME) is None
    assert not any(is_answer(path) for path in BY_PATH)


def test_another_clock_s_tempo_is_told_once_and_not_its_trembling(tmp_path: Path) -> None:
    outlet = RecordingOutlet()
    library = Library(tmp_path)

    async def accept(_render: object) -> str:
        return ""

    stage = Stage(
        Settings(library=tmp_path), library, outlet, accept, lambda _job: None, lambda _job: None, SlowEars()
    )
    for bpm in (120.05, 119.95, 96.0, 96.01, 95.99, 96.05):
        stage.follow("link", bpm, None, 0.0)
    told = [event for event in outlet.events if isinstance(event, s.TransportChanged)]
    assert [one.bpm for one in told] == [96.0]
    assert stage.master.bpm == 96.0
    library.close()


def test_panic_ends_endless_music_on_its_way_until_a_launch_which_starts_the_clock(client: Client) -> None:
    client.send("/msanii/panic", 1)
    until(client, "/msanii/panic/event", 1)
    client.send("/msanii/transport/stop", 1)
    until(client, "/msanii/transport", 0)
    client.send("/msanii/endless/start", 1)
    until(client, "/msanii/panic/event", 0)
    client.send("/msanii/panic", 1)
    until(client, "/msanii/endless/event/stopped", 1)
    client.send("/msanii/endless/status")
    assert client.wait_for("/msanii/endless/status.reply").arguments == ()
    client.send("/msanii/deck/1/load", "hum.wav", 120)
    until(client, "/msanii/deck", 1, "stopped", "hum.wav", -1.0)
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/panic/event", 0)
    until(client, "/msanii/transport", 1)
    client.send("/msanii/deck/1/quantise", 8)
    client.send("/msanii/deck/1/launch", 1)
    line = until(client, "/msanii/deck", 1, "armed", "hum.wav").arguments[3]
    client.send("/msanii/deck/1/state")
    assert until(client, "/msanii/deck/1/state.reply", "armed").arguments[-1] == line
    client.send("/msanii/panic", 1)
    until(client, "/msanii/deck", 1, "stopped", "hum.wav", -1.0)


def test_a_take_that_is_loaded_again_does_not_stay_loading(client: Client) -> None:
    for _ in range(2):
        client.send("/msanii/deck/3/load", "hum.wav", 120)
        until(client, "/msanii/deck", 3, "loading", "hum.wav")
        until(client, "/msanii/deck", 3, "stopped", "hum.wav", -1.0)


def test_a_gate_stops_as_it_is_let_go_and_a_toggle_as_it_is_pressed_again(client: Client) -> None:
    client.send("/msanii/deck/4/quantise", "off")
    client.send("/msanii/deck/4/load", "hum.wav", 120)
    until(client, "/msanii/deck", 4, "stopped")
    for mode, plays_on, stops in (("trigger", 0, None), ("gate", None, 0), ("toggle", 0, 1)):
        client.send("/msanii/deck/4/launch_mode", mode)
        client.send("/msanii/deck/4/launch", 1)
        until(client, "/msanii/deck", 4, "playing")
        if plays_on is not None:
            client.send("/msanii/deck/4/launch", plays_on)
            client.send("/msanii/deck/4/state")
            until(client, "/msanii/deck/4/state.reply", "playing")
        client.send(*(("/msanii/deck/4/stop", 1) if stops is None else ("/msanii/deck/4/launch", stops)))
        until(client, "/msanii/deck", 4, "stopped")
