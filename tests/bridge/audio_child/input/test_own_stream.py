"""An input in a stream of its own, as of another device, beside an output that plays: on a JACK server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.child import audio_main
from bridge.outputs.stream import AudioStream
from tests.bridge.audio_child.sounds import noise
from tests.bridge.jack_cables import jack_cables
from tests.bridge.jack_server import RATE, jack_server
from tests.patient_client import PATIENCE_SECONDS

pytestmark = [pytest.mark.calm, pytest.mark.timeout(280)]
SETTINGS = p.StreamSettings(
    "system", 0, 2, 0.1, 1, 0.01, "", "", "", input="system", round_trip_seconds=0.0
)  # fmt: skip
BAR = 2 * RATE
NEAR_FRAMES = 4_096


def two_streams(connection: Connection, settings: p.StreamSettings) -> None:
    """The audio child, to which input and output are two devices."""
    from bridge.audio_child.input import input_device

    choose = input_device.choose_input

    def other_device(*words: Any) -> input_device.InputPlan:
        return replace(choose(*words), shared=False)

    input_device.choose_input = other_device  # type: ignore[assignment]
    audio_main(connection, settings)


def test_what_a_deck_plays_comes_back_near_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bars = noise(BAR)
    soundfile.write(tmp_path / "bar.wav", bars, RATE, subtype="FLOAT")

    async def story(patch: Callable[[], None]) -> tuple[r.InputReport, r.Caught]:
        reports: asyncio.Queue[object] = asyncio.Queue()
        stream = AudioStream(SETTINGS, reports.put_nowait, target=two_streams)

        async def until(*kinds: type) -> Any:
            while not isinstance(report := await asyncio.wait_for(reports.get(), PATIENCE_SECONDS), kinds):
                pass
            return report

        await stream.start()
        try:
            opened = await until(r.InputReport)
            await asyncio.to_thread(patch)
            stream.send(p.LoadDeck(1, p.TakeFile(tmp_path / "bar.wav", 120.0, 4.0), "1"))
            report: Any = None
            number = 0
            while not isinstance(report, r.Caught):
                number += 1
                now = asyncio.get_running_loop().time()
                stream.send(p.Catch(number, 2, now, tmp_path / f"{number}.npy"))
                report = await until(r.Caught, r.CatchFailed)
                if isinstance(report, r.CatchFailed):
                    assert report.code == "missing", report
                    await asyncio.sleep(0.2)  # the deck plays its bars in real time
            return opened, report
        finally:
            await stream.stop()
            stream.close()

    with jack_server("own", period=512) as server:
        for name, value in server.environment.items():
            if name.startswith("JACK_"):
                monkeypatch.setenv(name, value)
        with jack_cables(server) as cables:
            opened, caught = asyncio.run(story(cables.loop))
    assert (opened.state, opened.shared, opened.rate) == ("open", False, RATE)
    audio = np.load(caught.path)[caught.before :]
    assert audio.shape == (2 * BAR, 2)
    spectra = np.fft.rfft(audio[:BAR, 0]), np.fft.rfft(bars[:, 0] - bars[:, 0].mean())
    place = int(np.fft.irfft(spectra[0] * np.conj(spectra[1])).argmax())
    assert min(place, BAR - place) < NEAR_FRAMES
