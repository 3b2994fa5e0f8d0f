"""MIDI clock and the stage with real parts: two JACK servers, another program's clock, a listener's ears.

Audio and MIDI want different periods, 2048 and 128 frames, and so a server each.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.cli.client import Client
from bridge.midi_child.line import fitted
from tests.bridge.audio_child.sounds import noise
from tests.bridge.jack_server import RATE, jack_server, while_the_server_holds
from tests.bridge.midi_stage import Player, Program, midi_server
from tests.conftest import DaemonUnderTest, missing

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
SEQUENCER = "Sequencer"
EVENT = "/msanii/midi/event/"
AUDIO_PERIOD = 2048
PERIOD_SECONDS = AUDIO_PERIOD / RATE
BPM = 150
BEAT_SECONDS = 60 / BPM
pytestmark = [pytest.mark.calm, pytest.mark.timeout(180)]


@dataclass
class Desk:
    """A daemon on its two servers, a client that hears its events, a sequencer, and an ear."""

    client: Client
    sequencer: Player
    ear: Program

    def transport(self) -> dict[str, Any]:
        """What the stream says of itself."""
        self.client.send("/msanii/stream/status")
        words = self.client.wait_for("/msanii/stream/status.reply").arguments
        return dict(zip(words[::2], words[1::2], strict=True))  # type: ignore[arg-type]

    def until(self, address: str, *words: object, seconds: float = 30.0) -> tuple[Any, ...]:
        """The first message there that holds these words."""
        for answer in self.client.answers(seconds):
            if answer.address == address and all(word in answer.arguments for word in words):
                return answer.arguments
        raise AssertionError(f"no {address} {words} within {seconds} s")

    def rests(self, beat: float | None = None) -> None:
        """Waits until the transport stands, there or anywhere."""
        end = time.monotonic() + 15
        while (now := self.transport())["playing"] or abs(now["beat"] - (beat or now["beat"])) > 1e-6:
            assert time.monotonic() < end, now
            time.sleep(0.02)

    def clock(self, state: str) -> tuple[Any, ...]:
        """The next event of the clock of that kind."""
        return self.until(EVENT + "clock", state)


@pytest.fixture(scope="module")
def desk(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    try:
        import jack  # noqa: F401
    except (ImportError, OSError):
        missing("the package JACK-Client is not installed")
    folder = tmp_path_factory.mktemp("clock")
    library = folder / "library"
    library.mkdir()
    bar = round(4 * BEAT_SECONDS * RATE)
    soundfile.write(library / "bar.wav", noise(bar, 1), RATE, subtype="FLOAT")
    with jack_server("ca", AUDIO_PERIOD) as audio, midi_server(f"cm-{WORKER}") as midi:
        ear = Program("jack_ear", "msbear", audio.environment)
        names = [f"{name}={value}" for name, value in audio.environment.items() if name.startswith("JACK_")]
        flags = ["--stream", "--audio-device", "msbear", "--midi", "--midi-api", f"UNIX_JACK:{midi.name}"]
        daemon = DaemonUnderTest(library, tiny_model.parent, flags=flags, wrapper=["env", *names])
        sequencer = Player(midi, SEQUENCER)
        try:
            client = daemon.start().client()
            client.send("/msanii/notify", 1)
            here = Desk(client, sequencer, ear)
            end = time.monotonic() + 40
            while here.transport()["state"] != "playing" or not _is_connected(client):
                assert time.monotonic() < end, here.transport()
                time.sleep(0.1)
            yield here
        finally:
            daemon.stop()
            sequencer.close()
            ear.close()


def _is_connected(client: Client) -> bool:
    client.send("/msanii/midi/ports")
    client.send("/msanii/sync", "ports")
    kinds = set()
    for answer in client.answers(10):
        if answer.address == "/msanii/synced":
            break
        if answer.address == "/msanii/midi/port.reply" and str(answer.arguments[1]).startswith(SEQUENCER):
            kinds.add(answer.arguments[0])
    return kinds == {"in", "out"}


def test_the_stage_follows_a_clock_and_a_launch_lands_on_its_bar_line(desk: Desk) -> None:
    client, sequencer = desk.client, desk.sequencer
    client.send("/msanii/deck/1/load", "bar.wav", BPM)
    desk.until("/msanii/deck", 1, "stopped")
    client.send("/msanii/midi/clock/in", 1)
    desk.clock("following")
    late = while_the_server_holds(lambda: launched_late(desk))
    print(f"launched {1000 * late:.1f} ms after the bar line of another program's clock")
    assert abs(late) < PERIOD_SECONDS

    desk.rests()
    sequencer.send([0xF2, 32, 0])
    assert desk.clock("locate")[2] == 8.0
    desk.rests(8.0)
    sequencer.clock(bpm=BPM, beats=3, before=[[0xFB]], after=[[0xFC]])
    assert desk.clock("continue")[2] == 8.0
    assert desk.clock("stop")[2] == pytest.approx(11.0)
    desk.rests(11.0)
    client.send("/msanii/midi/clock/in", 0)
    desk.clock("ignored")


def launched_late(desk: Desk) -> tuple[float, int]:
    """How late a launch sounds after the true bar line, in seconds, and the periods that were missed."""
    client, sequencer = desk.client, desk.sequencer
    client.send("/msanii/panic", 1)
    client.send("/msanii/transport/stop", 1)
    desk.rests()
    time.sleep(1.1)  # the ear wants silence before
    desk.ear.ask("anew")
    sequencer.tell({"clock": {"bpm": BPM, "beats": 15, "jitter_ms": 2.0, "after": [[0xFC]]}})
    desk.clock("start")
    # After two bars, from the third on, for the next bar line.
    while not (now := desk.transport())["playing"] or now["beat"] < 8.5:
        time.sleep(0.05)
    assert now["bpm"] == pytest.approx(BPM, abs=0.5)  # approached by up to 0.3 %
    client.send("/msanii/deck/1/launch", 1)
    sent = sequencer.answer()
    truth = fitted([(at, tick) for tick, at in enumerate(sent)])
    desk.clock("stop")
    onset, missed = desk.ear.ask("onset")
    return onset - truth.at(12 * 24), missed


@pytest.mark.parametrize(("deck", "nudge_ms"), [(2, 0.0), (3, 60.0)])
def test_the_clock_that_is_sent_ticks_with_the_bars_that_are_heard(
    desk: Desk, deck: int, nudge_ms: float
) -> None:
    late, bpm = while_the_server_holds(lambda: ticked_late(desk, deck, nudge_ms))
    print(
        f"first tick {1000 * late:.1f} ms after the sound of its bar, nudged {nudge_ms:g} ms; {bpm:.2f} bpm"
    )
    assert bpm == pytest.approx(BPM, abs=0.2)
    assert abs(late - nudge_ms / 1000) < PERIOD_SECONDS


def ticked_late(desk: Desk, deck: int, nudge_ms: float) -> tuple[tuple[float, float], int]:
    """How late the first tick comes after the sound of its bar, the ticks' tempo, and the missed periods."""
    client, sequencer = desk.client, desk.sequencer
    client.send("/msanii/panic", 1)
    client.send("/msanii/transport/stop", 1)
    desk.rests()
    client.send("/msanii/transport/tempo", BPM)
    client.send("/msanii/transport/locate", 0.0)
    client.send("/msanii/midi/clock/nudge_ms", nudge_ms)
    client.send("/msanii/midi/clock/out", 1, f"*{SEQUENCER}*")
    desk.clock("sending")
    client.send(f"/msanii/deck/{deck}/load", "bar.wav", BPM)
    desk.until("/msanii/deck", deck, "stopped")
    sequencer.heard()
    desk.ear.ask("anew")
    time.sleep(1.1)  # the ear wants silence before
    sequencer.tell({"listen": 3.0})
    client.send(f"/msanii/deck/{deck}/launch", 1)
    heard = sequencer.answer()
    onset, missed = desk.ear.ask("onset")
    client.send("/msanii/midi/clock/out", 0)
    desk.clock("silent")
    words = [data[0] for data, _ in heard]
    begun = words.index(0xFA)
    ticks = [at for data, at in heard[begun:] if data == [0xF8]]
    line = fitted([(at, tick) for tick, at in enumerate(ticks)])
    return (line.at(0) - onset, 60 / (24 * line.slope)), missed


def test_a_deck_answers_what_is_played_on_a_keyboard_in_its_own_bars(desk: Desk) -> None:
    client, sequencer = desk.client, desk.sequencer
    client.send("/msanii/panic", 1)
    client.send("/msanii/transport/stop", 1)
    desk.rests()
    client.send("/msanii/transport/tempo", BPM)
    client.send("/msanii/answer", 4, "bars", 2, "part", "keys", "steps", 1, "iterations", 1)
    desk.until("/msanii/answer/event/turn", 4, "player", 0)
    for pitch in (57, 60, 64):
        sequencer.send([0x90, pitch, 100])
    time.sleep(BEAT_SECONDS)
    for pitch in (57, 60, 64):
        sequencer.send([0x80, pitch, 0])
    assert desk.until("/msanii/answer/event/heard", 4) == (4, 3, "Am")
    desk.until("/msanii/answer/event/turn", 4, "deck", 2)
    desk.until("/msanii/answer/event/turn", 4, "player", 4)
    client.send("/msanii/endless/keep", 4, 4)
    path, *_, has_recipe = desk.until("/msanii/endless/keep.reply", 4)[1:]
    client.send("/msanii/endless/stop", 4)
    desk.until("/msanii/endless/stop.reply", 4)
    assert has_recipe == 1
    audio, _ = soundfile.read(path)
    bar = round(4 * BEAT_SECONDS * RATE)
    sounds = [abs(audio[at : at + bar]).max() > 1e-4 for at in range(0, 4 * bar, bar)]
    assert (sounds[0], sounds[1], sounds[3]) == (False, True, False)  # the answer may end early
