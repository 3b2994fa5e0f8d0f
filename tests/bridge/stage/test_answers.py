"""Whoever sends a stage command is answered, and everybody else hears what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.addresses import ROOT
from bridge.addresses import stage as stage_addresses
from bridge.addresses.stage import DECK
from bridge.addresses.table import BY_PATH
from tests.conftest import DaemonUnderTest
from tests.patient_client import PatientClient

RATE = 48_000
ARGUMENTS: dict[str, tuple[str | float, ...]] = {
    "deck/<n>/load": ("hum.wav", 120),
    "deck/<n>/await": ("made",),
    "deck/<n>/record": (1,),
    "deck/<n>/generate": ("asked", "bars", 1, "bpm", 120, "seed", 5),
    "record/master": (1,),
    "transport/locate": (8,),
    "stream/device": ("nobody's",),
    "stream/input": ("",),
    "catch": (4,),
}
DECK_ROWS = [row.path for row in stage_addresses.deck_rows(1, lambda *_: None)]
STAGE_ROWS = [row.path for row in stage_addresses.rows()]


@pytest.fixture(scope="module")
def daemon(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonUnderTest]:
    """A daemon with a stream that nobody hears, with a take to play and a job that waits."""
    library = tmp_path_factory.mktemp("answers") / "library"
    library.mkdir()
    soundfile.write(library / "hum.wav", np.full((2 * RATE, 2), 0.1, np.float32), RATE, subtype="FLOAT")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JACK_NO_START_SERVER", "1")
        patch.setenv("JACK_DEFAULT_SERVER", "msb-nobody")
        running = DaemonUnderTest(library, tiny_model.parent)
        surface = running.client()  # it never says a word
        running.flags = ["--stream", "--notify", f"127.0.0.1:{surface.port}"]
        try:
            running.start()
            with PatientClient(running.port) as one:
                one.hello()
                one.send("/msanii/generate", "made", "bars", 1, "bpm", 120, "seed", 6)
                one.wait_for("/msanii/queued", "/msanii/fail")
            yield running
        finally:
            running.stop()


def subscriber(daemon: DaemonUnderTest) -> PatientClient:
    one = daemon.client()
    one.hello()
    one.send("/msanii/notify", 1)
    one.wait_for("/msanii/notify.reply")
    return one


@pytest.mark.parametrize("row", [*DECK_ROWS, *STAGE_ROWS])
def test_every_stage_address_answers_its_sender_as_its_row_says(daemon: DaemonUnderTest, row: str) -> None:
    client = daemon.client()
    path = ROOT + row.replace(DECK, "2")
    if row.endswith("/launch"):
        client.send("/msanii/deck/2/load", "hum.wav", 120)
        client.wait_for("/msanii/deck/2/load.reply")
        client = daemon.client()
    client.send(path, *ARGUMENTS.get(row, ()))
    answer = BY_PATH[path].answer.split()[0].replace("deck/n/", "deck/2/").rstrip(",;")
    # There may be no device, or a sound system that does not answer in time, which is an answer too.
    instead = {"as": ("queued",), "stream/devices.reply": ("stream/devices/end.reply", "fail")}
    instead["catch.reply"] = ("fail",)  # there is no input
    told = instead.get(answer, (answer,))
    client.wait_for(*(ROOT + address for address in told))


def test_a_value_that_is_set_is_answered_and_told_to_all_others_once(daemon: DaemonUnderTest) -> None:
    mover, other = subscriber(daemon), subscriber(daemon)
    for path, value, told in (
        ("deck/3/gain", -7, -7.0),
        ("deck/3/pan", 0.25, 0.25),
        ("deck/3/mute", 1, 1),
        ("deck/3/loop", 0, 0),
        ("deck/3/quantise", "beat", "beat"),
        ("master/gain", -3, -3.0),
        ("transport/tempo", "97.3", 97.3),
        ("transport/meter", "7/8", "7/8"),
        ("stream/nudge_ms", 5, 5.0),
    ):
        mover.send(ROOT + path, value)
        assert mover.wait_for(f"{ROOT}{path}.reply").arguments == (told,)
        assert other.wait_for(ROOT + path).arguments == (told,)
        mover.send(ROOT + path, value)
        mover.wait_for(f"{ROOT}{path}.reply")
    mover.send("/msanii/quantise", "4")
    mover.wait_for_value("/msanii/deck/3/quantise", "4")  # nobody moved this one
    later = [answer.address for answer in other.answers(0.3)]
    assert "/msanii/quantise" in later
    assert not {"/msanii/deck/3/gain", "/msanii/deck/3/mute"} & set(later)


def test_a_value_is_read_at_its_own_address_too(daemon: DaemonUnderTest) -> None:
    client = daemon.client()
    client.send("/msanii/deck/4/gain", -12)
    client.send("/msanii/deck/4/gain")
    assert client.wait_for("/msanii/deck/4/gain").arguments == (-12.0,)
    client.send("/msanii/transport/meter", 6, 8)
    client.send("/msanii/transport/meter")
    assert client.wait_for("/msanii/transport/meter").arguments == ("6/8",)


def test_who_loads_a_deck_hears_that_its_file_cannot_be_played(daemon: DaemonUnderTest) -> None:
    (daemon.library / "torn.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    client = daemon.client()
    client.send("/msanii/deck/1/load", "torn.wav", 120)
    assert client.wait_for("/msanii/fail").arguments[1] == "source"


def test_a_recording_says_where_it_goes(daemon: DaemonUnderTest) -> None:
    client = daemon.client()
    client.send("/msanii/deck/4/record", 1)
    on, path = client.wait_for("/msanii/deck/4/record.reply").arguments
    client.send("/msanii/deck/4/record", 0)
    assert client.wait_for("/msanii/deck/4/record.reply").arguments == (0, path)
    assert client.wait_for("/msanii/recorded").arguments[:2] == (4, path)
    assert on == 1


def test_a_fader_moves_the_value_and_everybody_elses_fader(daemon: DaemonUnderTest) -> None:
    mover, other = subscriber(daemon), subscriber(daemon)
    mover.send("/msanii/fader/deck/2/gain", 0.5)
    assert mover.wait_for("/msanii/deck/2/gain.reply").arguments == (-24.0,)
    other.wait_for_value("/msanii/deck/2/gain", -24.0)
    other.wait_for_value("/msanii/fader/deck/2/gain", 0.5)
    mover.send("/msanii/fader/deck/2/gain")
    mover.wait_for_value("/msanii/fader/deck/2/gain", 0.5)
    mover.send("/msanii/fader/param/guidance", 0.25)
    other.wait_for_value("/msanii/param/guidance", 5.0)


def test_a_surface_of_the_settings_hears_without_asking(daemon: DaemonUnderTest) -> None:
    surface, other = daemon.clients[0], daemon.client()
    other.send("/msanii/deck/2/pan", -0.5)
    surface.wait_for_value("/msanii/deck/2/pan", -0.5)
    assert surface.wait_for("/msanii/fader/deck/2/pan").arguments == (0.25,)


@pytest.mark.parametrize(
    ("message", "about", "code"),
    [
        (("/msanii/nope",), "/msanii/nope", "address"),
        (("/msanii/deck/1/gain", 99), "/msanii/deck/1/gain", "value"),
        (("/msanii/generate", "made", "bars", 1), "made", "exists"),
        (("/msanii/generate", "c1", "chords", "Am Q"), "c1", "chords"),
        (("/msanii/deck/9/launch",), "/msanii/deck/9/launch", "value"),
    ],
)
def test_a_refusal_reaches_those_who_did_not_send_it(
    daemon: DaemonUnderTest, message: tuple[str | int, ...], about: str, code: str
) -> None:
    sender, other = subscriber(daemon), subscriber(daemon)
    address, *arguments = message
    sender.send(str(address), *arguments)
    refused = sender.wait_for("/msanii/fail", about=about).arguments
    assert refused[:2] == (about, code)
    whose = f"127.0.0.1:{sender.port}"
    told = other.wait_for("/msanii/refused", about=about).arguments
    assert told == (*refused, whose)


def test_beats_are_told_while_the_clock_runs(daemon: DaemonUnderTest) -> None:
    client = subscriber(daemon)
    client.send("/msanii/transport/stop", 1)
    client.wait_for("/msanii/transport/stop.reply")
    client.send("/msanii/transport/meter", "3/4")
    client.send("/msanii/transport/locate", 0)
    client.send("/msanii/transport/play", 1)
    heard = [client.wait_for("/msanii/transport/event/beat").arguments for _ in range(5)]
    bars = [3 * int(str(bar)) + int(str(beat)) for bar, beat in heard]
    assert bars == list(range(bars[0], bars[0] + 5))
    assert {beat for _, beat in heard} == {1, 2, 3}
    client.send("/msanii/transport/stop", 1)
    client.wait_for("/msanii/transport/stop.reply")
