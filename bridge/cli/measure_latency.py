"""`msanii-bridge measure-latency`: plays noise from output to input, and finds how much later it comes back.

It is played by a deck of the stage's own audio process and caught as bars are, so that what is measured is
what `/msanii/catch` takes off.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.messages import BridgeError
from bridge.outputs.stream import AudioStream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

_BPM, _BEATS, _BARS = 120.0, 4.0, 2
_BURST_FRAMES = 4_096
_LEVEL = 0.25
_OPEN_SECONDS = 60.0
_MEASURE_SECONDS = 30.0
_ASK_SECONDS = 0.25
# A speaker and a microphone in a loud room reach a tenth, a cable nearly 1.
_ALIKE = 0.1
_SAME_FRAMES = 2


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """How many frames, at `rate`, the input of `device` is later than the output; `reported_ms` by drivers.

    `likeness`, 0 to 1, is how much of what came back is what was played.
    """

    frames: int
    rate: int
    device: str
    likeness: float
    reported_ms: float

    @property
    def milliseconds(self) -> float:
        """The same in milliseconds, to well under a frame."""
        return round(self.frames / self.rate * 1000, 5)


def measure_round_trip(settings: p.StreamSettings) -> RoundTrip:
    """Measure with the devices of these settings, in seconds.

    Raises BridgeError if a device cannot be opened, or the sound does not come back.
    """
    with tempfile.TemporaryDirectory(prefix="msanii-latency-", ignore_cleanup_errors=True) as folder:
        return asyncio.run(_measured(replace(settings, decks=1, round_trip_seconds=0.0), Path(folder)))


async def _measured(settings: p.StreamSettings, folder: Path) -> RoundTrip:
    reports: asyncio.Queue[object] = asyncio.Queue()
    stream = AudioStream(settings, reports.put_nowait)
    await stream.start()
    try:
        heard, rate = await _opened(reports)
        burst = _write_click(folder / "click.wav", rate)
        click = p.TakeFile(folder / "click.wav", _BPM, _BEATS)
        stream.send(p.LoadDeck(1, click, "1"))
        caught = await _caught(stream, reports, folder)
        frames, likeness = found_in(_read(caught), burst, caught.frames // _BARS)
    finally:
        await stream.stop()
        stream.close()
    return RoundTrip(frames, rate, heard.device, likeness, heard.latency_seconds * 1000)


async def _opened(reports: asyncio.Queue[object]) -> tuple[r.InputReport, int]:
    """Return the input and the stream's rate, once both are open. Raises BridgeError."""
    heard: r.InputReport | None = None
    rate, until = 0, time.monotonic() + _OPEN_SECONDS
    while heard is None or not rate:
        match await _next(reports, until):
            case r.StreamOpened(rate=found):
                rate = found
            case r.NoDevice(code, reason):
                raise BridgeError(code, reason)
            case r.InputReport(state="open") as report:
                heard = report
            case r.InputReport(reason=reason):
                raise BridgeError("missing", reason)
            case None:
                raise BridgeError("busy", "the sound system does not answer: look whether its server hangs")
    return heard, rate


async def _caught(stream: AudioStream, reports: asyncio.Queue[object], folder: Path) -> r.Caught:
    """Return the bars, once the deck has played them. Raises BridgeError."""
    until, number, why = time.monotonic() + _MEASURE_SECONDS, 0, "the deck does not play"
    while time.monotonic() < until:
        number += 1
        stream.send(p.Catch(number, _BARS, time.monotonic(), folder / f"{number}.npy"))
        match await _next(reports, until, (r.Caught, r.CatchFailed)):
            case r.Caught() as caught:
                return caught
            case r.CatchFailed(_number, _code, message):
                why = message
        await asyncio.sleep(_ASK_SECONDS)
    raise BridgeError("busy", f"nothing could be measured within {_MEASURE_SECONDS:g} s: {why}")


async def _next(
    reports: asyncio.Queue[object], until: float, kinds: tuple[type, ...] = (object,)
) -> object | None:
    """Return the next report of these kinds; None if there is none until then."""
    while True:
        try:
            report = await asyncio.wait_for(reports.get(), max(0.0, until - time.monotonic()))
        except TimeoutError:
            return None
        if isinstance(report, kinds):
            return report


def _write_click(path: Path, rate: int) -> Audio:
    """Write a bar that begins with a burst of noise, and return the burst."""
    import numpy as np
    import soundfile

    burst = np.random.default_rng(7).uniform(-_LEVEL, _LEVEL, _BURST_FRAMES).astype(np.float32)
    bar = np.zeros((round(_BEATS * 60 / _BPM * rate), 2), np.float32)
    bar[:_BURST_FRAMES] = burst[:, None]
    soundfile.write(path, bar, rate, subtype="FLOAT")
    return burst


def _read(caught: r.Caught) -> Audio:
    import numpy as np

    cut: Audio = np.load(caught.path, allow_pickle=False)
    return cut[caught.before :]


def found_in(audio: Audio, burst: Audio, bar_frames: int) -> tuple[int, float]:
    """Return how many frames after each bar line of audio (L, C) the burst begins, and how much it is alike.

    Raises BridgeError `missing` if it is not there, `busy` if it is elsewhere in each bar.
    """
    import numpy as np

    places, likenesses = [], []
    for begin in range(0, len(audio) - bar_frames + 1, bar_frames):
        bar = audio[begin : begin + bar_frames]
        place, likeness = max((_found(channel, burst) for channel in bar.T), key=lambda found: found[1])
        places.append(place)
        likenesses.append(likeness)
    if min(likenesses) < _ALIKE:
        raise BridgeError(
            "missing",
            "the sound did not come back: lead an output to an input by a cable (or both by JACK), turn the "
            "input up, and measure again",
        )
    if max(places) - min(places) > _SAME_FRAMES:
        raise BridgeError(
            "busy",
            f"it came back {min(places)} to {max(places)} samples later: close other programs, and "
            "measure again",
        )
    return round(float(np.median(places))), min(likenesses)


def _found(channel: Audio, burst: Audio) -> tuple[int, float]:
    import numpy as np

    size = len(channel)
    spectra = np.fft.rfft(channel, size), np.fft.rfft(burst, size)
    alike = np.abs(np.fft.irfft(spectra[0] * np.conj(spectra[1]), size))
    place = int(alike.argmax())
    there = np.take(channel, range(place, place + len(burst)), mode="wrap")
    loudness = float(np.linalg.norm(there) * np.linalg.norm(burst))
    return place, float(alike[place]) / loudness if loudness else 0.0
