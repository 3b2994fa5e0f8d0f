"""The audio child itself, live, through the daemon's side of it; most of it in silence, without a device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.device import Device, Plan, explained
from bridge.outputs.stream import AudioStream, ChildUp
from tests.bridge.audio_child.sounds import RATE, Audio, noise
from tests.bridge.jack_server import jack_server
from tests.conftest import missing

pytestmark = pytest.mark.calm

SETTINGS = p.StreamSettings("", RATE, 2, 0.1, 2, 0.01, "", "", "")


class Listener:
    """Keeps every report, and waits for one."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self._new: list[object] = []
        self._came = asyncio.Event()

    def hear(self, report: object) -> None:
        self.heard.append(report)
        self._new.append(report)
        self._came.set()

    async def until(self, fits: Callable[[object], bool], seconds: float = 30.0) -> object:
        """The first report from now on, or among those not looked at yet, that fits."""
        async with asyncio.timeout(seconds):
            while True:
                while self._new:
                    report = self._new.pop(0)
                    if fits(report):
                        return report
                self._came.clear()
                await self._came.wait()


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "msb-nobody")


def _plays(path: Path, *, fits: bool) -> Callable[[object], bool]:
    def is_it(report: object) -> bool:
        if not isinstance(report, r.DeckReport):
            return False
        return (report.deck, report.activity, report.path, report.fits) == (1, "playing", path, fits)

    return is_it


def _write(path: Path, audio: Audio) -> Path:
    soundfile.write(path, audio, RATE, subtype="FLOAT")
    return path


def test_a_change_of_tempo_stretches_a_playing_take_and_its_return_plays_the_original(tmp_path: Path) -> None:
    audio = noise(round(4 * RATE * 60 / 240))
    take = _write(tmp_path / "loop.wav", audio)

    async def play() -> None:
        listener = Listener()
        stream = AudioStream(SETTINGS, listener.hear)
        await stream.start()
        try:
            await listener.until(lambda report: isinstance(report, ChildUp))
            stream.send(p.SetStage("tempo", 240.0))
            stream.send(p.SetDeck(1, "stretch", True))
            stream.send(p.LoadDeck(1, p.TakeFile(take, 240.0, 4.0), "1"))
            await listener.until(_plays(take, fits=True))
            stream.send(p.SetStage("tempo", 200.0))
            await listener.until(_plays(take, fits=False))
            await listener.until(_plays(take, fits=True))
            await asyncio.sleep(3.0)  # two bars at 200 and a margin: it has come in on a line
            stream.send(p.Record(1, tmp_path / "slow.wav"))
            await asyncio.sleep(2.6)
            stream.send(p.Record(1, None))
            stream.send(p.SetStage("tempo", 240.0))
            await listener.until(_plays(take, fits=True))
            await asyncio.sleep(2.5)
            stream.send(p.Record(1, tmp_path / "back.wav"))
            await asyncio.sleep(1.6)
            # What cannot be read any more is said, and what plays plays on.
            take.unlink()
            stream.send(p.SetStage("tempo", 200.0))
            trouble = await listener.until(lambda report: isinstance(report, r.DeckFailed))
            assert isinstance(trouble, r.DeckFailed)
            assert (trouble.deck, trouble.code) == (1, "source")
            assert "there is no such file" in trouble.message
        finally:
            await stream.stop()
            stream.close()
        assert stream.pid == 0

    asyncio.run(play())
    slow, _ = soundfile.read(tmp_path / "slow.wav", dtype="float32", always_2d=True)
    bar = round(4 * RATE * 60 / 200)
    assert len(slow) > 1.5 * bar
    # It repeats on the bars of 200: every sample of a bar comes again in the next.
    assert (slow[bar : bar + RATE // 4] == slow[: RATE // 4]).all()
    assert np.abs(slow).max() > 0.05
    back, _ = soundfile.read(tmp_path / "back.wav", dtype="float32", always_2d=True)
    begin = int(np.flatnonzero((back[: len(audio)] == audio[0]).all(axis=1))[0])
    assert (back[begin : begin + RATE // 2] == audio[: RATE // 2]).all()


def test_what_cannot_be_loaded_keeps_no_other_take_of_the_deck_from_being_launched(tmp_path: Path) -> None:
    take = _write(tmp_path / "loop.wav", noise(RATE))
    (tmp_path / "text.wav").write_text("words")

    async def play() -> None:
        listener = Listener()
        stream = AudioStream(SETTINGS, listener.hear)
        await stream.start()
        try:
            await listener.until(lambda report: isinstance(report, ChildUp))
            stream.send(p.LoadDeck(1, p.TakeFile(tmp_path / "text.wav")))
            stream.send(p.BarReady(1, 0, tmp_path / "none.npy", RATE))
            stream.send(p.LoadDeck(1, p.TakeFile(take, 240.0, 4.0)))
            stream.send(p.LaunchDeck(1))
            await listener.until(_plays(take, fits=False))
            async with asyncio.timeout(30):
                while sum(isinstance(report, r.DeckFailed) for report in listener.heard) < 2:
                    await asyncio.sleep(0.05)
        finally:
            await stream.stop()
            stream.close()

    asyncio.run(play())


def test_a_device_that_another_program_keeps_is_called_busy() -> None:
    try:
        import sounddevice
    except OSError:
        missing("PortAudio is not installed")
    plan = Plan(Device(0, "Scarlett", "ALSA", 2, RATE, True), RATE, 2, "")
    for code, expected, words in (
        (-9985, "busy", "`Scarlett` is in use by another program"),
        (-9999, "busy", "cannot be opened"),
        (-9997, "value", "does not play at 48000 Hz"),
    ):
        with pytest.raises(sounddevice.PortAudioError) as raised:
            sounddevice._check(code, "Error opening OutputStream")
        refused = explained(plan, raised.value)
        assert (refused.code, words in refused.message) == (expected, True)


def test_a_device_without_outputs_is_no_device_and_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with jack_server("inputs", playback=0) as server:
        for name, value in server.environment.items():
            if name.startswith("JACK_"):
                monkeypatch.setenv(name, value)

        async def play() -> object:
            listener = Listener()
            stream = AudioStream(replace(SETTINGS, device="system"), listener.hear)
            await stream.start()
            try:
                return await listener.until(lambda report: isinstance(report, r.NoDevice | r.StreamOpened))
            finally:
                await stream.stop()
                stream.close()

        found = asyncio.run(play())
    assert isinstance(found, r.NoDevice)
    assert (found.code, found.reason) == (
        "missing",
        "`system` has no outputs, and no audio device can play: connect one, or start the sound server",
    )
